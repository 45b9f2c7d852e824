//! From the table to the channels.

use app::message::{About, Message};
use app::realtime;
use domain::channel::Channel;
use domain::event::EventKind;
use store::bookings::Due;
use testkit::Fault;

use super::{Scene, offsets};

async fn unpublished(scene: &Scene) -> Vec<Due> {
    let soon = domain::time::plus_minutes(scene.world.now(), 10);
    let due = scene.world.app.store().due(soon, 100).await.unwrap();
    due.into_iter()
        .filter(|due| matches!(due, Due::Event(..)))
        .collect()
}

#[tokio::test]
async fn a_booking_is_told_to_its_customer_its_vendor_and_everybody_at_the_venue() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    scene.publish(&booking, 1).await;
    let channels = [
        Channel::Booking(booking.id),
        Channel::User(booking.customer.unwrap()),
        Channel::Vendor(booking.vendor),
        Channel::VenueAvailability(booking.venue),
    ];
    for channel in channels {
        let events = scene.published_on(channel).await;
        assert_eq!(offsets(&events), [1], "{channel}");
        let data: serde_json::Value = serde_json::from_str(&events[0].data).unwrap();
        let public = matches!(channel, Channel::VenueAvailability(_));
        assert_eq!(
            data["type"],
            if public {
                "AvailabilityChanged"
            } else {
                "BookingHeld"
            },
            "{channel}"
        );
        assert_eq!(data.get("customer_id").is_none(), public, "{channel}");
    }
    let about = About::Booking {
        event: Box::new(scene.event(&booking, 1).await),
    };
    assert!(
        scene
            .world
            .queue
            .waiting()
            .contains(&Message::notification(about))
    );
    assert_eq!(unpublished(&scene).await, []);
}

#[tokio::test]
async fn what_changes_nobodys_availability_is_not_told_to_everybody() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    scene.publish(&booking, 1).await;
    let mut event = scene.event(&booking, 1).await;
    (event.number, event.kind) = (2, EventKind::BookingPaymentStarted);
    let mut transaction = store::Transaction::new();
    transaction.put_event(&event);
    scene.world.app.store().commit(transaction).await.unwrap();
    scene.publish(&booking, 2).await;
    assert_eq!(
        offsets(&scene.published_on(Channel::User(booking.customer.unwrap())).await),
        [1, 2]
    );
    assert_eq!(
        offsets(
            &scene
                .published_on(Channel::VenueAvailability(booking.venue))
                .await
        ),
        [1]
    );
}

#[tokio::test]
async fn an_event_that_comes_twice_is_told_once() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    for _ in 0..3 {
        scene.publish(&booking, 1).await;
    }
    for channel in [
        Channel::Booking(booking.id),
        scene.own_channel(),
        Channel::VenueAvailability(booking.venue),
    ] {
        assert_eq!(offsets(&scene.published_on(channel).await), [1], "{channel}");
    }
}

#[tokio::test]
async fn a_later_event_brings_the_earlier_ones_along_on_the_bookings_channel() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    scene.cancels(&booking).await;
    scene.publish(&booking, 2).await;
    assert_eq!(
        offsets(&scene.published_on(Channel::Booking(booking.id)).await),
        [1, 2]
    );
    // The earlier one still has to be told to everybody else, and is.
    assert_eq!(unpublished(&scene).await, [Due::Event(booking.id, 1)]);
    scene.publish(&booking, 1).await;
    assert_eq!(
        offsets(&scene.published_on(Channel::Booking(booking.id)).await),
        [1, 2]
    );
    assert_eq!(offsets(&scene.published_on(scene.own_channel()).await), [1, 2]);
}

#[tokio::test]
async fn an_event_after_the_retention_does_not_repeat_what_has_vanished() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    scene.passes(31);
    let mut event = scene.event(&booking, 1).await;
    (event.number, event.at, event.kind) = (2, scene.world.now(), EventKind::BookingCompleted);
    let mut transaction = store::Transaction::new();
    transaction.put_event(&event);
    scene.world.app.store().commit(transaction).await.unwrap();
    // What was published a month ago is not on the channel any more: the table's TTL took it.
    assert_eq!(scene.published_on(Channel::Booking(booking.id)).await, []);
    scene.publish(&booking, 2).await;
    assert_eq!(
        offsets(&scene.published_on(Channel::Booking(booking.id)).await),
        [2]
    );
}

#[tokio::test]
async fn publishers_that_race_leave_no_gap_and_nothing_twice() {
    let scene = Scene::new().await;
    let mut bookings = Vec::new();
    for day in 1..=5 {
        bookings.push(scene.books(day * 24).await);
    }
    let twice = bookings
        .iter()
        .chain(&bookings)
        .map(|booking| scene.publish(booking, 1));
    futures_util::future::join_all(twice).await;
    for channel in [scene.own_channel(), Channel::Vendor(scene.vendor.vendor())] {
        assert_eq!(
            offsets(&scene.published_on(channel).await),
            [1, 2, 3, 4, 5],
            "{channel}"
        );
    }
}

#[tokio::test]
async fn a_publisher_that_fails_anywhere_is_made_up_for_by_the_next() {
    for fault in [Fault::Failed, Fault::ReplyLost, Fault::Throttled] {
        for call in 0..6 {
            let scene = Scene::new().await;
            let booking = scene.books(24).await;
            let event = scene.event(&booking, 1).await;
            // The SDK tries three times.
            for _ in 0..call {
                scene.world.faults.next("TransactWriteItems", Fault::None);
            }
            for _ in 0..3 {
                scene.world.faults.next("TransactWriteItems", fault);
            }
            let first = realtime::publish(&scene.world.app, &event).await;
            scene.world.faults.heal();
            realtime::publish(&scene.world.app, &event).await.unwrap();
            let told = offsets(&scene.published_on(scene.own_channel()).await);
            assert_eq!(told, [1], "{fault:?} from call {call} on; at first: {first:?}");
            assert_eq!(unpublished(&scene).await, []);
        }
    }
}

#[tokio::test]
async fn a_refund_that_an_event_tells_of_is_sent_to_its_worker() {
    let scene = Scene::new().await;
    let booking = scene.books(24).await;
    let mut event = scene.event(&booking, 1).await;
    let refund = domain::id::RefundId::from_uuid(uuid::Uuid::from_u128(9));
    event.refunds.push(domain::event::RefundRef {
        id: refund,
        amount: event.total,
    });
    realtime::publish(&scene.world.app, &event).await.unwrap();
    assert!(
        scene
            .world
            .queue
            .waiting()
            .contains(&Message::refund(refund, booking.id))
    );
}
