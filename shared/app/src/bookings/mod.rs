//! Bookings: placing one, seeing it, cancelling it.

mod calendar;
mod cancel;
mod create;
mod enter;
mod history;
mod preview;
mod status;
mod step;

pub use calendar::{CALENDAR_MAX, vendor_calendar};
pub use cancel::cancel;
pub use create::create;
pub use enter::{OffPlatform, enter};
pub use history::{history, requests, vendor_history};
pub use preview::{PREVIEW_MINUTES, PREVIEW_TOKEN_LENGTH_MAX, Preview, cancellation_preview};
pub use status::{Status, status};
pub use step::{Step, step};

use domain::booking::Booking;
use domain::role::{Actor, Role};
use jiff::Timestamp;
use store::Transaction;

use crate::access::Caller;
use crate::{App, Result};

/// What the caller is to a booking; nothing to a stranger, for whom it does not exist.
fn standing(caller: &Caller, booking: &Booking) -> Option<Actor> {
    if booking.customer == Some(caller.user) {
        Some(Actor::Customer)
    } else if caller.is(Role::Vendor) && caller.vendor == Some(booking.vendor) {
        Some(Actor::Vendor)
    } else if caller.is(Role::Admin) {
        Some(Actor::Admin)
    } else {
        None
    }
}

/// Lets the calendar follow a booking that changed: its entry goes when it no longer occupies, and is kept as
/// long as the booking says.
///
/// # Errors
/// The rules' refusal when its time is not its own any more.
pub(crate) async fn calendar_follows(
    app: &App,
    transaction: &mut Transaction,
    before: &Booking,
    after: &Booking,
    now: Timestamp,
) -> Result<()> {
    let gone = before.state.occupies() && !after.state.occupies();
    if !gone && before.hold_until == after.hold_until {
        return Ok(());
    }
    let span = before.interval.widened(
        i64::from(before.setup_minutes),
        i64::from(before.turnaround_minutes),
    );
    let mut calendar = app.store().calendar(&before.spaces, span).await?;
    if gone {
        calendar.release(before.id, now);
    } else {
        calendar.reserve(&after.spaces, &after.entry(), now)?;
    }
    transaction.put_days(&calendar);
    Ok(())
}
