//! The fault switch.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sqs_stand_in::{Failure, Fault, Operation, When};
use tower::ServiceExt as _;

use crate::bed::{Bed, bodies, code};

fn failing(operation: Operation, when: When, times: u32) -> Fault {
    Fault::Fail {
        operation,
        queue: None,
        when,
        error: Failure::default(),
        times,
    }
}

#[tokio::test]
async fn a_call_that_fails_before_its_effect_does_nothing() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.stand_in
        .faults()
        .arm(failing(Operation::SendMessage, When::Before, 2));
    for _ in 0..2 {
        let send = bed
            .client
            .send_message()
            .queue_url(&queue)
            .message_body("x")
            .send()
            .await;
        assert_eq!(code(send), "InternalFailure");
    }
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
    bed.send(&queue, "x").await;
    assert!(bed.stand_in.faults().armed().is_empty());
}

#[tokio::test]
async fn a_call_that_fails_after_its_effect_has_done_it() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.stand_in
        .faults()
        .arm(failing(Operation::SendMessage, When::After, 1));
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x")
        .send()
        .await;
    assert_eq!(code(send), "InternalFailure");
    let message = bed.receive_one(&queue).await;
    bed.stand_in
        .faults()
        .arm(failing(Operation::DeleteMessage, When::Before, 1));
    let handle = message.receipt_handle().unwrap();
    let delete = bed
        .client
        .delete_message()
        .queue_url(&queue)
        .receipt_handle(handle)
        .send()
        .await;
    assert_eq!(code(delete), "InternalFailure");
    assert_eq!(bed.counts(&queue).await, (0, 1, 0));
}

#[tokio::test]
async fn a_fault_for_one_queue_leaves_the_others_alone() {
    let bed = Bed::in_memory().await;
    let (jobs, mail) = (bed.queue("jobs").await, bed.queue("mail").await);
    bed.stand_in.faults().arm(Fault::Fail {
        operation: Operation::SendMessage,
        queue: Some("jobs".to_owned()),
        when: When::Before,
        error: Failure::RequestThrottled,
        times: 1,
    });
    bed.send(&mail, "x").await;
    let send = bed
        .client
        .send_message()
        .queue_url(&jobs)
        .message_body("x")
        .send()
        .await;
    assert_eq!(code(send), "RequestThrottled");
}

#[tokio::test]
async fn a_duplicated_message_comes_again_even_after_it_was_deleted() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let id = bed.send(&queue, "twice").await;
    bed.stand_in.faults().arm(Fault::Duplicate {
        queue: Some("jobs".to_owned()),
        times: 1,
    });
    let first = bed.receive_one(&queue).await;
    bed.delete(&queue, &first).await;
    let second = bed.receive_one(&queue).await;
    assert_eq!(second.message_id(), Some(id.as_str()));
    bed.delete(&queue, &second).await;
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
    assert!(bed.stand_in.faults().armed().is_empty());
}

#[tokio::test]
async fn messages_may_come_newest_first() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.stand_in.faults().arm(Fault::NewestFirst {
        queue: None,
        times: 1,
    });
    // A receive that brings nothing does not use the fault up.
    assert!(bed.receive(&queue).await.is_empty());
    for body in ["a", "b", "c"] {
        bed.send(&queue, body).await;
    }
    assert_eq!(bodies(&bed.receive(&queue).await), ["c", "b", "a"]);
    bed.seconds_pass(30);
    assert_eq!(bodies(&bed.receive(&queue).await), ["a", "b", "c"]);
}

#[tokio::test]
async fn the_switch_arms_shows_and_clears_faults_over_http() {
    let bed = Bed::in_memory().await;
    let call = |method: &str, body: &str| {
        let request = Request::builder().method(method).uri("/_stand_in/faults");
        let request = request
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        bed.stand_in.router().oneshot(request)
    };
    let fault = "{\"fault\":\"fail\",\"operation\":\"SendMessage\",\"when\":\"after\",\"error\":\"InternalFailure\",\"times\":3}";
    assert_eq!(
        call("POST", fault).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        bed.stand_in.faults().armed(),
        [failing(Operation::SendMessage, When::After, 3)]
    );
    let shown = call("GET", "")
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert_eq!(shown, format!("[{fault}]"));
    assert!(
        call("POST", "{\"fault\":\"earthquake\"}")
            .await
            .unwrap()
            .status()
            .is_client_error()
    );
    assert_eq!(call("DELETE", "").await.unwrap().status(), StatusCode::NO_CONTENT);
    assert!(bed.stand_in.faults().armed().is_empty());
}
