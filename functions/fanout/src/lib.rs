//! What was published on a channel goes to the sockets that listen to it: one record of the stream of the
//! table `messages` at a time, in the order of a channel's offsets.

use app::App;
use aws_lambda_events::dynamodb::EventRecord;

/// # Errors
/// Anything that a later delivery may get over, from this record on.
pub async fn handle(app: &App, record: EventRecord) -> app::Result<()> {
    let change = record.change;
    let event = match store::change::channel_event(&record.event_name, change.new_image) {
        Ok(event) => event,
        Err(fault) => {
            // Trying again would not make it readable, and everything behind it would wait.
            let channel = store::change::channel_of(&change.keys).ok_or(fault)?;
            tracing::error!(%channel, "an event cannot be read; everybody who listens is closed");
            return Box::pin(app::realtime::close_listeners(app, &channel)).await;
        }
    };
    match event {
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
    async fn nobody_goes_on_listening_past_an_event_that_cannot_be_read() {
        let world = World::new();
        for mut record in records() {
            let (channel, connection) = (store::change::channel_of(&record.change.keys).unwrap(), "c1");
            let mut transaction = store::Transaction::new();
            let subscription = store::connections::Subscription {
                connection: connection.to_owned(),
                channel,
                command: 2,
                told: Some(0),
                version: 1,
            };
            transaction.put_subscription(&subscription, world.now());
            world.app.store().commit(transaction).await.unwrap();
            record.change.new_image.inner_mut().remove("data");
            handle(&world.app, record).await.unwrap();
            assert_eq!(world.sockets.closed(), [connection]);
            assert_eq!(world.app.store().listeners_of(&channel).await, Ok(vec![]));
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
