//! Days of a vendor's venues, space by space: hours, bookings, buffers and blocks, by the same decision that accepts
//! bookings.
//!
//! A page is read in four steps, however many venues are on it: the venues, their spaces with rules, the days, the
//! bookings. Each is one request, or batches of a hundred keys side by side.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use domain::availability::{BUFFER_MINUTES_MAX, Block, Occupying, RuleBook};
use domain::booking::Booking;
use domain::calendar::{Calendar, Entry};
use domain::id::{BookingId, SpaceId, VenueId};
use domain::membership::Membership;
use domain::space::{SPACES_MAX, Space};
use domain::spans::Spans;
use domain::time::Interval;
use domain::venue::{Venue, VenueState};
use jiff::Timestamp;
use jiff::civil::Date;
use store::venues::place_among_vendors_own;

use super::mine;
use crate::{App, Error, FieldError, Result};

/// Dates of one calendar: a month with all of the weeks that it touches.
pub const CALENDAR_DATES_MAX: usize = 42;
/// Documents of a space and day that one page reads at most; the next page goes on with the venues that are left.
pub const CALENDAR_DAYS_READ_MAX: usize = 2_000;
/// Bookings and blocks that one page shows at most, each counted in every space and each time that it recurs; as above.
pub const CALENDAR_SHOWN_MAX: usize = 2_000;
/// UTC days that a calendar may touch besides its dates: one on either side for the zone, one for the buffers.
const DAYS_AROUND: usize = 4;

// A page that could not read its first venue would never get on.
const _: () = assert!(SPACES_MAX * (CALENDAR_DATES_MAX + DAYS_AROUND) <= CALENDAR_DAYS_READ_MAX);

/// Which days of which venues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// In order, by each venue's own clock: 1 to [`CALENDAR_DATES_MAX`].
    pub dates: Vec<Date>,
    /// All that are not given up when none is named.
    pub venues: BTreeSet<VenueId>,
}

#[derive(Debug)]
pub struct CalendarPage {
    pub venues: Vec<VenueDays>,
    /// Those that the venues' spaces are taken by, but for what others hosted there before.
    pub bookings: HashMap<BookingId, Booking>,
    /// It was so at this instant.
    pub as_of: Timestamp,
    /// Where the next page begins.
    pub next: Option<String>,
}

#[derive(Debug)]
pub struct VenueDays {
    pub venue: Venue,
    /// Dates that the clock leaves out are missing.
    pub days: Vec<(Date, Interval)>,
    pub spaces: Vec<SpaceDays>,
}

/// A space over all of the days, everything by start.
#[derive(Debug)]
pub struct SpaceDays {
    pub space: Space,
    pub open: Spans,
    pub taken: Vec<Taken>,
    pub blocks: Vec<(Block, Interval)>,
    /// When the calendar takes no more bookings.
    pub full: Spans,
    pub free: Spans,
}

/// A booking or hold that counts, also of a space that is locked with this one.
#[derive(Debug)]
pub struct Taken {
    pub entry: Entry,
    /// Time around it that nobody else can have.
    pub before: Option<Interval>,
    pub after: Option<Interval>,
}

/// A page of venues, newest first. A page may have fewer than the limit, even none, and still not be the last.
///
/// # Errors
/// [`Error::NotFound`] for another's venue; [`Error::Invalid`] when a single venue has more than
/// [`CALENDAR_SHOWN_MAX`]; [`Error::Unavailable`].
pub async fn calendar(
    app: &App,
    member: &Membership,
    ask: &Days,
    limit: i32,
    after: Option<&str>,
) -> Result<CalendarPage> {
    let store = app.store();
    let (venues, next) = venues(app, member, &ask.venues, limit, after).await?;
    let wanted = |venue| Wanted::new(venue, &ask.dates);
    let asked: Vec<Wanted> = venues.into_iter().filter_map(wanted).collect();
    let mut days_left = CALENDAR_DAYS_READ_MAX;
    let wanted: Vec<&Wanted> = asked
        .iter()
        .take_while(|wanted| take(&mut days_left, wanted.documents()))
        .collect();
    let ids: Vec<_> = wanted.iter().flat_map(|wanted| wanted.spaces()).collect();
    let ruled = store.ruled(&ids).await?;
    let reads: Vec<_> = wanted.iter().map(|wanted| wanted.reads()).collect();
    let calendars = store.calendars(&reads).await?;
    let as_of = app.now();
    let mut shown_left = CALENDAR_SHOWN_MAX;
    let shown: Vec<VenueDays> = wanted
        .iter()
        .zip(&calendars)
        .map(|(wanted, calendar)| wanted.look(&ruled, calendar, as_of))
        .take_while(|venue| take(&mut shown_left, venue.shown()))
        .collect();
    if shown.is_empty() && !wanted.is_empty() {
        let message =
            format!("ask for fewer days: they have more than {CALENDAR_SHOWN_MAX} bookings and blocks");
        return Err(Error::Invalid(vec![FieldError::new("/to", message)]));
    }
    let next = match shown.len() < asked.len() {
        true => shown.last().map(|last| place_among_vendors_own(&last.venue)),
        false => next,
    };
    let spaces = shown.iter().flat_map(|venue| &venue.spaces);
    let taken: BTreeSet<BookingId> = spaces
        .flat_map(|space| space.taken.iter().map(|taken| taken.entry.booking))
        .collect();
    let bookings = store.bookings(taken).await?;
    Ok(CalendarPage {
        venues: shown,
        bookings: bookings
            .into_iter()
            .filter(|booking| booking.vendor == member.vendor)
            .map(|booking| (booking.id, booking))
            .collect(),
        as_of,
        next,
    })
}

/// Takes so many of what is left, if there are as many.
fn take(left: &mut usize, count: usize) -> bool {
    let rest = left.checked_sub(count);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

async fn venues(
    app: &App,
    member: &Membership,
    named: &BTreeSet<VenueId>,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Venue>, Option<String>)> {
    if named.is_empty() {
        let (mut found, next) = mine(app, member, limit, after).await?;
        found.retain(|venue| venue.state != VenueState::Archived);
        return Ok((found, next));
    }
    let ids: Vec<VenueId> = named.iter().copied().collect();
    let mut venues = app.store().venues(&ids).await?;
    let works_at = |venue: &Venue| member.works_at(venue.vendor, venue.id);
    if venues.len() < ids.len() || !venues.iter().all(works_at) {
        return Err(Error::NotFound);
    }
    venues.sort_by_cached_key(|venue| Reverse(place_among_vendors_own(venue)));
    venues.retain(|venue| after.is_none_or(|after| *place_among_vendors_own(venue) < *after));
    let count = usize::try_from(limit).unwrap_or_default();
    let more = venues.len() > count;
    venues.truncate(count);
    let next = venues.last().map(place_among_vendors_own).filter(|_| more);
    Ok((venues, next))
}

/// A venue, with what has to be read to show it.
struct Wanted {
    venue: Venue,
    days: Vec<(Date, Interval)>,
    window: Interval,
}

impl Wanted {
    /// Nothing where the clock leaves all of the dates out.
    fn new(venue: Venue, dates: &[Date]) -> Option<Self> {
        let zone = &venue.location.zone;
        let day = |date: &Date| Some((*date, zone.day(*date)?));
        let days: Vec<_> = dates.iter().filter_map(day).collect();
        let window = days.first()?.1.through(days.last()?.1);
        Some(Self { venue, days, window })
    }

    fn spaces(&self) -> impl Iterator<Item = (VenueId, SpaceId)> {
        self.venue.spaces.iter().map(|space| (self.venue.id, space.id))
    }

    /// All spaces, and the time whose days are read of them: what keeps others off the window is a buffer away at most.
    fn reads(&self) -> (Vec<SpaceId>, Interval) {
        let buffer = i64::from(BUFFER_MINUTES_MAX);
        let spaces = self.spaces().map(|(_, space)| space);
        (spaces.collect(), self.window.widened(buffer, buffer))
    }

    fn documents(&self) -> usize {
        let (spaces, time) = self.reads();
        time.utc_days().count().saturating_mul(spaces.len())
    }

    fn look(
        &self,
        ruled: &HashMap<SpaceId, (Space, RuleBook)>,
        calendar: &Calendar,
        now: Timestamp,
    ) -> VenueDays {
        let spaces = self.spaces().filter_map(|(_, id)| ruled.get(&id));
        let spaces = spaces.map(|(space, book)| SpaceDays::new(space, book, calendar, self.window, now));
        VenueDays {
            spaces: spaces.collect(),
            days: self.days.clone(),
            venue: self.venue.clone(),
        }
    }
}

impl VenueDays {
    fn shown(&self) -> usize {
        let shown = |space: &SpaceDays| space.taken.len() + space.blocks.len();
        self.spaces.iter().map(shown).sum()
    }
}

impl SpaceDays {
    fn new(space: &Space, book: &RuleBook, calendar: &Calendar, window: Interval, now: Timestamp) -> Self {
        let locked = space.locked();
        let found = book.request(&locked, now).occupancy(calendar, window);
        let blocks = found.blocks.into_iter();
        Self {
            taken: found.entries.iter().map(Taken::from).collect(),
            blocks: blocks.map(|(block, time)| (block.clone(), time)).collect(),
            open: found.open,
            full: found.full,
            free: found.free,
            space: space.clone(),
        }
    }
}

impl From<&Occupying<'_>> for Taken {
    fn from(occupying: &Occupying<'_>) -> Self {
        Self {
            entry: occupying.entry.clone(),
            before: occupying.before,
            after: occupying.after,
        }
    }
}
