//! B-T5 under races: a vendor closes time while customers book it. Whoever was told yes has their time: a
//! booking stands on open time, or the block was refused with it.

use app::{Error, bookings, venues};
use domain::availability::BlockTime;
use domain::calendar::Entry;
use domain::id::SpaceId;
use domain::space::{Plan, Planned};
use domain::text::VenueName;
use domain::time::{Interval, UtcDay, plus_minutes};
use domain::venue::Venue;
use futures_util::future::{join, join_all};
use testkit::{Fault, Person, VenueBuilder, World};

use super::under_a_virtual_clock;

const SEEDS: u32 = 50;

/// Hours of a day of its own for each seed.
fn hours(seed: u32, from: i64, count: i64) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, (i64::from(seed) * 24 + from) * 60);
    Interval::new(start, plus_minutes(start, count * 60)).unwrap()
}

#[test]
fn b_t5_no_booking_is_left_under_a_block_however_they_race() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vendor = world.vendor("vera").await;
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(world.customer(&format!("customer{n}")).await);
        }
        let (mut blocked, mut refused) = (0, 0);
        for seed in 0..SEEDS {
            match a_race(&world, &vendor, &venue, &people, seed).await {
                true => blocked += 1,
                false => refused += 1,
            }
        }
        assert!(
            blocked > 0 && refused > 0,
            "{blocked} blocks held, {refused} did not: that is no race"
        );
    });
}

/// Whether the block held.
async fn a_race(world: &World, vendor: &Person, venue: &Venue, people: &[Person], seed: u32) -> bool {
    let mut quotes = Vec::new();
    for (person, hour) in people.iter().zip(0..) {
        quotes.push(
            world
                .quote(person, venue.id, hours(seed, hour, 1))
                .await
                .unwrap()
                .id,
        );
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
    let (later, block_at) = (people.iter().map(|_| late()).collect::<Vec<_>>(), late());
    let bookings = people
        .iter()
        .zip(quotes)
        .zip(later)
        .map(|((person, quote), later)| async move {
            tokio::time::sleep(later).await;
            let once = person.once(&format!("race {seed}"), "book");
            bookings::create(&world.app, &person.caller, &once, quote).await
        });
    let all_of_it = BlockTime::Once(hours(seed, 0, 6));
    let block = async {
        tokio::time::sleep(block_at).await;
        venues::block(
            &world.app,
            vendor.vendor(),
            None,
            venue.id,
            None,
            all_of_it.clone(),
            None,
        )
        .await
    };
    let (booked, blocked) = join(join_all(bookings), block).await;
    world.faults.heal();

    let (_, book) = world
        .app
        .store()
        .space_with_rules(venue.id, venue.main_space)
        .await
        .unwrap()
        .unwrap();
    let day = UtcDay::of(hours(seed, 0, 1).start());
    let entries = world
        .app
        .store()
        .entries_from(venue.main_space, day)
        .await
        .unwrap();
    let outside: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.counts_at(world.now()) && !book.rules.is_open(entry.interval))
        .collect();
    assert!(
        outside.is_empty(),
        "seed {seed}: {outside:?} under a block, {blocked:?}"
    );
    for booking in booked.iter().flatten() {
        assert!(
            entries.iter().any(|e| e.booking == booking.value.id),
            "seed {seed}: told yes, and not there"
        );
    }
    match &blocked {
        Ok(_) => assert!(
            booked.iter().flatten().next().is_none(),
            "seed {seed}: booked and blocked"
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
    // Whatever is pending after a failure is decided by the next change.
    if blocked.is_err() {
        let rules = book.rules.clone();
        venues::set_rules(&world.app, vendor.vendor(), None, venue.id, None, rules)
            .await
            .unwrap();
    }
    blocked.is_ok()
}

/// Changes of one venue see each other, whichever spaces they are about: what is locked and blocked always fits
/// together, and a space can be booked when its venue can.
#[test]
fn changes_of_a_venue_that_race_leave_a_plan_that_fits_together() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let (app, vendor, id) = (&world.app, vera.vendor(), venue.id);
        let settings = |name: &str, parts: Vec<SpaceId>| venues::SpaceSettings {
            name: VenueName::parse(name).unwrap(),
            capacity: 40,
            layouts: Vec::new(),
            parts,
            in_use: true,
        };
        let mut rooms = Vec::new();
        for name in ["Middle", "Room"] {
            let room = venues::add_space(app, vendor, None, id, &settings(name, Vec::new())).await;
            rooms.push(room.unwrap().value.id);
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
            let (hall, between) = (settings("Hall", parts(middle)), settings("Middle", parts(room)));
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
                venues::set_space(app, vendor, None, id, venue.main_space, &hall).await
            };
            let inner = async {
                wait(1).await;
                venues::set_space(app, vendor, None, id, middle, &between).await
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
