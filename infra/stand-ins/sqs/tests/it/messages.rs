//! Sending, receiving, visibility, receipts.

use std::collections::HashSet;

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError;
use aws_sdk_sqs::operation::delete_message::DeleteMessageError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue, QueueAttributeName,
};
use sqs_stand_in::limits::{MESSAGE_BYTES_MAX, RETENTION_SECONDS, VISIBILITY_SECONDS};

use crate::bed::{Bed, NEW_YEAR_MS, bodies, code, receive_count};

#[tokio::test]
async fn a_sent_message_is_received_and_gone_once_it_is_deleted() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let sent = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent.md5_of_message_body(),
        Some("5d41402abc4b2a76b9719d911017c592")
    );

    let message = bed.receive_one(&queue).await;
    assert_eq!(message.body(), Some("hello"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    bed.delete(&queue, &message).await;
    bed.seconds_pass(31);
    assert!(bed.receive(&queue).await.is_empty());
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
    // Deleting what is deleted already is not an error.
    bed.delete(&queue, &message).await;
}

#[tokio::test]
async fn attributes_of_every_type_come_back_as_they_were_sent() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let text = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("grüße")
        .build()
        .unwrap();
    let number = MessageAttributeValue::builder()
        .data_type("Number.int")
        .string_value("42")
        .build()
        .unwrap();
    let bytes = MessageAttributeValue::builder()
        .data_type("Binary")
        .binary_value(Blob::new([0, 255, 7]))
        .build()
        .unwrap();
    let trace = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value("Root=1-5759e988-bd862e3fe1be46a994272793")
        .build()
        .unwrap();
    let sent = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x")
        .message_attributes("text", text.clone())
        .message_attributes("number", number.clone())
        .message_attributes("bytes", bytes.clone())
        .message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace)
        .send()
        .await
        .unwrap();

    let message = bed.receive_one(&queue).await;
    let attributes = message.message_attributes().unwrap();
    assert_eq!(
        (&attributes["text"], &attributes["number"], &attributes["bytes"]),
        (&text, &number, &bytes)
    );
    assert_eq!(
        message.md5_of_message_attributes(),
        sent.md5_of_message_attributes()
    );
    assert!(sent.md5_of_message_system_attributes().is_some());
    let system = message.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::SentTimestamp],
        NEW_YEAR_MS.to_string()
    );
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp],
        NEW_YEAR_MS.to_string()
    );
    assert_eq!(
        system[&MessageSystemAttributeName::SenderId],
        sqs_stand_in::ACCOUNT_ID
    );
    assert!(system[&MessageSystemAttributeName::AwsTraceHeader].starts_with("Root=1-5759e988"));
}

#[tokio::test]
async fn a_receive_that_names_no_attributes_gets_none() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let kind = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("x")
        .build()
        .unwrap();
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x")
        .message_attributes("kind", kind);
    send.send().await.unwrap();
    let answer = bed
        .client
        .receive_message()
        .queue_url(&queue)
        .send()
        .await
        .unwrap();
    let message = &answer.messages()[0];
    assert_eq!((message.attributes(), message.message_attributes()), (None, None));
    assert_eq!(message.md5_of_message_attributes(), None);
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_visibility_timeout_is_over() {
    let bed = Bed::in_memory().await;
    let queue = bed
        .queue_with("jobs", &[(QueueAttributeName::VisibilityTimeout, "60")])
        .await;
    bed.send(&queue, "x").await;
    assert_eq!(receive_count(&bed.receive_one(&queue).await), 1);
    assert_eq!(bed.counts(&queue).await, (0, 1, 0));
    bed.seconds_pass(59);
    assert!(bed.receive(&queue).await.is_empty());
    bed.seconds_pass(1);
    assert_eq!(bed.counts(&queue).await, (1, 0, 0));
    let again = bed.receive_one(&queue).await;
    assert_eq!(receive_count(&again), 2);
    let first_received =
        &again.attributes().unwrap()[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp];
    assert_eq!(*first_received, NEW_YEAR_MS.to_string());
}

#[tokio::test]
async fn a_receive_may_bring_its_own_visibility_timeout() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.send(&queue, "x").await;
    let receive = |seconds| {
        bed.client
            .receive_message()
            .queue_url(&queue)
            .visibility_timeout(seconds)
            .send()
    };
    assert_eq!(receive(0).await.unwrap().messages().len(), 1);
    assert_eq!(receive(5).await.unwrap().messages().len(), 1);
    bed.seconds_pass(4);
    assert!(bed.receive(&queue).await.is_empty());
    bed.seconds_pass(1);
    assert_eq!(bed.receive(&queue).await.len(), 1);
}

#[tokio::test]
async fn visibility_can_be_extended_given_up_and_not_beyond_twelve_hours() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.send(&queue, "x").await;
    let message = bed.receive_one(&queue).await;
    let change = |seconds| {
        let handle = message.receipt_handle().unwrap();
        bed.client
            .change_message_visibility()
            .queue_url(&queue)
            .receipt_handle(handle)
            .visibility_timeout(seconds)
            .send()
    };
    bed.seconds_pass(29);
    change(100).await.unwrap();
    bed.seconds_pass(99);
    assert!(bed.receive(&queue).await.is_empty());

    let whole = i32::try_from(*VISIBILITY_SECONDS.end()).unwrap();
    assert_eq!(code(change(whole + 1).await), "InvalidParameterValue");
    // 128 seconds of the twelve hours are over.
    assert_eq!(code(change(whole - 127).await), "InvalidParameterValue");
    change(whole - 128).await.unwrap();

    change(0).await.unwrap();
    let refused = change(10).await.unwrap_err();
    assert!(matches!(
        refused,
        SdkError::ServiceError(e) if matches!(e.err(), ChangeMessageVisibilityError::MessageNotInflight(_))
    ));
    assert_eq!(bed.receive(&queue).await.len(), 1);
    // The receipt is no longer the newest.
    assert_eq!(code(change(10).await), "InvalidParameterValue");
}

#[tokio::test]
async fn a_delayed_message_appears_when_its_delay_is_over() {
    let bed = Bed::in_memory().await;
    let queue = bed
        .queue_with("jobs", &[(QueueAttributeName::DelaySeconds, "10")])
        .await;
    bed.send(&queue, "by the queue").await;
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("by itself");
    send.delay_seconds(900).send().await.unwrap();
    assert_eq!(bed.counts(&queue).await, (0, 0, 2));
    bed.seconds_pass(10);
    assert_eq!(bodies(&bed.receive(&queue).await), ["by the queue"]);
    assert_eq!(bed.counts(&queue).await, (0, 1, 1));
    bed.seconds_pass(889);
    assert_eq!(bodies(&bed.receive(&queue).await), ["by the queue"]);
    bed.seconds_pass(1);
    assert_eq!(bodies(&bed.receive(&queue).await), ["by itself"]);
    let too_long = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x")
        .delay_seconds(901)
        .send()
        .await;
    assert_eq!(code(too_long), "InvalidParameterValue");
}

#[tokio::test]
async fn a_receipt_that_is_not_the_newest_deletes_nothing_and_a_made_up_one_is_refused() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let other = bed.queue("other").await;
    bed.send(&queue, "x").await;
    let first = bed.receive_one(&queue).await;
    bed.seconds_pass(30);
    let second = bed.receive_one(&queue).await;
    assert_ne!(first.receipt_handle(), second.receipt_handle());
    bed.delete(&queue, &first).await;
    assert_eq!(bed.counts(&queue).await, (0, 1, 0));
    for (queue, handle) in [(&queue, "made up"), (&other, second.receipt_handle().unwrap())] {
        let refused = bed
            .client
            .delete_message()
            .queue_url(queue)
            .receipt_handle(handle)
            .send()
            .await
            .unwrap_err();
        assert!(matches!(
            refused,
            SdkError::ServiceError(e) if matches!(e.err(), DeleteMessageError::ReceiptHandleIsInvalid(_))
        ));
    }
    bed.delete(&queue, &second).await;
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_message_has_at_most_one_mebibyte_with_its_attributes() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let whole = "x".repeat(MESSAGE_BYTES_MAX);
    bed.send(&queue, &whole).await;
    assert_eq!(bed.receive_one(&queue).await.body(), Some(whole.as_str()));
    let kind = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("x")
        .build()
        .unwrap();
    let send = bed.client.send_message().queue_url(&queue).message_body(&whole);
    assert_eq!(
        code(send.message_attributes("kind", kind).send().await),
        "InvalidParameterValue"
    );
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body(whole + "x");
    assert_eq!(code(send.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn a_queue_may_take_smaller_messages_only() {
    let bed = Bed::in_memory().await;
    let queue = bed
        .queue_with("jobs", &[(QueueAttributeName::MaximumMessageSize, "1024")])
        .await;
    bed.send(&queue, &"x".repeat(1024)).await;
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x".repeat(1025));
    assert_eq!(code(send.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn a_body_with_a_forbidden_character_or_none_at_all_is_refused() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let send = |body| {
        bed.client
            .send_message()
            .queue_url(&queue)
            .message_body(body)
            .send()
    };
    let refused = send("null \u{0} byte").await.unwrap_err();
    assert!(matches!(
        refused,
        SdkError::ServiceError(e) if matches!(e.err(), SendMessageError::InvalidMessageContents(_))
    ));
    assert_eq!(code(send("").await), "MissingParameter");
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_receive_asks_for_one_to_ten_messages() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    for n in 0..12 {
        bed.send(&queue, &n.to_string()).await;
    }
    let receive = |count| {
        bed.client
            .receive_message()
            .queue_url(&queue)
            .max_number_of_messages(count)
            .send()
    };
    assert_eq!(receive(10).await.unwrap().messages().len(), 10);
    assert_eq!(receive(1).await.unwrap().messages().len(), 1);
    assert_eq!(code(receive(11).await), "InvalidParameterValue");
    assert_eq!(code(receive(0).await), "InvalidParameterValue");
    let undemanding = bed
        .client
        .receive_message()
        .queue_url(&queue)
        .send()
        .await
        .unwrap();
    assert_eq!(undemanding.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn consumers_side_by_side_never_get_the_same_message_within_its_visibility() {
    const MESSAGES: usize = 120;
    const CONSUMERS: usize = 8;
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let mut sent = HashSet::new();
    for n in 0..MESSAGES {
        sent.insert(bed.send(&queue, &n.to_string()).await);
    }
    let consumers: Vec<_> = (0..CONSUMERS)
        .map(|_| {
            let (client, queue) = (bed.client.clone(), queue.clone());
            tokio::spawn(async move {
                let mut ids = Vec::new();
                loop {
                    let receive = client
                        .receive_message()
                        .queue_url(&queue)
                        .max_number_of_messages(3);
                    let messages = receive.send().await.unwrap().messages.unwrap_or_default();
                    if messages.is_empty() {
                        return ids;
                    }
                    ids.extend(messages.into_iter().map(|message| message.message_id.unwrap()));
                }
            })
        })
        .collect();
    let mut received = Vec::new();
    for consumer in consumers {
        received.extend(consumer.await.unwrap());
    }
    assert_eq!(received.len(), MESSAGES);
    assert_eq!(received.into_iter().collect::<HashSet<_>>(), sent);
}

#[tokio::test]
async fn a_message_is_forgotten_when_its_retention_is_over_even_in_flight() {
    let bed = Bed::in_memory().await;
    let queue = bed
        .queue_with("jobs", &[(QueueAttributeName::MessageRetentionPeriod, "60")])
        .await;
    assert_eq!(*RETENTION_SECONDS.start(), 60);
    bed.send(&queue, "old").await;
    bed.send(&queue, "old").await;
    let held = bed
        .client
        .receive_message()
        .queue_url(&queue)
        .visibility_timeout(600)
        .send()
        .await
        .unwrap();
    bed.seconds_pass(59);
    bed.send(&queue, "young").await;
    assert_eq!(bed.counts(&queue).await, (2, 1, 0));
    bed.seconds_pass(1);
    assert_eq!(bed.counts(&queue).await, (1, 0, 0));
    assert_eq!(bodies(&bed.receive(&queue).await), ["young"]);
    let handle = held.messages()[0].receipt_handle().unwrap();
    let change = bed
        .client
        .change_message_visibility()
        .queue_url(&queue)
        .receipt_handle(handle);
    assert_eq!(
        code(change.visibility_timeout(5).send().await),
        "InvalidParameterValue"
    );
}
