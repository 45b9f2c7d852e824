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
pub use history::{EXPORT_MAX, EXPORT_READ_MAX, HISTORY_READ_MAX, Whose, export, history, requests};
pub use preview::{PREVIEW_MINUTES, PREVIEW_TOKEN_LENGTH_MAX, Preview, Prospect, cancellation_preview};
pub use status::{Status, status};
pub use step::{Step, step};

use domain::booking::Booking;
use domain::pricing::Counted;
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

/// Lets what a booking holds follow it when it changes. Its entry in the calendar goes when it no longer occupies,
/// and is kept as long as the booking says; what it claims is given back when it ends before it was confirmed.
///
/// # Errors
/// The rules' refusal when its time is not its own any more.
pub(crate) async fn holdings_follow(
    app: &App,
    transaction: &mut Transaction,
    before: &Booking,
    after: &Booking,
    now: Timestamp,
) -> Result<()> {
    claims_follow(transaction, before, after);
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

/// Lets what a booking claims follow it when it changes.
pub(crate) fn claims_follow(transaction: &mut Transaction, before: &Booking, after: &Booking) {
    let (held, holds) = (before.state.is_tentative(), after.state.is_tentative());
    let is_made = after.state.is_firm() && !before.state.is_firm();
    let claims = after.claims();
    if is_made {
        if !held {
            claims.iter().for_each(|claim| transaction.claim(claim));
        }
        // Whoever claimed to come for the first time is counted already.
        let counted = after
            .customer
            .map(|customer| Counted::Bookings(after.vendor, customer))
            .filter(|counted| claims.iter().all(|claim| claim.on != *counted));
        counted.iter().for_each(|counted| transaction.count(counted));
    } else if held && !holds {
        claims.iter().for_each(|claim| transaction.give_back(claim));
    }
}
