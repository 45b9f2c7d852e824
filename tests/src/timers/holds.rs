//! Holds that nobody paid in time, and those that somebody did.

use std::sync::Arc;

use app::Error;
use domain::booking::{BookingState, PaymentState};
use domain::event::EventKind;
use domain::payment::PaymentStatus;
use testkit::{VenueBuilder, World};

use super::{LONG_MINUTES, Scene, TestProvider, begins_to_pay, noon, run, state};

/// C-T3: when its time has come, and not a minute before.
#[tokio::test]
async fn a_hold_that_has_lapsed_expires_and_its_time_is_given_to_others() {
    let scene = Scene::booked().await;
    let bob = scene.world.customer("bob").await;

    scene.world.clock.advance_minutes(9);
    assert_eq!(scene.run().await.expired, 0);
    assert_eq!(scene.state().await, BookingState::Held);

    scene.world.clock.advance_minutes(1);
    assert_eq!(scene.run().await.expired, 1);
    assert_eq!(scene.state().await, BookingState::HoldExpired);
    let day = scene
        .app
        .store()
        .calendar(&scene.booking.spaces, scene.booking.interval)
        .await
        .unwrap();
    assert!(
        !format!("{day:?}").contains(&scene.booking.id.to_string()),
        "its entry is gone"
    );
    scene.world.books(&bob, scene.venue.id, noon()).await.unwrap();
}

/// C-T3: late, and twice.
#[tokio::test]
async fn a_run_that_fires_twice_at_once_or_again_expires_a_hold_once() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.world.clock.advance_minutes(LONG_MINUTES);

    let (one, other) = tokio::join!(scene.run(), scene.run());
    assert_eq!((one.failed, other.failed), (0, 0));
    assert_eq!(one.expired + other.expired, 1);
    assert_eq!(scene.run().await.expired, 0);
    assert_eq!(scene.times(EventKind::BookingHoldExpired).await, 1);
}

#[tokio::test]
async fn an_abandoned_payment_cannot_be_paid_any_more_once_its_hold_expired() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.world.clock.advance_minutes(LONG_MINUTES);

    assert_eq!(scene.run().await.expired, 1);
    assert_eq!(scene.state().await, BookingState::HoldExpired);
    assert_eq!(
        scene.provider.status(scene.booking.id),
        Some(PaymentStatus::Cancelled)
    );
    let payment = scene.payment().await;
    assert_eq!(payment.status, PaymentStatus::Cancelled);
}

#[tokio::test]
async fn a_payment_whose_webhook_was_lost_confirms_its_booking() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.provider.is_paid(scene.booking.id);
    scene.world.clock.advance_minutes(LONG_MINUTES);

    let summary = scene.run().await;
    assert_eq!((summary.settled, summary.expired), (1, 0));
    let paid = scene.reread().await;
    assert_eq!(
        (paid.state, paid.payment),
        (BookingState::Confirmed, PaymentState::Paid)
    );
    assert_eq!(scene.run().await.settled, 0);
}

#[tokio::test]
async fn a_payment_that_comes_while_it_is_being_cancelled_counts() {
    let scene = Scene::booked().await;
    scene.begins_to_pay().await;
    scene.world.clock.advance_minutes(LONG_MINUTES);

    scene.provider.is_overtaken();
    assert_eq!(scene.run().await.settled, 1);
    assert_eq!(scene.state().await, BookingState::Confirmed);
}

#[tokio::test]
async fn a_lost_payment_for_a_time_that_somebody_else_has_goes_back() {
    let scene = Scene::booked().await;
    let bob = scene.world.customer("bob").await;
    scene.begins_to_pay().await;
    scene.world.clock.advance_minutes(LONG_MINUTES);
    scene.world.books(&bob, scene.venue.id, noon()).await.unwrap();
    scene.provider.is_paid(scene.booking.id);

    assert_eq!(scene.run().await.settled, 1);
    let late = scene.reread().await;
    assert_eq!(
        (late.state, late.payment),
        (BookingState::HoldExpired, PaymentState::RefundPending)
    );
    let [refund] = scene
        .app
        .store()
        .refunds_of(scene.booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(refund.amount, scene.booking.price.total);
}

#[tokio::test]
async fn a_payment_that_broke_off_before_the_provider_named_it_is_found_and_cancelled() {
    let scene = Scene::booked().await;
    // The intent is made, and the write of its name fails as often as it is tried: commits are the lease,
    // the begin, and then this.
    for fault in [testkit::Fault::None, testkit::Fault::None] {
        scene.world.faults.next("TransactWriteItems", fault);
    }
    for _ in 0..3 {
        scene
            .world
            .faults
            .next("TransactWriteItems", testkit::Fault::Failed);
    }
    let broken = begins_to_pay(&scene.app, &scene.ada, &scene.booking).await;
    assert!(matches!(broken, Err(Error::Unavailable(_))), "{broken:?}");
    let payment = scene.payment().await;
    assert_eq!(payment.intent, None);
    assert_eq!(
        scene.provider.status(scene.booking.id),
        Some(PaymentStatus::RequiresMethod)
    );

    scene.world.clock.advance_minutes(LONG_MINUTES);
    assert_eq!(scene.run().await.expired, 1);
    assert_eq!(
        scene.provider.status(scene.booking.id),
        Some(PaymentStatus::Cancelled)
    );
    let payment = scene.payment().await;
    assert_eq!(
        (payment.status, payment.intent.is_some()),
        (PaymentStatus::Cancelled, true)
    );
}

#[tokio::test]
async fn while_the_provider_is_away_nothing_expires_on_a_guess_and_all_else_goes_on() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada, bob) = (
        world.vendor("vera").await,
        world.customer("ada").await,
        world.customer("bob").await,
    );
    let (loft, mill) = (
        world.live_venue(&vendor, VenueBuilder::default()).await,
        world.live_venue(&vendor, VenueBuilder::default()).await,
    );
    let paying = world.books(&ada, loft.id, noon()).await.unwrap();
    let waiting = world.books(&bob, mill.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &paying).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);

    provider.goes_away();
    let summary = run(&app).await;
    assert_eq!((summary.failed, summary.expired), (1, 1));
    assert_eq!(state(&app, paying.id).await, BookingState::PaymentPending);
    assert_eq!(state(&app, waiting.id).await, BookingState::HoldExpired);

    provider.comes_back();
    let summary = run(&app).await;
    assert_eq!((summary.failed, summary.expired), (0, 1));
    assert_eq!(state(&app, paying.id).await, BookingState::HoldExpired);
}

#[tokio::test]
async fn a_hold_that_was_cancelled_meanwhile_is_left_alone() {
    let scene = Scene::booked().await;
    scene.world.cancels(&scene.ada, scene.booking.id).await.unwrap();
    scene.world.clock.advance_minutes(LONG_MINUTES);
    let summary = scene.run().await;
    assert_eq!((summary.expired, summary.failed), (0, 0));
    assert_eq!(scene.state().await, BookingState::CancelledByCustomer);
}
