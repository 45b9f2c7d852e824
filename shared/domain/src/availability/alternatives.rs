//! Where other times are looked for in place of one that is refused, and which of them are named.
//!
//! What is nearest is looked for first: around the wanted start, then in rings of a day before and a day after, further
//! and further away. Rings that the rules alone leave nothing of are passed over, so that a closed season costs no
//! read.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::hours::local_date;
use super::timetable::Timetable;
use super::{ALTERNATIVES_MAX, Booker, MINUTES_PER_DAY, Request, Rules, WALK_IN_MINUTES};
use crate::calendar::Calendar;
use crate::time::{Interval, UtcDay, minutes_between, plus_minutes, plus_seconds};

/// How far around the wanted start other times are looked for first.
const NEAR_MINUTES: i64 = 36 * 60;
const RING_MINUTES: i64 = MINUTES_PER_DAY as i64;
/// How far away other times are looked for at all: what is open in one season only is open again within a year.
pub const REACH_DAYS: i64 = 366;
/// Reads of the calendar that one refusal takes at most, one after the other.
pub const STEPS_MAX: usize = 4;
/// Day documents that a step reads, unless its first ring alone needs more. One batch of DynamoDB has as many keys.
pub const DOCUMENTS_PER_STEP: usize = 100;
/// Free times of one step that are asked whether they are sold, where none is longer than a day; others count for each
/// day that they begin, as they take as much longer to be priced. Around the wanted start there are no more than 864
/// that start every five minutes.
pub const ASKED_MAX: i64 = 1_000;
/// Packages begin on their date and end on the next one at the latest.
const PACKAGE_MINUTES_MAX: u32 = 2 * MINUTES_PER_DAY;

/// A search for other times: of the same length where the rules allow it, otherwise of the nearest that they do; of the
/// packages where nothing else is sold.
#[derive(Debug)]
pub struct Search<'a> {
    request: Request<'a>,
    wanted: Interval,
    /// When a booking could start at all.
    bookable: Interval,
    /// The wanted start, or the nearest to it at which a booking could start at all.
    middle: Timestamp,
    lengths: BTreeSet<u32>,
    /// Of the rules alone.
    unread: Calendar,
}

impl<'a> Search<'a> {
    /// Nothing where no booking could start at any time.
    #[must_use]
    pub fn new(request: Request<'a>, wanted: Interval) -> Option<Self> {
        let bookable = bookable(&request, wanted)?;
        Some(Self {
            request,
            wanted,
            bookable,
            middle: wanted.start().clamp(bookable.start(), bookable.end()),
            lengths: lengths_near(&request, wanted),
            unread: Calendar::default(),
        })
    }

    /// Starts to look at, at most [`STEPS_MAX`] times: what each step has is further away than all before it. Who has
    /// found something need not go on.
    pub fn steps(&self) -> impl Iterator<Item = Vec<Interval>> {
        let near = self.around(NEAR_MINUTES).filter(|near| {
            let table = self.timetable(&self.unread, *near);
            self.candidates(&table, *near).next().is_some()
        });
        let near = near.map(|near| vec![near]);
        let further = std::iter::once_with(|| self.further()).flatten();
        near.into_iter().chain(further).take(STEPS_MAX)
    }

    /// What of the calendar has to be read to know what can start then.
    #[must_use]
    pub fn span(&self, starts: Interval) -> Interval {
        let rules = self.request.rules;
        let after = i64::from(self.longest()) + i64::from(rules.turnaround_minutes);
        starts.widened(i64::from(rules.setup_minutes), after)
    }

    /// Up to [`ALTERNATIVES_MAX`] times that can be booked and are sold, nearest to the wanted start first. For the
    /// starts of one step, each with its calendar.
    #[must_use]
    pub fn found(
        &self,
        looked: &[(Interval, Calendar)],
        is_sold: impl Fn(Interval) -> bool,
    ) -> Vec<Interval> {
        let mut chosen: Vec<Interval> = Vec::new();
        let mut asked = 0;
        for ring in looked.chunk_by(|(one, _), (other, _)| self.distance(*one) == self.distance(*other)) {
            for time in self.nearest_in(ring) {
                if chosen.len() == ALTERNATIVES_MAX || asked >= ASKED_MAX {
                    return chosen;
                }
                // One that overlaps a nearer one would be the same offer a step later.
                if !chosen.iter().any(|other| other.overlaps(time)) {
                    asked += time.minutes() / RING_MINUTES + 1;
                    chosen.extend(is_sold(time).then_some(time));
                }
            }
        }
        chosen
    }

    fn nearest_in(&self, ring: &[(Interval, Calendar)]) -> Vec<Interval> {
        let of = |(starts, calendar): &(Interval, Calendar)| {
            let table = self.timetable(calendar, *starts);
            self.candidates(&table, *starts).collect::<Vec<_>>()
        };
        let mut times: Vec<Interval> = ring.iter().flat_map(of).collect();
        times.sort_by_key(|time| {
            let away = time.start().duration_since(self.wanted.start()).abs();
            let other_length = time.minutes().abs_diff(self.wanted.minutes());
            (away, time.start(), other_length)
        });
        times
    }

    /// Rings, as many at once as can be read in a step.
    fn further(&self) -> impl Iterator<Item = Vec<Interval>> {
        let reach = self.around(REACH_DAYS * i64::from(MINUTES_PER_DAY));
        let table = reach.map(|reach| self.timetable(&self.unread, reach));
        let ring = move |table: &Timetable<'_>, n: i64| -> Vec<Interval> {
            let starts = self.ring(n).into_iter().flatten();
            starts
                .filter(|starts| self.candidates(table, *starts).next().is_some())
                .collect()
        };
        let rings = table.into_iter().flat_map(move |table| {
            let outward = 0..REACH_DAYS;
            outward
                .map(move |n| ring(&table, n))
                .filter(|ring| !ring.is_empty())
        });
        let mut rings = rings.peekable();
        std::iter::from_fn(move || {
            let mut step = rings.next()?;
            let mut days = self.days(&step);
            while let Some(next) = rings.next_if(|next| {
                let more = &days | &self.days(next);
                more.len().saturating_mul(self.request.spaces.len()) <= DOCUMENTS_PER_STEP
            }) {
                days.extend(self.days(&next));
                step.extend(next);
            }
            Some(step)
        })
    }

    /// The nth day before what is near and the nth day after it.
    fn ring(&self, n: i64) -> [Option<Interval>; 2] {
        let from = NEAR_MINUTES + n * RING_MINUTES;
        let within_reach = (REACH_DAYS * RING_MINUTES).min(from + RING_MINUTES);
        let between =
            |one, other| Interval::new(plus_minutes(self.middle, one), plus_minutes(self.middle, other));
        [between(-within_reach, -from), between(from, within_reach)]
            .map(|starts| starts.ok().and_then(|starts| starts.within(self.bookable)))
    }

    /// How far starts are from the middle: the same for the two sides of a ring.
    fn distance(&self, starts: Interval) -> i64 {
        let after = minutes_between(self.middle, starts.start());
        after.max(minutes_between(starts.end(), self.middle))
    }

    fn days(&self, step: &[Interval]) -> BTreeSet<UtcDay> {
        step.iter()
            .flat_map(|starts| self.span(*starts).utc_days())
            .collect()
    }

    fn around(&self, minutes: i64) -> Option<Interval> {
        let (from, to) = (
            plus_minutes(self.middle, -minutes),
            plus_minutes(self.middle, minutes),
        );
        Interval::new(from, to).ok()?.within(self.bookable)
    }

    fn timetable<'s>(&'s self, calendar: &'s Calendar, starts: Interval) -> Timetable<'s> {
        let window = starts.widened(0, i64::from(self.longest()));
        Timetable::new(self.request, calendar, window)
    }

    fn candidates(&self, table: &Timetable<'_>, starts: Interval) -> impl Iterator<Item = Interval> {
        let lengths = self.lengths.iter();
        let aligned = lengths.flat_map(move |minutes| table.aligned(starts, *minutes));
        let packages = table.packages(starts);
        aligned.chain(packages.filter(|time| self.takes(*time)))
    }

    /// Whether a package is as long as what is wanted, or as the nearest to it; each is where there are no other times.
    fn takes(&self, package: Interval) -> bool {
        let minutes = package.minutes();
        let as_long = |length: &u32| i64::from(*length) == minutes;
        minutes == self.wanted.minutes()
            || self.lengths.iter().any(as_long)
            || self.sells_only_packages(package)
    }

    /// Whether no free length can start when the package does: a season may have another shortest booking.
    fn sells_only_packages(&self, package: Interval) -> bool {
        let rules = self.request.rules;
        let season = rules.season(local_date(rules.zone.rules(), package.start()));
        let min_minutes = season
            .and_then(|season| season.min_minutes)
            .unwrap_or(rules.min_minutes);
        self.lengths.is_empty() || rules.length_near(0, min_minutes, rules.max_minutes).is_none()
    }

    /// No time that is looked for is longer.
    fn longest(&self) -> u32 {
        let package = if self.request.rules.packages.is_empty() {
            0
        } else {
            PACKAGE_MINUTES_MAX
        };
        self.lengths.last().copied().unwrap_or_default().max(package)
    }
}

/// From the earliest to the latest start of a booking. Seasons may ask for more notice.
fn bookable(request: &Request<'_>, wanted: Interval) -> Option<Interval> {
    let (rules, now) = (request.rules, request.now);
    let (from, to) = match request.by {
        Booker::Customer | Booker::Moving { .. } => {
            let leads = rules.seasons.iter().filter_map(|season| season.lead_minutes);
            let lead_minutes = leads.fold(rules.lead_minutes, u32::min);
            let horizon_minutes = i64::from(rules.horizon_days) * i64::from(MINUTES_PER_DAY);
            // The horizon is itself a start.
            let to = plus_seconds(plus_minutes(now, horizon_minutes), 1);
            let from = plus_minutes(now, i64::from(lead_minutes));
            match request.by {
                // As the venue knows of it.
                Booker::Moving { start } => (from.min(start.max(now)), to),
                Booker::Customer | Booker::Vendor => (from, to),
            }
        }
        Booker::Vendor => {
            let reach_minutes = REACH_DAYS * i64::from(MINUTES_PER_DAY);
            let to = plus_minutes(wanted.start().max(now), reach_minutes);
            (plus_minutes(now, -WALK_IN_MINUTES), to)
        }
    };
    Interval::new(from, to).ok()
}

/// The lengths nearest to the wanted one that bookings of free length may have, one for each shortest booking that the
/// rules know; none where only packages are sold.
fn lengths_near(request: &Request<'_>, wanted: Interval) -> BTreeSet<u32> {
    let rules = request.rules;
    if rules.packages_only {
        return BTreeSet::new();
    }
    let minutes = u32::try_from(wanted.minutes()).unwrap_or(u32::MAX);
    let fits = Calendar::check_size(request.spaces, &request.shape(wanted)).is_ok();
    let buffers = rules.setup_minutes.saturating_add(rules.turnaround_minutes);
    let max_minutes = if fits {
        rules.max_minutes
    } else {
        let that_fit = Calendar::minutes_that_fit(request.spaces.len());
        rules.max_minutes.min(that_fit.saturating_sub(buffers))
    };
    let of_seasons = rules.seasons.iter().filter_map(|season| season.min_minutes);
    let shortest = of_seasons.chain([rules.min_minutes]);
    shortest
        .filter_map(|min_minutes| rules.length_near(minutes, min_minutes, max_minutes))
        .collect()
}

impl Rules {
    /// Of two lengths that are equally near the longer one: what is wanted fits into it.
    fn length_near(&self, minutes: u32, min_minutes: u32, max_minutes: u32) -> Option<u32> {
        let step = self.step_minutes.max(1);
        let least = min_minutes.max(1).div_ceil(step).saturating_mul(step);
        let most = max_minutes - max_minutes % step;
        let nearest = minutes.saturating_add(step / 2) / step * step;
        (least <= most).then(|| nearest.clamp(least, most))
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
