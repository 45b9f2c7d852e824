//! Bookings that are over, and events that nobody has published.

use app::bookings::{self, Step};
use app::message::{About, MESSAGE_VERSION, Message, PaymentMessage};
use app::payments;
use app::ports::WebhookSubject;
use domain::booking::{BookingState, CLOSE_MINUTES_AFTER, NO_SHOW_MINUTES_AFTER};
use domain::channel::Channel;
use domain::event::EventKind;
use domain::time::plus_minutes;

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

/// Whether the guest came, or nobody did: C-T3.
#[tokio::test]
async fn c_t3_what_was_said_at_the_door_ends_as_it_should_however_its_timers_run() {
    let missing = Step::ReportNoShow(None);
    for (step, by_vendor, completes, state) in [
        (Step::CheckIn, true, 1, BookingState::Completed),
        (missing.clone(), true, 0, BookingState::NoShowCustomer),
        (missing, false, 0, BookingState::NoShowVendor),
    ] {
        let scene = Scene::booked().await;
        scene.world.confirms(&scene.booking).await;
        scene
            .world
            .clock
            .set(plus_minutes(noon().start(), NO_SHOW_MINUTES_AFTER));
        let email = if by_vendor {
            "vera@example.com"
        } else {
            "ada@example.com"
        };
        let who = scene.world.signs_in(email).await;
        let once = who.once("door", "step");
        bookings::step(&scene.app, &who.caller, &once, scene.booking.id, step)
            .await
            .unwrap();
        scene.world.clock.set(noon().end());
        let (one, other) = tokio::join!(scene.run(), scene.run());
        assert_eq!(
            (one.completed + other.completed, one.failed + other.failed),
            (completes, 0)
        );
        assert_eq!(scene.state().await, state);
        // Nothing runs for a week.
        let late = plus_minutes(noon().end(), CLOSE_MINUTES_AFTER + 7 * 1_440);
        scene.world.clock.set(late);
        let (one, other) = tokio::join!(scene.run(), scene.run());
        assert_eq!((one.closed + other.closed, one.failed + other.failed), (1, 0));
        assert_eq!(scene.state().await, BookingState::Closed);
        assert_eq!(scene.times(EventKind::BookingCompleted).await, completes);
        assert_eq!(scene.times(EventKind::BookingClosed).await, 1);
    }
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
