//! Bad input gets a clear answer and loses nothing.

use app::limits::MAIL;
use domain::time::plus_minutes;
use local::Options;
use local::journey::{self, Ask, hold, newcomer, scene};
use serde_json::{Value, json};

use super::{running, running_with, text};

const BODY_BYTES_MAX: usize = web::body::BODY_BYTES_MAX;

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_gets_a_clear_answer_and_loses_nothing() {
    let running = running().await;
    let client = &running.client;
    let scene = scene(client, 8).await.unwrap();
    let held = hold(client, &scene).await.unwrap();
    let token = scene.customer.token.as_str();
    let (start, end) = (scene.start, scene.end);
    let quote = |body| Ask::post("/api/v1/venues/quotes", body).as_person(token);

    // Several wrong fields at once, each with its pointer.
    let body = json!({ "venue_id": "nonsense", "start": end, "end": start, "guests": 0, "colour": "red" });
    let (status, problem) = client.send(quote(body)).await.unwrap();
    assert_eq!((status, text(&problem, "/code")), (422, "invalid"));
    let body = json!({ "venue_id": scene.venue_id, "start": start, "end": end, "guests": "two" });
    let (status, problem) = client.send(quote(body)).await.unwrap();
    assert_eq!((status, text(&problem, "/errors/0/pointer")), (422, "/guests"));
    let body = json!({ "venue_id": scene.venue_id, "start": end, "end": start, "guests": 2 });
    let (status, problem) = client.send(quote(body)).await.unwrap();
    assert_eq!((status, text(&problem, "/errors/0/pointer")), (422, "/end"));
    let body = json!({ "venue_id": scene.venue_id, "start": "2020-01-01T10:00:00Z", "end": "2020-01-01T11:00:00Z", "guests": 2 });
    let (status, problem) = client.send(quote(body)).await.unwrap();
    assert_eq!((status, text(&problem, "/code")), (409, "past"));

    // Nobody, the wrong role, somebody else's.
    let path = format!("/api/v1/bookings/status/{}", held.booking_id);
    let (status, problem) = client.send(Ask::get(&path)).await.unwrap();
    assert_eq!((status, text(&problem, "/code")), (401, "unauthenticated"));
    let (status, _) = client
        .send(Ask::get("/api/v1/admin/management/vendors").as_person(token))
        .await
        .unwrap();
    assert_eq!(status, 403);
    let stranger = newcomer(client, "stranger@example.com", "Sid").await.unwrap();
    let (status, problem) = client
        .send(Ask::get(&path).as_person(&stranger.token))
        .await
        .unwrap();
    assert_eq!((status, text(&problem, "/code")), (404, "not_found"));
    let cancel = format!("/api/v1/bookings/{}/cancel", held.booking_id);
    let (status, _) = client
        .send(
            Ask::post(&cancel, json!({ "preview_token": "x" }))
                .as_person(&stranger.token)
                .once("k"),
        )
        .await
        .unwrap();
    assert_eq!(status, 404);

    // Too much, no key, an unsigned webhook.
    let large = json!({ "reason": "x".repeat(BODY_BYTES_MAX) });
    let (status, problem) = client
        .send(Ask::post(&cancel, large).as_person(token).once("k"))
        .await
        .unwrap();
    assert_eq!((status, text(&problem, "/code")), (413, "too_large"));
    let (status, problem) = client
        .send(Ask::post(&cancel, json!({})).as_person(token))
        .await
        .unwrap();
    assert_eq!(
        (status, text(&problem, "/code")),
        (400, "idempotency_key_missing")
    );
    let (status, problem) = client
        .send(Ask::post("/api/v1/payments/webhook", json!({ "id": "evt_1" })))
        .await
        .unwrap();
    assert_eq!((status, text(&problem, "/code")), (400, "webhook_refused"));

    // And the booking is as it was.
    let booking = client
        .expect(200, Ask::get(&path).as_person(token))
        .await
        .unwrap();
    assert_eq!(
        (text(&booking, "/state"), booking["version"].as_u64()),
        ("held", Some(1))
    );
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_gets_the_same_answer_byte_for_byte() {
    let running = running().await;
    let client = &running.client;
    let scene = scene(client, 9).await.unwrap();
    let held = hold(client, &scene).await.unwrap();
    let key = format!("book-{}", scene.venue_id);
    let body = json!({ "quote_id": held.quote_id }).to_string();
    let http = reqwest::Client::new();
    let send = |body: String| {
        http.post(format!("{}/api/v1/bookings/create", client.api()))
            .bearer_auth(&scene.customer.token)
            .header("idempotency-key", &key)
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    let (one, two) = (
        send(body.clone()).await.unwrap(),
        send(body.clone()).await.unwrap(),
    );
    assert_eq!((one.status().as_u16(), two.status().as_u16()), (201, 201));
    assert_eq!(one.headers()["idempotent-replayed"], "true");
    assert_eq!(one.bytes().await.unwrap(), two.bytes().await.unwrap());
    let (start, end) = (plus_minutes(scene.start, 1_440), plus_minutes(scene.end, 1_440));
    let another = journey::quote(client, &scene.customer.token, &scene.venue_id, start, end)
        .await
        .unwrap();
    let other = send(json!({ "quote_id": another }).to_string()).await.unwrap();
    assert_eq!(other.status().as_u16(), 422);
    let problem: Value = other.json().await.unwrap();
    assert_eq!(text(&problem, "/code"), "idempotency_key_reused");
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_twice_at_once_has_one_effect() {
    let running = running().await;
    let client = &running.client;
    let scene = scene(client, 8).await.unwrap();
    let token = scene.customer.token.as_str();
    let quote = journey::quote(client, token, &scene.venue_id, scene.start, scene.end)
        .await
        .unwrap();
    let ask = || Ask::post("/api/v1/bookings/create", json!({ "quote_id": quote })).as_person(token);
    let sent = (0..10).map(|_| client.send(ask().once("at-once")));
    let answers = futures_util::future::join_all(sent).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(
        answers
            .iter()
            .all(|answer| *answer == answers[0] && answer.0 == 201),
        "{answers:?}"
    );
    let mine = client
        .expect(200, Ask::get("/api/v1/bookings/history").as_person(token))
        .await
        .unwrap();
    assert_eq!(mine["data"].as_array().unwrap().len(), 1);
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_that_registers_people_without_end_is_told_to_wait() {
    let running = running_with(Options::default()).await;
    let register = || {
        let url = format!("{}/api/v1/auth/register", running.client.api());
        reqwest::Client::new().post(url).json(&json!({})).send()
    };
    for left in (0..MAIL.rate.burst).rev() {
        let answer = register().await.unwrap();
        assert_eq!(answer.status().as_u16(), 422);
        let told = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(told.starts_with(&format!("\"mail\";r={left};")), "{told}");
    }
    let answer = register().await.unwrap();
    assert_eq!(answer.status().as_u16(), 429);
    let seconds: i64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(
        (1..=MAIL.rate.interval_ms / 1_000).contains(&seconds),
        "{seconds}"
    );
    running.system.shutdown().await;
}
