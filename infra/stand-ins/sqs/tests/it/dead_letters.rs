//! Dead letters, there and back.

use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use sqs_stand_in::arn_of;

use crate::bed::{Bed, NEW_YEAR_MS, bodies, code, receive_count};

/// Receives the message as often as the queue hands it out.
async fn exhaust(bed: &Bed, queue: &str, times: u32) {
    for count in 1..=times {
        assert_eq!(receive_count(&bed.receive_one(queue).await), count);
        bed.seconds_pass(30);
    }
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dlq_with_its_id_and_attributes() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 3).await;
    let kind = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("x")
        .build()
        .unwrap();
    let send = bed.client.send_message().queue_url(&queue).message_body("poison");
    let sent = send
        .message_attributes("kind", kind.clone())
        .send()
        .await
        .unwrap();
    exhaust(&bed, &queue, 3).await;
    assert_eq!(
        (bed.counts(&queue).await, bed.counts(&dead_letters).await),
        ((1, 0, 0), (0, 0, 0))
    );

    assert!(bed.receive(&queue).await.is_empty());
    assert_eq!(
        (bed.counts(&queue).await, bed.counts(&dead_letters).await),
        ((0, 0, 0), (1, 0, 0))
    );
    let letter = bed.receive_one(&dead_letters).await;
    assert_eq!(letter.message_id(), sent.message_id());
    assert_eq!(letter.message_attributes().unwrap()["kind"], kind);
    assert_eq!(receive_count(&letter), 4);
    let system = letter.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::DeadLetterQueueSourceArn],
        arn_of("jobs")
    );
    assert_eq!(
        system[&MessageSystemAttributeName::SentTimestamp],
        NEW_YEAR_MS.to_string()
    );
}

#[tokio::test]
async fn a_receive_that_buries_a_message_still_brings_the_next() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    bed.send(&queue, "poison").await;
    exhaust(&bed, &queue, 1).await;
    bed.send(&queue, "healthy").await;
    let answer = bed
        .client
        .receive_message()
        .queue_url(&queue)
        .max_number_of_messages(1)
        .send()
        .await
        .unwrap();
    assert_eq!(bodies(answer.messages()), ["healthy"]);
    assert_eq!(bodies(&bed.receive(&dead_letters).await), ["poison"]);
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_queue_keeps_handing_out() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    bed.client
        .delete_queue()
        .queue_url(&dead_letters)
        .send()
        .await
        .unwrap();
    bed.send(&queue, "poison").await;
    exhaust(&bed, &queue, 3).await;
}

#[tokio::test]
async fn a_move_task_brings_dead_letters_home_as_new_messages() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    let ids = [bed.send(&queue, "one").await, bed.send(&queue, "two").await];
    assert_eq!(bed.receive(&queue).await.len(), 2);
    bed.seconds_pass(30);
    assert!(bed.receive(&queue).await.is_empty());

    let start = bed
        .client
        .start_message_move_task()
        .source_arn(arn_of("jobs-dlq"))
        .send()
        .await
        .unwrap();
    assert!(start.task_handle().is_some());
    assert_eq!(
        (bed.counts(&queue).await, bed.counts(&dead_letters).await),
        ((2, 0, 0), (0, 0, 0))
    );
    for message in bed.receive(&queue).await {
        assert!(!ids.contains(&message.message_id().unwrap().to_owned()));
        assert_eq!(receive_count(&message), 1);
        let sent = &message.attributes().unwrap()[&MessageSystemAttributeName::SentTimestamp];
        assert_eq!(*sent, (NEW_YEAR_MS + 30_000).to_string());
    }
    let tasks = bed
        .client
        .list_message_move_tasks()
        .source_arn(arn_of("jobs-dlq"))
        .send()
        .await
        .unwrap();
    let task = &tasks.results()[0];
    assert_eq!(
        (task.status(), task.approximate_number_of_messages_moved()),
        (Some("COMPLETED"), 2)
    );
}

#[tokio::test]
async fn a_move_task_may_name_another_destination_and_leaves_what_has_none() {
    let bed = Bed::in_memory().await;
    let (_, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    let elsewhere = bed.queue("elsewhere").await;
    // Sent here directly, this letter came from nowhere.
    bed.send(&dead_letters, "stray").await;
    let start = || {
        bed.client
            .start_message_move_task()
            .source_arn(arn_of("jobs-dlq"))
    };
    start().send().await.unwrap();
    assert_eq!(bed.counts(&dead_letters).await, (1, 0, 0));
    start().destination_arn(arn_of("elsewhere")).send().await.unwrap();
    assert_eq!(bodies(&bed.receive(&elsewhere).await), ["stray"]);
    assert_eq!(bed.counts(&dead_letters).await, (0, 0, 0));
}

#[tokio::test]
async fn a_move_task_needs_a_dead_letter_queue_that_exists() {
    let bed = Bed::in_memory().await;
    bed.queue_with_dead_letters("jobs", 1).await;
    let start = |source: &str| bed.client.start_message_move_task().source_arn(source).send();
    assert_eq!(code(start(&arn_of("nowhere")).await), "ResourceNotFoundException");
    assert_eq!(code(start("not an arn").await), "ResourceNotFoundException");
    assert_eq!(code(start(&arn_of("jobs")).await), "InvalidParameterValue");
    let astray = bed
        .client
        .start_message_move_task()
        .source_arn(arn_of("jobs-dlq"));
    assert_eq!(
        code(astray.destination_arn(arn_of("nowhere")).send().await),
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn a_redrive_policy_needs_a_dead_letter_queue_that_exists() {
    let bed = Bed::in_memory().await;
    let policy = format!(
        "{{\"deadLetterTargetArn\":\"{}\",\"maxReceiveCount\":5}}",
        arn_of("nowhere")
    );
    let create = bed.client.create_queue().queue_name("jobs");
    let create = create.attributes(QueueAttributeName::RedrivePolicy, policy);
    assert_eq!(code(create.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn a_dead_letter_queue_names_its_sources() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    let sources = bed
        .client
        .list_dead_letter_source_queues()
        .queue_url(&dead_letters)
        .send()
        .await
        .unwrap();
    assert_eq!(sources.queue_urls(), [queue]);
}
