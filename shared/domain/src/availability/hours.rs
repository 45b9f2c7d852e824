//! Opening hours in three layers: a special day replaces a season's week, which replaces the usual week.
//!
//! Hours are civil and resolved in the venue's zone. In a gap (clocks go forward) a wall time that does
//! not exist becomes the first instant after it; in a fold (clocks go back) a space opens at the earlier
//! and closes at the later of the two instants. Hours belong to the date they begin on, also where they
//! reach past midnight.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{MINUTES_PER_DAY, Rules};
use crate::spans::Spans;
use crate::text::Label;
use crate::time::{Interval, Zone};

/// From one minute of a day to another, which may be past midnight: 22:00 to 02:00 is 1320 to 1560.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub open_minute: u32,
    pub close_minute: u32,
}

impl Hours {
    /// From midnight to midnight.
    pub const WHOLE_DAY: Self = Self {
        open_minute: 0,
        close_minute: MINUTES_PER_DAY,
    };

    /// Whether they begin on their day, end after they begin, and are no longer than a day.
    #[must_use]
    pub const fn make_sense(self) -> bool {
        self.open_minute < MINUTES_PER_DAY
            && self.open_minute < self.close_minute
            && self.close_minute <= self.open_minute + MINUTES_PER_DAY
    }

    /// Their instants on a date; nothing where the clock leaves nothing of them.
    #[must_use]
    pub fn on(self, date: Date, zone: &Zone) -> Option<Interval> {
        resolve(zone.rules(), date, self)
    }
}

/// Hours on a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    pub weekday: u8,
    pub open_minute: u32,
    pub close_minute: u32,
}

impl Opening {
    #[must_use]
    pub const fn hours(&self) -> Hours {
        Hours {
            open_minute: self.open_minute,
            close_minute: self.close_minute,
        }
    }
}

/// Dates with a week of their own, and with terms of their own for bookings that start in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    pub name: Label,
    pub from: Date,
    /// The last date of it.
    pub to: Date,
    /// Where seasons overlap, the one with the highest priority holds; no two of them are equal.
    pub priority: u16,
    pub weekly: Vec<Opening>,
    pub min_minutes: Option<u32>,
    pub lead_minutes: Option<u32>,
}

impl Season {
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }
}

/// Hours of one date, in place of all others; none is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialDay {
    pub date: Date,
    /// What it is called, where it is called anything: a holiday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    pub hours: Vec<Hours>,
}

/// A time that is booked as a whole (half a day, a full day), on these weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: Label,
    pub weekdays: Vec<u8>,
    #[serde(flatten)]
    pub hours: Hours,
}

/// How far up the layers of hours are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Weekly,
    Seasons,
    SpecialDays,
}

impl Rules {
    /// When it is open within the window: a place that is open round the clock has one interval. Blocks
    /// are not looked at.
    #[must_use]
    pub fn open(&self, window: Interval) -> Spans {
        self.open_by(window, Layer::SpecialDays)
    }

    pub(super) fn open_by(&self, window: Interval, layer: Layer) -> Spans {
        let zone = self.zone.rules();
        // Hours reach up to two days past their own date.
        local_dates(zone, window, 2)
            .flat_map(|date| {
                self.hours_on(date, layer)
                    .into_iter()
                    .filter_map(move |hours| resolve(zone, date, hours))
            })
            .filter_map(|open| open.within(window))
            .collect()
    }

    fn hours_on(&self, date: Date, layer: Layer) -> Vec<Hours> {
        let special = self.special_days.iter().find(|day| day.date == date);
        if let (Some(special), Layer::SpecialDays) = (special, layer) {
            return special.hours.clone();
        }
        let season = self.season(date).filter(|_| layer >= Layer::Seasons);
        let weekly = season.map_or(&self.weekly, |season| &season.weekly);
        weekly
            .iter()
            .filter(|opening| is_on(opening.weekday, date.weekday()))
            .map(Opening::hours)
            .collect()
    }

    /// The season that holds on a date.
    #[must_use]
    pub fn season(&self, date: Date) -> Option<&Season> {
        let there = self.seasons.iter().filter(|season| season.contains(date));
        there.max_by_key(|season| season.priority)
    }

    /// The package that is exactly this time.
    #[must_use]
    pub fn package(&self, wanted: Interval) -> Option<&Package> {
        let zone = self.zone.rules();
        // One that begins where the clock leaves out the end of a day begins with the next.
        let date = local_date(zone, wanted.start());
        let dates = [Some(date), date.yesterday().ok()];
        let is_it = |package: &&Package| {
            dates
                .into_iter()
                .flatten()
                .any(|on| package.on(zone, on) == Some(wanted))
        };
        self.packages.iter().find(is_it)
    }

    /// All packages that start in the window, whether they are free or not.
    pub(super) fn packages_in(&self, window: Interval) -> impl Iterator<Item = (&Package, Interval)> {
        let zone = self.zone.rules();
        let dates = (!self.packages.is_empty()).then(|| local_dates(zone, window, 1));
        dates
            .into_iter()
            .flatten()
            .flat_map(move |date| {
                self.packages
                    .iter()
                    .map(move |package| (package, package.on(zone, date)))
            })
            .filter_map(|(package, time)| Some((package, time?)))
            .filter(move |(_, time)| window.start() <= time.start() && time.start() < window.end())
    }
}

impl Zone {
    /// All of a date by this clock, 23 or 25 hours where it is shifted; nothing where the clock leaves the date out.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<Interval> {
        date_interval(self.rules(), date)
    }
}

impl Package {
    fn on(&self, zone: &TimeZone, date: Date) -> Option<Interval> {
        let is_its_day = self.weekdays.iter().any(|day| is_on(*day, date.weekday()));
        is_its_day.then(|| resolve(zone, date, self.hours)).flatten()
    }
}

pub(super) fn local_date(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at).date()
}

/// The dates that the clock shows in the window, and so many before them.
pub(crate) fn local_dates(
    zone: &TimeZone,
    window: Interval,
    before: i64,
) -> impl Iterator<Item = Date> + use<> {
    let first = local_date(zone, window.start()).saturating_sub(before.days());
    let last = local_date(zone, window.end());
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

pub(crate) fn is_on(number: u8, weekday: Weekday) -> bool {
    i8::try_from(number).is_ok_and(|number| number == weekday.to_monday_one_offset())
}

/// The instants of hours on a date; nothing where the clock leaves nothing of them.
pub(crate) fn resolve(zone: &TimeZone, date: Date, hours: Hours) -> Option<Interval> {
    let wall = |minute: u32| {
        date.to_datetime(jiff::civil::Time::midnight())
            .checked_add(i64::from(minute).minutes())
            .ok()
    };
    let start = instant(zone, wall(hours.open_minute)?, Side::Open)?;
    let end = instant(zone, wall(hours.close_minute)?, Side::Close)?;
    Interval::new(start, end).ok()
}

/// All of a date by the clock: up to the first instant of the next one.
pub(crate) fn date_interval(zone: &TimeZone, date: Date) -> Option<Interval> {
    let first = |date: Date| instant(zone, date.to_datetime(jiff::civil::Time::midnight()), Side::Open);
    Interval::new(first(date)?, first(date.tomorrow().ok()?)?).ok()
}

#[derive(Clone, Copy)]
enum Side {
    Open,
    Close,
}

fn instant(zone: &TimeZone, wall: DateTime, side: Side) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous().ok(),
        AmbiguousOffset::Fold { before, after } => match side {
            Side::Open => before.to_timestamp(wall).ok(),
            Side::Close => after.to_timestamp(wall).ok(),
        },
        AmbiguousOffset::Gap { before, .. } => {
            // With the offset from before the gap this wall time lies after the shift, which is
            // therefore the last one up to it.
            let past = before
                .to_timestamp(wall)
                .ok()?
                .saturating_add(1.nanosecond())
                .ok()?;
            zone.preceding(past).next().map(|shift| shift.timestamp())
        }
    }
}
