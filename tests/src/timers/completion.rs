//! Bookings that are over, and events that nobody has published.

use std::sync::Arc;

use app::message::{About, MESSAGE_VERSION, Message, PaymentMessage};
use app::payments;
use app::ports::WebhookSubject;
use domain::booking::BookingState;
use domain::channel::Channel;
use domain::event::EventKind;
use testkit::{VenueBuilder, World};

use super::{TestProvider, begins_to_pay, noon, run, state, times};

#[tokio::test]
async fn a_booking_whose_time_has_passed_is_completed_once() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    provider.is_paid(booking.id);
    let [payment] = app
        .store()
        .payments_of(booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    let subject = WebhookSubject::Intent(payment.intent.unwrap());
    let message = PaymentMessage {
        v: MESSAGE_VERSION,
        event_id: "evt_1".to_owned(),
        subject,
    };
    payments::handle(&app, message).await.unwrap();

    world.clock.set("2027-02-02T12:59:59Z".parse().unwrap());
    assert_eq!(run(&app).await.completed, 0);
    assert_eq!(state(&app, booking.id).await, BookingState::Confirmed);

    world.clock.set(noon().end());
    let (one, other) = tokio::join!(run(&app), run(&app));
    assert_eq!((one.failed, other.failed), (0, 0));
    // At one and the same instant both write the same, and both are answered that it is written.
    assert!(one.completed + other.completed >= 1);
    assert_eq!(state(&app, booking.id).await, BookingState::Completed);
    assert_eq!(run(&app).await.completed, 0);
    assert_eq!(times(&app, booking.id, EventKind::BookingCompleted).await, 1);
}

#[tokio::test]
async fn an_event_that_nobody_published_is_published_after_five_minutes() {
    let world = World::new();
    let app = Arc::<TestProvider>::default().behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    while world.queue.next().is_some() {}

    world.clock.advance_seconds(299);
    assert_eq!(run(&app).await.published, 0);
    world.clock.advance_seconds(1);
    assert_eq!(run(&app).await.published, 1);

    let told = app
        .store()
        .channel_events_after(&Channel::Booking(booking.id), 0, 10)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    let [queued]: [Message; 1] = world.queue.waiting().try_into().unwrap();
    let event = Box::new(app.store().booking_event(booking.id, 1).await.unwrap().unwrap());
    assert_eq!(queued, Message::notification(About::Booking { event }));
    assert_eq!(run(&app).await.published, 0, "it is marked");
}
