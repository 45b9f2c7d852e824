//! When a venue is free.

use domain::availability::{BUFFER_MINUTES_MAX, Request};
use domain::id::VenueId;
use domain::time::Interval;
use jiff::Timestamp;
use store::venues::Offer;

use super::details;
use crate::access::Caller;
use crate::{App, Result};

#[derive(Debug)]
pub struct Availability {
    pub offer: Offer,
    /// Open and not taken.
    pub free: Vec<Interval>,
    /// Starts at which a booking of the asked length can be made.
    pub slots: Vec<Interval>,
    /// It was so at this instant.
    pub as_of: Timestamp,
}

/// Free time in the window, and slots of so many minutes when asked. The window is at most
/// [`domain::availability::WINDOW_DAYS_MAX`] days; the caller has seen to that.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn availability(
    app: &App,
    caller: Option<&Caller>,
    id: VenueId,
    window: Interval,
    minutes: Option<u32>,
) -> Result<Availability> {
    let offer = details(app, caller, id).await?;
    let buffer = i64::from(BUFFER_MINUTES_MAX);
    let read = window.widened(buffer, buffer.saturating_add(minutes.map_or(0, i64::from)));
    let spaces = [offer.space.id];
    let calendar = app.store().calendar(&spaces, read).await?;
    let as_of = app.now();
    let request = Request {
        rules: &offer.rules,
        spaces: &spaces,
        now: as_of,
        except: None,
    };
    let free = request.free(&calendar, window);
    let slots = minutes
        .map(|minutes| request.slots(&calendar, window, minutes).collect())
        .unwrap_or_default();
    Ok(Availability {
        offer,
        free,
        slots,
        as_of,
    })
}
