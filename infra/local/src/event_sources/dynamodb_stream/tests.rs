//! The reader against the real embedded database.

use std::sync::Mutex;

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::put_item::PutItemRequest;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::tests::{answer, function};
use super::super::{StopSwitch, stop_switch};
use super::*;

const TABLE: &str = "bookings-table";

fn make_table(database: &Database) {
    let request: CreateTableRequest = serde_json::from_value(json!({
        "TableName": TABLE,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }))
    .unwrap();
    database.create_table(request).unwrap();
}

fn put(database: &Database, key: &str) {
    let request: PutItemRequest =
        serde_json::from_value(json!({"TableName": TABLE, "Item": {"pk": {"S": key}}})).unwrap();
    database.put_item(request).unwrap();
}

fn keys(event: &Value) -> Vec<String> {
    let key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
    event["Records"].as_array().unwrap().iter().map(key).collect()
}

/// A database, a place for checkpoints and the reports of records given up.
struct Stage {
    database: Database,
    writes: Writes,
    folder: TempDir,
    reports: mpsc::UnboundedReceiver<Value>,
    on_failure: OnFailure,
}

fn stage() -> Stage {
    let (sender, reports) = mpsc::unbounded_channel();
    let on_failure: OnFailure = Arc::new(move |report| {
        let sent = sender.send(report).map_err(|error| error.to_string());
        Box::pin(async move { sent })
    });
    let database = Database::memory().unwrap();
    Stage {
        database,
        writes: Writes::new(),
        folder: tempfile::tempdir().unwrap(),
        reports,
        on_failure,
    }
}

impl Stage {
    fn with_table() -> Self {
        let stage = stage();
        make_table(&stage.database);
        stage
    }

    fn start(&self, function: Arc<dyn Invoke>) -> (StopSwitch, JoinHandle<()>) {
        let source = StreamSource {
            database: self.database.clone(),
            table: TABLE.into(),
            region: "eu-central-1".into(),
            account_id: "000000000000".into(),
            function,
            function_name: "stream".into(),
            checkpoint: self.folder.path().join("checkpoints/bookings.stream.json"),
            writes: self.writes.clone(),
            on_failure: Arc::clone(&self.on_failure),
            settings: StreamSettings {
                batch_size: BATCH_SIZE_MAX + 1,
                function_timeout: Duration::from_secs(60),
                report_batch_item_failures: true,
                attempts_before_bisecting: 1,
                attempts_of_one_record: Some(2),
            },
        };
        let (switch, stop) = stop_switch();
        (switch, tokio::spawn(source.run(stop)))
    }
}

/// A function that fails on a batch with this key in it.
fn poisoned_by(
    poison: &'static str,
) -> (
    Arc<dyn Invoke>,
    mpsc::UnboundedReceiver<Value>,
    mpsc::UnboundedReceiver<String>,
) {
    let (handled, handled_keys) = mpsc::unbounded_channel();
    let (function, events) = function(move |event| {
        let keys = keys(&event);
        if keys.iter().any(|key| key == poison) {
            return answer(Err("cannot".into()));
        }
        for key in keys {
            handled.send(key).unwrap();
        }
        answer(Ok(Value::Null))
    });
    (function, events, handled_keys)
}

#[tokio::test]
async fn records_reach_the_function_in_order_and_in_batches_of_at_most_a_hundred() {
    let stage = Stage::with_table();
    let written: Vec<String> = (0..=BATCH_SIZE_MAX)
        .map(|number| format!("BOOKING#{number:03}"))
        .collect();
    for key in &written {
        put(&stage.database, key);
    }
    let (function, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(function);
    let (first, second) = (events.recv().await.unwrap(), events.recv().await.unwrap());
    assert_eq!(keys(&first).len(), BATCH_SIZE_MAX);
    assert_eq!([keys(&first), keys(&second)].concat(), written);
    let record = &first["Records"][0];
    assert_eq!(
        (&record["eventName"], &record["awsRegion"]),
        (&json!("INSERT"), &json!("eu-central-1"))
    );
    assert_eq!(
        record["dynamodb"]["NewImage"],
        json!({"pk": {"S": "BOOKING#000"}})
    );
    let arn = record["eventSourceARN"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:dynamodb:eu-central-1:000000000000:table/bookings-table/stream/"),
        "{arn}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_wakes_the_reader_before_its_next_poll() {
    let stage = Stage::with_table();
    put(&stage.database, "one");
    let (function, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(function);
    events.recv().await.unwrap();
    // By now the reader has found nothing more and waits.
    tokio::time::sleep(POLL_INTERVAL / 2).await;
    let start = tokio::time::Instant::now();
    put(&stage.database, "two");
    stage.writes.happened();
    assert_eq!(keys(&events.recv().await.unwrap()), ["two"]);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_write_that_nobody_tells_of_is_found_by_polling() {
    let stage = Stage::with_table();
    let (function, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(function);
    put(&stage.database, "quiet");
    assert_eq!(keys(&events.recv().await.unwrap()), ["quiet"]);
}

#[tokio::test]
async fn a_table_that_is_made_later_is_read_from_its_first_record() {
    let stage = stage();
    let (function, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(function);
    make_table(&stage.database);
    put(&stage.database, "first");
    assert_eq!(keys(&events.recv().await.unwrap()), ["first"]);
}

#[tokio::test]
async fn a_reader_goes_on_after_a_stop_where_it_was() {
    let stage = Stage::with_table();
    put(&stage.database, "before");
    let (handler, mut events) = function(|_| answer(Ok(Value::Null)));
    let (switch, running) = stage.start(handler);
    events.recv().await.unwrap();
    switch.stop();
    running.await.unwrap();

    put(&stage.database, "after");
    let (handler, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(handler);
    assert_eq!(keys(&events.recv().await.unwrap()), ["after"]);
}

#[tokio::test]
async fn a_batch_in_which_the_reader_was_killed_comes_again() {
    let stage = Stage::with_table();
    put(&stage.database, "in hand");
    let (hanging, mut events) = function(|_| Box::pin(std::future::pending()));
    let (_switch, running) = stage.start(hanging);
    events.recv().await.unwrap();
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());

    let (handler, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(handler);
    assert_eq!(keys(&events.recv().await.unwrap()), ["in hand"]);
}

#[tokio::test]
async fn a_poisonous_record_is_reported_and_its_neighbours_are_handled_once_in_order() {
    let mut stage = Stage::with_table();
    for key in ["a", "b", "poison", "c", "d"] {
        put(&stage.database, key);
    }
    let (function, mut events, mut handled) = poisoned_by("poison");
    let (switch, running) = stage.start(function);
    let mut order = Vec::new();
    for _ in 0..4 {
        order.push(handled.recv().await.unwrap());
    }
    assert_eq!(order, ["a", "b", "c", "d"]);
    let report = stage.reports.recv().await.unwrap();
    let poison = std::iter::from_fn(|| events.try_recv().ok())
        .find(|event| keys(event) == ["poison"])
        .unwrap();
    assert_eq!(
        report["DDBStreamBatchInfo"]["startSequenceNumber"],
        poison["Records"][0]["dynamodb"]["SequenceNumber"]
    );
    switch.stop();
    running.await.unwrap();
    assert!(stage.reports.try_recv().is_err());
    assert!(handled.try_recv().is_err());
}

#[tokio::test]
async fn after_a_partial_failure_the_checkpoint_stands_before_the_lowest_failure() {
    let stage = Stage::with_table();
    for key in ["a", "b", "c"] {
        put(&stage.database, key);
    }
    let refusals = Mutex::new(1);
    let (handler, mut events) = function(move |event| {
        let mut refusals = refusals.lock().unwrap();
        if *refusals == 0 {
            return Box::pin(std::future::pending());
        }
        *refusals -= 1;
        let number = |index: usize| event["Records"][index]["dynamodb"]["SequenceNumber"].clone();
        let failures = [
            json!({"itemIdentifier": number(2)}),
            json!({"itemIdentifier": number(1)}),
        ];
        answer(Ok(json!({"batchItemFailures": failures})))
    });
    let (_switch, running) = stage.start(handler);
    assert_eq!(keys(&events.recv().await.unwrap()), ["a", "b", "c"]);
    // The rest is cut in two, since this stage has the patience for one attempt.
    assert_eq!(keys(&events.recv().await.unwrap()), ["b"]);
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());

    let (handler, mut events) = function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(handler);
    assert_eq!(keys(&events.recv().await.unwrap()), ["b", "c"]);
}

#[tokio::test]
async fn a_record_is_not_left_behind_until_its_report_was_taken() {
    let mut stage = Stage::with_table();
    put(&stage.database, "poison");
    put(&stage.database, "next");
    let refusals = Mutex::new(2);
    let take = Arc::clone(&stage.on_failure);
    stage.on_failure = Arc::new(move |report| {
        let mut refusals = refusals.lock().unwrap();
        if *refusals == 0 {
            return take(report);
        }
        *refusals -= 1;
        Box::pin(async { Err("the destination is down".into()) })
    });
    let (function, _events, mut handled) = poisoned_by("poison");
    let (_switch, _running) = stage.start(function);
    assert_eq!(handled.recv().await.unwrap(), "next");
    assert_eq!(
        stage.reports.try_recv().unwrap()["requestContext"]["condition"],
        "RetryAttemptsExhausted"
    );
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_retry() {
    let stage = Stage::with_table();
    put(&stage.database, "poison");
    let (function, mut events, _handled) = poisoned_by("poison");
    let (switch, running) = stage.start(function);
    events.recv().await.unwrap();
    switch.stop();
    running.await.unwrap();

    let (function, mut events) = super::super::tests::function(|_| answer(Ok(Value::Null)));
    let (_switch, _running) = stage.start(function);
    assert_eq!(keys(&events.recv().await.unwrap()), ["poison"]);
}

#[test]
fn an_unknown_sequence_number_fails_the_whole_batch() {
    let records: Vec<Record> = ["1", "2"]
        .map(|number| {
            let mut record = Record::default();
            record.dynamodb.sequence_number = number.into();
            record
        })
        .into();
    let named = |numbers: &[&str]| {
        let failures: Vec<_> = numbers.iter().map(|it| json!({"itemIdentifier": it})).collect();
        outcome(&records, &json!({"batchItemFailures": failures}))
    };
    assert_eq!(named(&["2"]), Outcome::FailedFrom(1));
    assert_eq!(named(&["2", "9"]), Outcome::FailedFrom(0));
    assert_eq!(outcome(&records, &Value::Null), Outcome::Done);
    assert_eq!(outcome(&records, &json!("nonsense")), Outcome::FailedFrom(0));
}

#[test]
fn the_records_table_gets_an_index_its_queries_use_and_loses_what_is_past_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dynamodb.sqlite");
    let database = Database::new(path.to_str().unwrap()).unwrap();
    make_table(&database);
    put(&database, "old");
    let file = Connection::open(&path).unwrap();
    file.execute("UPDATE _stream_records SET created_at = 1000", [])
        .unwrap();
    put(&database, "new");
    for _ in 0..2 {
        records_table::tend(&path, Timestamp::now()).unwrap();
    }
    put(&database, "newest");

    let left: Vec<String> = file
        .prepare("SELECT keys_json FROM _stream_records ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(left, [r#"{"pk":{"S":"new"}}"#, r#"{"pk":{"S":"newest"}}"#]);

    // The database's own two queries, word for word.
    let next = "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1";
    let read = "SELECT event_name, keys_json, new_image, old_image, sequence_number, created_at, user_identity, event_id
             FROM _stream_records
             WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3
             ORDER BY CAST(sequence_number AS INTEGER) ASC
             LIMIT ?4";
    for query in [next, read] {
        let plan: Vec<String> = file
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap()
            .query_map(
                rusqlite::params_from_iter((1..=query.matches('?').count()).map(|_| 0)),
                |row| row.get(3),
            )
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(
            plan[0].starts_with("SEARCH") && plan[0].contains("stream_records_by_sequence_number"),
            "{plan:?}"
        );
    }
}
