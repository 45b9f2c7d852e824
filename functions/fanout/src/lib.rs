//! What was published on a channel goes to the sockets that listen to it: one record of the stream of the
//! table `messages` at a time, in the order of a channel's offsets.

use app::App;
use aws_lambda_events::dynamodb::EventRecord;

/// # Errors
/// Anything that a later delivery may get over, from this record on.
pub async fn handle(app: &App, record: EventRecord) -> app::Result<()> {
    match store::change::channel_event(&record.event_name, record.change.new_image)? {
        // Boxed: a future of this depth in one piece is more than the compiler lays out.
        Some(event) => Box::pin(app::realtime::fan_out(app, &event)).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::dynamodb::Event;
    use testkit::World;

    const EVENT: &str = include_str!("../../../events/stream-messages.json");

    fn records() -> Vec<EventRecord> {
        serde_json::from_str::<Event>(EVENT).unwrap().records
    }

    #[tokio::test]
    async fn an_event_of_the_stream_reads_as_an_event_of_a_channel() {
        for record in records() {
            let event = store::change::channel_event(&record.event_name, record.change.new_image);
            assert_eq!(event.unwrap().unwrap().offset, 1);
        }
    }

    #[tokio::test]
    async fn an_event_that_nobody_listens_to_is_done() {
        let world = World::new();
        for record in records() {
            handle(&world.app, record).await.unwrap();
        }
    }
}
