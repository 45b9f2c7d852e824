//! Recurring dates by an RRULE of RFC 5545 (3.3.10), as far as it speaks of dates.
//!
//! Whether a date belongs to a rule is computed from the date itself, so that a rule that began years ago
//! costs no more than one of today. `COUNT` becomes a last date when the rule is bound to its first one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `INTERVAL` is at most this.
pub const RECURRENCE_INTERVAL_MAX: u32 = 366;
/// `COUNT` is at most this.
pub const RECURRENCE_COUNT_MAX: u32 = 1_000;
/// Characters of a rule.
pub const RECURRENCE_LENGTH_MAX: usize = 300;
/// A rule with a `COUNT` has to reach it within so many days: ten years.
const COUNTED_DAYS_MAX: i64 = 3_660;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Daily, "DAILY"),
        (Self::Weekly, "WEEKLY"),
        (Self::Monthly, "MONTHLY"),
        (Self::Yearly, "YEARLY"),
    ];
}

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "MO"),
    (Weekday::Tuesday, "TU"),
    (Weekday::Wednesday, "WE"),
    (Weekday::Thursday, "TH"),
    (Weekday::Friday, "FR"),
    (Weekday::Saturday, "SA"),
    (Weekday::Sunday, "SU"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Never,
    /// The last date that may belong to it.
    Until(Date),
    Count(u32),
}

/// `MO`, or `-1FR`: the last Friday of its month (or year).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByDay {
    /// 0 is every one.
    nth: i8,
    weekday: Weekday,
}

/// A rule that is not bound to a first date yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Recurrence {
    frequency: Frequency,
    interval: u32,
    end: End,
    by_month: BTreeSet<i8>,
    by_month_day: BTreeSet<i8>,
    by_day: Vec<ByDay>,
    week_start: Weekday,
}

/// Why a text is no rule that dates can recur by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    #[error("has to be an RRULE of RFC 5545 such as FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20271231")]
    Malformed,
    #[error("must have at most {RECURRENCE_LENGTH_MAX} characters")]
    TooLong,
    #[error("{0} is not a part that dates can recur by")]
    Unsupported(String),
    #[error("{0} does not have a value that is possible here")]
    Value(&'static str),
    #[error("has COUNT and UNTIL; only one of them can end it")]
    TwoEnds,
    #[error("does not begin with the first date")]
    NotFirst,
    #[error("does not come to its COUNT within ten years")]
    Endless,
}

impl Recurrence {
    /// The last date of it when it begins with `first`; nothing when it has no end.
    ///
    /// # Errors
    /// [`RecurrenceError::NotFirst`], [`RecurrenceError::Endless`].
    pub fn bind(&self, first: Date) -> Result<Option<Date>, RecurrenceError> {
        if !self.matches(first, first) {
            return Err(RecurrenceError::NotFirst);
        }
        match self.end {
            End::Never => Ok(None),
            End::Until(last) if last < first => Err(RecurrenceError::NotFirst),
            End::Until(last) => Ok(Some(last)),
            End::Count(count) => {
                let nth = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
                (0..=COUNTED_DAYS_MAX)
                    .map_while(|n| first.checked_add(n.days()).ok())
                    .filter(|date| self.matches(first, *date))
                    .nth(nth)
                    .map(Some)
                    .ok_or(RecurrenceError::Endless)
            }
        }
    }

    /// Whether a date on or after the first one belongs to it, wherever it ends.
    #[must_use]
    pub fn matches(&self, first: Date, date: Date) -> bool {
        if date < first || !in_set(&self.by_month, date.month()) {
            return false;
        }
        let interval = i64::from(self.interval);
        match self.frequency {
            Frequency::Daily => {
                days_between(first, date) % interval == 0 && self.on_month_day(date) && self.on_weekday(date)
            }
            Frequency::Weekly => {
                let weeks = days_between(self.week_of(first), self.week_of(date)) / 7;
                let weekday = if self.by_day.is_empty() {
                    date.weekday() == first.weekday()
                } else {
                    self.on_weekday(date)
                };
                weeks % interval == 0 && weekday
            }
            Frequency::Monthly => {
                let month = |d: Date| i64::from(d.year()) * 12 + i64::from(d.month());
                (month(date) - month(first)) % interval == 0 && self.in_month(first, date)
            }
            Frequency::Yearly => {
                (i64::from(date.year()) - i64::from(first.year())) % interval == 0
                    && self.in_year(first, date)
            }
        }
    }

    fn in_month(&self, first: Date, date: Date) -> bool {
        if self.by_day.is_empty() && self.by_month_day.is_empty() {
            return date.day() == first.day();
        }
        let nth_in_month = |day: &ByDay| {
            day.weekday == date.weekday() && is_nth(day.nth, date.day().into(), date.days_in_month().into())
        };
        let weekday = self.by_day.is_empty() || self.by_day.iter().any(nth_in_month);
        self.on_month_day(date) && weekday
    }

    fn in_year(&self, first: Date, date: Date) -> bool {
        if !self.by_month.is_empty() || !self.by_month_day.is_empty() {
            return self.in_month(first, date);
        }
        if self.by_day.is_empty() {
            return date.month() == first.month() && date.day() == first.day();
        }
        let nth_in_year = |day: &ByDay| {
            day.weekday == date.weekday() && is_nth(day.nth, date.day_of_year(), date.days_in_year())
        };
        self.by_day.iter().any(nth_in_year)
    }

    fn on_month_day(&self, date: Date) -> bool {
        let from_the_end = date.day() - date.days_in_month() - 1;
        self.by_month_day.is_empty()
            || self.by_month_day.contains(&date.day())
            || self.by_month_day.contains(&from_the_end)
    }

    fn on_weekday(&self, date: Date) -> bool {
        self.by_day.is_empty() || self.by_day.iter().any(|day| day.weekday == date.weekday())
    }

    /// The first day of the week that a date is in.
    fn week_of(&self, date: Date) -> Date {
        date.saturating_sub(i64::from(date.weekday().since(self.week_start)).days())
    }

    fn check(self) -> Result<Self, RecurrenceError> {
        let nth = self.by_day.iter().any(|day| day.nth != 0);
        let in_month = self.frequency == Frequency::Monthly || !self.by_month.is_empty();
        let weeks = if in_month { 5 } else { 53 };
        let in_range = self.by_day.iter().all(|day| (-weeks..=weeks).contains(&day.nth));
        match self.frequency {
            // RFC 5545: a number with BYDAY belongs to months and years only, BYMONTHDAY not to weeks.
            Frequency::Daily | Frequency::Weekly if nth => Err(RecurrenceError::Value("BYDAY")),
            Frequency::Weekly if !self.by_month_day.is_empty() => Err(RecurrenceError::Value("BYMONTHDAY")),
            Frequency::Monthly | Frequency::Yearly if !in_range => Err(RecurrenceError::Value("BYDAY")),
            // Which of the year's fridays also are days of a month is not defined.
            Frequency::Yearly if nth && !self.by_month_day.is_empty() => Err(RecurrenceError::Value("BYDAY")),
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => Ok(self),
        }
    }
}

fn in_set(set: &BTreeSet<i8>, value: i8) -> bool {
    set.is_empty() || set.contains(&value)
}

/// Whether the `day`th of so many days is the `nth` of its weekday among them.
fn is_nth(nth: i8, day: i16, days: i16) -> bool {
    match nth {
        0 => true,
        1.. => (day - 1) / 7 + 1 == i16::from(nth),
        _ => (days - day) / 7 + 1 == -i16::from(nth),
    }
}

pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to))
        .map_or(0, |span| i64::from(span.get_days()))
}

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        if text.len() > RECURRENCE_LENGTH_MAX {
            return Err(RecurrenceError::TooLong);
        }
        let mut frequency = None;
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            end: End::Never,
            by_month: BTreeSet::new(),
            by_month_day: BTreeSet::new(),
            by_day: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut seen = BTreeSet::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(RecurrenceError::Malformed)?;
            if !seen.insert(name) {
                return Err(RecurrenceError::Malformed);
            }
            match name {
                "FREQ" => {
                    frequency = Some(named(&Frequency::ALL, value).ok_or(RecurrenceError::Value("FREQ"))?)
                }
                "INTERVAL" => rule.interval = number(value, RECURRENCE_INTERVAL_MAX, "INTERVAL")?,
                "COUNT" => rule.ends(End::Count(number(value, RECURRENCE_COUNT_MAX, "COUNT")?))?,
                "UNTIL" => rule.ends(End::Until(date(value)?))?,
                "BYMONTH" => rule.by_month = numbers(value, 1..=12, "BYMONTH")?,
                "BYMONTHDAY" => rule.by_month_day = numbers(value, -31..=31, "BYMONTHDAY")?,
                "BYDAY" => rule.by_day = value.split(',').map(by_day).collect::<Result<_, _>>()?,
                "WKST" => rule.week_start = named(&WEEKDAYS, value).ok_or(RecurrenceError::Value("WKST"))?,
                _ => return Err(RecurrenceError::Unsupported(name.chars().take(20).collect())),
            }
        }
        rule.frequency = frequency.ok_or(RecurrenceError::Malformed)?;
        rule.check()
    }
}

impl Recurrence {
    fn ends(&mut self, end: End) -> Result<(), RecurrenceError> {
        if self.end != End::Never {
            return Err(RecurrenceError::TwoEnds);
        }
        self.end = end;
        Ok(())
    }
}

fn named<T: Copy>(names: &[(T, &str)], text: &str) -> Option<T> {
    names
        .iter()
        .find(|(_, name)| *name == text)
        .map(|(value, _)| *value)
}

fn name_of<T: PartialEq>(names: &[(T, &'static str)], value: &T) -> &'static str {
    names
        .iter()
        .find(|(v, _)| v == value)
        .map_or("", |(_, name)| name)
}

fn number(text: &str, max: u32, name: &'static str) -> Result<u32, RecurrenceError> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|n| digits && (1..=max).contains(n));
    number.ok_or(RecurrenceError::Value(name))
}

fn numbers(
    text: &str,
    range: std::ops::RangeInclusive<i8>,
    name: &'static str,
) -> Result<BTreeSet<i8>, RecurrenceError> {
    let one = |text: &str| text.parse().ok().filter(|n| *n != 0 && range.contains(n));
    text.split(',')
        .map(|text| one(text).ok_or(RecurrenceError::Value(name)))
        .collect()
}

fn by_day(text: &str) -> Result<ByDay, RecurrenceError> {
    let wrong = RecurrenceError::Value("BYDAY");
    let at = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at));
    let (nth, weekday) = text.split_at(at.ok_or(wrong.clone())?);
    let weekday = named(&WEEKDAYS, weekday).ok_or(wrong.clone())?;
    let nth = match nth {
        "" => 0,
        nth => nth.parse().ok().filter(|n| *n != 0).ok_or(wrong)?,
    };
    Ok(ByDay { nth, weekday })
}

fn date(text: &str) -> Result<Date, RecurrenceError> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let parsed = Date::strptime("%Y%m%d", text).ok().filter(|_| digits);
    parsed.ok_or(RecurrenceError::Value("UNTIL"))
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |numbers: &BTreeSet<i8>| numbers.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
        write!(f, "FREQ={}", name_of(&Frequency::ALL, &self.frequency))?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Until(date) => write!(f, ";UNTIL={}", date.strftime("%Y%m%d"))?,
            End::Count(count) => write!(f, ";COUNT={count}")?,
        }
        if !self.by_month.is_empty() {
            write!(f, ";BYMONTH={}", list(&self.by_month))?;
        }
        if !self.by_month_day.is_empty() {
            write!(f, ";BYMONTHDAY={}", list(&self.by_month_day))?;
        }
        for (n, day) in self.by_day.iter().enumerate() {
            f.write_str(if n == 0 { ";BYDAY=" } else { "," })?;
            if day.nth != 0 {
                write!(f, "{}", day.nth)?;
            }
            f.write_str(name_of(&WEEKDAYS, &day.weekday))?;
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", name_of(&WEEKDAYS, &self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Recurrence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Recurrence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
