//! What was committed to the tables `bookings`, `vendor_info` and `venues` becomes channel events and messages:
//! one record of a table's stream at a time.
//!
//! - An event of a booking that is new is published.
//! - Whoever is invited to work for a business is told of it.
//! - A vendor whose business, venue or revision of a venue was decided about is told of it; of a venue that was handed
//!   over, the vendors of both sides.

use app::{App, notifications, realtime};
use aws_lambda_events::dynamodb::EventRecord;
use store::change;

/// # Errors
/// Anything that a later delivery may get over, from this record on.
pub async fn handle(app: &App, record: EventRecord) -> app::Result<()> {
    let kind = record.event_name.as_str();
    let (before, after) = (record.change.old_image, record.change.new_image);
    if let Some(event) = change::booking_event(kind, after.clone())? {
        // Boxed: a future of this depth in one piece is more than the compiler lays out.
        return Box::pin(realtime::publish(app, &event)).await;
    }
    if let Some(vendor) = change::vendor(kind, before.clone(), after.clone())? {
        return notifications::vendor_changed(app, &vendor.before, &vendor.after).await;
    }
    if let Some(invitation) = change::invitation(kind, after.clone())? {
        return notifications::invited(app, &invitation).await;
    }
    if let Some(revision) = change::revision(kind, before.clone(), after.clone())? {
        return notifications::revision_changed(app, &revision.before, &revision.after).await;
    }
    if let Some(venue) = change::venue(kind, before, after)? {
        return notifications::venue_changed(app, &venue.before, &venue.after).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::message::{About, Message};
    use aws_lambda_events::dynamodb::Event;
    use testkit::World;

    const BOOKINGS: &str = include_str!("../../../events/stream-bookings.json");
    const VENDORS: &str = include_str!("../../../events/stream-vendor_info.json");
    const VENUES: &str = include_str!("../../../events/stream-venues.json");
    const REVISIONS: &str = include_str!("../../../events/stream-revisions.json");

    fn all(text: &str) -> Vec<EventRecord> {
        serde_json::from_str::<Event>(text).unwrap().records
    }

    fn records() -> Vec<EventRecord> {
        all(BOOKINGS)
    }

    /// What is told after these records.
    async fn told(records: Vec<EventRecord>) -> Vec<Message> {
        let world = World::new();
        for record in records {
            handle(&world.app, record).await.unwrap();
        }
        world.queue.waiting()
    }

    fn is_about(told: &[Message], fits: impl Fn(&About) -> bool) -> bool {
        matches!(told, [Message::Notification(message)] if fits(&message.about))
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
        let mut changed = records();
        for record in &mut changed {
            record.event_name = "MODIFY".to_owned();
        }
        assert_eq!(told(changed).await, []);
    }

    #[tokio::test]
    async fn who_was_decided_about_is_told() {
        let vendors = told(all(VENDORS)).await;
        assert!(
            is_about(&vendors, |about| matches!(about, About::VendorDecided { .. })),
            "{vendors:?}"
        );
        let venues = told(all(VENUES)).await;
        assert!(
            is_about(&venues, |about| matches!(
                about,
                About::VenueDecided { version: 4, .. }
            )),
            "{venues:?}"
        );
        let revisions = told(all(REVISIONS)).await;
        assert!(
            is_about(&revisions, |about| matches!(
                about,
                About::RevisionDecided { version: 2, .. }
            )),
            "{revisions:?}"
        );
    }

    #[tokio::test]
    async fn whoever_is_invited_is_told_when_the_invitation_is_new() {
        let mut event: serde_json::Value = serde_json::from_str(VENDORS).unwrap();
        let (vendor, invitation) = (
            "vnd_01900000000070008000000000000077",
            "inv_01900000000070008000000000000078",
        );
        let image = serde_json::json!({
            "pk": {"S": format!("VENDOR#{vendor}")}, "sk": {"S": format!("INVITE#{invitation}")},
            "id": {"S": invitation}, "vendor": {"S": vendor}, "email": {"S": "ada@example.com"},
            "role": {"S": "front_desk"}, "reach": {"S": "everywhere"},
            "by": {"S": "usr_01900000000070008000000000000079"},
            "created_at": {"S": "2027-02-01T10:00:00Z"}, "expires_at": {"S": "2027-02-08T10:00:00Z"},
            "version": {"N": "1"},
        });
        for record in event["Records"].as_array_mut().unwrap() {
            record["eventName"] = "INSERT".into();
            record["dynamodb"]["OldImage"] = serde_json::json!({});
            record["dynamodb"]["NewImage"] = image.clone();
        }
        let told_of = told(all(&event.to_string())).await;
        let invited = |about: &About| matches!(about, About::Invited { invitation: id, .. } if id.to_string() == invitation);
        assert!(is_about(&told_of, invited), "{told_of:?}");
        // Taken or withdrawn.
        for record in event["Records"].as_array_mut().unwrap() {
            record["eventName"] = "REMOVE".into();
            record["dynamodb"]["OldImage"] = image.clone();
            record["dynamodb"]["NewImage"] = serde_json::json!({});
        }
        assert_eq!(told(all(&event.to_string())).await, []);
    }

    #[tokio::test]
    async fn a_venue_that_another_business_runs_now_is_told_of() {
        let other = "vnd_01900000000070008000000000000077";
        let mut handed_over: serde_json::Value = serde_json::from_str(VENUES).unwrap();
        for record in handed_over["Records"].as_array_mut().unwrap() {
            let mut after = record["dynamodb"]["OldImage"].clone();
            after["vendor"]["S"] = other.into();
            record["dynamodb"]["NewImage"] = after;
        }
        let told = told(all(&handed_over.to_string())).await;
        let goes_there = |about: &About| matches!(about, About::VenueTransferred { from, to, .. } if to.to_string() == other && from != to);
        assert!(is_about(&told, goes_there), "{told:?}");
    }

    #[tokio::test]
    async fn a_change_that_decides_nothing_is_told_to_nobody() {
        for records in [all(VENDORS), all(VENUES), all(REVISIONS)] {
            let mut edited = records.clone();
            for record in &mut edited {
                record.change.old_image = record.change.new_image.clone();
            }
            assert_eq!(told(edited).await, []);
            let mut submitted = records;
            for record in &mut submitted {
                std::mem::swap(&mut record.change.old_image, &mut record.change.new_image);
            }
            assert_eq!(told(submitted).await, []);
        }
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
