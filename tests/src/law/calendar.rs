//! What a vendor's calendar shows as taken is what a customer is refused, and nothing else: on random venues over days
//! on which the clock is shifted, compared with the answers to single questions.

use std::collections::BTreeSet;

use app::Error;
use app::bookings::{self, OffPlatform};
use app::venues::{
    self, CALENDAR_DATES_MAX, CALENDAR_DAYS_READ_MAX, CALENDAR_SHOWN_MAX, CalendarPage, Days, Look,
    QuoteRequest, SpaceDays,
};
use domain::availability::{BlockTime, Hours, Repeating, Rules};
use domain::booking::{Guest, HOLD_MINUTES};
use domain::id::{SpaceId, VenueId};
use domain::money::Money;
use domain::space::{SPACES_MAX, SpaceSummary};
use domain::spans::Spans;
use domain::text::PersonName;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;
use store::Transaction;
use testkit::{Person, VenueBuilder, World, hours_every_day, space_settings};

const SEEDS: u64 = 3;
const QUESTIONS: usize = 150;
/// Clocks are shifted on one of them, in one of the zones.
const DATES: [&str; 3] = ["2027-03-13", "2027-03-14", "2027-03-15"];
const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"];

fn days(dates: &[&str]) -> Days {
    Days {
        dates: dates.iter().map(|date| date.parse().unwrap()).collect(),
        venues: BTreeSet::new(),
    }
}

/// A time that begins somewhere around the dates.
fn any_time(random: &mut Rng) -> Interval {
    let first = "2027-03-12T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, random.i64(0..5 * 48) * 30);
    Interval::new(start, plus_minutes(start, random.i64(1..9) * 30)).unwrap()
}

fn any_rules(random: &mut Rng, zone: &str) -> Rules {
    let open = random.u32(0..12) * 60;
    Rules {
        min_minutes: 30,
        setup_minutes: random.u32(0..4) * 30,
        turnaround_minutes: random.u32(0..4) * 30,
        ..hours_every_day(zone, open, open + random.u32(8..=24) * 60)
    }
}

struct Place {
    world: World,
    vera: Person,
    venues: Vec<Venue>,
}

impl Place {
    /// Venues in different zones, each with two rooms, a hall of both and another of the second.
    async fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let world = World::seeded(seed);
        let vera = world.vendor("vera").await;
        let mut venues = Vec::new();
        for zone in ZONES {
            let mut builder = VenueBuilder::default().in_zone(zone);
            builder.venue.rules = Some(any_rules(&mut random, zone));
            venues.push(world.live_venue(&vera, builder).await);
            world.clock.advance_minutes(1);
        }
        let place = Self { world, vera, venues };
        for venue in &place.venues {
            let zone = venue.location.zone.name();
            let left = place.room(venue, Vec::new(), any_rules(&mut random, zone)).await;
            let right = place.room(venue, Vec::new(), any_rules(&mut random, zone)).await;
            place
                .room(venue, vec![left, right], any_rules(&mut random, zone))
                .await;
            place.room(venue, vec![right], any_rules(&mut random, zone)).await;
        }
        place.fills(&mut random).await;
        place
    }

    async fn room(&self, venue: &Venue, parts: Vec<SpaceId>, rules: Rules) -> SpaceId {
        let vendor = self.vera.member();
        let settings = space_settings("Room", parts);
        let price = Money::new(2_000, "EUR".parse().unwrap());
        self.world
            .opens_space(vendor, venue.id, &settings, rules, price)
            .await
    }

    /// Blocks, holds, bookings that are paid, entered and cancelled, and holds that lapse.
    async fn fills(&self, random: &mut Rng) {
        let (app, vendor) = (&self.world.app, self.vera.member());
        let mut people = Vec::new();
        for n in 0..6 {
            people.push(self.world.customer(&format!("customer{n}")).await);
        }
        for n in 0..150 {
            let (venue, space) = self.any_space(random).await;
            let time = any_time(random);
            if n == 75 {
                // What is held so far lapses.
                self.world.clock.advance_minutes(HOLD_MINUTES);
            }
            if n % 15 == 0 {
                let time = self.any_block(random, time);
                let _ = venues::block(app, vendor, None, venue, Some(space), time, None).await;
            } else if n % 4 == 0 {
                let walk_in = OffPlatform {
                    venue,
                    space: Some(space),
                    interval: time,
                    guests: 2,
                    layout: None,
                    guest: Guest {
                        name: PersonName::parse("Greta").unwrap(),
                        contact: None,
                    },
                };
                let once = self.vera.once(&n.to_string(), "enter");
                let _ = bookings::enter(app, &self.vera.caller, vendor, &once, &walk_in).await;
            } else {
                let who = &people[n % people.len()];
                let ask = QuoteRequest::plain(venue, Some(space), time, 2);
                let Ok(quote) = venues::quote(app, Some(&who.caller), None, ask).await else {
                    continue;
                };
                let Ok(booking) = self.world.takes(who, &quote.value).await else {
                    continue;
                };
                match random.u8(0..4) {
                    0 => drop(self.world.cancels(who, booking.id).await.unwrap()),
                    1 => drop(self.world.confirms(&booking).await),
                    _ => {}
                }
            }
        }
    }

    fn any_block(&self, random: &mut Rng, time: Interval) -> BlockTime {
        let first: Date = "2027-03-12".parse().unwrap();
        match random.u8(0..3) {
            0 => BlockTime::Days {
                from: first,
                to: first + random.i64(0..2).days(),
            },
            1 => {
                let hours = Hours {
                    open_minute: 23 * 60,
                    close_minute: 27 * 60,
                };
                let rule = "FREQ=DAILY;INTERVAL=2".parse().unwrap();
                BlockTime::Repeating(Repeating::new(first, hours, rule, BTreeSet::new()).unwrap())
            }
            _ => BlockTime::Once(time),
        }
    }

    async fn any_space(&self, random: &mut Rng) -> (VenueId, SpaceId) {
        let venue = self.venues[random.usize(..self.venues.len())].id;
        let spaces = self.world.app.store().spaces(venue).await.unwrap();
        (venue, spaces[random.usize(..spaces.len())].id)
    }

    async fn shows(&self, ask: &Days, limit: i32, after: Option<&str>) -> app::Result<CalendarPage> {
        venues::calendar(&self.world.app, self.vera.member(), ask, limit, after).await
    }
}

/// All that is shown as taken, with its buffers, and all that is shown as blocked.
fn shown(page: &CalendarPage, space: &SpaceDays) -> (Spans, Spans) {
    let around = space.taken.iter().flat_map(|taken| {
        assert!(page.bookings.contains_key(&taken.entry.booking));
        [taken.before, Some(taken.entry.interval), taken.after]
    });
    (
        around.flatten().collect(),
        space.blocks.iter().map(|(_, time)| *time).collect(),
    )
}

#[tokio::test]
async fn what_the_calendar_shows_as_taken_is_what_a_customer_is_refused() {
    let mut seen = BTreeSet::new();
    for seed in 0..SEEDS {
        let place = Place::new(seed).await;
        let mut random = Rng::with_seed(seed);
        let app = &place.world.app;
        let page = place.shows(&days(&DATES), 10, None).await.unwrap();
        assert_eq!((page.venues.len(), &page.next), (ZONES.len(), &None));
        for _ in 0..QUESTIONS {
            let venue = &page.venues[random.usize(..page.venues.len())];
            let space = &venue.spaces[random.usize(..venue.spaces.len())];
            let window = venue.days[0].1.through(venue.days[2].1);
            let Some(time) = any_time(&mut random).within(window) else {
                continue;
            };
            let ask = QuoteRequest::plain(venue.venue.id, Some(space.space.id), time, 2);
            let answer = venues::check(app, None, &ask).await.unwrap();
            let codes: BTreeSet<&str> = answer.reasons.iter().map(|refusal| refusal.code()).collect();
            let (taken, blocked) = shown(&page, space);
            let is_taken = ["slot_taken", "linked_space", "buffer"]
                .iter()
                .any(|code| codes.contains(code));
            assert_eq!(is_taken, taken.meets(time), "seed {seed}: {time:?} {codes:?}");
            assert_eq!(
                codes.contains("blocked"),
                blocked.meets(time),
                "seed {seed}: {time:?} {codes:?}"
            );
            let hours = ["closed", "season", "special_hours"]
                .iter()
                .any(|code| codes.contains(code));
            assert_eq!(hours, !space.open.covers(time), "seed {seed}: {time:?} {codes:?}");
            seen.extend(codes);
        }
        for venue in &page.venues {
            for space in &venue.spaces {
                let window = venue.days[0].1.through(venue.days[2].1);
                let look = Look {
                    venue: venue.venue.id,
                    space: Some(space.space.id),
                    window,
                    minutes: None,
                };
                let free = venues::availability(app, None, look).await.unwrap().free;
                assert_eq!(space.free.as_slice(), free, "seed {seed}");
            }
        }
    }
    for code in ["slot_taken", "linked_space", "buffer", "blocked", "closed"] {
        assert!(seen.contains(code), "{code} was never among {seen:?}");
    }
}

/// What a page shows, without the instant.
fn told(pages: &[CalendarPage]) -> Vec<(VenueId, String)> {
    let venues = pages.iter().flat_map(|page| &page.venues);
    venues
        .map(|venue| (venue.venue.id, format!("{:?} {:?}", venue.days, venue.spaces)))
        .collect()
}

async fn all_pages(place: &Place, ask: &Days, limit: i32) -> Vec<CalendarPage> {
    let mut pages: Vec<CalendarPage> = Vec::new();
    loop {
        let after = pages.last().and_then(|page| page.next.clone());
        pages.push(place.shows(ask, limit, after.as_deref()).await.unwrap());
        if pages.last().unwrap().next.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn pages_of_the_calendar_are_the_whole_of_it_and_cost_four_steps_each() {
    let place = Place::new(7).await;
    let (all, week) = (days(&DATES), days(&["2027-03-14"]));
    place.world.faults.take_calls();
    let whole = place.shows(&all, 10, None).await.unwrap();
    let calls: Vec<_> = place.world.faults.take_calls().into_iter().collect();
    // The venues; their spaces with rules, the days, and the bookings, of which none is more than a batch.
    assert_eq!(calls, [("BatchGetItem".to_owned(), 3), ("Query".to_owned(), 1)]);
    for limit in [1, 2, 3] {
        let pages = all_pages(&place, &all, limit).await;
        assert_eq!(told(&pages), told(std::slice::from_ref(&whole)));
    }
    // Chosen ones stand in the same order.
    let chosen = Days {
        venues: [place.venues[0].id, place.venues[2].id].into(),
        ..week.clone()
    };
    let of_chosen = |pages: &[CalendarPage]| {
        let mut told = told(pages);
        told.retain(|(venue, _)| chosen.venues.contains(venue));
        told
    };
    let expected = of_chosen(&[place.shows(&week, 10, None).await.unwrap()]);
    assert_eq!(expected.len(), 2);
    for limit in [1, 2] {
        assert_eq!(told(&all_pages(&place, &chosen, limit).await), expected);
    }
}

#[tokio::test]
async fn a_page_reads_and_shows_no_more_than_its_limits_and_the_next_one_goes_on() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let mut venues = Vec::new();
    for _ in 0..3 {
        venues.push(world.live_venue(&vera, VenueBuilder::default()).await);
        world.clock.advance_minutes(1);
    }
    let place = Place { world, vera, venues };
    let first: Date = "2027-03-01".parse().unwrap();
    let month = Days {
        dates: first.series(1.day()).take(CALENDAR_DATES_MAX).collect(),
        venues: BTreeSet::new(),
    };
    assert_eq!(all_pages(&place, &month, 10).await.len(), 1);
    // As many spaces as a venue can have: two of them fit into a page.
    assert!((2..3).contains(&(CALENDAR_DAYS_READ_MAX / (SPACES_MAX * (CALENDAR_DATES_MAX + 3)))));
    for venue in &place.venues {
        let mut venue = place.world.app.store().venue(venue.id).await.unwrap().unwrap();
        let summary = venue.spaces[0].clone();
        let fill = (1..SPACES_MAX as u128).map(|n| SpaceSummary {
            id: SpaceId::from_uuid(uuid::Uuid::from_u128(n)),
            ..summary.clone()
        });
        venue.spaces.extend(fill);
        let mut transaction = Transaction::new();
        venue.version += 1;
        transaction.put_venue(&venue);
        place.world.app.store().commit(transaction).await.unwrap();
    }
    let pages = all_pages(&place, &month, 10).await;
    let counts: Vec<usize> = pages.iter().map(|page| page.venues.len()).collect();
    assert_eq!(counts, [2, 1]);
    // A block that recurs daily is shown once a day.
    let blocks = CALENDAR_SHOWN_MAX / CALENDAR_DATES_MAX;
    let block = |venue: VenueId, n: usize| {
        let minute = u32::try_from(n).unwrap() * 10;
        let hours = Hours {
            open_minute: minute,
            close_minute: minute + 5,
        };
        let daily = Repeating::new(first, hours, "FREQ=DAILY".parse().unwrap(), BTreeSet::new()).unwrap();
        let (app, vendor) = (&place.world.app, place.vera.member());
        async move { venues::block(app, vendor, None, venue, None, BlockTime::Repeating(daily), None).await }
    };
    let (oldest, newest) = (place.venues[0].id, place.venues[2].id);
    for n in 0..blocks {
        block(newest, n).await.unwrap();
    }
    block(place.venues[1].id, 0).await.unwrap();
    let counts = |pages: &[CalendarPage]| pages.iter().map(|page| page.venues.len()).collect::<Vec<_>>();
    assert_eq!(
        counts(&all_pages(&place, &month, 10).await),
        [1, 2],
        "one more would be too many"
    );
    block(newest, blocks).await.unwrap();
    let Err(Error::Invalid(errors)) = place.shows(&month, 10, None).await else {
        panic!("more was shown than is allowed")
    };
    assert_eq!(errors[0].pointer, "/to");
    let others = Days {
        venues: [oldest].into(),
        ..month.clone()
    };
    assert_eq!(counts(&all_pages(&place, &others, 10).await), [1]);
    let fewer = Days {
        dates: month.dates[1..].to_vec(),
        ..month
    };
    assert!(place.shows(&fewer, 10, None).await.is_ok());
}
