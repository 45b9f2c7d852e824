//! Every refusal names a time when one could be had: held against a search that tries every half hour, one by one, by
//! the decision itself.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::super::hours::local_date;
use super::*;
use crate::availability::{Block, BlockTime, Hours, Opening, Package, Season, SpecialDay, StartAlignment};
use crate::calendar::Entry;
use crate::id::{BlockId, BookingId, SpaceId};
use crate::text::Label;
use crate::time::tests::at;

const SPACES: [SpaceId; 2] = [
    SpaceId::from_uuid(Uuid::from_u128(7)),
    SpaceId::from_uuid(Uuid::from_u128(8)),
];
/// Whole and half hours, shifts of an hour and of half an hour.
const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "America/Havana",
    "Australia/Lord_Howe",
];
const HALF_HOUR: i64 = 30;
const HALF_HOURS_A_DAY: i64 = 48;
/// Days on either side that are tried.
const TRIED_DAYS: i64 = 12;
const CASES: u32 = 128;

#[derive(Debug)]
struct Scene {
    rules: Rules,
    now: Timestamp,
    by: Booker,
    wanted: Interval,
    booked: Vec<Interval>,
    /// Of so many hours every third lot is not sold.
    unsold: Option<i64>,
}

impl Scene {
    fn request(&self) -> Request<'_> {
        Request {
            rules: &self.rules,
            pending: None,
            spaces: &SPACES,
            now: self.now,
            by: self.by,
            except: None,
        }
    }

    fn calendar(&self) -> Calendar {
        let mut calendar = Calendar::default();
        for (n, interval) in (1_u128..).zip(&self.booked) {
            // A booking of the linked space, or of both.
            let spaces = if n % 2 == 0 { &SPACES[1..] } else { &SPACES };
            let entry = Entry {
                booking: BookingId::from_uuid(Uuid::from_u128(n)),
                space: spaces[0],
                interval: *interval,
                setup_minutes: if n % 3 == 0 { 1_440 } else { 0 },
                turnaround_minutes: 30,
                hold_until: None,
                proposed: false,
            };
            // What does not fit is left out.
            calendar.reserve(spaces, &entry, self.now).ok();
        }
        calendar
    }

    fn is_sold(&self, time: Interval) -> bool {
        self.unsold
            .is_none_or(|hours| time.start().as_second().div_euclid(hours * 3_600) % 3 != 0)
    }

    fn can_be_had(&self, calendar: &Calendar, time: Interval) -> bool {
        self.is_sold(time) && self.request().decide(calendar, time).is_ok()
    }

    /// The length nearest to what is wanted, by trying all.
    fn length_at(&self, start: Timestamp) -> Option<i64> {
        let date = local_date(self.rules.zone.rules(), start);
        let season = self.rules.season(date).and_then(|season| season.min_minutes);
        let least = season.unwrap_or(self.rules.min_minutes);
        let fits = |minutes: &u32| *minutes >= least && minutes.is_multiple_of(self.rules.step_minutes);
        let lengths = (1..=self.rules.max_minutes).filter(fits).map(i64::from);
        lengths
            .filter(|_| !self.rules.packages_only)
            .min_by_key(|length| (length.abs_diff(self.wanted.minutes()), Reverse(*length)))
    }

    /// Every time that could be had, packages included.
    fn tried(&self, calendar: &Calendar) -> Vec<Interval> {
        let days = match self.by {
            Booker::Customer | Booker::Moving { .. } => i64::from(self.rules.horizon_days),
            Booker::Vendor => TRIED_DAYS,
        };
        let (from, to) = match self.by {
            Booker::Customer | Booker::Moving { .. } => (self.now, plus_minutes(self.now, days * 1_440 + 1)),
            Booker::Vendor => {
                let around = days * 1_440;
                (
                    plus_minutes(self.wanted.start(), -around),
                    plus_minutes(self.wanted.start(), around),
                )
            }
        };
        let tried = Interval::new(from, to).unwrap().rounded_outward(HALF_HOUR);
        let starts = (0..=tried.minutes() / HALF_HOUR).map(|n| plus_minutes(tried.start(), n * HALF_HOUR));
        let lasting = |start, minutes| Interval::new(start, plus_minutes(start, minutes)).unwrap();
        let aligned = starts.filter_map(|start| Some(lasting(start, self.length_at(start)?)));
        let packages = self
            .rules
            .packages_in(tried)
            .map(|(_, time)| time)
            .filter(|time| {
                let length = self.length_at(time.start());
                length.is_none_or(|length| time.minutes() == length)
                    || time.minutes() == self.wanted.minutes()
            });
        let times = aligned.chain(packages);
        times.filter(|time| self.can_be_had(calendar, *time)).collect()
    }

    fn away(&self, time: Interval) -> i64 {
        minutes_between(self.wanted.start(), time.start()).abs()
    }

    /// What is named in the end, and whether it is further away than what is looked at first.
    fn named(&self, calendar: &Calendar) -> (Vec<Interval>, bool) {
        let Some(search) = Search::new(self.request(), self.wanted) else {
            return (Vec::new(), false);
        };
        let mut all = BTreeMap::new();
        for (space, day, document) in calendar.changes() {
            all.insert((space, day), document.clone());
        }
        // Of the calendar it is given what it asks for and no more.
        let read = |starts: Interval| {
            let days: BTreeSet<UtcDay> = search.span(starts).utc_days().collect();
            let read = all.iter().filter(|((_, day), _)| days.contains(day));
            Calendar::new(read.map(|(place, day)| (*place, day.clone())).collect())
        };
        for step in search.steps() {
            let looked: Vec<_> = step.into_iter().map(|starts| (starts, read(starts))).collect();
            let found = search.found(&looked, |time| self.is_sold(time));
            if !found.is_empty() {
                let away = minutes_between(search.middle, found[0].start()).abs();
                return (found, away > NEAR_MINUTES);
            }
        }
        (Vec::new(), false)
    }
}

fn date(day: i64) -> Date {
    jiff::civil::date(2027, 3, 20).checked_add(day.days()).unwrap()
}

fn hours() -> impl Strategy<Value = Hours> {
    (0_u32..48, 6_u32..=48).prop_map(|(open, length)| Hours {
        open_minute: open * 30,
        close_minute: (open + length) * 30,
    })
}

fn week() -> impl Strategy<Value = Vec<Opening>> {
    let opening = |(weekday, hours): (u8, Hours)| Opening {
        weekday,
        open_minute: hours.open_minute,
        close_minute: hours.close_minute,
    };
    let every_day = hours().prop_map(move |hours| (1..=7).map(|day| opening((day, hours))).collect());
    let some_days = prop::collection::vec((1_u8..=7, hours()).prop_map(opening), 0..4);
    prop_oneof![4 => every_day, 1 => some_days]
}

fn lasting(days: std::ops::Range<i64>) -> impl Strategy<Value = (i64, i64)> {
    (days, 0_i64..10).prop_map(|(first, more)| (first, first + more))
}

fn season() -> impl Strategy<Value = Season> {
    let weekly = prop_oneof![2 => Just(Vec::new()), 1 => week()];
    let min = prop::option::of(1_u32..300);
    let lead = prop::option::of(0_u32..5 * 1_440);
    (lasting(-2..12), weekly, min, lead).prop_map(|((from, to), weekly, min_minutes, lead_minutes)| Season {
        name: Label::parse("season").unwrap(),
        from: date(from),
        to: date(to),
        priority: 0,
        weekly,
        min_minutes,
        lead_minutes,
    })
}

fn block() -> impl Strategy<Value = Block> {
    lasting(-2..12).prop_map(|(from, to)| Block {
        id: BlockId::from_uuid(Uuid::nil()),
        space: SPACES[0],
        time: BlockTime::Days {
            from: date(from),
            to: date(to),
        },
        reason: None,
    })
}

fn package() -> impl Strategy<Value = Package> {
    let weekdays = prop::sample::subsequence((1_u8..=7).collect::<Vec<_>>(), 1..=7);
    (weekdays, hours()).prop_map(|(weekdays, hours)| Package {
        name: Label::parse("package").unwrap(),
        weekdays,
        hours,
    })
}

prop_compose! {
    fn rules()(
        zone in prop::sample::select(ZONES.to_vec()),
        weekly in week(),
        season in prop::option::of(season()),
        special in prop::option::of((-2_i64..12, prop::collection::vec(hours(), 0..2))),
        block in prop::option::of(block()),
        package in prop::option::of(package()),
        packages_only in prop::bool::weighted(0.2),
        step_minutes in prop::sample::select(vec![30_u32, 60, 120]),
        starts in prop::option::weighted(0.3, prop::sample::select(vec![(60, 30), (240, 0), (720, 60)])),
        min_minutes in 1_u32..150,
        more in 0_u32..300,
        buffers in prop::sample::select(vec![(0_u32, 0_u32), (30, 60), (1_440, 0), (0, 1_440)]),
        lead_minutes in prop_oneof![Just(0_u32), 0_u32..4 * 1_440],
        horizon_days in 4_u32..=12,
    ) -> Rules {
        Rules {
            seasons: season.into_iter().collect(),
            special_days: special.into_iter().map(|(day, hours)| SpecialDay { date: date(day), name: None, hours }).collect(),
            blocks: block.into_iter().collect(),
            packages_only: packages_only && package.is_some(),
            packages: package.into_iter().collect(),
            weekly,
            step_minutes,
            start_alignment: starts.map(|(every_minutes, offset_minutes)| StartAlignment { every_minutes, offset_minutes }),
            min_minutes,
            max_minutes: min_minutes + more,
            setup_minutes: buffers.0,
            turnaround_minutes: buffers.1,
            lead_minutes,
            horizon_days,
            ..Rules::closed(zone.parse().unwrap())
        }
    }
}

fn scene() -> impl Strategy<Value = Scene> {
    // From where it began so many half hours, for so many.
    let booked = prop::collection::vec(
        (-HALF_HOURS_A_DAY..14 * HALF_HOURS_A_DAY, 1..5 * HALF_HOURS_A_DAY),
        0..6,
    );
    let wanted = (
        -5 * 96_i64..20 * 96,
        prop_oneof![2 => (1_i64..20).prop_map(|n| n * 30), 1 => 1_i64..600],
    );
    let moving = (-96_i64..10 * 96).prop_map(|quarter| Booker::Moving {
        start: plus_minutes(at("2027-03-20T00:00Z"), quarter * 15),
    });
    let by = prop_oneof![3 => Just(Booker::Customer), 1 => Just(Booker::Vendor), 1 => moving];
    let unsold = prop::option::of(prop::sample::select(vec![1_i64, 24]));
    (rules(), 0_i64..1_440, booked, wanted, by, unsold).prop_map(
        |(rules, minute, booked, wanted, by, unsold)| {
            let begin = at("2027-03-20T00:00Z");
            let lasting =
                |start: Timestamp, minutes| Interval::new(start, plus_minutes(start, minutes)).unwrap();
            let half_hours = |(start, length): (i64, i64)| {
                lasting(plus_minutes(begin, start * HALF_HOUR), length * HALF_HOUR)
            };
            Scene {
                rules,
                now: plus_minutes(begin, minute),
                by,
                wanted: lasting(plus_minutes(begin, wanted.0 * 15), wanted.1),
                booked: booked.into_iter().map(half_hours).collect(),
                unsold,
            }
        },
    )
}

fn check(scene: &Scene, far: &Cell<u32>, nothing: &Cell<u32>) -> Result<(), TestCaseError> {
    let calendar = scene.calendar();
    let refused = scene.request().decide(&calendar, scene.wanted);
    if !refused.is_err_and(|refusal| refusal.has_alternatives()) {
        return Ok(());
    }
    let (named, is_far) = scene.named(&calendar);
    let tried = scene.tried(&calendar);
    let nearest = tried.iter().map(|time| scene.away(*time)).min();
    let first = named.first().map(|time| scene.away(*time));
    prop_assert!(
        nearest.is_none_or(|nearest| first.is_some_and(|first| first <= nearest)),
        "{named:?} instead of one that is {nearest:?} minutes away"
    );
    prop_assert!(named.len() <= ALTERNATIVES_MAX);
    prop_assert!(named.is_sorted_by_key(|time| scene.away(*time)), "{named:?}");
    for (n, time) in named.iter().enumerate() {
        let nearer = &named[..n];
        prop_assert!(scene.can_be_had(&calendar, *time), "{time:?}");
        prop_assert!(!nearer.iter().any(|other| other.overlaps(*time)), "{named:?}");
        // Only where the nearest length cannot be had there is it another one.
        if scene.rules.package(*time).is_none() {
            let length = scene.length_at(time.start()).unwrap();
            let usual = Interval::new(time.start(), plus_minutes(time.start(), length)).unwrap();
            let is_usual = usual == *time || nearer.iter().any(|other| other.overlaps(usual));
            prop_assert!(
                is_usual || !scene.can_be_had(&calendar, usual),
                "{time:?} and not {usual:?}"
            );
        }
    }
    if named.is_empty() {
        nothing.set(nothing.get() + 1);
    } else if is_far {
        far.set(far.get() + 1);
    }
    Ok(())
}

#[test]
fn whenever_any_time_could_be_had_the_nearest_is_named_and_each_that_is_named_can_be_had() {
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let (far, nothing) = (Cell::new(0), Cell::new(0));
    runner
        .run(&scene(), |scene| check(&scene, &far, &nothing))
        .unwrap();
    let (far, nothing) = (far.get(), nothing.get());
    println!("of {CASES}, {far} found something far away, {nothing} found nothing");
    assert!(far > CASES / 20, "{far}");
    assert!(nothing < CASES / 2, "{nothing}");
}
