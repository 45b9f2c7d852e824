//! Days of a vendor's venues, space by space.

use std::collections::HashMap;

use app::venues::{CALENDAR_DATES_MAX, CalendarPage, Days, SpaceDays, Taken, VenueDays};
use app::{App, venues};
use axum::extract::State;
use domain::availability::Block;
use domain::booking::{Booking, BookingState};
use domain::id::{BlockId, BookingId, SpaceId, VenueId};
use domain::spans::Spans;
use domain::text::{Label, VenueName};
use domain::time::{Interval, Zone};
use domain::venue::VenueState;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::page::PageView;
use web::views::LocalIntervalView;
use web::{Answer, Paged, Parse, Problems, Reply, Vendor, needs, ok};

/// Venues that can be named.
const VENUES_MAX: usize = 50;

/// Which days of which venues.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "CalendarDays")]
#[serde(deny_unknown_fields)]
pub struct RawDays {
    /// By each venue's own clock.
    from: Date,
    /// The last of them, at most 41 days after `from`, which is a month with all of its weeks; `from` by default.
    to: Option<Date>,
    /// May be repeated, up to 50 times. All venues that are not given up by default.
    #[serde(default)]
    venue_id: Vec<String>,
}

impl Parse for RawDays {
    type Into = Days;

    fn parse(self, problems: &mut Problems) -> Option<Days> {
        let venues = problems.each("venue_id", self.venue_id, VENUES_MAX, |here, text| {
            text.parse::<VenueId>().map_err(|e| here.here(e)).ok()
        });
        let to = self.to.unwrap_or(self.from);
        let dates = self.from.series(1.day()).take_while(|date| *date <= to);
        let dates: Vec<Date> = dates.take(CALENDAR_DATES_MAX + 1).collect();
        if dates.is_empty() {
            problems.add("to", "must not be before from");
            return None;
        }
        if dates.len() > CALENDAR_DATES_MAX {
            problems.add(
                "to",
                format!("has to be one of {CALENDAR_DATES_MAX} dates from from on"),
            );
            return None;
        }
        Some(Days {
            dates,
            venues: venues?.into_iter().collect(),
        })
    }
}

/// Days of venues as they were a moment ago, newest venues first. A page may have fewer venues than `limit`, even none,
/// and still not be the last.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CalendarOfDays")]
pub struct CalendarView {
    data: Vec<VenueDaysView>,
    /// It was so at this instant.
    as_of: Timestamp,
    page: PageView,
}

/// Days of a venue, by its own clock.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueDays")]
pub struct VenueDaysView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    name: VenueName,
    /// `draft`, `submitted`, `live`, `paused` or `archived`.
    #[schemars(with = "String")]
    state: VenueState,
    /// The venue's IANA time zone.
    zone: String,
    spaces: Vec<SpaceDaysView>,
}

/// A space, everything by start.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SpaceDays")]
pub struct SpaceDaysView {
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "String")]
    name: VenueName,
    /// Whether it is offered at all.
    in_use: bool,
    /// Dates that the venue's clock leaves out are missing.
    days: Vec<DayView>,
    /// Bookings, and holds as long as they count, also of spaces that are locked with this one. They may begin before the
    /// first day and end after the last.
    bookings: Vec<CalendarBookingView>,
    /// Of this space, and of those that it has anything in common with; each time that they recur, cut to the days.
    blocks: Vec<CalendarBlockView>,
    /// When there are so many bookings that the calendar takes no more.
    full: Vec<LocalIntervalView>,
    /// Open, and nothing of the above. A booking also has to keep the other booking rules.
    free: Vec<LocalIntervalView>,
}

/// A date by the venue's clock.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CalendarDay")]
pub struct DayView {
    date: Date,
    /// All of it: 23 or 25 hours where the clock is shifted.
    #[serde(flatten)]
    time: LocalIntervalView,
    /// What of it is open; hours that began the day before included.
    open: Vec<LocalIntervalView>,
}

/// What somebody has booked, or holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CalendarBooking")]
pub struct CalendarBookingView {
    #[schemars(with = "String")]
    booking_id: BookingId,
    /// What people tell each other; opens nothing by itself.
    code: String,
    /// The space that is booked, which may be another one that is locked with this.
    #[schemars(with = "String")]
    space_id: SpaceId,
    /// As of a booking; only those in which it keeps its time.
    #[schemars(with = "String")]
    state: BookingState,
    guests: u32,
    #[schemars(with = "Option<String>")]
    layout: Option<Label>,
    /// Until when the time is kept for a customer who has not paid, or for an answer.
    hold_until: Option<Timestamp>,
    /// Whether it is a time that the booking may be moved to, beside the one that it has.
    proposed: bool,
    #[serde(flatten)]
    time: LocalIntervalView,
    /// Before it, when nobody else can be there: its setup, or what your rules ask for after whoever would come first.
    setup: Option<LocalIntervalView>,
    /// After it, when nobody else can be there: its turnaround, or what your rules ask for before whoever would come next.
    turnaround: Option<LocalIntervalView>,
}

/// Time that you keep for yourself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CalendarBlock")]
pub struct CalendarBlockView {
    #[schemars(with = "String")]
    block_id: BlockId,
    /// The space that was blocked.
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "Option<String>")]
    reason: Option<Label>,
    #[serde(flatten)]
    time: LocalIntervalView,
}

impl VenueDaysView {
    fn new(found: VenueDays, bookings: &HashMap<BookingId, Booking>) -> Self {
        let zone = &found.venue.location.zone;
        let spaces = found.spaces.into_iter();
        let spaces = spaces.map(|space| SpaceDaysView::new(space, &found.days, bookings, zone));
        Self {
            spaces: spaces.collect(),
            venue_id: found.venue.id,
            state: found.venue.state,
            zone: zone.name().to_owned(),
            name: found.venue.name,
        }
    }
}

impl SpaceDaysView {
    fn new(
        found: SpaceDays,
        days: &[(Date, Interval)],
        bookings: &HashMap<BookingId, Booking>,
        zone: &Zone,
    ) -> Self {
        let local = |time: Interval| LocalIntervalView::new(time, zone);
        let locals = |spans: Spans| spans.into_vec().into_iter().map(local).collect();
        let day = |(date, time): &(Date, Interval)| DayView {
            date: *date,
            time: local(*time),
            open: locals(found.open.and(&Spans::from_iter([*time]))),
        };
        let booking = |taken: &Taken| {
            let booking = bookings.get(&taken.entry.booking);
            // One that has ended since its days were read keeps nobody out.
            let booking = booking.filter(|booking| booking.state.occupies())?;
            Some(CalendarBookingView::new(booking, taken, zone))
        };
        let block = |(block, time): (Block, Interval)| CalendarBlockView {
            block_id: block.id,
            space_id: block.space,
            reason: block.reason,
            time: local(time),
        };
        Self {
            space_id: found.space.id,
            name: found.space.name,
            in_use: found.space.in_use,
            days: days.iter().map(day).collect(),
            bookings: found.taken.iter().filter_map(booking).collect(),
            blocks: found.blocks.into_iter().map(block).collect(),
            full: locals(found.full),
            free: locals(found.free),
        }
    }
}

impl CalendarBookingView {
    fn new(booking: &Booking, taken: &Taken, zone: &Zone) -> Self {
        let local = |time: Interval| LocalIntervalView::new(time, zone);
        Self {
            booking_id: booking.id,
            code: booking.code.to_string(),
            space_id: booking.space,
            state: booking.state,
            guests: booking.guests,
            layout: booking.layout.clone(),
            hold_until: taken.entry.hold_until,
            proposed: taken.entry.proposed,
            time: local(taken.entry.interval),
            setup: taken.before.map(local),
            turnaround: taken.after.map(local),
        }
    }
}

pub async fn days(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeBookings>,
    Paged { ask, page }: Paged<RawDays>,
) -> Answer<Reply<CalendarView>> {
    let found = venues::calendar(&app, &me.member, &ask, page.limit(), page.after()).await?;
    let CalendarPage {
        venues,
        bookings,
        as_of,
        next,
    } = found;
    let views = venues
        .into_iter()
        .map(|venue| VenueDaysView::new(venue, &bookings));
    let listed = page.of(&app, views.collect(), next.as_deref())?;
    Ok(ok(CalendarView {
        data: listed.data,
        as_of,
        page: listed.page,
    }))
}
