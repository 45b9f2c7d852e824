//! Much that is due at once.

use std::sync::Arc;

use app::timers::{AT_ONCE_PER_SHARD, BEGIN_SECONDS_MAX, DUE_PER_PAGE};
use domain::booking::{Booking, Placing};
use domain::id::{BookingId, PaymentId};
use domain::payment::Payment;
use store::Transaction;
use store::keys::DUE_SHARDS;
use testkit::{VenueBuilder, World};
use uuid::Uuid;

use super::{LONG_MINUTES, TestProvider, noon, run};

/// More than one page of a shard.
const MANY: usize = DUE_PER_PAGE.unsigned_abs() as usize + 10;

/// Holds of one shard as they would be after that many customers, each with a payment or without. They are
/// not in the calendar, where they would not all find room.
async fn holds(world: &World, how_many: usize, paying: bool) {
    let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let quote = world.quote(&ada, venue.id, noon()).await.unwrap();
    for n in 0..how_many {
        let uuid = Uuid::from_u128((0x1000 + n as u128) * u128::from(DUE_SHARDS));
        let placing = Placing {
            id: BookingId::from_uuid(uuid),
            customer: ada.caller.user,
            spaces: vec![venue.main_space],
            setup_minutes: 0,
            turnaround_minutes: 0,
        };
        let (booking, event) = Booking::placed(&quote, placing, world.now());
        let mut transaction = Transaction::new();
        transaction.put_booking(&booking);
        transaction.put_event(&event);
        if paying {
            let (id, total) = (PaymentId::from_uuid(uuid), booking.price.total);
            let payment = Payment::new(
                id,
                booking.id,
                ada.caller.user,
                booking.vendor,
                total,
                world.now(),
            );
            transaction.put_payment(&payment);
        }
        world.app.store().commit(transaction).await.unwrap();
    }
}

#[tokio::test]
async fn more_than_a_page_of_a_shard_is_worked_on_in_one_run() {
    let world = World::new();
    let app = Arc::<TestProvider>::default().behind(&world);
    holds(&world, MANY, false).await;
    world.clock.advance_minutes(LONG_MINUTES);
    let summary = run(&app).await;
    assert_eq!((summary.expired, summary.left, summary.failed), (MANY, 0, 0));
}

#[tokio::test]
async fn things_that_fail_again_and_again_do_not_stand_in_the_way_of_those_after_them() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    holds(&world, MANY, true).await;
    let (bert, bob) = (world.vendor("bert").await, world.customer("bob").await);
    world.clock.advance_minutes(1);
    let venue = world.live_venue(&bert, VenueBuilder::default()).await;
    world.books(&bob, venue.id, noon()).await.unwrap();
    world.clock.advance_minutes(LONG_MINUTES);

    provider.goes_away();
    let summary = run(&app).await;
    assert_eq!((summary.failed, summary.expired), (MANY, 1));
}

#[tokio::test]
async fn a_run_begins_nothing_that_the_function_has_no_time_for() {
    let world = World::new();
    let provider = Arc::<TestProvider>::default();
    let app = provider.behind(&world);
    holds(&world, 20, true).await;
    world.clock.advance_minutes(LONG_MINUTES);
    provider.takes(world.clock.clone(), BEGIN_SECONDS_MAX + 1);

    let summary = run(&app).await;
    assert!((1..=AT_ONCE_PER_SHARD).contains(&summary.expired), "{summary:?}");
    assert!(summary.left > 0, "{summary:?}");
    assert_eq!(summary.failed, 0);
}
