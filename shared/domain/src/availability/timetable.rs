//! **The** decision about a time. What is shown as free and what is accepted both go through
//! [`Timetable::admits`].

use jiff::Timestamp;

use super::hours::{Layer, local_date};
use super::{DURATION_MINUTES_MAX, MINUTES_PER_DAY, Package, Rules};
use crate::Refusal;
use crate::calendar::{Calendar, Entry};
use crate::id::{BookingId, SpaceId};
use crate::spans::Spans;
use crate::time::{Interval, plus_minutes, plus_seconds};

/// What is wanted of a space, with all that the decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub rules: &'a Rules,
    /// Rules that are about to take the place of `rules`: until then nothing is accepted that is closed or
    /// blocked by either.
    pub pending: Option<&'a Rules>,
    /// The space, and after it whatever is locked with it.
    pub spaces: &'a [SpaceId],
    pub now: Timestamp,
    /// Who books.
    pub by: Booker,
    /// A booking that is asked about for its own sake (confirm, move) does not stand in its own way.
    pub except: Option<BookingId>,
}

/// Who books: lead time and horizon are there for the vendor, and so do not bind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booker {
    Customer,
    /// A customer whose booking starts then. The venue knows of it: from there on no more notice is needed.
    Moving {
        start: Timestamp,
    },
    /// Also what began up to [`WALK_IN_MINUTES`] ago.
    Vendor,
}

/// How long after its start a vendor can still enter somebody who walked in.
pub const WALK_IN_MINUTES: i64 = 60;

impl<'a> Request<'a> {
    /// Whether the time can be booked.
    ///
    /// # Errors
    /// The first rule that says no.
    pub fn decide(&self, calendar: &Calendar, wanted: Interval) -> Result<(), Refusal> {
        // A time that no rule allows is not worth a timetable, however long it is.
        self.rules.check(wanted, self.now, self.by)?;
        Timetable::new(*self, calendar, wanted).admits(wanted)
    }

    /// Every rule that says no to the time, the one that [`Request::decide`] names first; none when it can be
    /// booked. A time that is too long is looked at no further.
    #[must_use]
    pub fn reasons(&self, calendar: &Calendar, wanted: Interval) -> Vec<Refusal> {
        let mut reasons: Vec<Refusal> = self.rules.refusals(wanted, self.now, self.by).collect();
        let too_long = |refusal: &Refusal| matches!(refusal, Refusal::MaxDuration { .. });
        // Where only packages are sold no rule says how long is too long.
        let sane = wanted.minutes() <= i64::from(DURATION_MINUTES_MAX);
        if sane && !reasons.iter().any(too_long) {
            reasons.extend(Timetable::new(*self, calendar, wanted).refusals(wanted));
        }
        reasons
    }

    /// Every time of so many minutes that can be booked and starts in the window, in order. It may end after
    /// the window, as long as the calendar was loaded that far.
    #[must_use]
    pub fn slots(&self, calendar: &Calendar, window: Interval, minutes: u32) -> Vec<Interval> {
        let table = Timetable::new(*self, calendar, window.widened(0, i64::from(minutes)));
        let as_long = |time: &Interval| time.minutes() == i64::from(minutes);
        let packages = table.packages(window).filter(as_long);
        let mut slots: Vec<Interval> = table.aligned(window, minutes).chain(packages).collect();
        slots.sort_by_key(|slot| slot.start());
        slots.dedup();
        slots
    }

    /// The packages that can be booked and start in the window, in order.
    #[must_use]
    pub fn packages(&self, calendar: &Calendar, window: Interval) -> Vec<(&'a Package, Interval)> {
        let table = Timetable::new(*self, calendar, window.widened(0, i64::from(2 * MINUTES_PER_DAY)));
        let mut free: Vec<_> = self
            .rules
            .packages_in(window)
            .filter(|(_, time)| table.admits(*time).is_ok())
            .collect();
        free.sort_by_key(|(package, time)| (time.start(), &package.name));
        free
    }

    /// What is left of the opening hours in the window once blocks and bookings, with their buffers, are
    /// taken out.
    #[must_use]
    pub fn free(&self, calendar: &Calendar, window: Interval) -> Vec<Interval> {
        Timetable::new(*self, calendar, window).free.into_vec()
    }

    /// Which layer of the hours closes a time that is not open: of the rules that hold, or else of those that are
    /// about to.
    fn closed_by(&self, wanted: Interval) -> Refusal {
        let closing = match self.pending {
            Some(pending) if self.rules.open(wanted).covers(wanted) => pending,
            Some(_) | None => self.rules,
        };
        closing.closed_by(wanted)
    }

    /// Its place in the calendar, if it were booked.
    pub(super) fn shape(&self, wanted: Interval) -> Entry {
        Entry {
            booking: self.except.unwrap_or(NOBODY),
            space: self.spaces.first().copied().unwrap_or(NOWHERE),
            interval: wanted,
            setup_minutes: self.rules.setup_minutes,
            turnaround_minutes: self.rules.turnaround_minutes,
            hold_until: None,
            proposed: false,
        }
    }
}

/// Stands for a booking that does not exist yet.
const NOBODY: BookingId = BookingId::from_uuid(uuid::Uuid::nil());
const NOWHERE: SpaceId = SpaceId::from_uuid(uuid::Uuid::nil());

/// What is free in a window, worked out once for any number of questions about it.
pub(super) struct Timetable<'a> {
    request: Request<'a>,
    calendar: &'a Calendar,
    pub(super) open: Spans,
    blocked: Spans,
    /// Open, not blocked, and far enough from every booking.
    pub(super) free: Spans,
}

impl<'a> Timetable<'a> {
    pub(super) fn new(request: Request<'a>, calendar: &'a Calendar, window: Interval) -> Self {
        let open = request.rules.open(window);
        let open = request
            .pending
            .map_or_else(|| open.clone(), |pending| open.and(&pending.open(window)));
        let mut blocked = request.rules.blocked(window);
        if let Some(pending) = request.pending {
            let both = [blocked.into_vec(), pending.blocked(window).into_vec()];
            blocked = both.into_iter().flatten().collect();
        }
        let taken = calendar.taken(request.spaces, &request.shape(window), request.now);
        let free = open.minus(&blocked).minus(&taken);
        Self {
            request,
            calendar,
            open,
            blocked,
            free,
        }
    }

    /// Every time of so many minutes that can be booked and starts in the window where bookings start.
    pub(super) fn aligned(&self, window: Interval, minutes: u32) -> impl Iterator<Item = Interval> {
        let (rules, length) = (self.request.rules, i64::from(minutes));
        let starts = self.free.meeting(window).filter_map(move |free| {
            let last_start = plus_minutes(free.end(), -length);
            let end = plus_seconds(last_start, 1).min(window.end());
            Interval::new(free.start().max(window.start()), end).ok()
        });
        starts
            .flat_map(|starts| rules.aligned(starts))
            .filter_map(move |start| Interval::new(start, plus_minutes(start, length)).ok())
            .filter(|slot| self.admits(*slot).is_ok())
    }

    /// The packages that can be booked and start in the window.
    pub(super) fn packages(&self, window: Interval) -> impl Iterator<Item = Interval> {
        let packages = self.request.rules.packages_in(window);
        packages
            .map(|(_, time)| time)
            .filter(|time| self.admits(*time).is_ok())
    }

    /// Whether a time within the window can be booked.
    fn admits(&self, wanted: Interval) -> Result<(), Refusal> {
        let request = &self.request;
        request.rules.check(wanted, request.now, request.by)?;
        self.refusals(wanted).next().map_or(Ok(()), Err)
    }

    /// Why a time within the window cannot be booked, whatever the rules say of its length and start.
    fn refusals(&self, wanted: Interval) -> impl Iterator<Item = Refusal> {
        let shape = self.request.shape(wanted);
        let too_large = Calendar::check_size(self.request.spaces, &shape).err();
        let taken = too_large.is_none() && !self.free.covers(wanted);
        let blocked = move || (taken && self.blocked.meets(wanted)).then_some(Refusal::Blocked);
        let closed = move || {
            let closed = taken && !self.open.covers(wanted);
            closed.then(|| self.request.closed_by(wanted))
        };
        // It says whose time or buffer is in the way. What is neither free nor anything else is taken.
        let booked = move || {
            let in_the_way = || {
                self.calendar
                    .check(self.request.spaces, &shape, self.request.now)
                    .err()
            };
            let otherwise = || {
                let nothing_else = !self.blocked.meets(wanted) && self.open.covers(wanted);
                nothing_else.then_some(Refusal::SlotTaken)
            };
            taken.then(|| in_the_way().or_else(otherwise)).flatten()
        };
        too_large
            .into_iter()
            .chain(std::iter::once_with(blocked).flatten())
            .chain(std::iter::once_with(closed).flatten())
            .chain(std::iter::once_with(booked).flatten())
    }
}

impl Rules {
    /// What the rules say of a time, whatever the hours are and whoever else has booked.
    fn check(&self, wanted: Interval, now: Timestamp, by: Booker) -> Result<(), Refusal> {
        self.refusals(wanted, now, by).next().map_or(Ok(()), Err)
    }

    /// Every rule that says no, whatever the hours are and whoever else has booked.
    fn refusals(&self, wanted: Interval, now: Timestamp, by: Booker) -> impl Iterator<Item = Refusal> {
        let season = if self.seasons.is_empty() {
            None
        } else {
            self.season(local_date(self.zone.rules(), wanted.start()))
        };
        let alone = self.package(wanted).is_none();
        let packages_only = (alone && self.packages_only).then_some(Refusal::PackagesOnly);
        let free_length = alone && !self.packages_only;
        let min_minutes = season.and_then(|s| s.min_minutes).unwrap_or(self.min_minutes);
        let length = move || free_length.then(|| self.check_length(wanted, min_minutes).err());
        let start = move || free_length.then(|| self.check_start(wanted).err());
        let lead_minutes = season.and_then(|s| s.lead_minutes).unwrap_or(self.lead_minutes);
        let notice = move || match by {
            Booker::Vendor => {
                let over = wanted.start() <= plus_minutes(now, -WALK_IN_MINUTES);
                over.then_some(Refusal::Past)
            }
            Booker::Moving { start } if start <= wanted.start() => self.check_notice(wanted, now, 0).err(),
            Booker::Moving { .. } | Booker::Customer => self.check_notice(wanted, now, lead_minutes).err(),
        };
        packages_only
            .into_iter()
            .chain(std::iter::once_with(length).flatten().flatten())
            .chain(std::iter::once_with(start).flatten().flatten())
            .chain(std::iter::once_with(notice).flatten())
    }

    fn check_notice(&self, wanted: Interval, now: Timestamp, lead_minutes: u32) -> Result<(), Refusal> {
        if wanted.start() <= now {
            return Err(Refusal::Past);
        }
        if wanted.start() < plus_minutes(now, i64::from(lead_minutes)) {
            return Err(Refusal::LeadTime { lead_minutes });
        }
        let horizon_minutes = i64::from(self.horizon_days) * i64::from(MINUTES_PER_DAY);
        if wanted.start() > plus_minutes(now, horizon_minutes) {
            return Err(Refusal::Horizon {
                horizon_days: self.horizon_days,
            });
        }
        Ok(())
    }

    fn check_length(&self, wanted: Interval, min_minutes: u32) -> Result<(), Refusal> {
        let minutes = wanted.minutes();
        if minutes > i64::from(self.max_minutes) {
            return Err(Refusal::MaxDuration {
                max_minutes: self.max_minutes,
            });
        }
        if minutes < i64::from(min_minutes) {
            return Err(Refusal::MinDuration { min_minutes });
        }
        Ok(())
    }

    fn check_start(&self, wanted: Interval) -> Result<(), Refusal> {
        let minutes = wanted.minutes();
        let whole = wanted.end() == plus_minutes(wanted.start(), minutes)
            && minutes % i64::from(self.step_minutes.max(1)) == 0;
        if whole && self.is_aligned(wanted.start()) {
            return Ok(());
        }
        let alignment = self.start_alignment();
        Err(Refusal::Alignment {
            step_minutes: self.step_minutes,
            every_minutes: alignment.every_minutes,
            offset_minutes: alignment.offset_minutes,
        })
    }

    /// Which layer of the hours closes a time that is not open.
    fn closed_by(&self, wanted: Interval) -> Refusal {
        let open_by = |layer| self.open_by(wanted, layer).covers(wanted);
        if !self.special_days.is_empty() && open_by(Layer::Seasons) {
            Refusal::SpecialHours
        } else if !self.seasons.is_empty() && open_by(Layer::Weekly) {
            Refusal::Season
        } else {
            Refusal::Closed
        }
    }

    /// Whether bookings may start there by the venue's clock.
    fn is_aligned(&self, start: Timestamp) -> bool {
        start.subsec_nanosecond() == 0 && self.past_alignment(start) == 0
    }

    /// Seconds since the last aligned second, if the clock had not shifted meanwhile.
    fn past_alignment(&self, at: Timestamp) -> i64 {
        let alignment = self.start_alignment();
        // A day is a multiple of it, so dates do not matter.
        let every = i64::from(alignment.every_minutes.max(1)) * 60;
        let shift =
            i64::from(self.zone.rules().to_offset(at).seconds()) - i64::from(alignment.offset_minutes) * 60;
        (at.as_second() + shift).rem_euclid(every)
    }

    /// The aligned starts in a span of time, in order.
    fn aligned(&self, span: Interval) -> impl Iterator<Item = Timestamp> {
        let every = i64::from(self.start_alignment().every_minutes.max(1)) * 60;
        // Between two shifts of the clock the starts are evenly spaced.
        let mut shifts = self
            .zone
            .rules()
            .following(span.start())
            .map(|shift| shift.timestamp())
            .take_while(move |shift| *shift < span.end());
        let mut from = Some(span.start());
        let pieces = std::iter::from_fn(move || {
            let start = from?;
            from = shifts.next();
            Some((start, from.unwrap_or(span.end())))
        });
        pieces.flat_map(move |(start, end)| {
            let whole = plus_seconds(start, i64::from(start.subsec_nanosecond() > 0));
            let whole = Timestamp::from_second(whole.as_second()).unwrap_or(whole);
            let past = self.past_alignment(whole);
            let first = if past == 0 {
                whole
            } else {
                plus_seconds(whole, every - past)
            };
            std::iter::successors(Some(first), move |at| Some(plus_seconds(*at, every)))
                .take_while(move |at| *at < end)
        })
    }
}
