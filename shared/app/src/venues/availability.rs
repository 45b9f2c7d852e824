//! When a venue is free.

use domain::availability::{BUFFER_MINUTES_MAX, MINUTES_PER_DAY};
use domain::id::{SpaceId, VenueId};
use domain::text::Label;
use domain::time::Interval;
use jiff::Timestamp;
use store::venues::Offer;

use super::{details, plain_total};
use crate::access::Caller;
use crate::{App, Result};

#[derive(Debug)]
pub struct Availability {
    pub offer: Offer,
    /// Open and not taken, also while nothing is sold.
    pub free: Vec<Interval>,
    /// Bookings of the asked length that a quote would be given for.
    pub slots: Vec<Interval>,
    /// Packages that a quote would be given for, by their start.
    pub packages: Vec<(Label, Interval)>,
    /// It was so at this instant.
    pub as_of: Timestamp,
}

/// Nobody comes with fewer, and how many will come is not asked for.
const GUESTS_MIN: u32 = 1;

/// Which time of which space is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub venue: VenueId,
    /// The main one when none is named.
    pub space: Option<SpaceId>,
    pub window: Interval,
    /// Slots of this length are wanted.
    pub minutes: Option<u32>,
}

/// Free time in the window with the packages in it, and slots of so many minutes when asked. The window is at
/// most [`domain::availability::WINDOW_DAYS_MAX`] days; the caller has seen to that.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn availability(app: &App, caller: Option<&Caller>, look: Look) -> Result<Availability> {
    let offer = details(app, caller, look.venue, look.space).await?;
    let window = look.window;
    let buffer = i64::from(BUFFER_MINUTES_MAX);
    let longest_package = i64::from(2 * MINUTES_PER_DAY);
    let beyond = look.minutes.map_or(0, i64::from).max(longest_package);
    let read = window.widened(buffer, buffer.saturating_add(beyond));
    let spaces = offer.space.locked();
    let calendar = app.store().calendar(&spaces, read).await?;
    let as_of = app.now();
    let request = offer.book.request(&spaces, as_of);
    let free = request.free(&calendar, window);
    let (rates, rules) = (offer.rates.as_ref(), &offer.book.rules);
    let slots = look
        .minutes
        .zip(rates)
        .filter(|_| offer.space.live)
        .map(|(minutes, rates)| {
            let free = request.slots(&calendar, window, minutes);
            rates.sold(free, GUESTS_MIN, rules, as_of)
        })
        .unwrap_or_default();
    let is_sold = |time| offer.space.live && plain_total(rates, rules, time, GUESTS_MIN, as_of).is_some();
    let packages = request
        .packages(&calendar, window)
        .into_iter()
        .filter(|(_, time)| is_sold(*time))
        .map(|(package, time)| (package.name.clone(), time))
        .collect();
    Ok(Availability {
        offer,
        free,
        slots,
        packages,
        as_of,
    })
}
