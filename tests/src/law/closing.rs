//! B-T5 under races: a vendor closes time while customers book it. Whoever was told yes has their time: a
//! booking stands on open time, or what would close it was refused with it.

use app::{Error, bookings, venues};
use domain::availability::{BlockTime, Season, SpecialDates, SpecialHours};
use domain::booking::HOLD_MINUTES;
use domain::calendar::Entry;
use domain::id::SpaceId;
use domain::space::{Plan, Planned};
use domain::text::Label;
use domain::time::{Interval, UtcDay, Zone, plus_minutes};
use domain::venue::Venue;
use futures_util::future::{join, join_all};
use testkit::{Fault, Person, VenueBuilder, World, space_settings};

use super::under_a_virtual_clock;

const SEEDS: u32 = 50;
/// Of each way to close time.
const SEEDS_OF_A_WAY: u32 = 20;

/// Hours of a day of its own for each seed.
fn hours(seed: u32, from: i64, count: i64) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, (i64::from(seed) * 24 + from) * 60);
    Interval::new(start, plus_minutes(start, count * 60)).unwrap()
}

/// What a vendor does to the time that is raced for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Block,
    Hours,
    Season,
    SpecialDay,
    /// The space gets a part, so that its time is another's as well.
    Parts,
}

#[test]
fn b_t5_no_booking_is_left_under_a_block_however_they_race() {
    no_booking_is_left_outside(Closing::Block);
}

#[test]
fn b_t5_no_booking_is_left_outside_of_new_hours_however_they_race() {
    no_booking_is_left_outside(Closing::Hours);
}

#[test]
fn b_t5_no_booking_is_left_outside_of_a_season_however_they_race() {
    no_booking_is_left_outside(Closing::Season);
}

#[test]
fn b_t5_no_booking_is_left_outside_of_a_special_day_however_they_race() {
    no_booking_is_left_outside(Closing::SpecialDay);
}

#[test]
fn b_t5_no_booking_is_left_without_a_part_of_its_space_however_they_race() {
    no_booking_is_left_outside(Closing::Parts);
}

struct Place {
    world: World,
    vera: Person,
    venue: Venue,
    /// What may become a part.
    room: SpaceId,
    people: Vec<Person>,
}

fn no_booking_is_left_outside(closing: Closing) {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let room = space_settings("Room", Vec::new());
        let room = world.adds_space(vera.member(), venue.id, &room).await;
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(world.customer(&format!("customer{n}")).await);
        }
        let place = Place {
            room,
            world,
            vera,
            venue,
            people,
        };
        let (mut closed, mut refused) = (0, 0);
        for seed in 0..SEEDS_OF_A_WAY {
            match place.a_race(closing, seed).await {
                true => closed += 1,
                false => refused += 1,
            }
            // What was won lapses, and what was closed opens for the next race.
            place.world.clock.advance_minutes(HOLD_MINUTES + 1);
            place.opens().await;
        }
        assert!(
            closed > 0 && refused > 0,
            "{closed} held, {refused} did not: that is no race"
        );
    });
}

impl Place {
    async fn closes(&self, closing: Closing, seed: u32) -> app::Result<()> {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        let time = hours(seed, 0, 6);
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let date = zone.rules().to_datetime(time.start()).date();
        let mut rules = testkit::hours_every_day(zone.name(), 0, 1_440);
        match closing {
            Closing::Block => {
                let all_of_it = BlockTime::Once(time);
                let blocked = venues::block(app, vendor, None, id, None, all_of_it, None).await;
                blocked.map(drop)
            }
            Closing::SpecialDay => {
                let special = SpecialHours {
                    dates: SpecialDates::Named {
                        dates: [date].into(),
                        name: None,
                    },
                    hours: Vec::new(),
                };
                let set = venues::set_special_days(app, vendor, None, id, None, &special, None).await;
                set.map(drop)
            }
            Closing::Parts => {
                let hall = space_settings("Hall", vec![self.room]);
                let set = venues::set_space(app, vendor, None, id, self.venue.main_space, &hall, None).await;
                set.map(drop)
            }
            Closing::Hours => {
                rules = testkit::hours_every_day(zone.name(), 12 * 60, 1_440);
                venues::set_rules(app, vendor, None, id, None, rules, None)
                    .await
                    .map(drop)
            }
            Closing::Season => {
                rules.seasons = vec![Season {
                    name: Label::parse("closed").unwrap(),
                    from: date,
                    to: date,
                    priority: 1,
                    weekly: Vec::new(),
                    min_minutes: None,
                    lead_minutes: None,
                }];
                venues::set_rules(app, vendor, None, id, None, rules, None)
                    .await
                    .map(drop)
            }
        }
    }

    /// Open round the clock again, and without parts. It decides what is still pending.
    async fn opens(&self) {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        let hall = space_settings("Hall", Vec::new());
        venues::set_space(app, vendor, None, id, self.venue.main_space, &hall, None)
            .await
            .unwrap();
        let rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
        venues::set_rules(app, vendor, None, id, None, rules, None)
            .await
            .unwrap();
    }

    /// Whether the time was closed.
    async fn a_race(&self, closing: Closing, seed: u32) -> bool {
        let (world, people, venue) = (&self.world, &self.people, &self.venue);
        let mut quotes = Vec::new();
        for (person, hour) in people.iter().zip(0..) {
            let quoted = world.quote(person, venue.id, hours(seed, hour, 1)).await;
            quotes.push(quoted.unwrap().id);
        }
        world.faults.by_chance(
            seed.into(),
            &[
                (Fault::Throttled, 20),
                (Fault::ReplyLost, 20),
                (Fault::Failed, 10),
                (Fault::Conflict, 30),
            ],
        );
        // Some come late, some early.
        let mut random = fastrand::Rng::with_seed(seed.into());
        let mut late = || std::time::Duration::from_millis(random.u64(0..120));
        let (later, close_at) = (people.iter().map(|_| late()).collect::<Vec<_>>(), late());
        let bookings = people
            .iter()
            .zip(quotes)
            .zip(later)
            .map(|((person, quote), later)| async move {
                tokio::time::sleep(later).await;
                let once = person.once(&format!("race {seed}"), "book");
                bookings::create(&world.app, &person.caller, &once, quote).await
            });
        let close = async {
            tokio::time::sleep(close_at).await;
            self.closes(closing, seed).await
        };
        let (booked, closed) = join(join_all(bookings), close).await;
        world.faults.heal();

        let store = world.app.store();
        let (space, book) = store
            .space_with_rules(venue.id, venue.main_space)
            .await
            .unwrap()
            .unwrap();
        let day = UtcDay::of(hours(seed, 0, 1).start());
        let entries_of = async |space| -> Vec<Entry> {
            let entries = store.entries_from(space, day).await.unwrap();
            let stands = |entry: &Entry| entry.counts_at(world.now());
            entries.into_iter().filter(stands).collect()
        };
        let entries = entries_of(venue.main_space).await;
        for locked in space.locked() {
            assert_eq!(
                entries_of(locked).await,
                entries,
                "seed {seed}: {locked} is not theirs"
            );
        }
        let is_outside = |entry: &&Entry| !book.rules.is_open(entry.interval);
        let outside: Vec<&Entry> = entries.iter().filter(is_outside).collect();
        assert!(outside.is_empty(), "seed {seed}: {outside:?}, {closed:?}");
        for booking in booked.iter().flatten() {
            assert!(
                entries.iter().any(|e| e.booking == booking.value.id),
                "seed {seed}: told yes, and not there"
            );
        }
        match &closed {
            // Whoever comes after the hall got its part has the part as well.
            Ok(()) if closing == Closing::Parts => {}
            Ok(()) => assert!(
                booked.iter().flatten().next().is_none(),
                "seed {seed}: booked and closed"
            ),
            Err(Error::BookingsInTheWay(conflicts)) => {
                let stand = |c: &app::Conflict| entries.iter().any(|e| e.booking == c.booking);
                assert!(
                    !conflicts.is_empty() && conflicts.iter().all(stand),
                    "seed {seed}"
                );
            }
            // It may have happened all the same: the reply was lost.
            Err(Error::Unavailable(_)) => {}
            Err(other) => panic!("seed {seed}: {other:?}"),
        }
        closed.is_ok()
    }
}

/// Changes of one venue see each other, whichever spaces they are about: what is locked and blocked always fits
/// together, and a space can be booked when its venue can.
#[test]
fn changes_of_a_venue_that_race_leave_a_plan_that_fits_together() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let (app, vendor, id) = (&world.app, vera.member(), venue.id);
        let mut rooms = Vec::new();
        for name in ["Middle", "Room"] {
            let room = space_settings(name, Vec::new());
            rooms.push(world.adds_space(vendor, id, &room).await);
        }
        let [middle, room] = rooms[..] else {
            panic!("two rooms")
        };
        for seed in 0..SEEDS {
            let mut random = fastrand::Rng::with_seed(seed.into());
            let waits: Vec<u64> = (0..4).map(|_| random.u64(0..30)).collect();
            let wait = |n: usize| tokio::time::sleep(std::time::Duration::from_millis(waits[n]));
            let on = seed % 2 == 0;
            let parts = |part: SpaceId| if on { vec![part] } else { Vec::new() };
            let (hall, between) = (
                space_settings("Hall", parts(middle)),
                space_settings("Middle", parts(room)),
            );
            let block = BlockTime::Once(hours(seed + 10, 0, 1));
            world
                .faults
                .by_chance(seed.into(), &[(Fault::Conflict, 50), (Fault::ReplyLost, 20)]);
            let market = async {
                wait(3).await;
                if on {
                    venues::pause(app, vendor, None, id).await
                } else {
                    venues::resume(app, vendor, None, id).await
                }
            };
            let outer = async {
                wait(0).await;
                venues::set_space(app, vendor, None, id, venue.main_space, &hall, None).await
            };
            let inner = async {
                wait(1).await;
                venues::set_space(app, vendor, None, id, middle, &between, None).await
            };
            let blocked = async {
                wait(2).await;
                venues::block(app, vendor, None, id, Some(room), block.clone(), None).await
            };
            let heard = futures_util::join!(outer, inner, blocked, market);
            world.faults.heal();
            let stored = app.store().spaces_with_rules(id).await.unwrap();
            let is_live = app.store().venue(id).await.unwrap().unwrap().is_live();
            let plan: Plan = stored
                .iter()
                .map(|(space, book)| Planned {
                    space: space.clone(),
                    rules: book.rules.clone(),
                })
                .collect();
            let mut settled = plan.clone();
            settled
                .settle()
                .unwrap_or_else(|e| panic!("seed {seed}: {e:?} {heard:?}"));
            assert_eq!(plan, settled, "seed {seed}");
            for (space, book) in stored {
                assert_eq!(space.live, is_live, "seed {seed}: {space:?}");
                assert_eq!(book.pending, None, "seed {seed}");
            }
        }
    });
}
