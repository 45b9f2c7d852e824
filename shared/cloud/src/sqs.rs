//! Messages over SQS, one standard queue for each worker. The body is the message's own JSON; which
//! queue it is on says what it is.

use app::message::Message;
use app::ports::{PortError, Queue};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;

use crate::failure::port_error;
use crate::log;

/// The message attribute that carries the correlation id from who sends to who works.
pub const CORRELATION_ATTRIBUTE: &str = "correlation_id";

/// A function is given those that it may send to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueUrls {
    pub payments: Option<String>,
    pub refunds: Option<String>,
    pub notifications: Option<String>,
}

impl QueueUrls {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.payments.is_none() && self.refunds.is_none() && self.notifications.is_none()
    }

    fn of(&self, message: &Message) -> Result<&str, PortError> {
        let (url, name) = match message {
            Message::Payment(_) => (&self.payments, "QUEUE_PAYMENTS_URL"),
            Message::Refund(_) => (&self.refunds, "QUEUE_REFUNDS_URL"),
            Message::Notification(_) => (&self.notifications, "QUEUE_NOTIFICATIONS_URL"),
        };
        url.as_deref()
            .ok_or_else(|| PortError::Refused(format!("{name} is not set")))
    }
}

#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    urls: QueueUrls,
}

impl SqsQueue {
    #[must_use]
    pub const fn new(client: Client, urls: QueueUrls) -> Self {
        Self { client, urls }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, message: &Message) -> Result<(), PortError> {
        let mut request = self
            .client
            .send_message()
            .queue_url(self.urls.of(message)?)
            .message_body(body(message)?);
        if let Some(correlation) = log::correlation_id() {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(correlation)
                .build();
            let value = value.map_err(|_| PortError::Refused("SendMessage: no attribute".to_owned()))?;
            request = request.message_attributes(CORRELATION_ATTRIBUTE, value);
        }
        request
            .send()
            .await
            .map(drop)
            .map_err(|e| port_error("SendMessage", &e))
    }
}

fn body(message: &Message) -> Result<String, PortError> {
    match message {
        Message::Payment(inner) => serde_json::to_string(inner),
        Message::Refund(inner) => serde_json::to_string(inner),
        Message::Notification(inner) => serde_json::to_string(inner),
    }
    .map_err(|e| PortError::Refused(format!("SendMessage: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, Wire};
    use app::message::{About, NotificationMessage, PaymentMessage, RefundMessage};
    use app::ports::WebhookSubject;
    use domain::id::{BookingId, RefundId, UserId};
    use serde_json::{Value, json};
    use tracing::Instrument;
    use uuid::Uuid;

    fn messages() -> [Message; 3] {
        let id = Uuid::from_u128(1);
        [
            Message::payment("evt_1".into(), WebhookSubject::Intent("pi_1".into())),
            Message::refund(RefundId::from_uuid(id), BookingId::from_uuid(id)),
            Message::notification(About::VerifyEmail {
                user: UserId::from_uuid(id),
            }),
        ]
    }

    fn queue(wire: &Wire) -> SqsQueue {
        let urls = QueueUrls {
            refunds: Some("https://sqs.eu-central-1.amazonaws.com/123456789012/refunds".into()),
            ..QueueUrls::default()
        };
        SqsQueue::new(Client::new(&wire.sdk()), urls)
    }

    const SENT: Answer = Some((200, r#"{"MessageId":"m1"}"#));

    #[tokio::test]
    async fn a_message_is_sent_under_the_correlation_id_of_the_work_around_it() {
        let wire = Wire::new([SENT, SENT]);
        log::listen();
        let [_, refund, _] = messages();
        queue(&wire).send(&refund).await.unwrap();
        let span = tracing::error_span!("request", correlation_id = "c-1");
        queue(&wire).send(&refund).instrument(span).await.unwrap();
        let bodies = wire
            .requests()
            .into_iter()
            .map(|request| serde_json::from_str::<Value>(&request.body).unwrap());
        let [without, with] = bodies.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(
            without["QueueUrl"],
            "https://sqs.eu-central-1.amazonaws.com/123456789012/refunds"
        );
        assert_eq!(without["MessageBody"], body(&refund).unwrap());
        assert_eq!(without["MessageAttributes"], Value::Null);
        let attribute = json!({"correlation_id": {"DataType": "String", "StringValue": "c-1"}});
        assert_eq!(with["MessageAttributes"], attribute);
    }

    #[tokio::test]
    async fn a_message_whose_answer_is_lost_may_have_been_sent() {
        let wire = Wire::new([None]);
        let [_, refund, _] = messages();
        assert!(matches!(
            queue(&wire).send(&refund).await,
            Err(PortError::Unavailable(_))
        ));
    }

    #[test]
    fn each_message_has_its_queue() {
        let urls = QueueUrls {
            payments: Some("p".into()),
            refunds: Some("r".into()),
            notifications: Some("n".into()),
        };
        assert_eq!(
            messages().each_ref().map(|m| urls.of(m)),
            [Ok("p"), Ok("r"), Ok("n")]
        );
    }

    #[test]
    fn a_queue_that_a_function_was_not_given_is_named() {
        let none = QueueUrls::default();
        assert!(none.is_empty());
        for (message, name) in messages().iter().zip(["PAYMENTS", "REFUNDS", "NOTIFICATIONS"]) {
            let expected = PortError::Refused(format!("QUEUE_{name}_URL is not set"));
            assert_eq!(none.of(message), Err(expected));
        }
    }

    #[test]
    fn the_worker_reads_what_was_sent() {
        for message in messages() {
            let body = body(&message).unwrap();
            let read = match &message {
                Message::Payment(_) => serde_json::from_str::<PaymentMessage>(&body).map(Message::Payment),
                Message::Refund(_) => serde_json::from_str::<RefundMessage>(&body).map(Message::Refund),
                Message::Notification(_) => {
                    serde_json::from_str::<NotificationMessage>(&body).map(Message::Notification)
                }
            };
            assert_eq!(read.unwrap(), message);
        }
    }
}
