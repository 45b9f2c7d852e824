//! The JSON that Lambda sends to a function for a batch of SQS messages. Pure.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub(super) fn sqs_event(messages: &[Message], queue_arn: &str, region: &str) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| record(message, queue_arn, region))
        .collect();
    json!({"Records": records})
}

fn record(message: &Message, queue_arn: &str, region: &str) -> Value {
    let attributes: Map<String, Value> = message
        .attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), Value::from(value.as_str())))
        .collect();
    let message_attributes: Map<String, Value> = message
        .message_attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), message_attribute(value)))
        .collect();
    let mut record = json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes,
        "messageAttributes": message_attributes,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    });
    if let (Some(md5), Some(record)) = (message.md5_of_message_attributes(), record.as_object_mut()) {
        record.insert("md5OfMessageAttributes".into(), Value::from(md5));
    }
    record
}

fn message_attribute(value: &MessageAttributeValue) -> Value {
    let bytes = |blob: &Blob| Value::from(STANDARD.encode(blob.as_ref()));
    let mut attribute = json!({
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.data_type(),
    });
    if let Some(attribute) = attribute.as_object_mut() {
        if let Some(text) = value.string_value() {
            attribute.insert("stringValue".into(), Value::from(text));
        }
        if let Some(blob) = value.binary_value() {
            attribute.insert("binaryValue".into(), bytes(blob));
        }
    }
    attribute
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::SqsEvent;
    use aws_sdk_sqs::types::MessageSystemAttributeName;

    use super::*;

    const ARN: &str = "arn:aws:sqs:eu-central-1:000000000000:payments";

    #[test]
    fn a_record_has_all_that_lambda_passes_on() {
        let trace = MessageAttributeValue::builder()
            .data_type("String")
            .string_value("t-1")
            .build()
            .unwrap();
        let bytes = MessageAttributeValue::builder()
            .data_type("Binary")
            .binary_value(Blob::new([1, 2, 3]))
            .build()
            .unwrap();
        let message = Message::builder()
            .message_id("m-1")
            .receipt_handle("r-1")
            .body("{\"id\":1}")
            .md5_of_body("fce0ea8dd236ccb3ed9b37dae260836f")
            .md5_of_message_attributes("582c92c5c5b6ac403040a4f3ab3115c9")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "2")
            .message_attributes("trace", trace)
            .message_attributes("bytes", bytes)
            .build();
        let event = sqs_event(&[message], ARN, "eu-central-1");
        assert_eq!(
            event,
            json!({"Records": [{
                "messageId": "m-1", "receiptHandle": "r-1", "body": "{\"id\":1}",
                "attributes": {"ApproximateReceiveCount": "2"},
                "messageAttributes": {
                    "trace": {
                        "stringValue": "t-1", "stringListValues": [], "binaryListValues": [],
                        "dataType": "String",
                    },
                    "bytes": {
                        "binaryValue": "AQID", "stringListValues": [], "binaryListValues": [],
                        "dataType": "Binary",
                    },
                },
                "md5OfBody": "fce0ea8dd236ccb3ed9b37dae260836f",
                "md5OfMessageAttributes": "582c92c5c5b6ac403040a4f3ab3115c9",
                "eventSource": "aws:sqs", "eventSourceARN": ARN, "awsRegion": "eu-central-1",
            }]})
        );
        let read: SqsEvent = serde_json::from_value(event).unwrap();
        assert_eq!(read.records[0].message_id.as_deref(), Some("m-1"));
    }
}
