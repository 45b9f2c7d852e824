//! What survives the process.

use std::path::Path;

use sqs_stand_in::{Clock, FILE_NAME, OpenError, SqsStandIn};

use crate::bed::{Bed, bodies, receive_count};

/// The files as a killed process leaves them: whatever was written, nothing closed, no log folded in.
fn copy_as_after_a_kill(from: &Path, to: &Path) {
    for name in [FILE_NAME.to_owned(), format!("{FILE_NAME}-wal")] {
        std::fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_with_counts_and_deadlines() {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::start(Some(before.path())).await;
    let (queue, _) = bed.queue_with_dead_letters("jobs", 2).await;
    bed.send(&queue, "received twice").await;
    bed.receive_one(&queue).await;
    bed.seconds_pass(30);
    let in_flight = bed.receive_one(&queue).await;
    bed.send(&queue, "not received").await;
    let done = bed.send(&queue, "done").await;
    for message in bed.receive(&queue).await {
        if message.message_id() == Some(done.as_str()) {
            bed.delete(&queue, &message).await;
        } else {
            let change = bed.client.change_message_visibility().queue_url(&queue);
            let handle = message.receipt_handle().unwrap();
            change
                .receipt_handle(handle)
                .visibility_timeout(0)
                .send()
                .await
                .unwrap();
        }
    }
    copy_as_after_a_kill(before.path(), after.path());
    drop(bed);

    let bed = Bed::start(Some(after.path())).await;
    // The new clock starts where the first did; the second receive was 30 seconds later.
    bed.seconds_pass(30);
    let queue = bed
        .client
        .get_queue_url()
        .queue_name("jobs")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    assert_eq!(bed.counts(&queue).await, (1, 1, 0));
    let waiting = bed.receive_one(&queue).await;
    assert_eq!(
        (waiting.body(), receive_count(&waiting)),
        (Some("not received"), 2)
    );
    // The receipt of before the kill is still the newest.
    let change = bed.client.change_message_visibility().queue_url(&queue);
    let handle = in_flight.receipt_handle().unwrap();
    change
        .receipt_handle(handle)
        .visibility_timeout(10)
        .send()
        .await
        .unwrap();
    bed.seconds_pass(10);
    // Its two receives are remembered as well: the third would be one too many.
    assert!(bed.receive(&queue).await.is_empty());
    let dead_letters = bed
        .client
        .get_queue_url()
        .queue_name("jobs-dlq")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    assert_eq!(bodies(&bed.receive(&dead_letters).await), ["received twice"]);
}

#[tokio::test]
async fn a_file_of_another_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE_NAME);
    drop(SqsStandIn::open(Some(folder.path()), Clock::system()).unwrap());
    // The version stands at byte 60 of an SQLite file, as four bytes with the highest first.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[63] = 99;
    std::fs::write(&file, &bytes).unwrap();
    let refused = SqsStandIn::open(Some(folder.path()), Clock::system())
        .err()
        .unwrap();
    assert!(matches!(refused, OpenError::Schema(99)));
}

#[test]
fn the_data_folder_is_made_when_it_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deeper").join("sqs");
    SqsStandIn::open(Some(&data), Clock::system()).unwrap();
    assert!(data.join(FILE_NAME).exists());
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "x").unwrap();
    assert!(matches!(
        SqsStandIn::open(Some(&blocked), Clock::system()),
        Err(OpenError::Folder(_))
    ));
}

#[tokio::test]
async fn what_was_in_flight_when_all_consumers_died_can_be_released_with_its_count() {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::start(Some(before.path())).await;
    let (queue, _) = bed.queue_with_dead_letters("jobs", 5).await;
    bed.send(&queue, "in flight").await;
    bed.receive_one(&queue).await;
    copy_as_after_a_kill(before.path(), after.path());
    drop(bed);
    SqsStandIn::open(Some(after.path()), Clock::manual(0))
        .unwrap()
        .release_in_flight()
        .unwrap();

    let bed = Bed::start(Some(after.path())).await;
    let queue = bed
        .client
        .get_queue_url()
        .queue_name("jobs")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    let again = bed.receive_one(&queue).await;
    assert_eq!((again.body(), receive_count(&again)), (Some("in flight"), 2));
}
