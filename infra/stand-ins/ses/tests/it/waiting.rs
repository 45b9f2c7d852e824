//! Waiting for a mail instead of sleeping.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use ses_stand_in::SesStandIn;
use ses_stand_in::limits::WAIT_SECONDS_MAX;
use tower::ServiceExt as _;

use crate::bed::{Bed, get, json};

/// Sends through the router, without a socket, so that no real time is needed.
async fn send(stand_in: &SesStandIn, to: &str, subject: &str) {
    let form = format!(
        "Action=SendEmail&Source=shop%40example.com&Destination.ToAddresses.member.1={}\
         &Message.Subject.Data={subject}&Message.Body.Text.Data=hello",
        to.replace('@', "%40")
    );
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let response = stand_in
        .api_router()
        .oneshot(request.body(Body::from(form)).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_script_gets_the_next_mail_as_soon_as_it_is_there() {
    let stand_in = SesStandIn::open(None).unwrap();
    send(&stand_in, "ada@example.com", "old").await;
    let after = json(&stand_in, "").await[0]["id"].clone();
    let begun = tokio::time::Instant::now();
    let query = format!("to=ada@example.com&after={after}&wait=60");
    // The first is polled first, so it waits before anything is sent.
    let (mails, ()) = tokio::join!(json(&stand_in, &query), async {
        send(&stand_in, "bob@example.com", "for-another").await;
        tokio::task::yield_now().await;
        send(&stand_in, "ada@example.com", "new").await;
    });
    assert_eq!((mails.len(), mails[0]["subject"].as_str()), (1, Some("new")));
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_empty_when_its_time_is_over() {
    let stand_in = SesStandIn::open(None).unwrap();
    let begun = tokio::time::Instant::now();
    assert!(
        json(&stand_in, &format!("wait={WAIT_SECONDS_MAX}"))
            .await
            .is_empty()
    );
    assert_eq!(begun.elapsed().as_secs(), WAIT_SECONDS_MAX);
    let too_long = get(
        &stand_in,
        &format!("/local/mail.json?wait={}", WAIT_SECONDS_MAX + 1),
    )
    .await;
    assert_eq!(too_long.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn stopping_answers_the_scripts_that_wait() {
    let stand_in = SesStandIn::open(None).unwrap();
    let begun = tokio::time::Instant::now();
    let (mails, ()) = tokio::join!(json(&stand_in, "wait=60"), async { stand_in.stop_waiting() });
    assert!(mails.is_empty());
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn a_test_in_the_process_gets_the_oldest_mail_it_has_not_seen() {
    let bed = Bed::in_memory().await;
    let (first, ()) = tokio::join!(bed.stand_in.next_mail_to("Ada@example.com", None), async {
        bed.send_to("ada@example.com", "first").await;
        bed.send_to("ada@example.com", "second").await;
    });
    let first = first.unwrap();
    assert_eq!(first.subject, "first");
    let second = bed
        .stand_in
        .next_mail_to("ada@example.com", Some(first.id))
        .await
        .unwrap();
    assert_eq!(second.subject, "second");
}
