//! Queues.

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::create_queue::CreateQueueError;
use aws_sdk_sqs::operation::purge_queue::PurgeQueueError;
use aws_sdk_sqs::types::QueueAttributeName;
use sqs_stand_in::limits::{DELETED_NAME_REST_SECONDS, PURGE_REST_SECONDS};

use crate::bed::{Bed, code};

#[tokio::test]
async fn a_queue_url_starts_where_the_caller_found_the_service() {
    let bed = Bed::in_memory().await;
    let created = bed.queue("jobs").await;
    assert_eq!(
        created,
        format!("{}/{}/jobs", bed.endpoint, sqs_stand_in::ACCOUNT_ID)
    );
    let found = bed
        .client
        .get_queue_url()
        .queue_name("jobs")
        .send()
        .await
        .unwrap();
    assert_eq!(found.queue_url(), Some(created.as_str()));
    let nowhere = bed.client.get_queue_url().queue_name("nowhere").send().await;
    assert_eq!(code(nowhere), "AWS.SimpleQueueService.NonExistentQueue");
}

#[tokio::test]
async fn creating_a_queue_again_is_fine_unless_an_attribute_differs() {
    let bed = Bed::in_memory().await;
    let ninety = (QueueAttributeName::VisibilityTimeout, "90");
    let url = bed.queue_with("jobs", std::slice::from_ref(&ninety)).await;
    assert_eq!(bed.queue_with("jobs", &[ninety]).await, url);
    assert_eq!(bed.queue("jobs").await, url);
    let other = bed
        .client
        .create_queue()
        .queue_name("jobs")
        .attributes(QueueAttributeName::VisibilityTimeout, "91");
    let refused = other.send().await.unwrap_err();
    assert!(matches!(
        refused,
        SdkError::ServiceError(e) if matches!(e.err(), CreateQueueError::QueueNameExists(_))
    ));
}

#[tokio::test]
async fn attributes_are_answered_as_they_were_set() {
    let bed = Bed::in_memory().await;
    let (queue, _) = bed.queue_with_dead_letters("jobs", 5).await;
    let set = bed.client.set_queue_attributes().queue_url(&queue);
    let set = set.attributes(QueueAttributeName::VisibilityTimeout, "120");
    set.attributes(QueueAttributeName::KmsMasterKeyId, "alias/aws/sqs")
        .send()
        .await
        .unwrap();
    let ask = |name| {
        bed.client
            .get_queue_attributes()
            .queue_url(&queue)
            .attribute_names(name)
            .send()
    };

    let all = ask(QueueAttributeName::All).await.unwrap().attributes.unwrap();
    assert_eq!(all[&QueueAttributeName::VisibilityTimeout], "120");
    assert_eq!(all[&QueueAttributeName::KmsMasterKeyId], "alias/aws/sqs");
    assert_eq!(all[&QueueAttributeName::QueueArn], sqs_stand_in::arn_of("jobs"));
    assert_eq!(all[&QueueAttributeName::MessageRetentionPeriod], "345600");
    assert_eq!(all[&QueueAttributeName::MaximumMessageSize], "1048576");
    assert!(all[&QueueAttributeName::RedrivePolicy].contains("jobs-dlq"));

    let one = ask(QueueAttributeName::DelaySeconds)
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(
        one.into_iter().collect::<Vec<_>>(),
        [(QueueAttributeName::DelaySeconds, "0".to_owned())]
    );
    assert_eq!(code(ask("Colour".into()).await), "InvalidAttributeName");
    let bad = bed.client.set_queue_attributes().queue_url(&queue);
    let bad = bad
        .attributes(QueueAttributeName::VisibilityTimeout, "43201")
        .send()
        .await;
    assert_eq!(code(bad), "InvalidAttributeValue");
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_page() {
    let bed = Bed::in_memory().await;
    for name in ["jobs-b", "jobs-a", "mail", "jobs-c"] {
        bed.queue(name).await;
    }
    let names = |urls: &[String]| -> Vec<String> {
        urls.iter()
            .map(|url| url.rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    let list = || bed.client.list_queues().queue_name_prefix("jobs-");
    let all = list().send().await.unwrap();
    assert_eq!(names(all.queue_urls()), ["jobs-a", "jobs-b", "jobs-c"]);
    assert_eq!(all.next_token(), None);
    let first = list().max_results(2).send().await.unwrap();
    assert_eq!(names(first.queue_urls()), ["jobs-a", "jobs-b"]);
    let second = list()
        .max_results(2)
        .set_next_token(first.next_token)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (names(second.queue_urls()), second.next_token()),
        (vec!["jobs-c".to_owned()], None)
    );
    assert_eq!(
        code(list().max_results(1_001).send().await),
        "InvalidParameterValue"
    );
}

#[tokio::test]
async fn a_deleted_queue_is_gone_with_its_messages_and_its_name_rests_a_minute() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    bed.send(&queue, "x").await;
    bed.client.delete_queue().queue_url(&queue).send().await.unwrap();
    let send = bed
        .client
        .send_message()
        .queue_url(&queue)
        .message_body("x")
        .send()
        .await;
    assert_eq!(code(send), "AWS.SimpleQueueService.NonExistentQueue");
    bed.seconds_pass(u64::try_from(DELETED_NAME_REST_SECONDS).unwrap() - 1);
    let soon = bed.client.create_queue().queue_name("jobs").send().await;
    assert_eq!(code(soon), "AWS.SimpleQueueService.QueueDeletedRecently");
    bed.seconds_pass(1);
    bed.queue("jobs").await;
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_purge_takes_every_message_once_a_minute() {
    let bed = Bed::in_memory().await;
    let queue = bed.queue("jobs").await;
    let purge = || bed.client.purge_queue().queue_url(&queue).send();
    bed.send(&queue, "in flight").await;
    bed.receive_one(&queue).await;
    bed.send(&queue, "visible").await;
    purge().await.unwrap();
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
    bed.send(&queue, "later").await;
    bed.seconds_pass(u64::try_from(PURGE_REST_SECONDS).unwrap() - 1);
    assert!(matches!(
        purge().await.unwrap_err(),
        SdkError::ServiceError(e) if matches!(e.err(), PurgeQueueError::PurgeQueueInProgress(_))
    ));
    assert_eq!(bed.counts(&queue).await, (1, 0, 0));
    bed.seconds_pass(1);
    purge().await.unwrap();
    assert_eq!(bed.counts(&queue).await, (0, 0, 0));
}

#[tokio::test]
async fn a_fifo_queue_is_refused_with_a_reason() {
    let bed = Bed::in_memory().await;
    let refused = bed
        .client
        .create_queue()
        .queue_name("jobs.fifo")
        .send()
        .await
        .unwrap_err();
    assert!(
        refused
            .into_service_error()
            .to_string()
            .contains("UnsupportedOperation")
    );
    let by_attribute = bed.client.create_queue().queue_name("jobs");
    let by_attribute = by_attribute
        .attributes(QueueAttributeName::FifoQueue, "true")
        .send()
        .await;
    assert_eq!(code(by_attribute), "InvalidAttributeName");
}
