//! Time that a vendor keeps for themselves: it comes before all hours.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::hours::{Hours, local_dates, resolve};
use super::{MINUTES_PER_DAY, Recurrence, RecurrenceError, Rules};
use crate::id::{BlockId, SpaceId};
use crate::spans::Spans;
use crate::text::Label;
use crate::time::{Interval, Zone};

/// One-off blocks are rounded outward to it.
pub const BLOCK_GRID_MINUTES: i64 = 5;
/// One occurrence of a repeated block is at most a week long.
pub const REPEATED_MINUTES_MAX: u32 = 7 * MINUTES_PER_DAY;
/// Dates after the one on which a repeated block began that it may reach into.
const REPEATED_DAYS: i64 = (REPEATED_MINUTES_MAX / MINUTES_PER_DAY) as i64;
/// Dates that a repeated block leaves out.
pub const EXCEPTIONS_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub id: BlockId,
    /// The space that was blocked; spaces that are locked with it carry the block as well.
    pub space: SpaceId,
    pub time: BlockTime,
    /// For the vendor; customers are not told.
    pub reason: Option<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockTime {
    Once(Interval),
    /// Whole days by the venue's clock, the last one included.
    Days {
        from: Date,
        to: Date,
    },
    Repeating(Repeating),
}

/// The same hours on dates that recur. In a fold an occurrence reaches from the earlier to the later instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating {
    first: Date,
    /// The last date on which one may begin.
    last: Option<Date>,
    #[serde(flatten)]
    hours: Hours,
    rule: Recurrence,
    except: BTreeSet<Date>,
}

impl Repeating {
    /// # Errors
    /// [`RecurrenceError`] when the rule does not go with the first date.
    pub fn new(
        first: Date,
        hours: Hours,
        rule: Recurrence,
        except: BTreeSet<Date>,
    ) -> Result<Self, RecurrenceError> {
        Ok(Self {
            last: rule.bind(first)?,
            first,
            hours,
            rule,
            except,
        })
    }

    #[must_use]
    pub const fn first(&self) -> Date {
        self.first
    }

    #[must_use]
    pub const fn hours(&self) -> Hours {
        self.hours
    }

    #[must_use]
    pub const fn rule(&self) -> &Recurrence {
        &self.rule
    }

    #[must_use]
    pub const fn except(&self) -> &BTreeSet<Date> {
        &self.except
    }

    /// Whether an occurrence of so many minutes is possible.
    #[must_use]
    pub const fn fits(hours: Hours) -> bool {
        hours.open_minute < MINUTES_PER_DAY
            && hours.open_minute < hours.close_minute
            && hours.close_minute <= hours.open_minute + REPEATED_MINUTES_MAX
    }

    fn begins_on(&self, date: Date) -> bool {
        self.last.is_none_or(|last| date <= last)
            && self.rule.matches(self.first, date)
            && !self.except.contains(&date)
    }
}

impl BlockTime {
    /// What of it is in the window, each time that it recurs.
    pub(super) fn within(&self, zone: &Zone, window: Interval) -> Vec<Interval> {
        match self {
            Self::Once(interval) => interval.within(window).into_iter().collect(),
            Self::Days { from, to } => days(zone, *from, *to)
                .and_then(|days| days.within(window))
                .into_iter()
                .collect(),
            Self::Repeating(repeating) => {
                let zone = zone.rules();
                local_dates(zone, window, REPEATED_DAYS)
                    .filter(|date| repeating.begins_on(*date))
                    .filter_map(|date| resolve(zone, date, repeating.hours)?.within(window))
                    .collect()
            }
        }
    }

    /// Whether nothing of it is left at that instant.
    #[must_use]
    pub fn is_over(&self, zone: &Zone, now: Timestamp) -> bool {
        match self {
            Self::Once(interval) => interval.end() <= now,
            Self::Days { from, to } => days(zone, *from, *to).is_some_and(|days| days.end() <= now),
            Self::Repeating(repeating) => repeating.last.is_some_and(|last| {
                let end = last.saturating_add(REPEATED_DAYS.days());
                days(zone, last, end).is_some_and(|days| days.end() <= now)
            }),
        }
    }
}

/// From the first instant of a date to the last of another, or to the end of time.
fn days(zone: &Zone, from: Date, to: Date) -> Option<Interval> {
    let first_instant = |date: Date| {
        date.to_zoned(zone.rules().clone())
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let end = to.tomorrow().ok().and_then(first_instant);
    Interval::new(first_instant(from)?, end.unwrap_or(Timestamp::MAX)).ok()
}

impl Rules {
    /// What of the window is blocked.
    #[must_use]
    pub fn blocked(&self, window: Interval) -> Spans {
        self.blocks
            .iter()
            .flat_map(|block| block.time.within(&self.zone, window))
            .collect()
    }

    /// Whether all of a time is open and nothing of it blocked.
    #[must_use]
    pub fn is_open(&self, time: Interval) -> bool {
        !self.blocked(time).meets(time) && self.open(time).covers(time)
    }
}
