//! The availability engine against the clocks of the world, and against an oracle that goes through every
//! minute and knows nothing of the engine.

use jiff::civil::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::time::minutes_between;
use crate::time::tests::at;

const SPACE: SpaceId = SpaceId::from_uuid(Uuid::from_u128(7));

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
        spaces: &[SPACE],
        now: plus_minutes(from, -2_880),
        except: None,
    };
    let year = Interval::new(from, plus_minutes(from, 52 * 7 * 1_440)).unwrap();
    let calendar = Calendar::default();
    let zone = rules.zone.rules();
    request
        .slots(&calendar, year, 60)
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
        for (wall, slot) in slots_of_a_year(&rules, from) {
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
            let clock_ran: i64 = quarters
                .map(|quarter| rules.zone.rules().to_datetime(quarter))
                .filter(|wall| wall.date() == date && wall.hour() < 6)
                .map(|_| QUARTER)
                .sum();
            let open: i64 = rules
                .open(around)
                .into_iter()
                .filter(|open| {
                    let last = plus_minutes(open.end(), -1);
                    rules.zone.rules().to_datetime(last).date() == date
                })
                .map(Interval::minutes)
                .sum();
            assert_eq!(open, clock_ran, "{zone} {date}");
        }
    }
}

/// What the oracle is told, in plain minutes.
#[derive(Debug, Clone)]
struct World {
    zone: &'static str,
    /// Minutes from the start of the zone's year to the middle of what is looked at.
    middle: i64,
    weekly: Vec<(u8, u32, u32)>,
    step: u32,
    min: u32,
    max: u32,
    setup: u32,
    turnaround: u32,
    lead: u32,
    /// Minutes from the beginning of the window, length, set-up and turnaround.
    wishes: Vec<(i64, i64, u32, u32)>,
    /// From now to the beginning of the window.
    ahead: i64,
    minutes: u32,
}

const WINDOW_MINUTES: i64 = 3 * 1_440;

/// Mostly whole half hours, so that things often meet exactly.
fn minutes(below: u32) -> impl Strategy<Value = u32> {
    prop_oneof![3 => (0..below / 30).prop_map(|n| n * 30), 1 => 0..below]
}

fn world() -> impl Strategy<Value = World> {
    // Some on every day, and many at the hours at which clocks are changed.
    let days = prop_oneof![1 => Just(1..=7_u8), 2 => (1_u8..=7).prop_map(|day| day..=day)];
    let open = prop_oneof![minutes(240), minutes(1_440)];
    let length = prop_oneof![minutes(240), minutes(1_440)];
    // Some in two pieces that meet.
    let pieces = 1_u32..=2;
    let opening = (days, open, length, pieces).prop_map(|(days, open, length, pieces)| {
        let piece = length.max(30) / pieces;
        let piece = move |n: u32| (open + n * piece, open + (n + 1) * piece);
        let pieces = move |day| (0..pieces).map(move |n| (day, piece(n).0, piece(n).1));
        days.flat_map(pieces).collect::<Vec<_>>()
    });
    let wish = (0..WINDOW_MINUTES / 5, 1_i64..80, 0_u32..60, 0_u32..60)
        .prop_map(|(start, length, setup, turnaround)| (start * 5, length * 5, setup, turnaround));
    let rules = (
        prop::sample::select(vec![5_u32, 15, 20, 30, 60]),
        1_u32..180,
        0_u32..600,
        minutes(120),
        minutes(120),
        minutes(3_000),
    );
    (
        prop::sample::select(&ZONES[..]),
        any::<prop::sample::Index>(),
        prop::collection::vec(opening, 0..6),
        rules,
        prop::collection::vec(wish, 0..8),
        minutes(5_400).prop_map(|ahead| i64::from(ahead) - 1_440),
        1_u32..40,
    )
        .prop_map(|(zone, when, weekly, rules, wishes, ahead, length)| {
            let (step, min, more, setup, turnaround, lead) = rules;
            World {
                zone,
                middle: middle(zone, when),
                weekly: weekly.concat(),
                step,
                min,
                max: min + more,
                setup,
                turnaround,
                lead,
                wishes,
                ahead,
                // Mostly of the grid.
                minutes: if length % 7 == 0 {
                    length * 13
                } else {
                    length * step
                },
            }
        })
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

impl World {
    fn window(&self) -> Interval {
        let start = plus_minutes(at(YEAR), self.middle - WINDOW_MINUTES / 2);
        Interval::new(start, plus_minutes(start, WINDOW_MINUTES)).unwrap()
    }

    fn now(&self) -> Timestamp {
        plus_minutes(self.window().start(), -self.ahead)
    }

    fn rules(&self) -> Rules {
        let opening = |&(weekday, open_minute, close_minute): &(u8, u32, u32)| Opening {
            weekday,
            open_minute,
            close_minute,
        };
        Rules {
            zone: self.zone.parse().unwrap(),
            weekly: self.weekly.iter().map(opening).collect(),
            min_minutes: self.min,
            max_minutes: self.max,
            step_minutes: self.step,
            setup_minutes: self.setup,
            turnaround_minutes: self.turnaround,
            lead_minutes: self.lead,
            horizon_days: 365,
        }
    }

    /// Whatever of the wishes the calendar takes.
    fn booked(&self) -> (Calendar, Vec<Entry>) {
        let mut calendar = Calendar::default();
        let mut entries = Vec::new();
        for (n, (start, length, setup, turnaround)) in (1_u128..).zip(&self.wishes) {
            let start = plus_minutes(self.window().start(), *start);
            let entry = Entry {
                booking: BookingId::from_uuid(Uuid::from_u128(n)),
                interval: Interval::new(start, plus_minutes(start, *length)).unwrap(),
                setup_minutes: *setup,
                turnaround_minutes: *turnaround,
                hold_until: None,
            };
            if calendar.reserve(&[SPACE], &entry, self.now()).is_ok() {
                entries.push(entry);
            }
        }
        (calendar, entries)
    }
}

/// Each minute by itself, with what the clock on the wall shows.
struct Oracle<'w> {
    world: &'w World,
    entries: Vec<Entry>,
    minutes: Vec<(Timestamp, DateTime)>,
    open: Vec<bool>,
}

impl<'w> Oracle<'w> {
    fn new(world: &'w World, entries: Vec<Entry>) -> Self {
        let zone: Zone = world.zone.parse().unwrap();
        let first = plus_minutes(world.window().start(), -3 * 1_440);
        let minutes: Vec<_> = (0..WINDOW_MINUTES + 6 * 1_440)
            .map(|n| plus_minutes(first, n))
            .map(|minute| (minute, zone.rules().to_datetime(minute)))
            .collect();
        let mut open = vec![false; minutes.len()];
        let first_date = minutes[0].1.date().tomorrow().unwrap();
        let last_date = minutes[minutes.len() - 1].1.date();
        let mut date = first_date;
        while date < last_date {
            for (weekday, from, to) in &world.weekly {
                if date.weekday().to_monday_one_offset() != i8::try_from(*weekday).unwrap() {
                    continue;
                }
                let wall = |minute: u32| date.at(0, 0, 0, 0) + i64::from(minute).minutes();
                // From the first minute at which the clock shows the one, up to the last at which it shows the
                // other; where it never does, the first at which it shows more.
                let shows = |wall: DateTime| move |(_, shown): &(Timestamp, DateTime)| *shown == wall;
                let passed = |wall: DateTime| minutes.iter().position(|(_, shown)| *shown > wall);
                let (from, to) = (wall(*from), wall(*to));
                let begin = minutes.iter().position(shows(from)).or_else(|| passed(from));
                let end = minutes.iter().rposition(shows(to)).or_else(|| passed(to));
                if let (Some(begin), Some(end)) = (begin, end) {
                    for minute in open.iter_mut().take(end).skip(begin) {
                        *minute = true;
                    }
                }
            }
            date = date.tomorrow().unwrap();
        }
        Self {
            world,
            entries,
            minutes,
            open,
        }
    }

    fn offers(&self, n: usize) -> bool {
        let world = self.world;
        let (start, shown) = self.minutes[n];
        let length = usize::try_from(world.minutes).unwrap();
        let end = plus_minutes(start, i64::from(world.minutes));
        let minute_of_day =
            u32::try_from(shown.hour()).unwrap() * 60 + u32::try_from(shown.minute()).unwrap();
        let ahead = minutes_between(world.now(), start);
        (world.min..=world.max).contains(&world.minutes)
            && world.minutes.is_multiple_of(world.step)
            && minute_of_day.is_multiple_of(world.step)
            && ahead > 0
            && ahead >= i64::from(world.lead)
            && ahead <= 365 * 1_440
            && (n..n + length).all(|minute| self.open.get(minute) == Some(&true))
            && self.entries.iter().all(|entry| {
                let (taken_from, taken_to) = (entry.interval.start(), entry.interval.end());
                let gap_before = i64::from(entry.turnaround_minutes.max(world.setup));
                let gap_after = i64::from(entry.setup_minutes.max(world.turnaround));
                minutes_between(taken_to, start) >= gap_before
                    || minutes_between(end, taken_from) >= gap_after
            })
    }

    fn starts(&self) -> Vec<Timestamp> {
        let window = self.world.window();
        (0..self.minutes.len())
            .filter(|n| (window.start()..window.end()).contains(&self.minutes[*n].0))
            .filter(|n| self.offers(*n))
            .map(|n| self.minutes[n].0)
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_t5_what_is_offered_is_what_a_look_at_every_minute_offers(world in world()) {
        let rules = world.rules();
        let (calendar, entries) = world.booked();
        let request = Request { rules: &rules, spaces: &[SPACE], now: world.now(), except: None };
        let offered: Vec<Timestamp> = request
            .slots(&calendar, world.window(), world.minutes)
            .map(Interval::start)
            .collect();
        let oracle = Oracle::new(&world, entries);
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
}
