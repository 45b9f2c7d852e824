//! Batches.

use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry,
};
use sqs_stand_in::limits::{BATCH_ENTRIES_MAX, MESSAGE_BYTES_MAX};

use crate::bed::{Bed, bodies, code};

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}

fn entries(count: usize) -> Vec<SendMessageBatchRequestEntry> {
    (0..count)
        .map(|n| entry(&format!("e{n}"), &n.to_string()))
        .collect()
}

async fn refusal(
    bed: &Bed,
    queue: &str,
    entries: Vec<SendMessageBatchRequestEntry>,
) -> SendMessageBatchError {
    let send = bed
        .client
        .send_message_batch()
        .queue_url(queue)
        .set_entries(Some(entries))
        .send()
        .await;
    send.unwrap_err().into_service_error()
}

#[tokio::test]
async fn ten_messages_are_sent_and_deleted_in_one_call_each() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let send = bed
        .client
        .send_message_batch()
        .queue_url(&queue)
        .set_entries(Some(entries(BATCH_ENTRIES_MAX)));
    let sent = send.send().await.unwrap();
    assert_eq!(
        (sent.successful().len(), sent.failed().len()),
        (BATCH_ENTRIES_MAX, 0)
    );
    let received = bed.receive(&queue).await;
    assert_eq!(received.len(), BATCH_ENTRIES_MAX);
    for success in sent.successful() {
        let received = received
            .iter()
            .find(|message| message.message_id() == Some(success.message_id()))
            .unwrap();
        assert_eq!(success.id(), format!("e{}", received.body().unwrap()));
        assert_eq!(received.md5_of_body(), Some(success.md5_of_message_body()));
    }
    let deletions = received.iter().enumerate().map(|(n, message)| {
        let handle = message.receipt_handle().unwrap();
        DeleteMessageBatchRequestEntry::builder()
            .id(n.to_string())
            .receipt_handle(handle)
            .build()
            .unwrap()
    });
    let delete = bed
        .client
        .delete_message_batch()
        .queue_url(&queue)
        .set_entries(Some(deletions.collect()));
    assert_eq!(delete.send().await.unwrap().successful().len(), BATCH_ENTRIES_MAX);
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_batch_that_breaks_a_rule_is_refused_as_a_whole() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    assert!(matches!(
        refusal(&bed, &queue, entries(BATCH_ENTRIES_MAX + 1)).await,
        SendMessageBatchError::TooManyEntriesInBatchRequest(_)
    ));
    assert!(matches!(
        refusal(&bed, &queue, vec![]).await,
        SendMessageBatchError::EmptyBatchRequest(_)
    ));
    assert!(matches!(
        refusal(&bed, &queue, vec![entry("same", "a"), entry("same", "b")]).await,
        SendMessageBatchError::BatchEntryIdsNotDistinct(_)
    ));
    assert!(matches!(
        refusal(&bed, &queue, vec![entry("not an id", "a")]).await,
        SendMessageBatchError::InvalidBatchEntryId(_)
    ));
    let half = "x".repeat(MESSAGE_BYTES_MAX / 2);
    assert!(matches!(
        refusal(
            &bed,
            &queue,
            vec![entry("a", &half), entry("b", &half), entry("c", "x")]
        )
        .await,
        SendMessageBatchError::BatchRequestTooLong(_)
    ));
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));

    let whole = vec![entry("a", &half), entry("b", &half)];
    let sent = bed
        .client
        .send_message_batch()
        .queue_url(&queue)
        .set_entries(Some(whole))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.successful().len(), 2);
}

#[tokio::test]
async fn an_entry_that_is_refused_leaves_the_others_sent() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let mixed = vec![
        entry("first", "good"),
        entry("bad", "\u{1}"),
        entry("last", "good too"),
    ];
    let sent = bed
        .client
        .send_message_batch()
        .queue_url(&queue)
        .set_entries(Some(mixed))
        .send()
        .await
        .unwrap();
    let ids: Vec<&str> = sent.successful().iter().map(|success| success.id()).collect();
    assert_eq!(ids, ["first", "last"]);
    let failed = &sent.failed()[0];
    assert_eq!(
        (failed.id(), failed.code(), failed.sender_fault()),
        ("bad", "InvalidMessageContents", true)
    );
    let received = bed.receive(&queue).await;
    assert_eq!(bodies(&received), ["good", "good too"]);
    assert_eq!(received[1].message_id(), Some(sent.successful()[1].message_id()));
}

#[tokio::test]
async fn receipts_of_a_batch_are_judged_one_by_one() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.send(&queue, "x").await;
    let message = bed.receive_one(&queue).await;
    let handles = [("good", message.receipt_handle().unwrap()), ("bad", "made up")];
    let changes = handles.map(|(id, handle)| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle);
        entry.visibility_timeout(0).build().unwrap()
    });
    let change = bed
        .client
        .change_message_visibility_batch()
        .queue_url(&queue)
        .set_entries(Some(changes.into()));
    let changed = change.send().await.unwrap();
    assert_eq!(changed.successful()[0].id(), "good");
    assert_eq!(
        (changed.failed()[0].id(), changed.failed()[0].code()),
        ("bad", "ReceiptHandleIsInvalid")
    );
    assert_eq!(bed.counts(&queue).await, (1, 0, 0));

    let deletions = handles.map(|(id, handle)| {
        DeleteMessageBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .build()
            .unwrap()
    });
    let delete = bed
        .client
        .delete_message_batch()
        .queue_url(&queue)
        .set_entries(Some(deletions.into()));
    let deleted = delete.send().await.unwrap();
    assert_eq!(
        (deleted.successful()[0].id(), deleted.failed()[0].id()),
        ("good", "bad")
    );
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_batch_to_a_queue_that_does_not_exist_is_refused_as_a_whole() {
    let bed = Bed::in_memory().await;
    let queue = format!("{}/{}/nowhere", bed.endpoint, sqs_stand_in::ACCOUNT_ID);
    assert!(matches!(
        refusal(&bed, &queue, entries(1)).await,
        SendMessageBatchError::QueueDoesNotExist(_)
    ));
    let entry = DeleteMessageBatchRequestEntry::builder()
        .id("a")
        .receipt_handle("h")
        .build()
        .unwrap();
    let delete = bed
        .client
        .delete_message_batch()
        .queue_url(&queue)
        .entries(entry)
        .send()
        .await;
    assert_eq!(code(delete), "AWS.SimpleQueueService.NonExistentQueue");
}
