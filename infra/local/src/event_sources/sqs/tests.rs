//! The poller against a queue that is scripted at the level of HTTP, through the real SDK.

use std::collections::VecDeque;
use std::sync::Mutex;

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use tokio::sync::{Notify, mpsc};

use super::super::stop_switch;
use super::super::tests::{answer, function};
use super::*;

fn message(id: &str) -> Message {
    Message::builder()
        .message_id(id)
        .receipt_handle(format!("receipt-{id}"))
        .body(id)
        .build()
}

fn ids(messages: &[&Message]) -> Vec<String> {
    messages
        .iter()
        .map(|message| message.message_id().unwrap().to_owned())
        .collect()
}

#[test]
fn only_what_did_not_fail_is_deleted() {
    let batch = [message("a"), message("b"), message("c")];
    let deleted = |answer: Result<Value, String>| ids(&handled(&batch, &answer, true));
    let failures = |identifiers: &[&str]| {
        let entries: Vec<_> = identifiers
            .iter()
            .map(|id| json!({"itemIdentifier": id}))
            .collect();
        Ok(json!({"batchItemFailures": entries}))
    };
    assert_eq!(deleted(Ok(Value::Null)), ["a", "b", "c"]);
    assert_eq!(deleted(failures(&[])), ["a", "b", "c"]);
    assert_eq!(deleted(failures(&["b"])), ["a", "c"]);
    assert_eq!(deleted(failures(&["a", "b", "c"])), Vec::<String>::new());
}

#[test]
fn a_failed_function_and_an_unknown_identifier_fail_the_whole_batch() {
    let batch = [message("a"), message("b")];
    let unknown = json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "z"}]});
    for answer in [Err("down".to_owned()), Ok(unknown), Ok(json!("nonsense"))] {
        assert!(handled(&batch, &answer, true).is_empty(), "{answer:?}");
    }
}

#[test]
fn without_partial_failures_any_answer_is_a_success() {
    let batch = [message("a"), message("b")];
    let answer = Ok(json!({"batchItemFailures": [{"itemIdentifier": "a"}]}));
    assert_eq!(ids(&handled(&batch, &answer, false)), ["a", "b"]);
    assert!(handled(&batch, &Err("down".into()), false).is_empty());
}

/// A queue that hands out scripted batches and then never anything.
struct Queue {
    batches: Mutex<VecDeque<Result<Vec<&'static str>, StatusCode>>>,
    deletes: mpsc::UnboundedSender<Vec<String>>,
    receives: mpsc::UnboundedSender<Value>,
}

async fn serve(State(queue): State<Arc<Queue>>, headers: HeaderMap, request: String) -> Response {
    let request: Value = serde_json::from_str(&request).unwrap();
    if headers["x-amz-target"] == "AmazonSQS.DeleteMessageBatch" {
        let entries = request["Entries"].as_array().unwrap();
        let receipts = entries
            .iter()
            .map(|entry| entry["ReceiptHandle"].as_str().unwrap().to_owned());
        queue.deletes.send(receipts.collect()).unwrap();
        let done: Vec<_> = entries.iter().map(|entry| json!({"Id": entry["Id"]})).collect();
        return Json(json!({"Successful": done, "Failed": []})).into_response();
    }
    assert_eq!(headers["x-amz-target"], "AmazonSQS.ReceiveMessage");
    queue.receives.send(request).unwrap();
    let batch = queue.batches.lock().unwrap().pop_front();
    match batch {
        Some(Ok(batch)) => {
            let messages: Vec<_> = batch
                .iter()
                .map(|id| json!({"MessageId": id, "ReceiptHandle": format!("receipt-{id}"), "Body": id}))
                .collect();
            Json(json!({"Messages": messages})).into_response()
        }
        Some(Err(status)) => status.into_response(),
        None => std::future::pending().await,
    }
}

struct Polled {
    deletes: mpsc::UnboundedReceiver<Vec<String>>,
    receives: mpsc::UnboundedReceiver<Value>,
    source: SqsSource,
}

async fn polled(
    batches: impl IntoIterator<Item = Result<Vec<&'static str>, StatusCode>>,
    function: Arc<dyn Invoke>,
) -> Polled {
    let (deletes, deletes_seen) = mpsc::unbounded_channel();
    let (receives, receives_seen) = mpsc::unbounded_channel();
    let batches = Mutex::new(batches.into_iter().collect());
    let queue = Arc::new(Queue {
        batches,
        deletes,
        receives,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().route("/", post(serve)).with_state(queue);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
        .endpoint_url(format!("http://{address}"))
        .build();
    let source = SqsSource {
        client: aws_sdk_sqs::Client::from_conf(config),
        queue_url: format!("http://{address}/000000000000/payments"),
        queue_arn: "arn:aws:sqs:eu-central-1:000000000000:payments".into(),
        region: "eu-central-1".into(),
        function,
        settings: SqsSettings {
            batch_size: BATCH_SIZE_MAX + 1,
            concurrency: 1,
            function_timeout: Duration::from_secs(30),
            report_batch_item_failures: true,
        },
    };
    Polled {
        deletes: deletes_seen,
        receives: receives_seen,
        source,
    }
}

#[tokio::test]
async fn a_batch_goes_to_the_function_and_its_failure_stays_in_the_queue() {
    let (function, mut events) =
        function(|_| answer(Ok(json!({"batchItemFailures": [{"itemIdentifier": "bad"}]}))));
    let mut polled = polled([Ok(vec!["good", "bad", "fine"])], function).await;
    let (_switch, stop) = stop_switch();
    tokio::spawn(polled.source.run(stop));

    let asked = polled.receives.recv().await.unwrap();
    assert_eq!(asked["MaxNumberOfMessages"], BATCH_SIZE_MAX);
    assert_eq!(asked["WaitTimeSeconds"], LONG_POLL_SECONDS);
    let event = events.recv().await.unwrap();
    let bodies: Vec<_> = event["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["body"].clone())
        .collect();
    assert_eq!(bodies, ["good", "bad", "fine"]);
    assert_eq!(
        polled.deletes.recv().await.unwrap(),
        ["receipt-good", "receipt-fine"]
    );
}

#[tokio::test]
async fn a_poller_outlives_a_failing_function_and_a_failing_queue() {
    let (function, mut events) = function(|event| {
        let failing = event["Records"][0]["body"] == "first";
        answer(if failing {
            Err("down".into())
        } else {
            Ok(Value::Null)
        })
    });
    let batches = [
        Ok(vec!["first"]),
        Err(StatusCode::INTERNAL_SERVER_ERROR),
        Ok(vec!["second"]),
    ];
    let mut polled = polled(batches, function).await;
    let (_switch, stop) = stop_switch();
    tokio::spawn(polled.source.run(stop));
    events.recv().await.unwrap();
    events.recv().await.unwrap();
    assert_eq!(polled.deletes.recv().await.unwrap(), ["receipt-second"]);
}

#[tokio::test]
async fn a_stop_ends_the_long_poll_at_once_but_finishes_the_batch_in_hand() {
    let go_on = Arc::new(Notify::new());
    let waits = Arc::clone(&go_on);
    let (function, mut events) = function(move |_| {
        let waits = Arc::clone(&waits);
        Box::pin(async move {
            waits.notified().await;
            Ok(Value::Null)
        })
    });
    let mut polled = polled([Ok(vec!["slow"])], function).await;
    polled.source.settings.concurrency = 2;
    let (switch, stop) = stop_switch();
    let running = tokio::spawn(polled.source.run(stop));
    events.recv().await.unwrap();
    // The second receive hangs, as a long poll of an empty queue does.
    polled.receives.recv().await.unwrap();
    polled.receives.recv().await.unwrap();
    switch.stop();
    tokio::task::yield_now().await;
    assert!(!running.is_finished());
    go_on.notify_one();
    running.await.unwrap();
    assert_eq!(polled.deletes.recv().await.unwrap(), ["receipt-slow"]);
}

#[tokio::test]
async fn no_more_batches_are_received_than_can_be_handled() {
    let go_on = Arc::new(Notify::new());
    let waits = Arc::clone(&go_on);
    let (function, mut events) = function(move |_| {
        let waits = Arc::clone(&waits);
        Box::pin(async move {
            waits.notified().await;
            Ok(Value::Null)
        })
    });
    let mut polled = polled([Ok(vec!["one"]), Ok(vec!["two"])], function).await;
    let (_switch, stop) = stop_switch();
    tokio::spawn(polled.source.run(stop));
    events.recv().await.unwrap();
    polled.receives.recv().await.unwrap();
    go_on.notify_one();
    assert_eq!(polled.deletes.recv().await.unwrap(), ["receipt-one"]);
    // The delete came before the next receive: the batch gave its seat back only when it was done.
    assert!(polled.receives.is_empty());
    polled.receives.recv().await.unwrap();
}
