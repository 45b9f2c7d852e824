//! Lifts work on one message to a batch of them. Who handles a message knows nothing of batches.
//!
//! A message that fails, panics or cannot be read is reported by itself, so that SQS takes back that one
//! and not its mates; after the queue's `maxReceiveCount` it ends in the dead-letter queue. A failure is
//! logged here, once.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{FutureExt, StreamExt, stream};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::emf;
use crate::sqs::CORRELATION_ATTRIBUTE;

/// Messages of a batch that are worked on at a time: all of one batch (`BatchSize` in template.yaml is
/// 10), since each mostly waits.
pub const MESSAGES_AT_ONCE: usize = 10;

/// Works on each message of a batch, in no order.
pub async fn sqs<T, F, Fut, E>(event: SqsEvent, one: F) -> SqsBatchResponse
where
    T: DeserializeOwned,
    F: Fn(T) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let total = event.records.len();
    let failed: Vec<String> = stream::iter(event.records)
        .map(|record| message(record, &one))
        .buffer_unordered(MESSAGES_AT_ONCE)
        .filter_map(|failed| async { failed })
        .collect()
        .await;
    emf::count("message", "failed", failed.len());
    emf::count("message", "ok", total.saturating_sub(failed.len()));
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}

/// Works on the records of a stream's shard, in order, up to the first that fails: from there on they
/// come again.
pub async fn stream<F, Fut, E>(event: StreamEvent, one: F) -> DynamoDbEventResponse
where
    F: Fn(EventRecord) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let mut response = DynamoDbEventResponse::default();
    let mut done = 0;
    for record in event.records {
        // Reported without a number, the whole batch comes again: too much, but nothing is lost.
        let number = record.change.sequence_number.clone().unwrap_or_default();
        let span =
            tracing::error_span!("record", event_id = %record.event_id, correlation_id = %record.event_id);
        let ended = guarded(|| one(record)).instrument(span.clone()).await;
        if let Err(error) = ended {
            span.in_scope(|| tracing::error!(error, sequence_number = number, "a record failed"));
            emf::count("record", "failed", 1);
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(number);
            response.batch_item_failures.push(failure);
            break;
        }
        done += 1;
    }
    emf::count("record", "ok", done);
    response
}

/// The id of the message if it failed. None would make SQS take back the whole batch: too much, but
/// nothing is lost.
async fn message<T, F, Fut, E>(record: SqsMessage, one: &F) -> Option<String>
where
    T: DeserializeOwned,
    F: Fn(T) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let correlation = correlation_id(&record);
    let id = record.message_id.unwrap_or_default();
    let span = tracing::error_span!("message", message_id = %id, correlation_id = %correlation.as_deref().unwrap_or(&id));
    let work = async {
        let message = read(record.body.as_deref().unwrap_or_default())?;
        guarded(|| one(message)).await
    };
    let error = work.instrument(span.clone()).await.err()?;
    let received = record.attributes.get("ApproximateReceiveCount");
    span.in_scope(|| tracing::error!(error, receive_count = received, "a message failed"));
    Some(id)
}

/// Says where the body is wrong and not what is there.
fn read<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|e| {
        format!(
            "the body cannot be read: {:?} error in line {} column {}",
            e.classify(),
            e.line(),
            e.column()
        )
    })
}

/// With a panic turned into a failure like any other: a message that panics each time would otherwise
/// take its mates along into the dead-letter queue.
async fn guarded<Fut, E>(work: impl FnOnce() -> Fut) -> Result<(), String>
where
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    // Boxed, since the compiler gives up on futures that are nested as deeply as a call of the SDK in a use
    // case in a handler in a batch in a function.
    let work = Box::pin(async { work().await });
    // What the work has left half done is in its own memory, and dropped.
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(ended) => ended.map_err(|e| e.to_string()),
        Err(_) => Err("panicked".to_owned()),
    }
}

fn correlation_id(record: &SqsMessage) -> Option<String> {
    record
        .message_attributes
        .get(CORRELATION_ATTRIBUTE)?
        .string_value
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug, Deserialize, PartialEq)]
    struct Job {
        n: u32,
    }

    fn batch(bodies: &[&str]) -> SqsEvent {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(i, body)| {
                json!({
                    "messageId": format!("m{i}"), "receiptHandle": "r", "body": body,
                    "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
                    "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "us-east-1",
                    "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
                })
            })
            .collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    fn records(count: usize) -> StreamEvent {
        let records: Vec<Value> = (0..count)
            .map(|i| {
                json!({
                    "eventID": format!("e{i}"), "eventName": "INSERT", "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "eventSourceARN": "arn",
                    "dynamodb": {
                        "Keys": {"pk": {"S": "p"}}, "NewImage": {"pk": {"S": "p"}}, "SizeBytes": 1,
                        "SequenceNumber": format!("s{i}"), "StreamViewType": "NEW_AND_OLD_IMAGES",
                        "ApproximateCreationDateTime": 1_767_225_600.0,
                    },
                })
            })
            .collect();
        serde_json::from_value(json!({ "Records": records })).unwrap()
    }

    fn failures(response: &SqsBatchResponse) -> Vec<&str> {
        let mut ids: Vec<&str> = response
            .batch_item_failures
            .iter()
            .map(|f| f.item_identifier.as_str())
            .collect();
        ids.sort_unstable();
        ids
    }

    #[tokio::test]
    async fn a_poisoned_message_fails_alone() {
        let done = Mutex::new(Vec::new());
        let event = batch(&[r#"{"n":1}"#, "not json", r#"{"n":"three"}"#, r#"{"n":4}"#, ""]);
        let response = sqs(event, async |job: Job| {
            done.lock().unwrap().push(job.n);
            Ok::<_, String>(())
        })
        .await;
        assert_eq!(failures(&response), ["m1", "m2", "m4"]);
        assert_eq!(*done.lock().unwrap(), [1, 4]);
    }

    #[tokio::test]
    async fn a_message_that_fails_or_panics_does_not_take_its_mates_along() {
        let event = batch(&[r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#]);
        let response = sqs(event, async |job: Job| match job.n {
            1 => Err("not today"),
            2 => panic!("this is expected in the test's output"),
            _ => Ok(()),
        })
        .await;
        assert_eq!(failures(&response), ["m0", "m1"]);
    }

    #[tokio::test]
    async fn a_batch_without_failures_reports_an_empty_list() {
        let response = sqs(batch(&[r#"{"n":1}"#]), async |_: Job| Ok::<_, String>(())).await;
        assert_eq!(
            serde_json::to_value(response).unwrap(),
            json!({"batchItemFailures": []})
        );
    }

    #[tokio::test]
    async fn a_failure_without_an_id_brings_the_whole_batch_back() {
        let mut event = batch(&["not json"]);
        event.records[0].message_id = None;
        let response = sqs(event, async |_: Job| Ok::<_, String>(())).await;
        assert_eq!(failures(&response), [""]);
    }

    #[tokio::test]
    async fn only_so_many_messages_are_worked_on_at_once() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let bodies = vec![r#"{"n":1}"#; MESSAGES_AT_ONCE * 2 + 1];
        let response = sqs(batch(&bodies), async |_: Job| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, String>(())
        })
        .await;
        assert_eq!(failures(&response).len(), 0);
        assert_eq!(most.load(Ordering::SeqCst), MESSAGES_AT_ONCE);
    }

    #[tokio::test]
    async fn a_message_is_worked_on_under_the_id_it_came_with() {
        let mut event = batch(&[r#"{"n":1}"#, r#"{"n":2}"#]);
        let attribute = json!({"stringValue": "c-1", "dataType": "String"});
        let attribute = serde_json::from_value(attribute).unwrap();
        event.records[0]
            .message_attributes
            .insert(CORRELATION_ATTRIBUTE.to_owned(), attribute);
        let seen = Mutex::new(Vec::new());
        log::listen();
        sqs(event, async |job: Job| {
            seen.lock().unwrap().push((job.n, log::correlation_id()));
            Ok::<_, String>(())
        })
        .await;
        assert_eq!(
            *seen.lock().unwrap(),
            [(1, Some("c-1".to_owned())), (2, Some("m1".to_owned()))]
        );
    }

    #[test]
    fn an_unreadable_body_is_not_repeated_in_the_log() {
        let error = read::<Job>(r#"{"n":"ada@example.com"}"#).unwrap_err();
        assert!(
            error.starts_with("the body cannot be read: Data error in line 1"),
            "{error}"
        );
        assert!(!error.contains("ada"), "{error}");
    }

    #[tokio::test]
    async fn a_stream_stops_at_the_first_record_that_fails() {
        let seen = Mutex::new(Vec::new());
        let response = stream(records(4), async |record: EventRecord| {
            seen.lock().unwrap().push(record.event_id.clone());
            if record.event_id == "e2" {
                Err("not today")
            } else {
                Ok(())
            }
        })
        .await;
        assert_eq!(*seen.lock().unwrap(), ["e0", "e1", "e2"]);
        assert_eq!(
            serde_json::to_value(response).unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "s2"}]})
        );
    }

    #[tokio::test]
    async fn a_record_that_panics_is_a_record_that_fails() {
        let response = stream(records(1), async |_: EventRecord| -> Result<(), String> {
            panic!("this is expected in the test's output")
        })
        .await;
        assert_eq!(
            response.batch_item_failures[0].item_identifier.as_deref(),
            Some("s0")
        );
    }

    #[tokio::test]
    async fn a_stream_without_failures_reports_an_empty_list() {
        let response = stream(records(3), async |_| Ok::<_, String>(())).await;
        assert_eq!(
            serde_json::to_value(response).unwrap(),
            json!({"batchItemFailures": []})
        );
    }
}
