//! Nobody is booked over, whatever happens between the SDK and the tables.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::ports::Ids;
use app::retry::DECISIONS_MAX;
use app::{App, Error, bookings};
use domain::Refusal;
use domain::cancellation::Policy;
use domain::money::Money;
use domain::pricing::Rates;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use futures_util::future::join_all;
use store::{Fault, Guard, Transaction};
use testkit::{Person, SeededIds, VenueBuilder, World};
use uuid::Uuid;

use super::under_a_virtual_clock;

/// Races whose course is drawn from seeds, each on a day of its own.
const SEEDS: u32 = 100;

fn at_hour(hour: i64, hours: i64) -> Interval {
    on_day(0, hour, hours)
}

fn on_day(day: u32, hour: i64, hours: i64) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, (i64::from(day) * 24 + hour) * 60);
    Interval::new(start, plus_minutes(start, hours * 60)).unwrap()
}

async fn with_customers(world: &World, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..count {
        people.push(world.customer(&format!("customer{n}")).await);
    }
    people
}

#[tokio::test]
async fn a_refused_time_comes_with_others_that_are_really_free() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let people = with_customers(&world, 2).await;
    let late = world.quote(&people[1], venue.id, at_hour(10, 2)).await.unwrap();
    world.books(&people[0], venue.id, at_hour(10, 2)).await.unwrap();
    let once = people[1].once("late", "book");
    let refused = bookings::create(&world.app, &people[1].caller, &once, late.id)
        .await
        .unwrap_err();
    let Error::RefusedTime(Refusal::SlotTaken, alternatives) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(alternatives.len(), 3);
    for alternative in alternatives {
        world.books(&people[1], venue.id, alternative).await.unwrap();
    }
}

#[tokio::test]
async fn d_t2_a_quote_is_honoured_although_everything_it_was_made_from_changed() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let quote = world.quote(&carl, venue.id, at_hour(10, 2)).await.unwrap();
    assert_eq!(quote.price.total.amount(), 10_000);
    let eur = |amount| Money::new(amount, "EUR".parse().unwrap());
    let dearer = Rates {
        cleaning_fee: Some(eur(4_000)),
        ..Rates::flat(eur(9_900))
    };
    app::venues::set_rates(&world.app, vendor.member(), None, venue.id, None, &dearer, None)
        .await
        .unwrap();
    let mut stricter = world.app.store().venue(venue.id).await.unwrap().unwrap();
    stricter.policy = Policy::preset("standard_90_day").unwrap();
    let mut transaction = Transaction::new();
    transaction.put_venue(&stricter.touched(world.now()));
    world.app.store().commit(transaction).await.unwrap();
    let booked = world.takes(&carl, &quote).await.unwrap();
    assert_eq!((&booked.price, &booked.policy), (&quote.price, &quote.policy));
    let stored = world.app.store().booking(booked.id).await.unwrap();
    assert_eq!(stored, Some(booked));
    let new = world.quote(&carl, venue.id, at_hour(13, 2)).await.unwrap();
    assert_eq!((new.price.total, new.price.rates_version), (eur(23_800), 2));
    assert_eq!(new.policy.name.as_str(), "standard_90_day");
}

#[tokio::test]
async fn hours_that_changed_after_the_quote_decide() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let quote = world.quote(&carl, venue.id, at_hour(2, 2)).await.unwrap();
    let daytime = testkit::hours_every_day("Europe/Berlin", 9 * 60, 17 * 60);
    app::venues::set_rules(&world.app, vendor.member(), None, venue.id, None, daytime, None)
        .await
        .unwrap();
    let refused = bookings::create(&world.app, &carl.caller, &carl.once("k", "book"), quote.id)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::RefusedTime(Refusal::Closed, _)),
        "{refused:?}"
    );
}

/// A batch of reads is not one moment: it may bring the old rules and the new space.
#[tokio::test]
async fn old_rules_are_not_taken_for_those_of_the_space_they_were_read_with() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let quote = world.quote(&carl, venue.id, at_hour(10, 2)).await.unwrap();
    let store = world.app.store();
    let before = store
        .placement(&quote.id, carl.caller.user)
        .await
        .unwrap()
        .unwrap();
    let daytime = testkit::hours_every_day("Europe/Berlin", 9 * 60, 17 * 60);
    app::venues::set_rules(&world.app, vendor.member(), None, venue.id, None, daytime, None)
        .await
        .unwrap();
    let now = store
        .placement(&quote.id, carl.caller.user)
        .await
        .unwrap()
        .unwrap();
    let checked = async |rules| {
        let mut transaction = Transaction::new();
        transaction.check_space(&now.space);
        transaction.check_rules(&now.space, rules);
        store.commit(transaction).await
    };
    assert_eq!(checked(&now.book).await, Ok(()));
    assert_eq!(
        checked(&before.book).await,
        Err(Fault::Guard(Guard::RulesUnchanged))
    );
}

/// B-T3.
#[tokio::test]
async fn a_lapsed_hold_is_bookable_the_same_second_although_nothing_ran() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let people = with_customers(&world, 2).await;
    world.books(&people[0], venue.id, at_hour(10, 1)).await.unwrap();
    world.clock.advance_seconds(599);
    assert!(world.books(&people[1], venue.id, at_hour(10, 1)).await.is_err());
    world.clock.advance_seconds(1);
    world.books(&people[1], venue.id, at_hour(10, 1)).await.unwrap();
}

/// Racers under a virtual clock with throttles, conflicts and lost replies, many seeds. Whatever each
/// of them heard, the calendar has at most one of them, and whoever heard yes is the one.
#[test]
fn twelve_racers_for_one_hour_have_one_winner_under_faults() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vendor = world.vendor("vera").await;
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        let people = with_customers(&world, 12).await;
        for seed in 0..SEEDS {
            a_race(&world, &venue, &people, seed).await;
            // What was won lapses, or the winners would hold too much.
            world.clock.advance_seconds(600);
        }
    });
}

async fn a_race(world: &World, venue: &Venue, people: &[Person], seed: u32) {
    let hour = on_day(seed, 10, 1);
    let mut quotes = Vec::new();
    for person in people {
        quotes.push(world.quote(person, venue.id, hour).await.unwrap().id);
    }
    world.faults.by_chance(
        seed.into(),
        &[
            (testkit::Fault::Throttled, 30),
            (testkit::Fault::ReplyLost, 20),
            (testkit::Fault::Failed, 10),
            (testkit::Fault::Conflict, 40),
        ],
    );
    let race = people.iter().zip(&quotes).map(|(person, quote)| {
        let once = person.once(&format!("race {seed}"), "book");
        let (app, caller, quote) = (&world.app, &person.caller, *quote);
        async move { bookings::create(app, caller, &once, quote).await }
    });
    let heard = join_all(race).await;
    world.faults.heal();
    let calendar = world
        .app
        .store()
        .calendar(&[venue.main_space], hour)
        .await
        .unwrap();
    let occupying = calendar.occupying(&[venue.main_space], world.now());
    let placed: Vec<_> = occupying
        .iter()
        .filter(|entry| entry.interval == hour)
        .map(|entry| entry.booking)
        .collect();
    assert!(placed.len() <= 1, "seed {seed}: {placed:?}");
    let winners: Vec<_> = heard.iter().flatten().map(|o| o.value.id).collect();
    assert!(
        winners.iter().all(|w| placed.contains(w)),
        "seed {seed}: told {winners:?}, placed {placed:?}"
    );
    for refused in heard.iter().filter_map(|h| h.as_ref().err()) {
        let fine = matches!(
            refused,
            Error::RefusedTime(Refusal::SlotTaken, _)
                | Error::Unavailable(_)
                | Error::Refused(Refusal::SlotTaken)
        );
        assert!(fine, "seed {seed}: {refused:?}");
    }
}

/// An id is made once a decision, so that counting them counts decisions.
struct Decisions {
    ids: SeededIds,
    made: AtomicU32,
}

impl Ids for Decisions {
    fn uuid(&self) -> Uuid {
        self.made.fetch_add(1, Ordering::SeqCst);
        self.ids.uuid()
    }

    fn secret(&self) -> [u8; 32] {
        self.ids.secret()
    }
}

/// Somebody who books by use cases of their own; how many decisions it took.
async fn decides(world: &World, person: &Person, venue: &Venue, hour: Interval, seed: u64) -> u32 {
    let quote = world.quote(person, venue.id, hour).await.unwrap();
    let decisions = Arc::new(Decisions {
        ids: SeededIds::new(seed),
        made: AtomicU32::new(0),
    });
    let (store, config) = (world.app.store().clone(), world.app.config().clone());
    let app = App::builder(store, config, world.clock.clone(), decisions.clone())
        .unwrap()
        .build();
    let once = person.once(&quote.id.to_string(), "book");
    bookings::create(&app, &person.caller, &once, quote.id)
        .await
        .unwrap_or_else(|e| panic!("seed {seed}: {e:?}"));
    decisions.made.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_booking_is_placed_by_one_read_and_one_transaction() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    // With buffers, over midnight: several days are no further read.
    let quote = world.quote(&carl, venue.id, at_hour(20, 8)).await.unwrap();
    world.faults.take_calls();
    world.takes(&carl, &quote).await.unwrap();
    let calls: Vec<(String, usize)> = world.faults.take_calls().into_iter().collect();
    let expected = [("BatchGetItem", 1), ("TransactWriteItems", 1)];
    assert_eq!(calls, expected.map(|(name, count)| (name.to_owned(), count)));
}

/// The first id that it draws ends like one that is taken already.
struct Alike {
    taken: Uuid,
    ids: SeededIds,
    drawn: AtomicU32,
}

impl Ids for Alike {
    fn uuid(&self) -> Uuid {
        match self.drawn.fetch_add(1, Ordering::SeqCst) {
            0 => Uuid::from_u128(self.taken.as_u128() ^ 1 << 100),
            _ => self.ids.uuid(),
        }
    }

    fn secret(&self) -> [u8; 32] {
        self.ids.secret()
    }
}

#[tokio::test]
async fn no_two_bookings_have_the_same_code_although_their_ids_end_alike() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let first = world.books(&carl, venue.id, at_hour(10, 1)).await.unwrap();
    let quote = world.quote(&carl, venue.id, at_hour(12, 1)).await.unwrap();
    let ids = Arc::new(Alike {
        taken: first.id.uuid(),
        ids: SeededIds::new(7),
        drawn: AtomicU32::new(0),
    });
    let (store, config) = (world.app.store().clone(), world.app.config().clone());
    let app = App::builder(store.clone(), config, world.clock.clone(), ids.clone())
        .unwrap()
        .build();
    let second = bookings::create(&app, &carl.caller, &carl.once("second", "book"), quote.id)
        .await
        .unwrap()
        .value;
    assert_eq!(ids.drawn.load(Ordering::SeqCst), 2, "decided again");
    assert_ne!(second.code, first.code);
    for booking in [first, second] {
        assert_eq!(store.booking_of_code(&booking.code).await, Ok(Some(booking.id)));
    }
}

/// Different hours of one day are no conflict in the end: everybody gets theirs, before the attempts run out.
#[test]
fn twenty_four_racers_for_different_hours_of_one_day_all_succeed() {
    let mut distribution: BTreeMap<u32, usize> = BTreeMap::new();
    under_a_virtual_clock(async {
        let world = World::new();
        let vendor = world.vendor("vera").await;
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        let people = with_customers(&world, 24).await;
        for seed in 0..SEEDS / 2 {
            let race = people.iter().zip(0..).map(|(person, hour)| {
                let nth = u64::from(seed) * 24 + u64::try_from(hour).unwrap();
                decides(&world, person, &venue, on_day(seed, hour, 1), nth + 100)
            });
            for decisions in join_all(race).await {
                *distribution.entry(decisions).or_default() += 1;
            }
            world.clock.advance_seconds(600);
        }
    });
    println!("bookings by the decisions that they took: {distribution:?}");
    let most = distribution.keys().max().copied().unwrap();
    assert!((2..=DECISIONS_MAX).contains(&most), "{distribution:?}");
}
