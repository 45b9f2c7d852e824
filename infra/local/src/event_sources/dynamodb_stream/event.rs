//! The JSON that Lambda sends to a function for stream records, and to the on-failure destination. Pure.

use dynoxide::actions::get_records::Record;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn stream_event(records: &[Record], region: &str, stream_arn: &str) -> Value {
    let arn = arn_in(region, stream_arn);
    let records: Vec<Value> = records
        .iter()
        .map(|record| stream_record(record, region, &arn))
        .collect();
    json!({"Records": records})
}

/// How many records, from the first on, fit into a payload; one always does.
pub(super) fn within_payload(records: &[Record], bytes_max: i64) -> usize {
    let mut bytes = 0_i64;
    let fitting = records.iter().take_while(|record| {
        bytes = bytes.saturating_add(record.dynamodb.size_bytes);
        bytes <= bytes_max
    });
    fitting.count().max(1).min(records.len())
}

/// A record that was given up.
pub(super) struct GivenUp<'a> {
    pub function_name: &'a str,
    pub region: &'a str,
    pub account_id: &'a str,
    pub stream_arn: &'a str,
    pub shard_id: &'a str,
    pub record: &'a Record,
    pub attempts: u32,
}

pub(super) fn failure_report(given_up: &GivenUp<'_>, now: Timestamp) -> Value {
    let GivenUp {
        function_name,
        region,
        account_id,
        stream_arn,
        shard_id,
        record,
        attempts,
    } = given_up;
    let sequence_number = &record.dynamodb.sequence_number;
    let arrived = Timestamp::from_second(created_at(record)).unwrap_or(now);
    let arrived = arrived.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "requestContext": {
            "requestId": record.event_id,
            "functionArn": format!("arn:aws:lambda:{region}:{account_id}:function:{function_name}"),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": sequence_number,
            "endSequenceNumber": sequence_number,
            "approximateArrivalOfFirstRecord": arrived,
            "approximateArrivalOfLastRecord": arrived,
            "batchSize": 1,
            "streamArn": arn_in(region, stream_arn),
        },
    })
}

fn stream_record(record: &Record, region: &str, arn: &str) -> Value {
    // Serializing fails only on map keys that are no strings, of which there are none.
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Some(record) = value.as_object_mut() {
        record.insert("awsRegion".into(), Value::from(region));
        record.insert("eventSourceARN".into(), Value::from(arn));
    }
    if let Some(change) = value.get_mut("dynamodb").and_then(Value::as_object_mut) {
        change.insert(
            "ApproximateCreationDateTime".into(),
            Value::from(created_at(record)),
        );
    }
    value
}

/// The database keeps whole seconds.
fn created_at(record: &Record) -> i64 {
    record.dynamodb.approximate_creation_date_time as i64
}

/// The database has a region of its own in its ARNs; a function's event has the function's.
fn arn_in(region: &str, stream_arn: &str) -> String {
    let mut parts: Vec<&str> = stream_arn.splitn(6, ':').collect();
    if let Some(place) = parts.get_mut(3) {
        *place = region;
    }
    parts.join(":")
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::dynamodb::Event;
    use dynoxide::actions::get_records::{StreamRecord, UserIdentity};
    use dynoxide::types::AttributeValue;

    use super::*;

    const STREAM: &str = "arn:aws:dynamodb:dynoxide:000000000000:table/bookings/stream/1700000000.000000000";

    fn record(sequence_number: &str, size_bytes: i64) -> Record {
        let item = |text: &str| [("pk".to_owned(), AttributeValue::S(text.to_owned()))].into();
        Record {
            event_id: "f07f8ca4b0b26cb9c4e5e77e69f274ee".into(),
            event_name: "MODIFY".into(),
            event_version: "1.1".into(),
            event_source: "aws:dynamodb".into(),
            aws_region: "dynoxide".into(),
            dynamodb: StreamRecord {
                keys: item("BOOKING#1"),
                new_image: Some(item("BOOKING#1")),
                old_image: None,
                sequence_number: sequence_number.into(),
                size_bytes,
                stream_view_type: "NEW_AND_OLD_IMAGES".into(),
                approximate_creation_date_time: 1_480_642_020.0,
            },
            user_identity: None,
        }
    }

    #[test]
    fn a_record_has_all_that_lambda_passes_on() {
        let event = stream_event(&[record("100000000000000000007", 54)], "eu-central-1", STREAM);
        assert_eq!(
            event,
            json!({"Records": [{
                "eventID": "f07f8ca4b0b26cb9c4e5e77e69f274ee", "eventName": "MODIFY", "eventVersion": "1.1",
                "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_480_642_020,
                    "Keys": {"pk": {"S": "BOOKING#1"}}, "NewImage": {"pk": {"S": "BOOKING#1"}},
                    "SequenceNumber": "100000000000000000007", "SizeBytes": 54,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN":
                    "arn:aws:dynamodb:eu-central-1:000000000000:table/bookings/stream/1700000000.000000000",
            }]})
        );
        let read: Event = serde_json::from_value(event).unwrap();
        assert_eq!(
            read.records[0].change.sequence_number.as_deref(),
            Some("100000000000000000007")
        );
    }

    #[test]
    fn a_removal_by_expiry_says_so() {
        let mut record = record("100000000000000000007", 54);
        record.user_identity = Some(UserIdentity {
            identity_type: "Service".into(),
            principal_id: "dynamodb.amazonaws.com".into(),
        });
        let event = stream_event(&[record], "eu-central-1", STREAM);
        let expected = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
        assert_eq!(event["Records"][0]["userIdentity"], expected);
    }

    #[test]
    fn a_batch_ends_before_the_payload_gets_too_large_but_has_at_least_one_record() {
        let records = [record("1", 40), record("2", 40), record("3", 40)];
        let fitting = |bytes_max| within_payload(&records, bytes_max);
        assert_eq!(
            [fitting(200), fitting(120), fitting(119), fitting(10)],
            [3, 3, 2, 1]
        );
        assert_eq!(within_payload(&[], 10), 0);
    }

    #[test]
    fn the_report_names_the_record_as_lambdas_does() {
        let record = record("100000000000000000007", 54);
        let given_up = GivenUp {
            function_name: "stream",
            region: "eu-central-1",
            account_id: "000000000000",
            stream_arn: STREAM,
            shard_id: "shardId-00000001-bookings",
            record: &record,
            attempts: 5,
        };
        let report = failure_report(&given_up, Timestamp::from_millisecond(1_573_690_429_717).unwrap());
        assert_eq!(report["timestamp"], "2019-11-14T00:13:49.717Z");
        assert_eq!(report["requestContext"]["approximateInvokeCount"], 5);
        assert_eq!(
            report["requestContext"]["functionArn"],
            "arn:aws:lambda:eu-central-1:000000000000:function:stream"
        );
        let info = &report["DDBStreamBatchInfo"];
        assert_eq!(info["startSequenceNumber"], "100000000000000000007");
        assert_eq!(info["approximateArrivalOfFirstRecord"], "2016-12-02T01:27:00Z");
    }
}
