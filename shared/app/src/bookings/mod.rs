//! Bookings: placing one, seeing it, cancelling it.

mod calendar;
mod cancel;
mod create;
mod enter;
mod history;
mod preview;
mod proposal;
mod status;
mod step;

pub use calendar::{CALENDAR_MAX, vendor_calendar};
pub use cancel::cancel;
pub use create::create;
pub use enter::{OffPlatform, enter};
pub use history::{EXPORT_MAX, EXPORT_READ_MAX, HISTORY_READ_MAX, Whose, export, history, requests};
pub use preview::{PREVIEW_MINUTES, PREVIEW_TOKEN_LENGTH_MAX, Preview, Prospect, cancellation_preview};
pub use proposal::{Ask, accept_proposal, decline_proposal, preview_proposal, propose, withdraw_proposal};
pub use status::{Status, status};
pub use step::{Step, step};

use domain::booking::{Booking, Standing};
use domain::calendar::Calendar;
use domain::pricing::{Claim, Counted};
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

/// Lets what a booking holds follow it when it changes: its places in the calendar, and what it claims. A place
/// that it no longer takes is free, one that is new or kept for longer is taken, all in one transaction.
///
/// # Errors
/// The rules' refusal when a place is not its own any more, or cannot be had.
pub(crate) async fn holdings_follow(
    app: &App,
    transaction: &mut Transaction,
    before: &Booking,
    after: &Booking,
    now: Timestamp,
) -> Result<()> {
    claims_follow(transaction, before, after);
    let (had, has) = (before.standings(), after.standings());
    let gone: Vec<&Standing> = had.iter().filter(|standing| !has.contains(standing)).collect();
    let new: Vec<&Standing> = has.iter().filter(|standing| !had.contains(standing)).collect();
    if gone.is_empty() && new.is_empty() {
        return Ok(());
    }
    let days = |standing: &&Standing| (standing.spaces.clone(), standing.entry.span());
    let wishes: Vec<_> = gone.iter().chain(&new).map(days).collect();
    let mut calendar = Calendar::default();
    for read in app.store().calendars(&wishes).await? {
        calendar.add(read);
    }
    for standing in gone {
        calendar.release(&standing.entry, now);
    }
    for standing in new {
        calendar.reserve(&standing.spaces, &standing.entry, now)?;
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
    } else if held {
        // Another time may do without what the first one claimed; it never claims more.
        let kept = |claim: &&Claim| claims.iter().any(|own| own.on == claim.on);
        let mut gone = before.claims();
        gone.retain(|claim| !kept(&claim));
        gone.iter().for_each(|claim| transaction.give_back(claim));
    }
}
