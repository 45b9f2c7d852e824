//! The availability engine against the clocks of the world, and against an oracle that goes through every
//! minute and knows nothing of the engine.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::calendar::{Calendar, Entry};
use crate::id::{BlockId, BookingId};
use crate::spans::Spans;
use crate::text::Label;
use crate::time::minutes_between;
use crate::time::tests::at;
use crate::time::{Interval, plus_minutes};

const SPACE: SpaceId = SpaceId::from_uuid(Uuid::from_u128(7));
/// Locked with it.
const LINKED: SpaceId = SpaceId::from_uuid(Uuid::from_u128(8));

/// Every kind of clock: whole, half and quarter hours, shifts of an hour and of half an hour, at midnight and
/// in the night, north and south, in Ramadan, and none.
const ZONES: [&str; 44] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/Adak",
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Bogota",
    "America/Caracas",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Havana",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Nuuk",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Dubai",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Yangon",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "UTC",
];
/// All shifts and offsets of these zones are multiples of it.
const QUARTER: i64 = 15;
/// The space is open from midnight, when clocks are changed, until six.
const CLOSE_MINUTE: u32 = 6 * 60;

fn open_at_night(zone: &str) -> Rules {
    let opening = |weekday| Opening {
        weekday,
        open_minute: 0,
        close_minute: CLOSE_MINUTE,
    };
    Rules {
        weekly: (1..=7).map(opening).collect(),
        lead_minutes: 0,
        horizon_days: HORIZON_DAYS_MAX,
        ..Rules::closed(zone.parse().unwrap())
    }
}

/// A year of slots in one zone, by the local date of their start.
fn slots_of_a_year(rules: &Rules, from: Timestamp) -> Vec<(DateTime, Interval)> {
    let request = Request {
        rules,
        pending: None,
        by: Booker::Customer,
        spaces: &[SPACE],
        now: plus_minutes(from, -2_880),
        except: None,
    };
    let year = Interval::new(from, plus_minutes(from, 52 * 7 * 1_440)).unwrap();
    let calendar = Calendar::default();
    let zone = rules.zone.rules();
    request
        .slots(&calendar, year, 60)
        .into_iter()
        .map(|slot| (zone.to_datetime(slot.start()), slot))
        .collect()
}

#[test]
fn a_t1_in_every_zone_and_week_slots_start_at_the_walls_clock_and_days_last_as_long_as_the_clock_runs() {
    for (zone, year) in ZONES
        .iter()
        .map(|zone| (*zone, "2027"))
        .chain([("Pacific/Apia", "2011")])
    {
        let rules = open_at_night(zone);
        let from = at(&format!("{year}-01-04T12:00Z"));
        let mut slots_on: BTreeMap<Date, usize> = BTreeMap::new();
        for (wall, slot) in slots_of_a_year(&rules, from) {
            *slots_on.entry(wall.date()).or_default() += 1;
            let minute = u32::try_from(wall.hour()).unwrap() * 60 + u32::try_from(wall.minute()).unwrap();
            assert!(
                minute % 30 == 0 && minute < CLOSE_MINUTE,
                "{zone}: {slot:?} starts at {wall}"
            );
        }
        for day in 0..52 * 7 {
            let noon = plus_minutes(from, day * 1_440);
            let date = rules.zone.rules().to_datetime(noon).date();
            // Twelve hours around, wherever the zone is: only the openings of that date are asked about.
            let around = Interval::new(plus_minutes(noon, -40 * 60), plus_minutes(noon, 40 * 60)).unwrap();
            let quarters = (0..around.minutes() / QUARTER).map(|n| plus_minutes(around.start(), n * QUARTER));
            let ran: BTreeMap<Timestamp, DateTime> = quarters
                .map(|quarter| (quarter, rules.zone.rules().to_datetime(quarter)))
                .filter(|(_, wall)| wall.date() == date && wall.hour() < 6)
                .collect();
            let clock_ran = QUARTER * i64::try_from(ran.len()).unwrap();
            let open: i64 = rules
                .open(around)
                .into_vec()
                .into_iter()
                .filter(|open| {
                    let last = plus_minutes(open.end(), -1);
                    rules.zone.rules().to_datetime(last).date() == date
                })
                .map(Interval::minutes)
                .sum();
            assert_eq!(open, clock_ran, "{zone} {date}");
            // Of the first date the window has only a part.
            if day > 0 {
                let fits = |at: &Timestamp| (1..4).all(|n| ran.contains_key(&plus_minutes(*at, n * QUARTER)));
                let starts = ran
                    .iter()
                    .filter(|(at, wall)| wall.minute() % 30 == 0 && fits(at));
                let (offered, expected) = (slots_on.remove(&date).unwrap_or(0), starts.count());
                assert_eq!(offered, expected, "{zone} {date}");
                assert!((9..=13).contains(&offered), "{zone} {date}: {offered}");
            }
        }
    }
}

/// What the oracle is told, in plain minutes and in days from the first date that the clock shows.
#[derive(Debug, Clone)]
struct World {
    zone: &'static str,
    /// Minutes from the start of the zone's year to the middle of what is looked at.
    middle: i64,
    weekly: Vec<(u8, u32, u32)>,
    seasons: Vec<PlainSeason>,
    /// By day.
    special: Vec<(i64, Vec<(u32, u32)>)>,
    blocks: Vec<PlainBlock>,
    packages: Vec<(BTreeSet<u8>, u32, u32)>,
    packages_only: bool,
    step: u32,
    /// Every so many minutes, from so many on.
    starts: Option<(u32, u32)>,
    min: u32,
    max: u32,
    setup: u32,
    turnaround: u32,
    lead: u32,
    /// In days.
    horizon: u32,
    /// Hours, blocks and packages that are about to hold.
    pending: Option<Box<Self>>,
    by: PlainBooker,
    wishes: Vec<Wish>,
    /// Which of those that were booked does not stand in the way.
    except: Option<prop::sample::Index>,
    /// From now to the beginning of the window.
    ahead: i64,
    minutes: u32,
    /// Minutes from the beginning of the window at which the decision is asked for its reason.
    asked: Vec<i64>,
}

#[derive(Debug, Clone)]
struct PlainSeason {
    first: i64,
    last: i64,
    weekly: Vec<(u8, u32, u32)>,
    min: Option<u32>,
    lead: Option<u32>,
}

#[derive(Debug, Clone)]
enum PlainBlock {
    /// From a minute of the window, so long.
    Once(i64, i64),
    /// From a day to another.
    Days(i64, i64),
    /// From a day on, every so many days but the second time, from a minute of the day to another.
    Every(i64, i64, u32, u32),
}

#[derive(Debug, Clone)]
struct Wish {
    /// Minutes from the beginning of the window.
    start: i64,
    length: i64,
    setup: u32,
    turnaround: u32,
    /// For the linked space alone.
    linked: bool,
    /// A hold that lapses so many minutes after now, or has before it.
    held: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
enum PlainBooker {
    Customer,
    /// Whose booking starts so many minutes from the beginning of the window.
    From(i64),
    Vendor,
}

/// When the wishes were booked, before now: holds of then may have lapsed meanwhile.
const BOOKED_MINUTES_AGO: i64 = 60;

const WINDOW_MINUTES: i64 = 3 * 1_440;
/// Days that the clock may show in the window, and some around it.
const DAYS: std::ops::Range<i64> = -3..7;

/// Mostly whole half hours, so that things often meet exactly.
fn minutes(below: u32) -> impl Strategy<Value = u32> {
    prop_oneof![3 => (0..below / 30).prop_map(|n| n * 30), 1 => 0..below]
}

/// From a minute of a day to another, many at the hours at which clocks are changed.
fn hours() -> impl Strategy<Value = (u32, u32)> {
    let open = prop_oneof![minutes(240), minutes(1_440)];
    let length = prop_oneof![minutes(240), minutes(1_440)];
    (open, length).prop_map(|(open, length)| (open, open + length.max(5)))
}

fn week() -> impl Strategy<Value = Vec<(u8, u32, u32)>> {
    // Some on every day, some in two pieces that meet.
    let days = prop_oneof![1 => Just(1..=7_u8), 2 => (1_u8..=7).prop_map(|day| day..=day)];
    let opening = (days, hours(), 1_u32..=2).prop_map(|(days, (open, close), pieces)| {
        let piece = ((close - open) / pieces).max(1);
        let piece = move |n: u32| (open + n * piece, open + (n + 1) * piece);
        let pieces = move |day| (0..pieces).map(move |n| (day, piece(n).0, piece(n).1));
        days.flat_map(pieces).collect::<Vec<_>>()
    });
    prop::collection::vec(opening, 0..6).prop_map(|openings| openings.concat())
}

prop_compose! {
    fn season()(first in DAYS, length in 0_i64..4, weekly in week(), min in prop::option::of(1_u32..180), lead in prop::option::of(minutes(3_000))) -> PlainSeason {
        PlainSeason { first, last: first + length, weekly, min, lead }
    }
}

fn block() -> impl Strategy<Value = PlainBlock> {
    prop_oneof![
        (0..WINDOW_MINUTES / 5, 1_i64..80)
            .prop_map(|(start, length)| PlainBlock::Once(start * 5, length * 5)),
        (DAYS, 0_i64..2).prop_map(|(from, more)| PlainBlock::Days(from, from + more)),
        (DAYS, 1_i64..4, hours())
            .prop_map(|(first, every, (from, to))| PlainBlock::Every(first, every, from, to)),
    ]
}

prop_compose! {
    fn wish()(start in 0..WINDOW_MINUTES / 5, length in 1_i64..80, setup in 0_u32..60, turnaround in 0_u32..60, linked in any::<bool>(), held in prop::option::weighted(0.4, 1 - BOOKED_MINUTES_AGO..10)) -> Wish {
        Wish { start: start * 5, length: length * 5, setup, turnaround, linked, held }
    }
}

fn few<T: std::fmt::Debug>(one: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    let many = std::rc::Rc::new(one);
    prop_oneof![1 => Just(0..1), 1 => Just(0..3)]
        .prop_flat_map(move |count| prop::collection::vec(many.clone(), count))
}

prop_compose! {
    fn layers()(
        weekly in week(),
        seasons in few(season()),
        special in few((DAYS, prop::collection::vec(hours(), 0..3))),
        blocks in few(block()),
        packages in few((prop::collection::btree_set(1_u8..=7, 1..7), hours())),
        packages_only in prop::bool::weighted(0.1),
    ) -> World {
        let mut dates = BTreeSet::new();
        World {
            zone: "UTC",
            middle: 0,
            weekly,
            seasons,
            special: special.into_iter().filter(|(day, _)| dates.insert(*day)).collect(),
            blocks,
            packages_only: packages_only && !packages.is_empty(),
            packages: packages.into_iter().map(|(days, (from, to))| (days, from, to)).collect(),
            step: 5,
            starts: None,
            min: 1,
            max: 1,
            setup: 0,
            turnaround: 0,
            lead: 0,
            horizon: 365,
            pending: None,
            by: PlainBooker::Customer,
            wishes: Vec::new(),
            except: None,
            ahead: 0,
            minutes: 1,
            asked: Vec::new(),
        }
    }
}

prop_compose! {
    fn world()(
        layers in layers(),
        zone in prop::sample::select(&ZONES[..]),
        when in any::<prop::sample::Index>(),
        step in prop::sample::select(vec![5_u32, 15, 20, 30, 60]),
        starts in prop::option::weighted(0.3, (prop::sample::select(vec![30_u32, 60, 240]), 0_u32..30)),
        min in 1_u32..180,
        more in 0_u32..600,
        setup in minutes(120),
        turnaround in minutes(120),
        lead in minutes(3_000),
        horizon in prop_oneof![3 => Just(365_u32), 1 => 1_u32..5],
        pending in prop::option::weighted(0.25, layers()),
        by in booker(),
        wishes in prop::collection::vec(wish(), 0..8),
        except in prop::option::weighted(0.3, any::<prop::sample::Index>()),
        ahead in minutes(5_400),
        length in 1_u32..40,
        odd in 0_u32..7,
        pick in any::<prop::sample::Index>(),
        asked in prop::collection::vec(0..WINDOW_MINUTES / 5, 24),
    ) -> World {
        // Mostly of the grid, or as long as one of the packages.
        let minutes = match odd {
            0 => length * 13,
            1 | 2 if !layers.packages.is_empty() => {
                let (_, from, to) = layers.packages[pick.index(layers.packages.len())];
                to - from
            }
            _ => length * step,
        };
        let (middle, ahead) = (middle(zone, when), i64::from(ahead) - 1_440);
        World {
            zone,
            middle,
            step,
            starts,
            min,
            max: min + more,
            setup,
            turnaround,
            lead,
            horizon,
            pending: pending.map(|pending| Box::new(World { zone, middle, ahead, ..pending })),
            by,
            wishes,
            except,
            ahead,
            minutes,
            asked: asked.into_iter().map(|n| n * 5).collect(),
            ..layers
        }
    }
}

fn booker() -> impl Strategy<Value = PlainBooker> {
    prop_oneof![
        4 => Just(PlainBooker::Customer),
        1 => (0..WINDOW_MINUTES / 5).prop_map(|start| PlainBooker::From(start * 5)),
        1 => Just(PlainBooker::Vendor),
    ]
}

/// A time near one at which the zone's clock is changed, where there is one.
fn middle(zone: &str, when: prop::sample::Index) -> i64 {
    let zone: Zone = zone.parse().unwrap();
    let (first, last) = (at(YEAR), at("2028-01-01T00:00Z"));
    let shifts: Vec<i64> = zone
        .rules()
        .following(first)
        .map(|shift| shift.timestamp())
        .take_while(|shift| *shift < last)
        .map(|shift| minutes_between(first, shift))
        .collect();
    if shifts.is_empty() {
        i64::try_from(when.index(500_000)).unwrap()
    } else {
        shifts[when.index(shifts.len())]
    }
}

const YEAR: &str = "2027-01-01T00:00Z";

fn openings(weekly: &[(u8, u32, u32)]) -> Vec<Opening> {
    let opening = |&(weekday, open_minute, close_minute): &(u8, u32, u32)| Opening {
        weekday,
        open_minute,
        close_minute,
    };
    weekly.iter().map(opening).collect()
}

const fn plain(open_minute: u32, close_minute: u32) -> Hours {
    Hours {
        open_minute,
        close_minute,
    }
}

impl World {
    fn window(&self) -> Interval {
        let start = plus_minutes(at(YEAR), self.middle - WINDOW_MINUTES / 2);
        Interval::new(start, plus_minutes(start, WINDOW_MINUTES)).unwrap()
    }

    fn now(&self) -> Timestamp {
        plus_minutes(self.window().start(), -self.ahead)
    }

    /// The date so many days after the first that the clock shows.
    fn date(&self, day: i64) -> Date {
        let zone: Zone = self.zone.parse().unwrap();
        zone.rules().to_datetime(self.window().start()).date() + day.days()
    }

    /// The same the other way round.
    fn day(first: Date, date: Date) -> i64 {
        first.until(date).unwrap().get_days().into()
    }

    fn span(&self, start: i64, length: i64) -> Interval {
        let start = plus_minutes(self.window().start(), start);
        Interval::new(start, plus_minutes(start, length)).unwrap()
    }

    fn rules(&self) -> Rules {
        let label = |n: usize| Label::parse(&format!("no. {n}")).unwrap();
        let season = |(n, season): (usize, &PlainSeason)| Season {
            name: label(n),
            from: self.date(season.first),
            to: self.date(season.last),
            priority: u16::try_from(n).unwrap(),
            weekly: openings(&season.weekly),
            min_minutes: season.min,
            lead_minutes: season.lead,
        };
        let special = |(day, hours): &(i64, Vec<(u32, u32)>)| SpecialDay {
            date: self.date(*day),
            name: None,
            hours: hours.iter().map(|(from, to)| plain(*from, *to)).collect(),
        };
        let block = |block: &PlainBlock| Block {
            id: BlockId::from_uuid(Uuid::nil()),
            space: SPACE,
            time: match block {
                PlainBlock::Once(start, length) => BlockTime::Once(self.span(*start, *length)),
                PlainBlock::Days(from, to) => BlockTime::Days {
                    from: self.date(*from),
                    to: self.date(*to),
                },
                PlainBlock::Every(first, every, from, to) => {
                    let rule = format!("FREQ=DAILY;INTERVAL={every}").parse().unwrap();
                    let except = [self.date(first + every)].into_iter().collect();
                    BlockTime::Repeating(
                        Repeating::new(self.date(*first), plain(*from, *to), rule, except).unwrap(),
                    )
                }
            },
            reason: None,
        };
        let package = |(n, (days, from, to)): (usize, &(BTreeSet<u8>, u32, u32))| Package {
            name: label(n),
            weekdays: days.iter().copied().collect(),
            hours: plain(*from, *to),
        };
        Rules {
            zone: self.zone.parse().unwrap(),
            weekly: openings(&self.weekly),
            seasons: self.seasons.iter().enumerate().map(season).collect(),
            special_days: self.special.iter().map(special).collect(),
            blocks: self.blocks.iter().map(block).collect(),
            packages: self.packages.iter().enumerate().map(package).collect(),
            packages_only: self.packages_only,
            min_minutes: self.min,
            max_minutes: self.max,
            step_minutes: self.step,
            start_alignment: self.starts.map(|(every_minutes, offset_minutes)| StartAlignment {
                every_minutes,
                offset_minutes,
            }),
            setup_minutes: self.setup,
            turnaround_minutes: self.turnaround,
            lead_minutes: self.lead,
            horizon_days: self.horizon,
            answer_minutes: None,
            cancellation_lock_minutes: 0,
        }
    }

    fn book(&self) -> RuleBook {
        RuleBook {
            rules: self.rules(),
            pending: self.pending.as_ref().map(|pending| pending.rules()),
            version: 1,
        }
    }

    fn request<'a>(&self, book: &'a RuleBook) -> Request<'a> {
        let by = match self.by {
            PlainBooker::Customer => Booker::Customer,
            PlainBooker::From(minute) => Booker::Moving {
                start: self.span(minute, 1).start(),
            },
            PlainBooker::Vendor => Booker::Vendor,
        };
        Request {
            by,
            ..book.request(&[SPACE, LINKED], self.now())
        }
    }

    /// Whatever of the wishes the calendar takes.
    fn booked(&self) -> (Calendar, Vec<Entry>) {
        let (mut calendar, then) = (Calendar::default(), plus_minutes(self.now(), -BOOKED_MINUTES_AGO));
        let mut entries = Vec::new();
        for (n, wish) in (1_u128..).zip(&self.wishes) {
            let spaces = if wish.linked {
                &[LINKED][..]
            } else {
                &[SPACE, LINKED]
            };
            let entry = Entry {
                booking: BookingId::from_uuid(Uuid::from_u128(n)),
                space: spaces[0],
                interval: self.span(wish.start, wish.length),
                setup_minutes: wish.setup,
                turnaround_minutes: wish.turnaround,
                hold_until: wish.held.map(|minutes| plus_minutes(self.now(), minutes)),
                proposed: false,
            };
            if calendar.reserve(spaces, &entry, then).is_ok() {
                entries.push(entry);
            }
        }
        entries.retain(|entry| entry.hold_until.is_none_or(|until| self.now() < until));
        (calendar, entries)
    }

    /// Which booking is asked about for its own sake, and all others.
    fn others(&self, entries: &[Entry]) -> (Option<BookingId>, Vec<Entry>) {
        let except = self.except.filter(|_| !entries.is_empty());
        let except = except.map(|except| except.get(entries).booking);
        let others = entries.iter().filter(|entry| Some(entry.booking) != except);
        (except, others.cloned().collect())
    }
}

/// Each minute by itself, with what the clock on the wall shows.
struct Oracle<'w> {
    world: &'w World,
    /// The first date that the clock shows in the window.
    first: Date,
    entries: Vec<Entry>,
    minutes: Vec<(Timestamp, DateTime)>,
    /// By the usual week, with seasons, and with special days.
    open: [Vec<bool>; 3],
    blocked: Vec<bool>,
    /// Where packages begin and end.
    packages: BTreeSet<(usize, usize)>,
    /// The same of what is about to hold.
    pending: Option<Box<Self>>,
}

impl<'w> Oracle<'w> {
    fn new(world: &'w World, entries: Vec<Entry>) -> Self {
        let zone: Zone = world.zone.parse().unwrap();
        let first = plus_minutes(world.window().start(), -3 * 1_440);
        let minutes: Vec<_> = (0..WINDOW_MINUTES + 6 * 1_440)
            .map(|n| plus_minutes(first, n))
            .map(|minute| (minute, zone.rules().to_datetime(minute)))
            .collect();
        let mut oracle = Self {
            first: world.date(0),
            open: [(); 3].map(|()| vec![false; minutes.len()]),
            blocked: vec![false; minutes.len()],
            packages: BTreeSet::new(),
            minutes,
            entries,
            pending: world
                .pending
                .as_ref()
                .map(|pending| Box::new(Self::new(pending, Vec::new()))),
            world,
        };
        for day in -9..9 {
            oracle.look_at(day);
        }
        let blocks = world.blocks.iter().filter_map(|block| match block {
            PlainBlock::Once(start, length) => Some(world.span(*start, *length)),
            PlainBlock::Days(..) | PlainBlock::Every(..) => None,
        });
        for block in blocks {
            for (blocked, (minute, _)) in oracle.blocked.iter_mut().zip(&oracle.minutes) {
                *blocked |= block.start() <= *minute && *minute < block.end();
            }
        }
        oracle
    }

    fn look_at(&mut self, day: i64) {
        let date = self.world.date(day);
        let weekday = u8::try_from(date.weekday().to_monday_one_offset()).unwrap();
        let of_week = |weekly: &[(u8, u32, u32)]| -> Vec<(u32, u32)> {
            let its = weekly.iter().filter(|(day, _, _)| *day == weekday);
            its.map(|(_, from, to)| (*from, *to)).collect()
        };
        let usual = of_week(&self.world.weekly);
        let season = self.season(day).map_or(usual.clone(), |s| of_week(&s.weekly));
        let special = self.world.special.iter().find(|(special, _)| *special == day);
        let special = special.map_or(season.clone(), |(_, hours)| hours.clone());
        for (layer, hours) in [usual, season, special].into_iter().enumerate() {
            for (from, to) in hours {
                let (begin, end) = self.between(date, from, to);
                self.open[layer][begin..end].fill(true);
            }
        }
        for block in &self.world.blocks {
            match block {
                PlainBlock::Once(..) => {}
                PlainBlock::Days(from, to) if (*from..=*to).contains(&day) => {
                    for (blocked, (_, shown)) in self.blocked.iter_mut().zip(&self.minutes) {
                        *blocked |= shown.date() == date;
                    }
                }
                PlainBlock::Every(first, every, from, to)
                    if day >= *first && (day - first) % every == 0 && day != first + every =>
                {
                    let (begin, end) = self.between(date, *from, *to);
                    self.blocked[begin..end].fill(true);
                }
                PlainBlock::Days(..) | PlainBlock::Every(..) => {}
            }
        }
        for (days, from, to) in &self.world.packages {
            if days.contains(&weekday) {
                let (begin, end) = self.between(date, *from, *to);
                self.packages.insert((begin, end));
            }
        }
    }

    /// The later of two seasons has the higher priority.
    fn season(&self, day: i64) -> Option<&PlainSeason> {
        let mut seasons = self.world.seasons.iter().rev();
        seasons.find(|season| season.first <= day && day <= season.last)
    }

    /// From the first minute at which the clock shows the one, up to the last at which it shows the other;
    /// where it never does, the first at which it shows more. Nothing where that is not among the minutes.
    fn between(&self, date: Date, from: u32, to: u32) -> (usize, usize) {
        let wall = |minute: u32| date.at(0, 0, 0, 0) + i64::from(minute).minutes();
        let minutes = &self.minutes;
        let (from, to) = (wall(from), wall(to));
        if to <= minutes[0].1 || minutes[minutes.len() - 1].1 <= from {
            return (0, 0);
        }
        let shows = |wall: DateTime| move |(_, shown): &(Timestamp, DateTime)| *shown == wall;
        let passed = |wall: DateTime| minutes.iter().position(|(_, shown)| *shown > wall);
        let begin = minutes
            .iter()
            .position(shows(from))
            .or_else(|| passed(from))
            .unwrap();
        let end = minutes
            .iter()
            .rposition(shows(to))
            .or_else(|| passed(to))
            .unwrap_or(minutes.len());
        (begin, end.max(begin))
    }

    fn is_blocked(&self, n: usize) -> bool {
        self.blocked[n] || self.pending.as_ref().is_some_and(|pending| pending.blocked[n])
    }

    fn is_open(&self, n: usize) -> bool {
        self.open[2][n] && self.pending.as_ref().is_none_or(|pending| pending.open[2][n])
    }

    /// Which of the hours, as the world has them by now, close some of these minutes.
    fn closes(&self, time: std::ops::Range<usize>) -> Option<&'static str> {
        let closed = |layer: usize| self.open[layer][time.clone()].contains(&false);
        closed(2).then(|| match (closed(0), closed(1)) {
            (_, false) if !self.world.special.is_empty() => "special_hours",
            (false, _) if !self.world.seasons.is_empty() => "season",
            _ => "closed",
        })
    }

    /// Why a booking from that minute on is refused.
    fn refuses(&self, n: usize) -> Option<&'static str> {
        let world = self.world;
        let (start, shown) = self.minutes[n];
        let length = usize::try_from(world.minutes).unwrap();
        let end = plus_minutes(start, i64::from(world.minutes));
        let minute_of_day =
            u32::try_from(shown.hour()).unwrap() * 60 + u32::try_from(shown.minute()).unwrap();
        let season = self.season(World::day(self.first, shown.date()));
        if !self.packages.contains(&(n, n + length)) {
            let min = season.and_then(|s| s.min).unwrap_or(world.min);
            let (every, offset) = world.starts.unwrap_or((world.step, 0));
            // The zone may shift by a quarter of an hour while offset counts from the first midnight shown.
            let on_the_grid = (minute_of_day + 1_440 - offset).is_multiple_of(every);
            if world.packages_only {
                return Some("packages_only");
            } else if world.minutes > world.max {
                return Some("max_duration");
            } else if world.minutes < min {
                return Some("min_duration");
            } else if !on_the_grid || !world.minutes.is_multiple_of(world.step) {
                return Some("alignment");
            }
        }
        let ahead = minutes_between(world.now(), start);
        let lead = season.and_then(|s| s.lead).unwrap_or(world.lead);
        let (vendor, known) = match world.by {
            PlainBooker::Customer => (false, false),
            PlainBooker::From(minute) => (false, world.span(minute, 1).start() <= start),
            PlainBooker::Vendor => (true, true),
        };
        let over = if vendor { -60 } else { 0 };
        if ahead <= over {
            return Some("past");
        } else if !known && ahead < i64::from(lead) {
            return Some("lead_time");
        } else if !vendor && ahead > i64::from(world.horizon) * 1_440 {
            return Some("horizon");
        }
        let time = n..n + length;
        if time.clone().any(|n| self.is_blocked(n)) {
            return Some("blocked");
        }
        let about_to_close = self
            .pending
            .as_ref()
            .and_then(|pending| pending.closes(time.clone()));
        if let Some(closed) = self.closes(time).or(about_to_close) {
            return Some(closed);
        }
        let overlapping = |own: bool| {
            let mut entries = self.entries.iter().filter(|entry| (entry.space == SPACE) == own);
            entries.any(|entry| start < entry.interval.end() && entry.interval.start() < end)
        };
        let too_near = |entry: &Entry| {
            let gap_before = i64::from(entry.turnaround_minutes.max(world.setup));
            let gap_after = i64::from(entry.setup_minutes.max(world.turnaround));
            minutes_between(entry.interval.end(), start) < gap_before
                && minutes_between(end, entry.interval.start()) < gap_after
        };
        if overlapping(true) {
            Some("slot_taken")
        } else if overlapping(false) {
            Some("linked_space")
        } else if self.entries.iter().any(too_near) {
            Some("buffer")
        } else {
            None
        }
    }

    fn starts(&self) -> Vec<Timestamp> {
        let window = self.world.window();
        (0..self.minutes.len())
            .filter(|n| (window.start()..window.end()).contains(&self.minutes[*n].0))
            .filter(|n| self.refuses(*n).is_none())
            .map(|n| self.minutes[n].0)
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_t5_what_is_offered_is_what_a_look_at_every_minute_offers(world in world()) {
        let (book, (calendar, entries)) = (world.book(), world.booked());
        let (except, others) = world.others(&entries);
        let request = Request { except, ..world.request(&book) };
        let offered: Vec<Timestamp> = request
            .slots(&calendar, world.window(), world.minutes)
            .into_iter()
            .map(Interval::start)
            .collect();
        let oracle = Oracle::new(&world, others);
        let expected = oracle.starts();
        let only = |these: &[Timestamp], those: &[Timestamp]| -> Vec<Timestamp> {
            these.iter().filter(|at| !those.contains(at)).copied().collect()
        };
        prop_assert!(
            offered == expected,
            "offered and not free: {:?}; free and not offered: {:?}",
            only(&offered, &expected),
            only(&expected, &offered)
        );
    }

    /// Hidden or not, whoever asks for a time is told by the rule that hides it.
    #[test]
    fn a_t4_every_time_that_is_hidden_is_refused_by_the_rule_that_hides_it(world in world()) {
        let (book, (calendar, entries)) = (world.book(), world.booked());
        let (except, others) = world.others(&entries);
        let request = Request { except, ..world.request(&book) };
        let oracle = Oracle::new(&world, others);
        for start in &world.asked {
            let wanted = world.span(*start, i64::from(world.minutes));
            let n = oracle.minutes.iter().position(|(minute, _)| *minute == wanted.start()).unwrap();
            let decided = request.decide(&calendar, wanted).err().map(|refusal| refusal.code());
            prop_assert_eq!(decided, oracle.refuses(n), "{:?}", wanted);
            let reasons: Vec<&str> = request.reasons(&calendar, wanted).iter().map(|refusal| refusal.code()).collect();
            prop_assert_eq!(reasons.first().copied(), decided);
            let different: std::collections::BTreeSet<&str> = reasons.iter().copied().collect();
            prop_assert_eq!(different.len(), reasons.len(), "{:?}", reasons);
        }
    }

    /// What a vendor is shown, thing by thing, is what the decision rests on, minute by minute.
    #[test]
    fn what_is_shown_as_taken_or_blocked_is_what_is_refused_as_that(world in world()) {
        let (book, (calendar, entries)) = (world.book(), world.booked());
        let request = world.request(&book);
        let shown = request.occupancy(&calendar, world.window());
        let around = |taken: &Occupying<'_>| [taken.before, Some(taken.entry.interval), taken.after];
        let taken: Spans = shown.entries.iter().flat_map(around).flatten().collect();
        let blocked: Spans = shown.blocks.iter().map(|(_, time)| *time).collect();
        prop_assert!(shown.full.as_slice().is_empty());
        for start in &world.asked {
            let wanted = world.span(*start, i64::from(world.minutes));
            let Some(within) = wanted.within(world.window()) else { continue };
            if within != wanted || world.minutes > world.max {
                continue;
            }
            let reasons = request.reasons(&calendar, wanted);
            let refused = |codes: &[&str]| reasons.iter().any(|refusal| codes.contains(&refusal.code()));
            prop_assert_eq!(refused(&["blocked"]), blocked.meets(wanted), "{:?}", wanted);
            prop_assert_eq!(refused(&["slot_taken", "linked_space", "buffer"]), taken.meets(wanted), "{:?}", wanted);
        }
        let free = request.free(&calendar, world.window());
        prop_assert_eq!(shown.free.as_slice(), free);
        let oracle = Oracle::new(&world, entries);
        for (n, (minute, _)) in oracle.minutes.iter().enumerate() {
            let minute = Interval::new(*minute, plus_minutes(*minute, 1)).unwrap();
            if !world.window().contains(minute) {
                continue;
            }
            prop_assert_eq!(shown.open.covers(minute), oracle.is_open(n), "{:?}", minute);
            prop_assert_eq!(blocked.covers(minute), oracle.is_blocked(n), "{:?}", minute);
            let is_free = oracle.is_open(n) && !oracle.is_blocked(n) && !taken.meets(minute);
            prop_assert_eq!(shown.free.covers(minute), is_free, "{:?}", minute);
        }
    }
}
