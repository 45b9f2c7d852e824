//! What is booked at a vendor's venues.

use app::bookings::{OffPlatform, Whose};
use app::{App, bookings};
use axum::extract::State;
use domain::booking::Guest;
use domain::id::VenueId;
use domain::text::{Label, PersonName};
use domain::time::Interval;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::page::NoParameters;
use web::views::input::{self, Named};
use web::views::{BookingView, RawHistory};
use web::{
    Answer, Body, BookingsReply, Idempotent, Listed, Paged, Parse, Problems, QueryParams, Reply, Vendor,
    needs, ok,
};

/// Which part of which calendar.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "CalendarWindow")]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    venue_id: String,
    from: Timestamp,
    /// At most 92 days after `from`.
    to: Timestamp,
}

pub struct Window {
    venue: VenueId,
    interval: Interval,
}

impl Parse for RawWindow {
    type Into = Window;

    fn parse(self, problems: &mut Problems) -> Option<Window> {
        let venue = input::id(problems, "venue_id", &self.venue_id);
        let interval = input::window(problems, self.from, self.to);
        Some(Window {
            venue: venue?,
            interval: interval?,
        })
    }
}

/// What occupies a venue in a time.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Calendar")]
pub struct CalendarView {
    /// By start.
    data: Vec<BookingView>,
    /// Whether there is more than is shown; then ask for a shorter time.
    more: bool,
}

pub async fn calendar(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeBookings>,
    QueryParams(ask): QueryParams<RawWindow>,
) -> Answer<Reply<CalendarView>> {
    let (found, more) = bookings::vendor_calendar(&app, &me.member, ask.venue, ask.interval).await?;
    let data = found.into_iter().map(BookingView::with_payout).collect();
    Ok(ok(CalendarView { data, more }))
}

/// A booking that was made by telephone or at the door.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewOffPlatformBooking")]
#[serde(deny_unknown_fields)]
pub struct RawOffPlatform {
    venue_id: String,
    /// The venue's main space when it is left out.
    space_id: Option<String>,
    start: Timestamp,
    end: Timestamp,
    guests: u32,
    /// How the space is to be furnished: the name of one of its layouts.
    layout: Option<String>,
    /// Whom it is for; 1 to 100 characters.
    guest_name: String,
    /// How to reach them; at most 60 characters.
    guest_contact: Option<String>,
}

impl Parse for RawOffPlatform {
    type Into = OffPlatform;

    fn parse(self, problems: &mut Problems) -> Option<OffPlatform> {
        let venue = input::id(problems, "venue_id", &self.venue_id);
        let space = problems.optional("space_id", self.space_id, |text| text.parse());
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let guests = input::guests(problems, "guests", self.guests);
        let layout = problems.optional("layout", self.layout, |text| Label::parse(&text));
        let name = problems.field("guest_name", PersonName::parse(&self.guest_name));
        let contact = problems.optional("guest_contact", self.guest_contact, |text| Label::parse(&text));
        Some(OffPlatform {
            venue: venue?,
            space: space?,
            interval: interval?,
            guests: guests?,
            layout: layout?,
            guest: Guest {
                name: name?,
                contact: contact?,
            },
        })
    }
}

pub async fn enter(
    State(app): State<App>,
    Vendor(me): Vendor<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    Body(ask): Body<RawOffPlatform>,
) -> Answer<Reply<BookingView, 201>> {
    let booking = bookings::enter(&app, &me.caller, &me.member, &once, &ask).await?;
    Ok(Reply::of(booking, BookingView::with_payout))
}

/// What I have to answer; `hold_until` is when.
pub async fn requests(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeBookings>,
    Paged { page, .. }: Paged<NoParameters>,
) -> Answer<Reply<Listed<BookingView>>> {
    let (found, next) = bookings::requests(&app, &me.member, page.limit(), page.after()).await?;
    let views = found.into_iter().map(BookingView::with_payout).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}

pub async fn history(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeBookings>,
    Paged { ask, page }: Paged<RawHistory>,
) -> Answer<BookingsReply> {
    let ours = Whose::Vendor(&me.member);
    if let Some(format) = ask.file {
        let found = bookings::export(&app, ours, &ask.filter).await?;
        return Ok(BookingsReply::File(format.file(&found)?));
    }
    let (found, next) = bookings::history(&app, ours, &ask.filter, page.limit(), page.after()).await?;
    let views = found.into_iter().map(BookingView::with_payout).collect();
    Ok(BookingsReply::Page(page.of(&app, views, next.as_deref())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_is_asked_for_with_a_venue_and_a_time() {
        let raw = RawWindow {
            venue_id: "x".into(),
            from: "2027-03-01T00:00:00Z".parse().unwrap(),
            to: "2027-03-01T00:00:00Z".parse().unwrap(),
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/venue_id", "/to"]);
    }
}
