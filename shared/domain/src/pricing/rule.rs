//! Rules that change what an hour costs.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::availability::{Hours, Rules, date_interval, is_on, local_dates, resolve};
use crate::money::{Money, MoneyError};
use crate::spans::Spans;
use crate::text::Label;
use crate::time::{Interval, minutes_between};

/// Of all rules that hold, those of lower priority come first, and of equal ones those that stand first; each
/// changes what the ones before it left. So of several that set a price the last one wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateRule {
    pub name: Label,
    #[serde(default)]
    pub priority: u16,
    pub when: When,
    pub effect: Effect,
}

/// When a rule holds: everything that is given has to be so; when nothing is, it always holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct When {
    /// 1 is Monday, 7 is Sunday (ISO 8601); none is every day.
    #[serde(default)]
    pub weekdays: Vec<u8>,
    /// Hours of the day by the venue's clock. They belong to the date they begin on, also past midnight, and are
    /// resolved as opening hours are.
    #[serde(default)]
    pub hours: Option<Hours>,
    #[serde(default)]
    pub dates: Option<DateRange>,
    /// The name of a season of the space that holds on the date.
    #[serde(default)]
    pub season: Option<Label>,
    /// Minutes from the quote to the start.
    #[serde(default)]
    pub lead_minutes: Option<Bounds>,
    /// Elapsed minutes of the whole booking.
    #[serde(default)]
    pub minutes: Option<Bounds>,
    #[serde(default)]
    pub guests: Option<Bounds>,
}

/// Dates, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    pub from: Date,
    pub to: Date,
}

/// Numbers from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bounds {
    #[serde(default)]
    pub min: Option<u32>,
    #[serde(default)]
    pub max: Option<u32>,
}

impl Bounds {
    #[must_use]
    pub fn holds(self, number: i64) -> bool {
        self.min.is_none_or(|min| i64::from(min) <= number)
            && self.max.is_none_or(|max| number <= i64::from(max))
    }
}

/// What a rule does to the price of an hour, which never falls below nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Set(Money),
    /// Basis points more; less when negative. Rounded to a minor unit, so that what is shown is what is reckoned
    /// with.
    Percent(i32),
    /// So much more; less when negative.
    Add(Money),
}

impl Effect {
    pub(super) fn apply(self, price_per_hour: Money) -> Result<Money, MoneyError> {
        let changed = match self {
            Self::Set(price) => price,
            Self::Percent(bps) => price_per_hour.plus(price_per_hour.share(i64::from(bps))?)?,
            Self::Add(more) => price_per_hour.plus(more)?,
        };
        Ok(changed.at_least_zero())
    }
}

/// The booking that rules are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub interval: Interval,
    pub guests: u32,
    pub now: Timestamp,
}

impl When {
    /// The part of a booking for which it holds.
    pub(super) fn part_of(&self, visit: Visit, space: &Rules) -> Spans {
        let lead = minutes_between(visit.now, visit.interval.start());
        let is_so = |bounds: Option<Bounds>, number| bounds.is_none_or(|bounds| bounds.holds(number));
        let holds_at_all = is_so(self.lead_minutes, lead)
            && is_so(self.minutes, visit.interval.minutes())
            && is_so(self.guests, i64::from(visit.guests));
        if holds_at_all {
            self.within(visit.interval, space)
        } else {
            Spans::default()
        }
    }

    /// The part of a time for which it may hold, by dates and hours alone.
    pub(super) fn within(&self, time: Interval, space: &Rules) -> Spans {
        let zone = space.zone.rules();
        // Hours reach up to two days past their own date.
        local_dates(zone, time, 2)
            .filter(|date| self.is_on(*date, space))
            .filter_map(|date| match self.hours {
                Some(hours) => resolve(zone, date, hours),
                None => date_interval(zone, date),
            })
            .filter_map(|part| part.within(time))
            .collect()
    }

    fn is_on(&self, date: Date, space: &Rules) -> bool {
        let weekday = || self.weekdays.iter().any(|day| is_on(*day, date.weekday()));
        let in_season = |name: &Label| space.season(date).is_some_and(|season| season.name == *name);
        (self.weekdays.is_empty() || weekday())
            && self
                .dates
                .is_none_or(|dates| dates.from <= date && date <= dates.to)
            && self.season.as_ref().is_none_or(in_season)
    }
}
