//! Money that comes after its hold has lapsed, when the time has been closed meanwhile; and money that comes in time
//! although the venue has left the market.

use app::{payments, venues};
use domain::availability::BlockTime;
use domain::booking::{BookingState, PaymentState};
use domain::event::EventKind;
use domain::membership::Membership;
use domain::refund::RefundReason;
use domain::time::plus_minutes;
use testkit::space_settings;

use super::{LONG_MINUTES, Scene, noon};

/// What a vendor does to the time of a hold that has lapsed.
const CHANGES: [&str; 5] = ["block", "pause", "hours", "parts", "out of use and back"];

impl Scene {
    async fn is_changed(&self, how: &str) {
        let (app, id) = (&self.app, self.venue.id);
        let vendor = &Membership::applicant(self.venue.vendor).approved();
        match how {
            "block" => {
                let time = BlockTime::Once(noon());
                let blocked = venues::block(app, vendor, None, id, None, time, None).await;
                blocked.unwrap();
            }
            "pause" => _ = venues::pause(app, vendor, None, id).await.unwrap(),
            "hours" => {
                let evenings = testkit::hours_every_day("Europe/Berlin", 18 * 60, 1_440);
                let set = venues::set_rules(app, vendor, None, id, None, evenings, None).await;
                set.unwrap();
            }
            "parts" => {
                let room = space_settings("Room", Vec::new());
                let parts = vec![self.world.adds_space(vendor, id, &room).await];
                let (main, hall) = (self.venue.main_space, space_settings("Hall", parts));
                self.world.sets_space(vendor, id, main, &hall).await;
            }
            _ => {
                venues::pause(app, vendor, None, id).await.unwrap();
                venues::resume(app, vendor, None, id).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn money_for_a_time_that_was_closed_after_its_hold_lapsed_goes_back_in_full() {
    for how in CHANGES {
        let scene = Scene::booked().await;
        scene.begins_to_pay().await;
        scene.world.clock.advance_minutes(LONG_MINUTES);
        scene.is_changed(how).await;
        scene.provider.is_paid(scene.booking.id);
        assert_eq!(scene.run().await.settled, 1, "{how}");
        let after = scene.reread().await;
        let store = scene.app.store();
        let refunds = store.refunds_of(after.id).await.unwrap();
        let refunds: Vec<_> = refunds.iter().map(|r| (r.amount, r.reason)).collect();
        if how == "out of use and back" {
            assert_eq!(
                (after.state, refunds.len()),
                (BookingState::Confirmed, 0),
                "{how}"
            );
            continue;
        }
        assert_eq!(
            (after.state, after.payment),
            (BookingState::HoldExpired, PaymentState::RefundPending),
            "{how}"
        );
        assert_eq!(refunds, [(after.price.total, RefundReason::TooLate)], "{how}");
        assert_eq!(scene.times(EventKind::BookingConfirmed).await, 0, "{how}");
        assert_eq!(
            scene.times(EventKind::BookingPaymentCameTooLate).await,
            1,
            "{how}"
        );
        let calendar = store.calendar(&after.spaces, after.interval).await.unwrap();
        let stands = calendar.occupying(&after.spaces, scene.world.now());
        assert!(stands.is_empty(), "{how}: {stands:?}");
    }
}

#[tokio::test]
async fn a_hold_that_is_kept_is_confirmed_by_its_money_although_the_venue_was_paused() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.is_changed("pause").await;
    scene.provider.is_paid(scene.booking.id);
    payments::verify(&scene.app, &scene.ada.caller, scene.booking.id)
        .await
        .unwrap();
    let paid = scene.reread().await;
    assert_eq!(
        (paid.state, paid.payment),
        (BookingState::Confirmed, PaymentState::Paid)
    );
}

/// The hold ends with the instant that it names: a second earlier the money finds it, whatever has closed.
#[tokio::test]
async fn what_closes_counts_from_the_instant_at_which_the_hold_ends() {
    for (seconds, state) in [(-1, BookingState::Confirmed), (0, BookingState::HoldExpired)] {
        let scene = Scene::booked().await;
        scene.begins_to_pay().await;
        scene.is_changed("pause").await;
        scene.provider.is_paid(scene.booking.id);
        let until = scene.reread().await.hold_until.unwrap();
        scene.world.clock.set(plus_minutes(until, 0));
        scene.world.clock.advance_seconds(seconds);
        payments::verify(&scene.app, &scene.ada.caller, scene.booking.id)
            .await
            .unwrap();
        assert_eq!(scene.state().await, state, "{seconds} s");
    }
}

#[tokio::test]
async fn what_an_admin_cancels_is_paid_back_in_full_whatever_the_terms() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_paid(scene.booking.id);
    payments::verify(&scene.app, &scene.ada.caller, scene.booking.id)
        .await
        .unwrap();
    let admin = scene.world.admin().await;
    // An hour before the start its customer would get nothing.
    scene.world.clock.set(plus_minutes(noon().start(), -60));
    let preview = app::bookings::cancellation_preview(&scene.app, &scene.ada.caller, scene.booking.id);
    assert!(preview.await.unwrap().now.shares.refund.is_zero());
    let cancelled = scene.world.cancels(&admin, scene.booking.id).await.unwrap();
    assert_eq!(cancelled.state, BookingState::CancelledByAdmin);
    let store = scene.app.store();
    let [refund] = store.refunds_of(cancelled.id).await.unwrap().try_into().unwrap();
    assert_eq!(refund.amount, cancelled.price.total);
    scene.world.settle().await;
    while let Some(message) = scene.world.queue.next() {
        if let app::message::Message::Refund(message) = message {
            payments::send_refund(&scene.app, message).await.unwrap();
        }
    }
    assert_eq!(
        scene.provider.refunded(domain::refund::RefundStatus::Succeeded),
        1
    );
    scene.world.clock.advance_minutes(24 * 60);
    assert_eq!(scene.run().await.settled, 1);
    assert_eq!(scene.reread().await.payment, PaymentState::Refunded);
}
