//! A stand-in on a port of its own, the SDK's client for it, and what the tests do with both.

use std::path::Path;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use sqs_stand_in::{Clock, REGION, SqsStandIn};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// 2026-01-01T00:00:00Z.
pub const NEW_YEAR_MS: i64 = 1_767_225_600_000;

/// How long a call may take, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Bed {
    pub client: Client,
    pub stand_in: SqsStandIn,
    pub clock: Clock,
    pub endpoint: String,
    server: JoinHandle<()>,
}

impl Bed {
    pub async fn in_memory() -> Self {
        Self::start(None).await
    }

    pub async fn start(data: Option<&Path>) -> Self {
        let clock = Clock::manual(NEW_YEAR_MS);
        let stand_in = SqsStandIn::open(data, clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = stand_in.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(&endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            // A test whose call is never answered fails instead of hanging.
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .build();
        Self {
            client: Client::from_conf(config),
            stand_in,
            clock,
            endpoint,
            server,
        }
    }

    /// A queue with the defaults of AWS.
    pub async fn queue(&self, name: &str) -> String {
        self.queue_with(name, &[]).await
    }

    pub async fn queue_with(&self, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
        let mut request = self.client.create_queue().queue_name(name);
        for (attribute, value) in attributes {
            request = request.attributes(attribute.clone(), *value);
        }
        request.send().await.unwrap().queue_url.unwrap()
    }

    /// A queue that hands a message out `times` times before it goes to the dead-letter queue `<name>-dlq`.
    pub async fn queue_with_dead_letters(&self, name: &str, times: u32) -> (String, String) {
        let dead_letters = self.queue(&format!("{name}-dlq")).await;
        let arn = sqs_stand_in::arn_of(&format!("{name}-dlq"));
        let policy = format!("{{\"deadLetterTargetArn\":\"{arn}\",\"maxReceiveCount\":\"{times}\"}}");
        (
            self.queue_with(name, &[(QueueAttributeName::RedrivePolicy, &policy)])
                .await,
            dead_letters,
        )
    }

    /// Sends a body and answers its message id.
    pub async fn send(&self, queue: &str, body: &str) -> String {
        let sent = self
            .client
            .send_message()
            .queue_url(queue)
            .message_body(body)
            .send()
            .await
            .unwrap();
        sent.message_id.unwrap()
    }

    /// Receives up to ten messages with everything they carry, without waiting.
    pub async fn receive(&self, queue: &str) -> Vec<Message> {
        let answer = self
            .client
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(10)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .unwrap();
        answer.messages.unwrap_or_default()
    }

    pub async fn receive_one(&self, queue: &str) -> Message {
        let mut messages = self.receive(queue).await;
        assert_eq!(messages.len(), 1);
        messages.remove(0)
    }

    pub async fn delete(&self, queue: &str, message: &Message) {
        let handle = message.receipt_handle().unwrap();
        self.client
            .delete_message()
            .queue_url(queue)
            .receipt_handle(handle)
            .send()
            .await
            .unwrap();
    }

    /// How many messages are visible, in flight and delayed.
    pub async fn counts(&self, queue: &str) -> (u32, u32, u32) {
        let attributes = self
            .client
            .get_queue_attributes()
            .queue_url(queue)
            .attribute_names(QueueAttributeName::All)
            .send()
            .await
            .unwrap()
            .attributes
            .unwrap();
        let count = |name| attributes[&name].parse().unwrap();
        (
            count(QueueAttributeName::ApproximateNumberOfMessages),
            count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            count(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
        )
    }

    pub fn seconds_pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

pub fn receive_count(message: &Message) -> u32 {
    let attributes = message.attributes().unwrap();
    attributes[&MessageSystemAttributeName::ApproximateReceiveCount]
        .parse()
        .unwrap()
}

/// The code that the SDK read from a refusal.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    outcome: Result<T, SdkError<E, R>>,
) -> String {
    outcome
        .unwrap_err()
        .code()
        .expect("the answer carries a code")
        .to_owned()
}
