//! What was committed to the table `bookings` becomes channel events and messages: one record of the
//! table's stream at a time.
//!
//! Only events of bookings are looked at. Absent: the other tables' streams, of which nothing is published.

use app::App;
use aws_lambda_events::dynamodb::EventRecord;

/// # Errors
/// Anything that a later delivery may get over, from this record on.
pub async fn handle(app: &App, record: EventRecord) -> app::Result<()> {
    match store::change::booking_event(&record.event_name, record.change.new_image)? {
        // Boxed: a future of this depth in one piece is more than the compiler lays out.
        Some(event) => Box::pin(app::realtime::publish(app, &event)).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::message::Message;
    use aws_lambda_events::dynamodb::Event;
    use testkit::World;

    const EVENT: &str = include_str!("../../../events/stream-bookings.json");

    fn records() -> Vec<EventRecord> {
        serde_json::from_str::<Event>(EVENT).unwrap().records
    }

    #[tokio::test]
    async fn an_event_of_the_stream_reads_as_an_event_of_a_booking() {
        for record in records() {
            let event = store::change::booking_event(&record.event_name, record.change.new_image);
            assert_eq!(event.unwrap().unwrap().number, 1);
        }
    }

    #[tokio::test]
    async fn a_change_of_an_event_is_nothing_new() {
        let world = World::new();
        for mut record in records() {
            record.event_name = "MODIFY".to_owned();
            handle(&world.app, record).await.unwrap();
        }
        assert_eq!(world.queue.waiting(), Vec::<Message>::new());
    }

    #[tokio::test]
    async fn a_broken_event_comes_again_and_is_not_skipped() {
        let world = World::new();
        for mut record in records() {
            record.change.new_image.inner_mut().remove("booking");
            assert!(handle(&world.app, record).await.is_err());
        }
    }
}
