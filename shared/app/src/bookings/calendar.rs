//! A vendor's calendar.

use domain::booking::Booking;
use domain::id::VenueId;
use domain::membership::Membership;
use domain::time::Interval;

use crate::{App, Error, Result};

/// Bookings that one page of a calendar shows.
pub const CALENDAR_MAX: usize = 500;

/// Everything that touches the window and occupies it (a hold as long as it has not lapsed), by start,
/// at one of the venues that a member works at. What others hosted there before them is not theirs. Also whether there is more.
///
/// # Errors
/// [`Error::NotFound`] for another's venue.
pub async fn vendor_calendar(
    app: &App,
    member: &Membership,
    venue: VenueId,
    window: Interval,
) -> Result<(Vec<Booking>, bool)> {
    let found = app.store().venue(venue).await?.ok_or(Error::NotFound)?;
    if !member.works_at(found.vendor, venue) {
        return Err(Error::NotFound);
    }
    let now = app.now();
    let occupies = |b: &Booking| b.vendor == member.vendor && b.state.occupies() && !b.has_lapsed(now);
    Ok(app
        .store()
        .bookings_at_venue(venue, window, CALENDAR_MAX, occupies)
        .await?)
}
