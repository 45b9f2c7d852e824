//! When a space can be booked: its weekly hours and booking rules, and the one decision that both
//! shows what is free and accepts a booking.
//!
//! Hours are civil and resolved in the venue's zone. In a gap (clocks go forward) a wall time that does
//! not exist becomes the first instant after it; in a fold (clocks go back) the space opens at the
//! earlier and closes at the later of the two instants. Durations are elapsed minutes.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::calendar::{Calendar, Entry};
use crate::id::{BookingId, SpaceId};
use crate::time::{Interval, Zone, plus_minutes};

pub const MINUTES_PER_DAY: u32 = 1_440;
/// Openings a week has at most.
pub const OPENINGS_MAX: usize = 42;
/// A booking is at most 31 days long.
pub const DURATION_MINUTES_MAX: u32 = 31 * MINUTES_PER_DAY;
/// Minutes that may be asked for before or after a booking.
pub const BUFFER_MINUTES_MAX: u32 = MINUTES_PER_DAY;
pub const STEP_MINUTES_MIN: u32 = 5;
pub const HORIZON_DAYS_MAX: u32 = 730;
/// A window of availability is at most this long.
pub const WINDOW_DAYS_MAX: u32 = 92;
/// Other times that a refusal offers.
pub const ALTERNATIVES_MAX: usize = 3;

/// The space opens on this weekday at one minute of the day and closes at another, which may be past
/// midnight: 22:00 to 02:00 is 1320 to 1560.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    pub weekday: u8,
    pub open_minute: u32,
    pub close_minute: u32,
}

/// When and how a space may be booked. [`Rules::problems`] tells whether they make sense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub zone: Zone,
    pub weekly: Vec<Opening>,
    pub min_minutes: u32,
    pub max_minutes: u32,
    /// Starts are multiples of it since local midnight; so are durations.
    pub step_minutes: u32,
    /// Needed free before a booking.
    pub setup_minutes: u32,
    /// Needed free after a booking.
    pub turnaround_minutes: u32,
    /// From now to the earliest start.
    pub lead_minutes: u32,
    /// From now to the latest start.
    pub horizon_days: u32,
}

/// A rule that makes no sense, by the name of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    pub field: &'static str,
    pub message: String,
}

impl Rules {
    /// A space nobody has set hours for: closed, with the defaults of everything else.
    #[must_use]
    pub const fn closed(zone: Zone) -> Self {
        Self {
            zone,
            weekly: Vec::new(),
            min_minutes: 60,
            max_minutes: MINUTES_PER_DAY,
            step_minutes: 30,
            setup_minutes: 0,
            turnaround_minutes: 0,
            lead_minutes: 60,
            horizon_days: 365,
        }
    }

    /// Everything that is wrong with them; nothing when they can be used.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let mut require = |fine: bool, field: &'static str, message: &str| {
            if !fine {
                problems.push(RuleProblem {
                    field,
                    message: message.to_owned(),
                });
            }
        };
        let fine = |o: &Opening| {
            (1..=7).contains(&o.weekday)
                && o.open_minute < MINUTES_PER_DAY
                && o.open_minute < o.close_minute
                && o.close_minute <= o.open_minute + MINUTES_PER_DAY
        };
        require(
            self.weekly.iter().all(fine),
            "weekly",
            "an opening needs a weekday from 1 (Monday) to 7, opens before minute 1440 and closes up to 24 hours later",
        );
        require(
            self.weekly.len() <= OPENINGS_MAX,
            "weekly",
            "at most 42 openings a week",
        );
        let step = self.step_minutes;
        require(
            step >= STEP_MINUTES_MIN && MINUTES_PER_DAY.is_multiple_of(step),
            "step_minutes",
            "must be at least 5 and divide a day of 1440 minutes evenly",
        );
        require(self.min_minutes >= 1, "min_minutes", "must be at least 1");
        require(
            self.max_minutes >= self.min_minutes,
            "max_minutes",
            "must not be less than min_minutes",
        );
        require(
            self.max_minutes <= DURATION_MINUTES_MAX,
            "max_minutes",
            "must be at most 44640 (31 days)",
        );
        require(
            self.setup_minutes <= BUFFER_MINUTES_MAX,
            "setup_minutes",
            "must be at most 1440",
        );
        require(
            self.turnaround_minutes <= BUFFER_MINUTES_MAX,
            "turnaround_minutes",
            "must be at most 1440",
        );
        require(
            (1..=HORIZON_DAYS_MAX).contains(&self.horizon_days),
            "horizon_days",
            "must be 1 to 730",
        );
        require(
            self.lead_minutes <= self.horizon_days.saturating_mul(MINUTES_PER_DAY),
            "lead_minutes",
            "must not reach past the horizon",
        );
        problems
    }

    /// When it is open within the window, in order, with neighbours joined: a place that is open round
    /// the clock has one interval.
    #[must_use]
    pub fn open(&self, window: Interval) -> Vec<Interval> {
        let zone = self.zone.rules();
        // Openings reach up to two days past their own date.
        let first = local_date(zone, window.start()).saturating_sub(2.days());
        let last = local_date(zone, window.end());
        let dates = std::iter::successors(Some(first), |d| d.tomorrow().ok()).take_while(|d| *d <= last);
        let mut open: Vec<Interval> = dates
            .flat_map(|date| {
                let weekday = date.weekday();
                self.weekly
                    .iter()
                    .filter(move |o| is_on(o, weekday))
                    .filter_map(move |o| resolve(zone, date, o))
            })
            .filter_map(|o| Interval::new(o.start().max(window.start()), o.end().min(window.end())).ok())
            .collect();
        open.sort_by_key(|o| (o.start(), o.end()));
        open.into_iter()
            .fold(Vec::new(), |mut joined: Vec<Interval>, next| {
                match joined.last_mut() {
                    Some(last) if next.start() <= last.end() => {
                        if let Ok(longer) = Interval::new(last.start(), last.end().max(next.end())) {
                            *last = longer;
                        }
                    }
                    _ => joined.push(next),
                }
                joined
            })
    }

    /// What the rules say of a time, whoever else has booked.
    fn check(&self, wanted: Interval, now: Timestamp) -> Result<(), Refusal> {
        let minutes = wanted.minutes();
        if minutes > i64::from(self.max_minutes) {
            return Err(Refusal::MaxDuration {
                max_minutes: self.max_minutes,
            });
        }
        if minutes < i64::from(self.min_minutes) {
            return Err(Refusal::MinDuration {
                min_minutes: self.min_minutes,
            });
        }
        let step = i64::from(self.step_minutes);
        let whole = wanted.end() == plus_minutes(wanted.start(), minutes) && minutes % step == 0;
        if !whole || self.aligned(wanted.start()) != wanted.start() {
            return Err(Refusal::Alignment {
                step_minutes: self.step_minutes,
            });
        }
        if wanted.start() <= now {
            return Err(Refusal::Past);
        }
        if wanted.start() < plus_minutes(now, i64::from(self.lead_minutes)) {
            return Err(Refusal::LeadTime {
                lead_minutes: self.lead_minutes,
            });
        }
        let horizon_minutes = i64::from(self.horizon_days) * i64::from(MINUTES_PER_DAY);
        if wanted.start() > plus_minutes(now, horizon_minutes) {
            return Err(Refusal::Horizon {
                horizon_days: self.horizon_days,
            });
        }
        if self.open(wanted) == [wanted] {
            Ok(())
        } else {
            Err(Refusal::Closed)
        }
    }

    /// The first instant from this one on at which a booking may start by the venue's clock.
    fn aligned(&self, from: Timestamp) -> Timestamp {
        let step = i64::from(self.step_minutes.max(1)) * 60;
        let mut at = from;
        // Where a zone shifts by less than a step, stepping over the shift needs a second look.
        for _ in 0..4 {
            let local = self.zone.rules().to_datetime(at).time();
            let second =
                i64::from(local.hour()) * 3_600 + i64::from(local.minute()) * 60 + i64::from(local.second());
            let past = second % step;
            let fraction = i64::from(local.subsec_nanosecond());
            if past == 0 && fraction == 0 {
                return at;
            }
            at = at.saturating_add((step - past).seconds()).unwrap_or(at);
            at = at.saturating_sub(fraction.nanoseconds()).unwrap_or(at);
        }
        at
    }
}

/// What is wanted of a space, with all that the decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub rules: &'a Rules,
    /// The space and whatever is locked with it.
    pub spaces: &'a [SpaceId],
    pub now: Timestamp,
    /// A booking that is asked about for its own sake (confirm, move) does not stand in its own way.
    pub except: Option<BookingId>,
}

impl Request<'_> {
    /// Whether the time can be booked. **The** decision: what is shown as free and what is accepted both
    /// go through it.
    ///
    /// # Errors
    /// The first rule that says no.
    pub fn decide(&self, calendar: &Calendar, wanted: Interval) -> Result<(), Refusal> {
        self.rules.check(wanted, self.now)?;
        calendar.check(self.spaces, &self.shape(wanted), self.now, self.except)
    }

    /// Every start in the window at which a booking of so many minutes can be made. A slot may end
    /// after the window, as long as the calendar was loaded that far.
    pub fn slots<'a>(
        &'a self,
        calendar: &'a Calendar,
        window: Interval,
        minutes: u32,
    ) -> impl Iterator<Item = Interval> + 'a {
        let step = i64::from(self.rules.step_minutes.max(1));
        let first = self.rules.aligned(window.start());
        std::iter::successors(Some(first), move |at| {
            Some(self.rules.aligned(plus_minutes(*at, step)))
        })
        .take_while(move |at| *at < window.end())
        .filter_map(move |at| Interval::new(at, plus_minutes(at, i64::from(minutes))).ok())
        .filter(move |slot| self.decide(calendar, *slot).is_ok())
    }

    /// What is left of the opening hours in the window once bookings, with their buffers, are taken out.
    #[must_use]
    pub fn free(&self, calendar: &Calendar, window: Interval) -> Vec<Interval> {
        let mut free = self.rules.open(window);
        for entry in calendar.occupying(self.spaces, self.now) {
            let taken = entry.interval.widened(
                i64::from(entry.setup_minutes.max(self.rules.turnaround_minutes)),
                i64::from(entry.turnaround_minutes.max(self.rules.setup_minutes)),
            );
            free = free.into_iter().flat_map(|f| without(f, taken)).collect();
        }
        free
    }

    /// Up to [`ALTERNATIVES_MAX`] free times of the same length in the window, nearest to the wanted
    /// start first.
    #[must_use]
    pub fn alternatives(&self, calendar: &Calendar, wanted: Interval, window: Interval) -> Vec<Interval> {
        let Ok(minutes) = u32::try_from(wanted.minutes()) else {
            return Vec::new();
        };
        let mut slots: Vec<Interval> = self.slots(calendar, window, minutes).collect();
        let distance = |slot: &Interval| (slot.start().duration_since(wanted.start()).abs(), slot.start());
        slots.sort_by_key(distance);
        // One that overlaps a nearer one would be the same offer a step later.
        let mut chosen: Vec<Interval> = Vec::new();
        for slot in slots {
            if chosen.len() < ALTERNATIVES_MAX && !chosen.iter().any(|c| c.overlaps(slot)) {
                chosen.push(slot);
            }
        }
        chosen
    }

    fn shape(&self, wanted: Interval) -> Entry {
        Entry {
            booking: self.except.unwrap_or(NOBODY),
            interval: wanted,
            setup_minutes: self.rules.setup_minutes,
            turnaround_minutes: self.rules.turnaround_minutes,
            hold_until: None,
        }
    }
}

/// Stands for a booking that does not exist yet.
const NOBODY: BookingId = BookingId::from_uuid(uuid::Uuid::nil());

fn without(free: Interval, taken: Interval) -> impl Iterator<Item = Interval> {
    let before = Interval::new(free.start(), free.end().min(taken.start()));
    let after = Interval::new(free.start().max(taken.end()), free.end());
    [before, after].into_iter().flatten()
}

fn local_date(zone: &TimeZone, at: Timestamp) -> Date {
    zone.to_datetime(at).date()
}

fn is_on(opening: &Opening, weekday: Weekday) -> bool {
    i8::try_from(opening.weekday).is_ok_and(|number| number == weekday.to_monday_one_offset())
}

/// The instants of an opening on a date; nothing where the clock leaves nothing of it.
fn resolve(zone: &TimeZone, date: Date, opening: &Opening) -> Option<Interval> {
    let wall = |minute: u32| {
        date.to_datetime(jiff::civil::Time::midnight())
            .checked_add(i64::from(minute).minutes())
            .ok()
    };
    let start = instant(zone, wall(opening.open_minute)?, Side::Open)?;
    let end = instant(zone, wall(opening.close_minute)?, Side::Close)?;
    Interval::new(start, end).ok()
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

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
