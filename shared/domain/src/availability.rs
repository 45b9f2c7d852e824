//! When a space can be booked: its hours, blocks and booking rules, and the one decision that both shows
//! what is free and accepts a booking.
//!
//! Blocks come before special days, special days before seasons, seasons before the usual week. Hours are
//! civil and resolved in the venue's zone ([`Hours`] says how); durations are elapsed minutes.

mod alternatives;
mod blocks;
mod holidays;
mod hours;
mod occupancy;
mod problems;
mod recurrence;
mod timetable;

pub use alternatives::{ASKED_MAX, DOCUMENTS_PER_STEP, REACH_DAYS, STEPS_MAX, Search};
pub use blocks::{BLOCK_GRID_MINUTES, Block, BlockTime, EXCEPTIONS_MAX, REPEATED_MINUTES_MAX, Repeating};
pub use holidays::{Holiday, HolidayError, HolidaysError, RECURRING_DAYS_MAX, SpecialDates, SpecialHours};
pub use hours::{Hours, Opening, Package, Season, SpecialDay};
pub(crate) use hours::{date_interval, is_on, local_dates, resolve};
pub use occupancy::{Occupancy, Occupying};
pub use problems::RuleProblem;
pub(crate) use problems::{Findings, is_weekday};
pub use recurrence::{
    RECURRENCE_COUNT_MAX, RECURRENCE_INTERVAL_MAX, RECURRENCE_LENGTH_MAX, Recurrence, RecurrenceError,
};
pub use timetable::{Booker, Request, WALK_IN_MINUTES};

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::id::SpaceId;
use crate::time::Zone;

pub const MINUTES_PER_DAY: u32 = 1_440;
/// Openings a week has at most.
pub const OPENINGS_MAX: usize = 42;
pub const SEASONS_MAX: usize = 20;
/// Dates with hours of their own: two years of them.
pub const SPECIAL_DAYS_MAX: usize = 400;
/// Hours of one date.
pub const SPECIAL_HOURS_MAX: usize = 4;
/// Blocks of a space that are not over, those of linked spaces included.
pub const BLOCKS_MAX: usize = 300;
pub const PACKAGES_MAX: usize = 20;
/// A booking is at most 31 days long.
pub const DURATION_MINUTES_MAX: u32 = 31 * MINUTES_PER_DAY;
/// Minutes that may be asked for before or after a booking.
pub const BUFFER_MINUTES_MAX: u32 = MINUTES_PER_DAY;
pub const STEP_MINUTES_MIN: u32 = 5;
/// A vendor answers a request within a week at the latest.
pub const ANSWER_MINUTES_MAX: u32 = 7 * MINUTES_PER_DAY;
pub const ANSWER_MINUTES_MIN: u32 = 30;
/// A customer can cancel up to a fortnight before the start at least.
pub const LOCK_MINUTES_MAX: u32 = 14 * MINUTES_PER_DAY;
pub const HORIZON_DAYS_MAX: u32 = 730;
/// A window of availability is at most this long.
pub const WINDOW_DAYS_MAX: u32 = 92;
/// Other times that a refusal offers.
pub const ALTERNATIVES_MAX: usize = 3;

/// When and how a space may be booked. [`Rules::problems`] tells whether they make sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub zone: Zone,
    pub weekly: Vec<Opening>,
    #[serde(default)]
    pub seasons: Vec<Season>,
    #[serde(default)]
    pub special_days: Vec<SpecialDay>,
    #[serde(default)]
    pub blocks: Vec<Block>,
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Whether nothing but packages can be booked.
    #[serde(default)]
    pub packages_only: bool,
    /// Neither it nor what follows holds for packages.
    pub min_minutes: u32,
    pub max_minutes: u32,
    /// Durations are multiples of it.
    pub step_minutes: u32,
    /// Where bookings start; every `step_minutes` from midnight when nothing is said.
    #[serde(default)]
    pub start_alignment: Option<StartAlignment>,
    /// Needed free before a booking.
    pub setup_minutes: u32,
    /// Needed free after a booking.
    pub turnaround_minutes: u32,
    /// From now to the earliest start.
    pub lead_minutes: u32,
    /// From now to the latest start.
    pub horizon_days: u32,
    /// When given, a booking is a request, and its vendor takes so long to answer.
    #[serde(default)]
    pub answer_minutes: Option<u32>,
    /// From then on to the start a customer can no longer cancel a booking or have it changed.
    #[serde(default)]
    pub cancellation_lock_minutes: u32,
}

/// A space's rules as they are kept: those that hold, and those that are about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleBook {
    #[serde(flatten)]
    pub rules: Rules,
    /// Rules that will hold once it is clear that no booking is in their way. Whatever they close is closed
    /// already.
    #[serde(default)]
    pub pending: Option<Rules>,
    /// The `rules_version` of the space when it was written.
    pub version: u64,
}

impl RuleBook {
    /// A request for new bookings of a space by these rules. `spaces` are the space and, after it, whatever
    /// is locked with it.
    #[must_use]
    pub const fn request<'a>(&'a self, spaces: &'a [SpaceId], now: Timestamp) -> Request<'a> {
        Request {
            rules: &self.rules,
            pending: self.pending.as_ref(),
            spaces,
            now,
            by: Booker::Customer,
            except: None,
        }
    }
}

/// Bookings start every so many minutes by the venue's clock, counted from so many minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartAlignment {
    /// Divides a day evenly.
    pub every_minutes: u32,
    /// Less than `every_minutes`.
    pub offset_minutes: u32,
}

impl Rules {
    /// Blocks and special days that say nothing about any time to come.
    pub fn forget_what_is_over(&mut self, now: Timestamp) {
        let zone = &self.zone;
        // What began the day before may reach past midnight.
        let yesterday = zone.rules().to_datetime(now).date().saturating_sub(1.day());
        self.blocks.retain(|block| !block.time.is_over(zone, now));
        self.special_days.retain(|day| day.date >= yesterday);
    }

    /// A space nobody has set hours for: closed, with the defaults of everything else.
    #[must_use]
    pub const fn closed(zone: Zone) -> Self {
        Self {
            zone,
            weekly: Vec::new(),
            seasons: Vec::new(),
            special_days: Vec::new(),
            blocks: Vec::new(),
            packages: Vec::new(),
            packages_only: false,
            min_minutes: 60,
            max_minutes: MINUTES_PER_DAY,
            step_minutes: 30,
            start_alignment: None,
            setup_minutes: 0,
            turnaround_minutes: 0,
            lead_minutes: 60,
            horizon_days: 365,
            answer_minutes: None,
            cancellation_lock_minutes: 0,
        }
    }

    #[must_use]
    pub fn start_alignment(&self) -> StartAlignment {
        self.start_alignment.unwrap_or(StartAlignment {
            every_minutes: self.step_minutes.max(1),
            offset_minutes: 0,
        })
    }

    /// Whether anything may be closed or blocked by the next rules that is not by these.
    #[must_use]
    pub fn may_lose_to(&self, next: &Self) -> bool {
        let hours = |rules: &Self| {
            let seasons = rules.seasons.iter();
            let seasons = seasons.map(|s| (s.from, s.to, s.priority, s.weekly.clone()));
            let special = rules.special_days.iter();
            let special = special.map(|day| (day.date, day.hours.clone()));
            (
                rules.weekly.clone(),
                seasons.collect::<Vec<_>>(),
                special.collect::<Vec<_>>(),
            )
        };
        hours(self) != hours(next) || next.blocks.iter().any(|block| !self.blocks.contains(block))
    }

    /// Whether it is ever open.
    #[must_use]
    pub fn has_hours(&self) -> bool {
        let season = |season: &Season| !season.weekly.is_empty();
        let special = |day: &SpecialDay| !day.hours.is_empty();
        !self.weekly.is_empty() || self.seasons.iter().any(season) || self.special_days.iter().any(special)
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
