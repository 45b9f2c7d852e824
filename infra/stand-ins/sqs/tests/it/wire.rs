//! The protocol itself, without the SDK.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sqs_stand_in::limits::REQUEST_BYTES_MAX;
use sqs_stand_in::{Clock, SqsStandIn};
use tower::ServiceExt as _;

async fn call(stand_in: &SqsStandIn, target: &str, body: impl Into<Body>) -> Response {
    let request = Request::post("/")
        .header("host", "sqs.local:4100")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .body(body.into())
        .unwrap();
    stand_in.router().oneshot(request).await.unwrap()
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

fn stand_in() -> SqsStandIn {
    SqsStandIn::open(None, Clock::system()).unwrap()
}

#[tokio::test]
async fn an_answer_has_the_content_type_and_request_id_of_aws() {
    let response = call(&stand_in(), "AmazonSQS.CreateQueue", "{\"QueueName\":\"jobs\"}").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(response.headers()["x-amzn-requestid"].len(), 36);
    assert_eq!(
        json_of(response).await,
        json!({ "QueueUrl": "http://sqs.local:4100/000000000000/jobs" })
    );
}

#[tokio::test]
async fn a_refusal_names_its_shape_in_the_body_and_its_code_in_the_header() {
    let response = call(
        &stand_in(),
        "AmazonSQS.GetQueueUrl",
        "{\"QueueName\":\"nowhere\"}",
    )
    .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        response.headers()["x-amzn-query-error"],
        "AWS.SimpleQueueService.NonExistentQueue;Sender"
    );
    assert_eq!(
        json_of(response).await,
        json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist." })
    );
}

#[tokio::test]
async fn an_empty_receive_has_no_list_of_messages() {
    let stand_in = stand_in();
    call(&stand_in, "AmazonSQS.CreateQueue", "{\"QueueName\":\"jobs\"}").await;
    let receive = json!({ "QueueUrl": "http://anywhere/000000000000/jobs" }).to_string();
    assert_eq!(
        json_of(call(&stand_in, "AmazonSQS.ReceiveMessage", receive).await).await,
        json!({})
    );
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused_with_a_code() {
    let cases = [
        ("AmazonSQS.Fly", "{}", "InvalidAction;Sender"),
        ("AmazonSNS.Publish", "{}", "InvalidAction;Sender"),
        (
            "AmazonSQS.TagQueue",
            "{}",
            "AWS.SimpleQueueService.UnsupportedOperation;Sender",
        ),
        ("AmazonSQS.SendMessage", "not json", "MalformedInput;Sender"),
        (
            "AmazonSQS.SendMessage",
            "{\"MessageBody\":7}",
            "MalformedInput;Sender",
        ),
        (
            "AmazonSQS.SendMessage",
            "{\"MessageBody\":\"x\"}",
            "MissingParameter;Sender",
        ),
        (
            "AmazonSQS.SendMessage",
            "{\"QueueUrl\":\"http://x/\",\"MessageBody\":\"x\"}",
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
        ),
    ];
    for (target, body, code) in cases {
        let response = call(&stand_in(), target, body).await;
        assert_eq!(response.headers()["x-amzn-query-error"], code, "{target} {body}");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_request_larger_than_any_message_is_not_read() {
    let response = call(
        &stand_in(),
        "AmazonSQS.SendMessage",
        vec![b' '; REQUEST_BYTES_MAX + 1],
    )
    .await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        response.headers()["x-amzn-query-error"],
        "RequestEntityTooLarge;Sender"
    );
    let response = call(
        &stand_in(),
        "AmazonSQS.SendMessage",
        vec![b' '; REQUEST_BYTES_MAX],
    )
    .await;
    assert_eq!(response.headers()["x-amzn-query-error"], "MalformedInput;Sender");
}
