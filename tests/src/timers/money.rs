//! Money that is still on its way though its booking is over, when no webhook tells of it.

use app::timers::LOOK_MINUTES_MAX;
use app::{Error, payments};
use domain::booking::{BookingState, PaymentState, REFUND_MINUTES};
use domain::event::EventKind;
use domain::payment::PaymentStatus;
use domain::refund::RefundStatus;

use super::{LONG_MINUTES, Scene, noon};

impl Scene {
    async fn is_cancelled(&self) {
        self.world.cancels(&self.ada, self.booking.id).await.unwrap();
    }

    async fn payment_state(&self) -> PaymentState {
        self.reread().await.payment
    }
}

#[tokio::test]
async fn a_payment_that_was_begun_for_a_cancelled_booking_cannot_be_paid_any_more() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.is_cancelled().await;
    assert_eq!(scene.payment_state().await, PaymentState::Pending);

    let (one, other) = tokio::join!(scene.run(), scene.run());
    assert_eq!(
        (one.abandoned + other.abandoned, one.failed + other.failed),
        (1, 0)
    );
    let payment = scene.provider.status(scene.booking.id);
    assert_eq!(payment, Some(PaymentStatus::Cancelled));
    assert_eq!(scene.payment().await.status, PaymentStatus::Cancelled);
    assert_eq!(scene.payment_state().await, PaymentState::Unpaid);
    assert_eq!(scene.state().await, BookingState::CancelledByCustomer);
    assert_eq!(scene.times(EventKind::BookingPaymentAbandoned).await, 1);
    assert_eq!(scene.run().await.abandoned, 0);
}

#[tokio::test]
async fn a_payment_that_came_for_a_cancelled_booking_goes_back_though_nobody_told_of_it() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.is_cancelled().await;
    scene.provider.is_paid(scene.booking.id);

    assert_eq!(scene.run().await.settled, 1);
    assert_eq!(scene.payment_state().await, PaymentState::RefundPending);
    assert_eq!(scene.times(EventKind::BookingPaymentCameTooLate).await, 1);
}

#[tokio::test]
async fn a_booking_that_was_cancelled_before_anybody_paid_needs_no_looking_after() {
    let scene = Scene::booked().await;
    scene.is_cancelled().await;
    assert_eq!(scene.payment_state().await, PaymentState::Unpaid);
    let summary = scene.run().await;
    assert_eq!((summary.abandoned, summary.untouched), (0, 0));
}

#[tokio::test]
async fn a_payment_that_a_bank_is_at_work_on_is_followed_until_it_has_come_or_gone() {
    for comes in [true, false] {
        let scene = Scene::booked().await;
        scene.begins_to_pay().await;
        scene.provider.is_busy(true);
        scene.world.clock.advance_minutes(LONG_MINUTES);
        assert_eq!(scene.run().await.expired, 1);
        assert_eq!(scene.state().await, BookingState::HoldExpired);
        assert_eq!(scene.payment_state().await, PaymentState::Pending);
        // Looked at again, and again after longer and longer.
        let mut looks = 0;
        for _ in 0..60 {
            scene.world.clock.advance_minutes(1);
            looks += scene.run().await.untouched;
        }
        assert!((3..12).contains(&looks), "{looks}");

        scene.provider.is_busy(false);
        if comes {
            // Another has the time meanwhile.
            let bob = scene.world.customer("bob").await;
            scene.world.books(&bob, scene.venue.id, noon()).await.unwrap();
            scene.provider.is_paid(scene.booking.id);
        }
        scene.world.clock.advance_minutes(180);
        let summary = scene.run().await;
        let expected = if comes { (1, 0) } else { (0, 1) };
        assert_eq!((summary.settled, summary.abandoned), expected);
    }
}

#[tokio::test]
async fn a_payment_is_looked_at_twice_a_day_however_old_it_is() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_busy(true);
    scene.world.clock.advance_minutes(LONG_MINUTES);
    assert_eq!(scene.run().await.expired, 1);
    // It is older than that before the hour that it was for has come.
    let older_by = async |minutes| {
        scene.world.clock.advance_minutes(minutes);
        scene.run().await.untouched
    };
    assert_eq!(older_by(LOOK_MINUTES_MAX + 30).await, 1);
    assert_eq!(older_by(LOOK_MINUTES_MAX - 1).await, 0);
    assert_eq!(older_by(1).await, 1);
}

#[tokio::test]
async fn money_for_an_hour_that_has_passed_goes_back_though_nobody_else_had_it() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_busy(true);
    scene.world.clock.advance_minutes(LONG_MINUTES);
    assert_eq!(scene.run().await.expired, 1);

    scene.provider.is_paid(scene.booking.id);
    scene.world.clock.set(noon().start());
    assert_eq!(scene.run().await.settled, 1);
    assert_eq!(scene.state().await, BookingState::HoldExpired);
    assert_eq!(scene.payment_state().await, PaymentState::RefundPending);
}

#[tokio::test]
async fn a_hold_whose_payment_the_provider_will_never_take_expires() {
    let scene = Scene::booked().await;
    scene.provider.refuses_new_payments();
    let once = scene.ada.once("p", "pay");
    let refused = app::payments::process(&scene.app, &scene.ada.caller, &once, scene.booking.id, None).await;
    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");

    scene.world.clock.advance_minutes(LONG_MINUTES);
    assert_eq!(scene.run().await.expired, 1);
    assert_eq!(scene.state().await, BookingState::HoldExpired);
    assert_eq!(scene.payment().await.status, PaymentStatus::Cancelled);
    assert_eq!(scene.payment_state().await, PaymentState::Unpaid);
}

/// A booking that was paid for too late, so that its money has to go back.
async fn owed() -> Scene {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.is_cancelled().await;
    scene.provider.is_paid(scene.booking.id);
    assert_eq!(scene.run().await.settled, 1);
    // Everything was published, and then the messages were lost.
    scene.world.settle().await;
    while scene.world.queue.next().is_some() {}
    scene
}

impl Scene {
    /// Works on the messages to the refund worker; how many there were.
    async fn refunds_are_sent(&self) -> usize {
        let mut sent = 0;
        while let Some(message) = self.world.queue.next() {
            if let app::message::Message::Refund(message) = message {
                app::payments::send_refund(&self.app, message).await.unwrap();
                sent += 1;
            }
        }
        sent
    }
}

#[tokio::test]
async fn a_refund_that_was_never_sent_is_sent() {
    let scene = owed().await;
    scene.world.clock.advance_minutes(REFUND_MINUTES - 1);
    scene.run().await;
    assert_eq!(scene.refunds_are_sent().await, 0, "it may be on its way");
    scene.world.clock.advance_minutes(1);
    scene.run().await;
    assert_eq!(scene.refunds_are_sent().await, 1);
    assert_eq!(scene.provider.refunded(RefundStatus::Pending), 1);
}

#[tokio::test]
async fn a_refund_whose_webhook_was_lost_is_asked_for() {
    for (told, settled) in [
        (RefundStatus::Succeeded, PaymentState::Refunded),
        (RefundStatus::Failed, PaymentState::RefundFailed),
    ] {
        let scene = owed().await;
        scene.world.clock.advance_minutes(REFUND_MINUTES);
        scene.run().await;
        assert_eq!(scene.refunds_are_sent().await, 1);
        scene.world.clock.advance_minutes(2 * REFUND_MINUTES);
        scene.run().await;
        assert_eq!(scene.payment_state().await, PaymentState::RefundPending);

        scene.provider.refunded(told);
        scene.world.clock.advance_minutes(24 * 60);
        assert_eq!(scene.run().await.settled, 1);
        assert_eq!(scene.payment_state().await, settled);
        scene.world.clock.advance_minutes(24 * 60);
        let summary = scene.run().await;
        assert_eq!((summary.settled, summary.untouched), (0, 0), "it is over");
    }
}

#[tokio::test]
async fn what_a_preview_promised_goes_back_although_the_tier_ended_meanwhile() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_paid(scene.booking.id);
    payments::verify(&scene.app, &scene.ada.caller, scene.booking.id)
        .await
        .unwrap();
    // All of it comes back up to a day before the start.
    let last = domain::time::plus_minutes(noon().start(), -24 * 60);
    scene.world.clock.set(last);
    let (caller, id) = (&scene.ada.caller, scene.booking.id);
    let preview = app::bookings::cancellation_preview(&scene.app, caller, id)
        .await
        .unwrap();
    assert_eq!(
        (preview.now.shares.refund, preview.kept.is_zero()),
        (scene.booking.price.total, true)
    );
    scene.world.clock.advance_minutes(5);
    let later = app::bookings::cancellation_preview(&scene.app, caller, id)
        .await
        .unwrap();
    assert!(later.now.shares.refund.is_zero());
    let once = scene.ada.once("c", "cancel");
    let cancelled = app::bookings::cancel(&scene.app, caller, &once, id, &preview.token, None)
        .await
        .unwrap();
    assert_eq!(cancelled.value.cancellation.unwrap().shares, preview.now.shares);
    let [refund] = scene
        .app
        .store()
        .refunds_of(id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(refund.amount, preview.now.shares.refund);
}
