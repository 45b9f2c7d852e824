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
use domain::membership::Membership;
use domain::permission::Permission;
use domain::pricing::{Claim, Counted};
use domain::role::Actor;
use jiff::Timestamp;
use store::Transaction;

use crate::access::Caller;
use crate::{App, Error, Result};

/// On whose side the caller is in a booking. It exists for its customer, for whoever of its vendor works at the venue,
/// and for admins who look after bookings.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
fn side(caller: &Caller, booking: &Booking) -> Result<Actor> {
    let sees = Permission::SeeBookings;
    let works_there =
        |member: &&Membership| member.works_at(booking.vendor, booking.venue) && member.may(sees);
    if booking.customer == Some(caller.user) {
        Ok(Actor::Customer)
    } else if caller.member().filter(works_there).is_some() {
        Ok(Actor::Vendor)
    } else if caller.admin().is_some_and(|admin| admin.may(sees)) {
        Ok(Actor::Admin)
    } else {
        Err(Error::NotFound)
    }
}

/// The same of somebody who may do this with it.
///
/// # Errors
/// [`Error::Forbidden`] for a colleague of those who may.
fn side_that_may(caller: &Caller, booking: &Booking, permission: Permission) -> Result<Actor> {
    let actor = side(caller, booking)?;
    match may(caller, actor, permission) {
        true => Ok(actor),
        false => Err(Error::Forbidden),
    }
}

/// Whether the caller, on this side, may. What is one's own needs nobody's permission.
fn may(caller: &Caller, side: Actor, permission: Permission) -> bool {
    match side {
        Actor::Customer => true,
        Actor::Vendor => caller.member().is_some_and(|member| member.may(permission)),
        Actor::Admin => caller.admin().is_some_and(|admin| admin.may(permission)),
        Actor::System => false,
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
