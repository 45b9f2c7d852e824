//! Lambda's event source mapping for an SQS standard queue: receives batches through the real SDK, invokes
//! the function and deletes what it handled. What failed is left alone until its visibility timeout ends,
//! so that the queue's own redrive counts the receives and moves poison away.
//!
//! What is absent: FIFO queues, and scaling of the number of pollers: the concurrency is fixed.

mod event;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::failures::{Failed, failed};
use super::{Invoke, Stop, backoff, invoke_within};

/// The most messages a receive returns, and so a batch holds; SQS's own limit.
pub const BATCH_SIZE_MAX: i32 = 10;
/// How long a receive waits for a message; SQS's own limit.
pub const LONG_POLL_SECONDS: i32 = 20;
/// The pause after a failed receive, doubled with each further one up to the second figure.
pub const RECEIVE_RETRY: Duration = Duration::from_millis(200);
pub const RECEIVE_RETRY_MAX: Duration = Duration::from_secs(5);

pub struct SqsSource {
    pub client: aws_sdk_sqs::Client,
    pub queue_url: String,
    pub queue_arn: String,
    pub region: String,
    pub function: Arc<dyn Invoke>,
    pub settings: SqsSettings,
}

#[derive(Debug, Clone)]
pub struct SqsSettings {
    /// Taken into 1 to [`BATCH_SIZE_MAX`].
    pub batch_size: i32,
    /// Batches in the function at a time, at least one.
    pub concurrency: usize,
    pub function_timeout: Duration,
    /// Whether the function's answer names the messages that failed (`ReportBatchItemFailures`). If not,
    /// any answer is a success.
    pub report_batch_item_failures: bool,
}

impl SqsSource {
    /// Polls until the stop, then waits for the batches in hand.
    pub async fn run(self, mut stop: Stop) {
        let seats = Arc::new(Semaphore::new(self.settings.concurrency.max(1)));
        let source = Arc::new(self);
        let mut in_hand = JoinSet::new();
        let mut failed_receives = 0_u32;
        loop {
            while in_hand.try_join_next().is_some() {}
            // A seat first: a message that nobody can handle yet must not lose its visibility timeout here.
            let seat = tokio::select! {
                biased;
                () = stop.requested() => break,
                seat = Arc::clone(&seats).acquire_owned() => match seat {
                    Ok(seat) => seat,
                    Err(_closed) => break,
                },
            };
            let received = tokio::select! {
                biased;
                () = stop.requested() => break,
                received = source.receive() => received,
            };
            match received {
                Ok(messages) => {
                    failed_receives = 0;
                    if !messages.is_empty() {
                        let source = Arc::clone(&source);
                        in_hand.spawn(async move {
                            source.handle(&messages).await;
                            drop(seat);
                        });
                    }
                }
                Err(error) => {
                    failed_receives = failed_receives.saturating_add(1);
                    tracing::warn!(queue = source.queue_url, error, "cannot receive");
                    let pause = backoff(RECEIVE_RETRY, RECEIVE_RETRY_MAX, failed_receives);
                    tokio::select! {
                        biased;
                        () = stop.requested() => break,
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
        while in_hand.join_next().await.is_some() {}
    }

    async fn receive(&self) -> Result<Vec<Message>, String> {
        self.client
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(self.settings.batch_size.clamp(1, BATCH_SIZE_MAX))
            .wait_time_seconds(LONG_POLL_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await
            .map(|received| received.messages.unwrap_or_default())
            .map_err(|error| DisplayErrorContext(&error).to_string())
    }

    async fn handle(&self, messages: &[Message]) {
        let event = event::sqs_event(messages, &self.queue_arn, &self.region);
        let answer = invoke_within(&self.function, event, self.settings.function_timeout).await;
        if let Err(error) = &answer {
            tracing::error!(queue = self.queue_url, error, "a batch of messages failed");
        }
        let handled = handled(messages, &answer, self.settings.report_batch_item_failures);
        if handled.len() < messages.len() {
            let count = messages.len().saturating_sub(handled.len());
            tracing::info!(
                queue = self.queue_url,
                count,
                "messages stay until their visibility timeout"
            );
        }
        self.delete(&handled).await;
    }

    /// A message whose delete fails comes again, which every function must bear anyway.
    async fn delete(&self, handled: &[&Message]) {
        let entries: Vec<_> = handled
            .iter()
            .enumerate()
            .filter_map(|(index, message)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(message.receipt_handle()?)
                    .build()
                    .ok()
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        let deleting = self
            .client
            .delete_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries));
        match deleting.send().await {
            Ok(deleted) => {
                for failure in deleted.failed() {
                    tracing::warn!(
                        queue = self.queue_url,
                        code = failure.code(),
                        "cannot delete a message"
                    );
                }
            }
            Err(error) => {
                let error = DisplayErrorContext(&error).to_string();
                tracing::warn!(queue = self.queue_url, error, "cannot delete messages");
            }
        }
    }
}

/// The messages to delete. Everything failed when the function did, or when it names a message that is not
/// in the batch; with partial failures off, any answer means that everything is handled.
fn handled<'a>(
    messages: &'a [Message],
    answer: &Result<Value, String>,
    report_batch_item_failures: bool,
) -> Vec<&'a Message> {
    let Ok(answer) = answer else { return Vec::new() };
    if !report_batch_item_failures {
        return messages.iter().collect();
    }
    match failed(answer) {
        Failed::Nothing => messages.iter().collect(),
        Failed::Everything => Vec::new(),
        Failed::These(identifiers) => {
            let ours = |identifier: &&str| messages.iter().any(|it| it.message_id() == Some(*identifier));
            if !identifiers.iter().all(ours) {
                return Vec::new();
            }
            let is_failed = |it: &&Message| it.message_id().is_some_and(|id| identifiers.contains(&id));
            messages.iter().filter(|message| !is_failed(message)).collect()
        }
    }
}

#[cfg(test)]
mod tests;
