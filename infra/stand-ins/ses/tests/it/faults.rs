//! The fault switch.

use aws_sdk_ses::error::SdkError;
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use ses_stand_in::{Failure, Fault, When};
use tower::ServiceExt as _;

use crate::bed::{Bed, code, plain, text};

#[tokio::test]
async fn a_send_that_fails_before_its_effect_leaves_no_mail() {
    let bed = Bed::in_memory().await;
    bed.stand_in.faults().arm(Fault {
        when: When::Before,
        error: Failure::MessageRejected,
        times: 1,
    });
    let refused = bed.send_raw(plain("ada@example.com", "x")).await.unwrap_err();
    assert!(matches!(
        refused,
        SdkError::ServiceError(e) if matches!(e.err(), SendRawEmailError::MessageRejected(_))
    ));
    assert!(bed.json("").await.is_empty());
    bed.send_to("ada@example.com", "x").await;
    assert_eq!(bed.json("").await.len(), 1);
}

#[tokio::test]
async fn a_send_that_fails_after_its_effect_leaves_the_mail() {
    let bed = Bed::in_memory().await;
    for (error, expected) in [
        (Failure::InternalFailure, "InternalFailure"),
        (Failure::Throttling, "Throttling"),
    ] {
        bed.stand_in.faults().arm(Fault {
            when: When::After,
            error,
            times: 1,
        });
        assert_eq!(code(bed.send_raw(plain("ada@example.com", "x")).await), expected);
    }
    assert_eq!(bed.json("").await.len(), 2);
    assert!(bed.stand_in.faults().armed().is_empty());
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
        bed.stand_in.api_router().oneshot(request)
    };
    let fault = "{\"when\":\"before\",\"error\":\"Throttling\",\"times\":2}";
    assert_eq!(
        call("POST", fault).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(text(call("GET", "").await.unwrap()).await, format!("[{fault}]"));
    assert!(
        call("POST", "{\"when\":\"sometimes\"}")
            .await
            .unwrap()
            .status()
            .is_client_error()
    );
    assert_eq!(call("DELETE", "").await.unwrap().status(), StatusCode::NO_CONTENT);
    assert!(bed.stand_in.faults().armed().is_empty());
}
