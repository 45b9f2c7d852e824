//! Tells people: one message of the queue `notifications` at a time.

use app::App;
use app::message::NotificationMessage;

/// # Errors
/// Anything that a later delivery may get over; the queue delivers it again, and after its limit sets it
/// aside.
pub async fn handle(app: &App, message: NotificationMessage) -> app::Result<()> {
    app::notifications::handle(app, message).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::sqs::SqsEvent;

    const EVENT: &str = include_str!("../../../events/sqs-notifications.json");

    #[test]
    fn a_message_of_the_queue_reads_as_something_to_tell() {
        let event: SqsEvent = serde_json::from_str(EVENT).unwrap();
        assert!(!event.records.is_empty());
        for record in event.records {
            let message: NotificationMessage = serde_json::from_str(&record.body.unwrap()).unwrap();
            assert_eq!(message.v, app::message::MESSAGE_VERSION);
        }
    }
}
