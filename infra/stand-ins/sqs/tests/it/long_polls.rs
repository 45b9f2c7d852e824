//! Long polling.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::receive_message::{ReceiveMessageError, ReceiveMessageOutput};
use aws_sdk_sqs::types::QueueAttributeName;
use tokio::task::JoinHandle;

use crate::bed::{Bed, bodies, code};

type Polled = Result<ReceiveMessageOutput, SdkError<ReceiveMessageError>>;

/// Starts a long poll of 20 seconds and waits until the stand-in has nothing for it.
async fn waiting_poll(bed: &Bed, queue: &str) -> JoinHandle<Polled> {
    let poll = start_poll(&bed.client, queue);
    bed.stand_in.until_long_polls_wait(1).await;
    poll
}

fn start_poll(client: &Client, queue: &str) -> JoinHandle<Polled> {
    tokio::spawn(
        client
            .receive_message()
            .queue_url(queue)
            .wait_time_seconds(20)
            .max_number_of_messages(10)
            .send(),
    )
}

async fn bodies_of(poll: JoinHandle<Polled>) -> Vec<String> {
    let answer = poll.await.unwrap().unwrap();
    bodies(answer.messages()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_long_poll_is_answered_at_once_when_a_message_arrives() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let poll = waiting_poll(&bed, &queue).await;
    assert!(!poll.is_finished());
    bed.send(&queue, "arrived").await;
    // No time passed: only the arrival can have ended the wait.
    assert_eq!(bodies_of(poll).await, ["arrived"]);
}

#[tokio::test]
async fn a_long_poll_gets_a_message_that_becomes_visible_meanwhile() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("delayed");
    send.delay_seconds(7).send().await.unwrap();
    let poll = waiting_poll(&bed, &queue).await;
    bed.seconds_pass(7);
    assert_eq!(bodies_of(poll).await, ["delayed"]);
}

#[tokio::test]
async fn a_long_poll_gets_a_message_that_its_consumer_gave_back() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.send(&queue, "given back").await;
    let message = bed.receive_one(&queue).await;
    let poll = waiting_poll(&bed, &queue).await;
    let change = bed.client.change_message_visibility().queue_url(&queue);
    let handle = message.receipt_handle().unwrap();
    change
        .receipt_handle(handle)
        .visibility_timeout(0)
        .send()
        .await
        .unwrap();
    assert_eq!(bodies_of(poll).await, ["given back"]);
}

#[tokio::test]
async fn a_long_poll_on_a_dead_letter_queue_is_answered_when_a_letter_dies() {
    let bed = Bed::in_memory().await;
    let (queue, dead_letters) = bed.queue_with_dead_letters("jobs", 1).await;
    bed.send(&queue, "poison").await;
    bed.receive_one(&queue).await;
    bed.seconds_pass(30);
    let poll = waiting_poll(&bed, &dead_letters).await;
    assert!(bed.receive(&queue).await.is_empty());
    assert_eq!(bodies_of(poll).await, ["poison"]);
}

#[tokio::test]
async fn a_long_poll_ends_empty_when_its_time_is_over() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let poll = waiting_poll(&bed, &queue).await;
    bed.seconds_pass(20);
    assert!(bodies_of(poll).await.is_empty());
}

#[tokio::test]
async fn the_queue_may_set_how_long_its_polls_wait() {
    let bed = Bed::in_memory().await;
    let queue = bed
        .queue_with(
            "jobs",
            &[(QueueAttributeName::ReceiveMessageWaitTimeSeconds, "5")],
        )
        .await;
    let poll = tokio::spawn(bed.client.receive_message().queue_url(&queue).send());
    bed.stand_in.until_long_polls_wait(1).await;
    bed.seconds_pass(5);
    assert!(poll.await.unwrap().unwrap().messages().is_empty());
    let too_long = bed
        .client
        .receive_message()
        .queue_url(&queue)
        .wait_time_seconds(21)
        .send()
        .await;
    assert_eq!(code(too_long), "InvalidParameterValue");
}

#[tokio::test]
async fn one_message_answers_one_of_the_polls_that_wait_for_it() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let polls = [start_poll(&bed.client, &queue), start_poll(&bed.client, &queue)];
    bed.stand_in.until_long_polls_wait(2).await;
    bed.send(&queue, "one").await;
    bed.stand_in.until_long_polls_wait(1).await;
    bed.seconds_pass(20);
    let mut got = Vec::new();
    for poll in polls {
        got.extend(bodies_of(poll).await);
    }
    assert_eq!(got, ["one"]);
}

#[tokio::test]
async fn stopping_answers_the_polls_that_wait_and_those_that_come() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let poll = waiting_poll(&bed, &queue).await;
    bed.stand_in.stop_waiting();
    assert!(bodies_of(poll).await.is_empty());
    assert!(bodies_of(start_poll(&bed.client, &queue)).await.is_empty());
}

#[tokio::test]
async fn a_long_poll_learns_that_its_queue_was_deleted() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let poll = waiting_poll(&bed, &queue).await;
    bed.client.delete_queue().queue_url(&queue).send().await.unwrap();
    assert_eq!(
        code(poll.await.unwrap()),
        "AWS.SimpleQueueService.NonExistentQueue"
    );
}

#[tokio::test]
async fn a_process_that_embeds_the_stand_in_sees_arrivals() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let mut arrivals = bed.stand_in.arrivals("jobs");
    assert!(!arrivals.has_changed().unwrap());
    bed.send(&queue, "x").await;
    arrivals.changed().await.unwrap();
}
