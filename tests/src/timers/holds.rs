//! Holds that nobody paid in time, and those that somebody did.

use std::sync::Arc;

use app::Error;
use domain::booking::{BookingState, PaymentState};
use domain::event::EventKind;
use domain::payment::PaymentStatus;
use testkit::{VenueBuilder, World};

use super::{LONG_MINUTES, TestProvider, begins_to_pay, noon, reread, run, state, times};

#[tokio::test]
async fn a_hold_that_has_lapsed_expires_and_its_time_is_given_to_others() {
    let world = World::new();
    let app = Arc::<TestProvider>::default().behind(&world);
    let (vendor, ada, bob) = (
        world.vendor("vera").await,
        world.customer("ada").await,
        world.customer("bob").await,
    );
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();

    world.clock.advance_minutes(9);
    assert_eq!(run(&app).await.expired, 0);
    assert_eq!(state(&app, booking.id).await, BookingState::Held);

    world.clock.advance_minutes(1);
    assert_eq!(run(&app).await.expired, 1);
    assert_eq!(state(&app, booking.id).await, BookingState::HoldExpired);
    let day = app
        .store()
        .calendar(&booking.spaces, booking.interval)
        .await
        .unwrap();
    assert!(
        !format!("{day:?}").contains(&booking.id.to_string()),
        "its entry is gone"
    );
    world.books(&bob, venue.id, noon()).await.unwrap();
}

#[tokio::test]
async fn a_run_that_fires_twice_at_once_or_again_expires_a_hold_once() {
    let world = World::new();
    let app = Arc::<TestProvider>::default().behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);

    let (one, other) = tokio::join!(run(&app), run(&app));
    assert_eq!((one.failed, other.failed), (0, 0));
    // At one and the same instant both write the same, and both are answered that it is written.
    assert!(one.expired + other.expired >= 1);
    assert_eq!(run(&app).await.expired, 0);
    assert_eq!(times(&app, booking.id, EventKind::BookingHoldExpired).await, 1);
}

#[tokio::test]
async fn an_abandoned_payment_cannot_be_paid_any_more_once_its_hold_expired() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);

    assert_eq!(run(&app).await.expired, 1);
    assert_eq!(state(&app, booking.id).await, BookingState::HoldExpired);
    assert_eq!(provider.status(booking.id), Some(PaymentStatus::Cancelled));
    let [payment] = app
        .store()
        .payments_of(booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(payment.status, PaymentStatus::Cancelled);
}

#[tokio::test]
async fn a_payment_whose_webhook_was_lost_confirms_its_booking() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    provider.is_paid(booking.id);
    world.clock.advance_minutes(LONG_MINUTES);

    let summary = run(&app).await;
    assert_eq!((summary.settled, summary.expired), (1, 0));
    let booking = reread(&app, booking.id).await;
    assert_eq!(
        (booking.state, booking.payment),
        (BookingState::Confirmed, PaymentState::Paid)
    );
    assert_eq!(run(&app).await.settled, 0);
}

#[tokio::test]
async fn a_payment_that_comes_while_it_is_being_cancelled_counts() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);

    provider.is_overtaken();
    assert_eq!(run(&app).await.settled, 1);
    assert_eq!(state(&app, booking.id).await, BookingState::Confirmed);
}

#[tokio::test]
async fn a_lost_payment_for_a_time_that_somebody_else_has_goes_back() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada, bob) = (
        world.vendor("vera").await,
        world.customer("ada").await,
        world.customer("bob").await,
    );
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    begins_to_pay(&app, &ada, &booking).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);
    world.books(&bob, venue.id, noon()).await.unwrap();
    provider.is_paid(booking.id);

    assert_eq!(run(&app).await.settled, 1);
    let late = reread(&app, booking.id).await;
    assert_eq!(
        (late.state, late.payment),
        (BookingState::HoldExpired, PaymentState::RefundPending)
    );
    let [refund] = app
        .store()
        .refunds_of(booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(refund.amount, booking.price.total);
}

#[tokio::test]
async fn a_payment_that_broke_off_before_the_provider_named_it_is_found_and_cancelled() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    // The intent is made, and the write of its name fails as often as it is tried: commits are the lease,
    // the begin, and then this.
    for fault in [testkit::Fault::None, testkit::Fault::None] {
        world.faults.next("TransactWriteItems", fault);
    }
    for _ in 0..3 {
        world.faults.next("TransactWriteItems", testkit::Fault::Failed);
    }
    let broken = begins_to_pay(&app, &ada, &booking).await;
    assert!(matches!(broken, Err(Error::Unavailable(_))), "{broken:?}");
    let [payment] = app
        .store()
        .payments_of(booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(payment.intent, None);
    assert_eq!(provider.status(booking.id), Some(PaymentStatus::RequiresMethod));

    world.clock.advance_minutes(LONG_MINUTES);
    assert_eq!(run(&app).await.expired, 1);
    assert_eq!(provider.status(booking.id), Some(PaymentStatus::Cancelled));
    let [payment] = app
        .store()
        .payments_of(booking.id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
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
    let world = World::new();
    let app = Arc::<TestProvider>::default().behind(&world);
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&ada, venue.id, noon()).await.unwrap();
    app::bookings::cancel(&app, &ada.caller, &ada.once("k", "cancel"), booking.id, None)
        .await
        .unwrap();
    world.clock.advance_minutes(LONG_MINUTES);
    let summary = run(&app).await;
    assert_eq!((summary.expired, summary.failed), (0, 0));
    assert_eq!(state(&app, booking.id).await, BookingState::CancelledByCustomer);
}
