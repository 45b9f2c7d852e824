//! B-T2: booking, paying, moving, cancelling, blocking, lapsing and expiring, side by side and in any order, over two
//! halls that share a room. Whatever anybody heard, nobody has what another has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::venues::{self, QuoteRequest};
use app::{App, Error, bookings, payments, timers};
use domain::availability::BlockTime;
use domain::booking::Booking;
use domain::calendar::Entry;
use domain::id::{BlockId, SpaceId};
use domain::money::Money;
use domain::time::{Interval, UtcDay, plus_minutes};
use domain::venue::Venue;
use futures_util::future::{join, join_all};
use testkit::{Fault, Person, VenueBuilder, World, space_settings};

use super::under_a_virtual_clock;
use crate::timers::provider::TestProvider;

/// `SIMULATION_SEEDS` asks for more, or fewer, or for some (`500..1000`), so that several processes share them.
const SEEDS: u64 = 12;
/// What has been before is looked at with every seed, so that a place that is never a new one gets slower and slower.
const SEEDS_PER_PLACE: u64 = 10;
const PEOPLE: usize = 6;
/// What each of them does in one seed.
const STEPS: usize = 6;
/// Hours that they all want.
const HOURS: i64 = 5;

struct Place {
    world: World,
    app: App,
    provider: Arc<TestProvider>,
    vera: Person,
    people: Vec<Person>,
    venue: Venue,
    spaces: Vec<SpaceId>,
}

#[derive(Debug, Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

impl Place {
    async fn new() -> Self {
        let world = World::new();
        let provider = Arc::<TestProvider>::default();
        let app = provider.behind(&world);
        let vera = world.vendor("vera").await;
        let mut people = Vec::new();
        for n in 0..PEOPLE {
            people.push(world.customer(&format!("customer{n}")).await);
        }
        let builder = VenueBuilder::default().rules(|rules| rules.turnaround_minutes = 30);
        let venue = world.live_venue(&vera, builder).await;
        let mut place = Self {
            spaces: vec![venue.main_space],
            world,
            app,
            provider,
            vera,
            people,
            venue,
        };
        for name in ["Blue", "Red", "Green"] {
            place.room(name, Vec::new()).await;
        }
        let [hall, blue, red, green] = place.spaces[..] else {
            panic!("four spaces")
        };
        let (vendor, id, both) = (
            place.vera.member(),
            place.venue.id,
            space_settings("Hall", vec![blue, red]),
        );
        place.world.sets_space(vendor, id, hall, &both).await;
        place.room("Other Hall", vec![red, green]).await;
        place
    }

    async fn room(&mut self, name: &str, parts: Vec<SpaceId>) {
        let (vendor, venue) = (self.vera.member(), self.venue.id);
        let rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
        let price = Money::new(2_000, "EUR".parse().unwrap());
        let settings = space_settings(name, parts);
        let opened = self.world.opens_space(vendor, venue, &settings, rules, price);
        self.spaces.push(opened.await);
    }

    /// The second day from now, at noon.
    fn noon(&self) -> jiff::Timestamp {
        let day = UtcDay::of(plus_minutes(self.world.now(), 2 * 1_440));
        plus_minutes(day.interval().start(), 720)
    }

    async fn books(
        &self,
        who: &Person,
        key: &str,
        space: SpaceId,
        interval: Interval,
    ) -> app::Result<Booking> {
        let ask = QuoteRequest::plain(self.venue.id, Some(space), interval, 2);
        let quote = venues::quote(&self.app, Some(&who.caller), None, ask)
            .await?
            .value;
        let once = who.once(key, "book");
        Ok(bookings::create(&self.app, &who.caller, &once, quote.id)
            .await?
            .value)
    }

    async fn pays(&self, who: &Person, key: &str, booking: &Booking) -> app::Result<()> {
        payments::process(&self.app, &who.caller, &who.once(key, "pay"), booking.id, None).await?;
        self.provider.is_paid(booking.id);
        payments::verify(&self.app, &who.caller, booking.id)
            .await
            .map(drop)
    }

    /// Asks for another time; the vendor may agree, and the customer pay the difference.
    async fn moves(
        &self,
        who: &Person,
        key: &str,
        booking: &Booking,
        interval: Interval,
        random: &mut fastrand::Rng,
    ) -> &'static str {
        // Only what is paid for can be moved.
        let _ = self.pays(who, &format!("{key} first"), booking).await;
        let once = who.once(key, "propose");
        let proposed = bookings::propose(
            &self.app,
            &who.caller,
            &once,
            booking.id,
            bookings::Ask::plain(interval),
        )
        .await;
        let Some(proposal) = proposed.ok().and_then(|booking| booking.value.proposal) else {
            return "not proposed";
        };
        tokio::time::sleep(Duration::from_millis(random.u64(0..100))).await;
        if random.u8(0..4) == 0 {
            return "proposed";
        }
        let once = self.vera.once(&format!("{key} {}", proposal.id), "accept");
        let vera = &self.vera.caller;
        let accepted = bookings::accept_proposal(&self.app, vera, &once, booking.id, proposal.id).await;
        match accepted.map(|booking| booking.value) {
            Err(_) => "not accepted",
            Ok(booking) if booking.to_be_paid().is_none() => "moved",
            Ok(booking) => {
                if random.bool() && self.pays(who, &format!("{key} more"), &booking).await.is_ok() {
                    "moved for money"
                } else {
                    "accepted"
                }
            }
        }
    }

    /// One person's doings.
    async fn lives(&self, n: usize, seed: u64, noon: jiff::Timestamp) -> (Vec<Booking>, Tally) {
        let mut random = fastrand::Rng::with_seed(seed * 100 + n as u64);
        let who = &self.people[n];
        let (mut mine, mut tally) = (Vec::<Booking>::new(), Tally::default());
        for step in 0..STEPS {
            tokio::time::sleep(Duration::from_millis(random.u64(0..200))).await;
            let key = format!("{seed} {step}");
            match (random.u8(0..14), mine.last()) {
                (0..=2, Some(booking)) => match self.pays(who, &key, booking).await {
                    Ok(()) => tally.count("paid"),
                    Err(_) => tally.count("not paid"),
                },
                (3, Some(booking)) => match self.world.cancels(who, booking.id).await {
                    Ok(_) => tally.count("cancelled"),
                    Err(_) => tally.count("not cancelled"),
                },
                (4..=7, Some(booking)) => {
                    let interval = wish(&mut random, noon);
                    tally.count(self.moves(who, &key, booking, interval, &mut random).await);
                }
                _ => {
                    let space = self.spaces[random.usize(..self.spaces.len())];
                    let interval = wish(&mut random, noon);
                    match self.books(who, &key, space, interval).await {
                        Ok(booking) => {
                            mine.push(booking);
                            tally.count("booked");
                        }
                        Err(Error::RefusedTime(refusal, _) | Error::Refused(refusal)) => {
                            tally.count(refusal.code())
                        }
                        Err(_) => tally.count("unavailable"),
                    }
                }
            }
        }
        (mine, tally)
    }

    /// What happens beside them: a block that comes and may go, time that passes, and its timers.
    async fn passes(&self, seed: u64, noon: jiff::Timestamp) -> Tally {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut tally = Tally::default();
        let (vendor, venue) = (self.vera.member(), self.venue.id);
        let mut block: Option<BlockId> = None;
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(random.u64(0..250))).await;
            match random.u8(0..3) {
                0 => {
                    let space = self.spaces[random.usize(..self.spaces.len())];
                    let start = plus_minutes(noon, random.i64(0..HOURS) * 60);
                    let time = BlockTime::Once(Interval::new(start, plus_minutes(start, 60)).unwrap());
                    match venues::block(&self.app, vendor, None, venue, Some(space), time, None).await {
                        Ok(made) => {
                            block = Some(made.value.id);
                            tally.count("a block");
                        }
                        Err(Error::BookingsInTheWay(_)) => tally.count("no block"),
                        Err(_) => tally.count("no block, unavailable"),
                    }
                }
                1 => {
                    self.world.clock.advance_minutes(random.i64(1..9));
                    if timers::run(&self.app)
                        .await
                        .is_ok_and(|summary| summary.expired > 0)
                    {
                        tally.count("expired");
                    }
                }
                _ => {
                    if let Some(block) = block.take() {
                        let _ = venues::unblock(&self.app, vendor, None, venue, block).await;
                    }
                }
            }
        }
        tally
    }

    /// That nobody has what another has.
    async fn check(&self, seed: u64, noon: jiff::Timestamp, told: &[Booking]) {
        let (store, now) = (self.app.store(), self.world.now());
        let day = UtcDay::of(noon);
        let mut standing: BTreeMap<SpaceId, Vec<Entry>> = BTreeMap::new();
        for space in &self.spaces {
            let entries = store.entries_from(*space, day).await.unwrap();
            let mut live: Vec<Entry> = entries.into_iter().filter(|e| e.counts_at(now)).collect();
            live.sort_by_key(|e| e.interval.start());
            for (n, earlier) in live.iter().enumerate() {
                // A booking may be moved over its own time.
                let others = |later: &&Entry| later.booking != earlier.booking;
                for later in live[n + 1..].iter().filter(others) {
                    let gap = i64::from(earlier.turnaround_minutes.max(later.setup_minutes));
                    let free_from = plus_minutes(earlier.interval.end(), gap);
                    assert!(
                        free_from <= later.interval.start(),
                        "seed {seed}: {earlier:?} and {later:?} in {space}"
                    );
                }
            }
            let (_, book) = store
                .space_with_rules(self.venue.id, *space)
                .await
                .unwrap()
                .unwrap();
            for entry in live.iter().filter(|e| e.space == *space) {
                assert!(
                    book.rules.is_open(entry.interval),
                    "seed {seed}: {entry:?} under a block"
                );
            }
            standing.insert(*space, live);
        }
        for entry in standing.values().flatten() {
            let booking = store.booking(entry.booking).await.unwrap().unwrap();
            assert!(
                booking.state.occupies(),
                "seed {seed}: {entry:?} of a booking that is {:?}",
                booking.state
            );
            let stands = booking.standings().into_iter();
            let mut own = stands.filter(|standing| standing.entry.proposed == entry.proposed);
            assert_eq!(
                own.next().map(|standing| standing.entry),
                Some(entry.clone()),
                "seed {seed}"
            );
        }
        for booking in told {
            let booking = store.booking(booking.id).await.unwrap().unwrap();
            for own in booking.standings().into_iter().filter(|s| s.entry.counts_at(now)) {
                let has = |space: &SpaceId| standing[space].contains(&own.entry);
                assert!(
                    own.spaces.iter().all(has),
                    "seed {seed}: {booking:?} does not stand everywhere"
                );
            }
            if booking.state.is_firm() {
                let payments = store.payments_of(booking.id).await.unwrap();
                let kept: i64 = payments.iter().map(|p| p.left().unwrap().amount()).sum();
                assert_eq!(kept, booking.price.total.amount(), "seed {seed}: {booking:?}");
            }
        }
    }
}

/// One of the times that they all want.
fn wish(random: &mut fastrand::Rng, noon: jiff::Timestamp) -> Interval {
    let start = plus_minutes(noon, random.i64(0..HOURS * 2) * 30);
    Interval::new(start, plus_minutes(start, random.i64(2..5) * 30)).unwrap()
}

#[test]
fn b_t2_nobody_has_what_another_has_however_they_all_interleave() {
    let seeds = std::env::var("SIMULATION_SEEDS").map_or(0..SEEDS, |asked| {
        let (from, to) = asked.split_once("..").unwrap_or(("0", &asked));
        from.parse().unwrap()..to.parse().unwrap()
    });
    let mut all = Tally::default();
    under_a_virtual_clock(async {
        let mut place = Place::new().await;
        for seed in seeds.clone() {
            if seed > seeds.start && seed % SEEDS_PER_PLACE == 0 {
                println!("{seed} of {}: {:?}", seeds.end, all.0);
                place = Place::new().await;
            }
            place.world.faults.by_chance(
                seed,
                &[
                    (Fault::Throttled, 10),
                    (Fault::ReplyLost, 15),
                    (Fault::Failed, 5),
                    (Fault::Conflict, 20),
                ],
            );
            // Midnight may pass meanwhile.
            let noon = place.noon();
            let lives = join_all((0..PEOPLE).map(|n| place.lives(n, seed, noon)));
            let (lives, passed) = join(lives, place.passes(seed, noon)).await;
            place.world.faults.heal();
            let told: Vec<Booking> = lives.iter().flat_map(|(mine, _)| mine.clone()).collect();
            place.check(seed, noon, &told).await;
            for (what, count) in lives
                .iter()
                .map(|(_, tally)| tally)
                .chain([&passed])
                .flat_map(|t| &t.0)
            {
                *all.0.entry(what).or_default() += count;
            }
            // Once more when everything that is due has been done, on the same day.
            timers::run(&place.app).await.unwrap();
            place.check(seed, noon, &told).await;
            place.world.clock.advance_minutes(1_440);
        }
    });
    for what in [
        "booked",
        "paid",
        "cancelled",
        "moved",
        "moved for money",
        "expired",
        "slot_taken",
        "linked_space",
        "buffer",
        "blocked",
        "a block",
        "no block",
    ] {
        assert!(all.0.contains_key(what), "{what} never happened: {all:?}");
    }
}
