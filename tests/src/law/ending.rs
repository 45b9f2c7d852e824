//! A booking that its customer and its vendor cancel, that is paid for and that lapses, all at once, ends in one way,
//! and the money adds up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::{App, payments, timers};
use domain::booking::{Booking, BookingState};
use domain::event::EventKind;
use domain::id::BookingId;
use domain::money::Money;
use domain::time::{Interval, plus_minutes, plus_seconds};
use domain::venue::Venue;
use testkit::{Fault, Person, VenueBuilder, World};

use super::under_a_virtual_clock;
use crate::timers::provider::TestProvider;

const SEEDS: u64 = 60;

struct Place {
    world: World,
    app: App,
    provider: Arc<TestProvider>,
    vera: Person,
    carl: Person,
    venue: Venue,
}

/// How a booking ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    state: BookingState,
    captured: Money,
    returned: Vec<Money>,
}

impl Place {
    async fn new() -> Self {
        let world = World::new();
        let provider = Arc::<TestProvider>::default();
        let app = provider.behind(&world);
        let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            app,
            provider,
            vera,
            carl,
            venue,
        }
    }

    async fn booking(&self, id: BookingId) -> Booking {
        self.app.store().booking(id).await.unwrap().unwrap()
    }

    /// Somebody is about to pay for an hour in a month.
    async fn begins(&self, seed: u64) -> Booking {
        let start = plus_minutes(
            "2027-03-03T00:00:00Z".parse().unwrap(),
            i64::try_from(seed).unwrap() * 60,
        );
        let hour = Interval::new(start, plus_minutes(start, 60)).unwrap();
        let held = self.world.books(&self.carl, self.venue.id, hour).await.unwrap();
        let once = self.carl.once(&format!("pay {seed}"), "pay");
        payments::process(&self.app, &self.carl.caller, &once, held.id, None)
            .await
            .unwrap();
        self.booking(held.id).await
    }

    async fn end(&self, id: BookingId) -> End {
        let store = self.app.store();
        let [payment] = store.payments_of(id).await.unwrap().try_into().unwrap();
        End {
            state: self.booking(id).await.state,
            captured: payment.captured,
            returned: store
                .refunds_of(id)
                .await
                .unwrap()
                .iter()
                .map(|r| r.amount)
                .collect(),
        }
    }

    /// Whatever came of it, once everything that was lost on the way has been found.
    async fn a_race(&self, seed: u64) -> End {
        let mut random = fastrand::Rng::with_seed(seed);
        let booking = self.begins(seed).await;
        let (id, until) = (booking.id, booking.hold_until.unwrap());
        let is_paid = random.u8(0..4) > 0;
        if is_paid && random.bool() {
            self.provider.is_paid(id);
            payments::verify(&self.app, &self.carl.caller, id).await.unwrap();
        }
        // A moment before its hold ends, at that very instant, or from then on.
        self.world.clock.set(plus_seconds(until, random.i64(-1..2)));
        if is_paid {
            self.provider.is_paid(id);
        }
        let faults = [
            (Fault::Throttled, 20),
            (Fault::ReplyLost, 20),
            (Fault::Failed, 10),
            (Fault::Conflict, 30),
        ];
        self.world.faults.by_chance(seed, &faults);
        let mut wait = || {
            // Of four who could do something one stays away.
            let stays_away = random.u8(0..4) == 0;
            (!stays_away).then(|| Duration::from_millis(random.u64(0..60)))
        };
        let (by_customer, by_vendor, settling, running) = (wait(), wait(), wait(), wait());
        futures_util::join!(
            async {
                if let Some(wait) = by_customer {
                    tokio::time::sleep(wait).await;
                    let _ = self.world.cancels(&self.carl, id).await;
                }
            },
            async {
                if let Some(wait) = by_vendor {
                    tokio::time::sleep(wait).await;
                    let _ = self.world.cancels(&self.vera, id).await;
                }
            },
            async {
                if let Some(wait) = settling {
                    tokio::time::sleep(wait).await;
                    let _ = payments::verify(&self.app, &self.carl.caller, id).await;
                }
            },
            async {
                if let Some(wait) = running {
                    tokio::time::sleep(wait).await;
                    let _ = timers::run(&self.app).await;
                }
            },
        );
        self.world.faults.heal();
        for _ in 0..3 {
            timers::run(&self.app).await.unwrap();
            self.world.clock.advance_minutes(20);
        }
        let end = self.end(id).await;
        self.judge(seed, &booking, &end).await;
        end
    }

    async fn judge(&self, seed: u64, booking: &Booking, end: &End) {
        let (id, total) = (booking.id, booking.price.total);
        let nothing = Money::zero(total.currency());
        let (none, all) = (Vec::new(), vec![total]);
        let expected = match (end.state, end.captured == nothing) {
            // What was paid and stays is kept; all of what was paid and does not stay goes back, and once.
            (BookingState::Confirmed, _) => (total, &none),
            (_, true) => (nothing, &none),
            (_, false) => (total, &all),
        };
        assert_eq!((end.captured, &end.returned), expected, "seed {seed}: {end:?}");
        let history = self.app.store().history_of(id).await.unwrap();
        let ends =
            |kind: EventKind| [EventKind::BookingCancelled, EventKind::BookingHoldExpired].contains(&kind);
        let ended = history.iter().filter(|event| ends(event.kind)).count();
        assert!(ended <= 1, "seed {seed}: {history:?}");
        let calendar = self
            .app
            .store()
            .calendar(&booking.spaces, booking.interval)
            .await
            .unwrap();
        let occupying = calendar.occupying(&booking.spaces, self.world.now());
        let stands = occupying.iter().any(|entry| entry.booking == id);
        assert_eq!(
            stands,
            end.state == BookingState::Confirmed,
            "seed {seed}: {end:?}"
        );
    }
}

#[test]
fn a_booking_ends_in_one_way_and_its_money_adds_up_whoever_ends_it_at_once() {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    under_a_virtual_clock(async {
        let place = Place::new().await;
        for seed in 0..SEEDS {
            let end = place.a_race(seed).await;
            let paid = if end.captured.is_zero() { "unpaid" } else { "paid" };
            *ends.entry(format!("{} {paid}", end.state.as_str())).or_default() += 1;
        }
    });
    for what in [
        "confirmed paid",
        "hold_expired unpaid",
        "cancelled_by_customer unpaid",
        "cancelled_by_customer paid",
        "cancelled_by_vendor paid",
    ] {
        assert!(ends.contains_key(what), "{what} never happened: {ends:?}");
    }
}
