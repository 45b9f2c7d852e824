//! Holidays: whole days with a name, some of which recur, and the dates that get special hours by them.
//!
//! What is over, or too far ahead for anybody to book, is left out where the dates are asked for: how a file was
//! written does not matter here, nor how long a holiday goes on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::recurrence::days_between;
use super::{HORIZON_DAYS_MAX, Hours, Recurrence, RecurrenceError, SPECIAL_DAYS_MAX, SpecialDay};
use crate::text::Label;

/// A holiday that recurs is at most so long each time.
pub const RECURRING_DAYS_MAX: i64 = 31;

/// A date or several in a row, once or again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    name: Option<Label>,
    first: Date,
    /// Dates after the first of each time.
    more: i64,
    recurs: Option<Recurs>,
    /// Further dates on which it begins.
    also: BTreeSet<Date>,
    /// Dates on which it does not begin.
    except: BTreeSet<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Recurs {
    rule: Recurrence,
    /// The last date on which it may begin.
    last: Option<Date>,
}

/// Why a holiday cannot recur like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolidayError {
    #[error("RRULE {0}")]
    Rule(#[from] RecurrenceError),
    #[error("must not be longer than {RECURRING_DAYS_MAX} days, as it recurs")]
    TooLong,
}

impl Holiday {
    /// Once, from the first date to the last; one date when that is not after the first.
    #[must_use]
    pub fn new(name: Option<Label>, first: Date, last: Date) -> Self {
        Self {
            name,
            first,
            more: days_between(first, last).max(0),
            recurs: None,
            also: BTreeSet::new(),
            except: BTreeSet::new(),
        }
    }

    /// It with the dates of a rule, and further ones on which it begins.
    ///
    /// # Errors
    /// [`HolidayError::Rule`] when the rule does not go with the first date; [`HolidayError::TooLong`] beyond
    /// [`RECURRING_DAYS_MAX`].
    pub fn recurring(mut self, rule: Option<Recurrence>, also: BTreeSet<Date>) -> Result<Self, HolidayError> {
        let recurs = rule.is_some() || !also.is_empty();
        if recurs && self.more >= RECURRING_DAYS_MAX {
            return Err(HolidayError::TooLong);
        }
        let bind = |rule: Recurrence| rule.bind(self.first).map(|last| Recurs { rule, last });
        self.recurs = rule.map(bind).transpose()?;
        self.also = also;
        Ok(self)
    }

    /// It does not begin on this date.
    pub fn leave_out(&mut self, date: Date) {
        self.except.insert(date);
    }

    /// Its dates in the window, both ends included. A date may come twice where it overlaps itself.
    fn dates(&self, from: Date, to: Date) -> impl Iterator<Item = Date> {
        let reach = from.saturating_sub(self.more.min(RECURRING_DAYS_MAX).days());
        let recurring = self.recurs.iter().flat_map(move |recurs| {
            dates(reach, to).filter(|date| {
                recurs.last.is_none_or(|last| *date <= last) && recurs.rule.matches(self.first, *date)
            })
        });
        let also = self.also.iter().copied();
        std::iter::once(self.first)
            .chain(also)
            .chain(recurring)
            .filter(|date| !self.except.contains(date))
            .flat_map(move |begin| {
                let end = begin.saturating_add(self.more.days());
                dates(begin.max(from), end.min(to))
            })
    }
}

/// From one date to another, both included.
fn dates(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(move |date| *date <= to)
}

/// Which dates get special hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialDates {
    Named {
        dates: BTreeSet<Date>,
        name: Option<Label>,
    },
    /// Those that are still to come.
    Holidays(Vec<Holiday>),
}

/// The same hours for each of these dates; none is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialHours {
    pub dates: SpecialDates,
    pub hours: Vec<Hours>,
}

/// Why holidays are no dates that could be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolidaysError {
    #[error("has no whole day from {from} to {to}")]
    NoneToCome { from: Date, to: Date },
    #[error("has more than {SPECIAL_DAYS_MAX} dates from {from} to {to}")]
    TooMany { from: Date, to: Date },
}

impl SpecialHours {
    /// The days, by their date. Of holidays those from today to [`HORIZON_DAYS_MAX`] days later, which is as far as
    /// anybody can book; where two of them share a date, the first that has a name gives it.
    ///
    /// # Errors
    /// [`HolidaysError`].
    pub fn days(&self, today: Date) -> Result<Vec<SpecialDay>, HolidaysError> {
        let named = match &self.dates {
            SpecialDates::Named { dates, name } => dates.iter().map(|date| (*date, name.clone())).collect(),
            SpecialDates::Holidays(holidays) => to_come(holidays, today)?,
        };
        let day = |(date, name)| SpecialDay {
            date,
            name,
            hours: self.hours.clone(),
        };
        Ok(named.into_iter().map(day).collect())
    }
}

fn to_come(holidays: &[Holiday], today: Date) -> Result<BTreeMap<Date, Option<Label>>, HolidaysError> {
    let (from, to) = (today, today.saturating_add(i64::from(HORIZON_DAYS_MAX).days()));
    let mut found: BTreeMap<Date, Option<Label>> = BTreeMap::new();
    for holiday in holidays {
        for date in holiday.dates(from, to) {
            let name = found.entry(date).or_default();
            if name.is_none() {
                name.clone_from(&holiday.name);
            }
            // At once: a file of endless holidays costs no more than one of them.
            if found.len() > SPECIAL_DAYS_MAX {
                return Err(HolidaysError::TooMany { from, to });
            }
        }
    }
    if found.is_empty() {
        return Err(HolidaysError::NoneToCome { from, to });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
