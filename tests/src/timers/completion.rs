//! Bookings that are over, and events that nobody has published.

use app::message::{About, MESSAGE_VERSION, Message, PaymentMessage};
use app::payments;
use app::ports::WebhookSubject;
use domain::booking::BookingState;
use domain::channel::Channel;
use domain::event::EventKind;

use super::{Scene, noon};

#[tokio::test]
async fn a_booking_whose_time_has_passed_is_completed_once() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_paid(scene.booking.id);
    let payment = scene.payment().await;
    let subject = WebhookSubject::Intent(payment.intent.unwrap());
    let message = PaymentMessage {
        v: MESSAGE_VERSION,
        event_id: "evt_1".to_owned(),
        subject,
    };
    payments::handle(&scene.app, message).await.unwrap();

    scene.world.clock.set("2027-02-02T12:59:59Z".parse().unwrap());
    assert_eq!(scene.run().await.completed, 0);
    assert_eq!(scene.state().await, BookingState::Confirmed);

    scene.world.clock.set(noon().end());
    let (one, other) = tokio::join!(scene.run(), scene.run());
    assert_eq!((one.failed, other.failed), (0, 0));
    assert_eq!(one.completed + other.completed, 1);
    assert_eq!(scene.state().await, BookingState::Completed);
    assert_eq!(scene.run().await.completed, 0);
    assert_eq!(scene.times(EventKind::BookingCompleted).await, 1);
}

#[tokio::test]
async fn an_event_that_nobody_published_is_published_after_five_minutes() {
    let scene = Scene::booked().await;
    while scene.world.queue.next().is_some() {}

    scene.world.clock.advance_seconds(299);
    assert_eq!(scene.run().await.published, 0);
    scene.world.clock.advance_seconds(1);
    assert_eq!(scene.run().await.published, 1);

    let told = scene
        .app
        .store()
        .channel_events_after(&Channel::Booking(scene.booking.id), 0, 10)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    let [queued]: [Message; 1] = scene.world.queue.waiting().try_into().unwrap();
    let event = Box::new(
        scene
            .app
            .store()
            .booking_event(scene.booking.id, 1)
            .await
            .unwrap()
            .unwrap(),
    );
    assert_eq!(queued, Message::notification(About::Booking { event }));
    assert_eq!(scene.run().await.published, 0, "it is marked");
}
