//! One booking as it is now, with its history.

use domain::booking::{Action, Allowed, Booking, BookingHandle};
use domain::event::BookingEvent;
use domain::money::Money;
use domain::role::Actor;
use domain::venue::Terms;
use futures_util::future::try_join;

use super::{may, side};
use crate::access::Caller;
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub struct Status {
    pub booking: Booking,
    /// What the caller is to it.
    pub actor: Actor,
    /// What the caller may do now, and until when.
    pub allowed: Vec<Allowed>,
    /// What would go back to the customer if the caller cancelled now; nothing where they cannot.
    pub refund_if_cancelled: Option<Money>,
    /// What was agreed to besides the price.
    pub terms: Terms,
    /// Oldest first.
    pub events: Vec<BookingEvent>,
}

/// # Errors
/// [`Error::NotFound`], also for a stranger.
pub async fn status(app: &App, me: &Caller, handle: &BookingHandle) -> Result<Status> {
    let id = match handle {
        BookingHandle::Id(id) => *id,
        BookingHandle::Code(code) => app.store().booking_of_code(code).await?.ok_or(Error::NotFound)?,
    };
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    let actor = side(me, &booking)?;
    let store = app.store();
    let (events, terms) = try_join(
        store.history_of(id),
        store.terms(booking.venue, booking.terms_version),
    )
    .await?;
    let now = app.now();
    let mut allowed = booking.allowed(actor, now);
    allowed.retain(|allowed| may(me, actor, allowed.action.permission()));
    let may_cancel = allowed.iter().any(|allowed| allowed.action == Action::Cancel);
    Ok(Status {
        actor,
        allowed,
        refund_if_cancelled: match may_cancel {
            true => Some(booking.shares_if_cancelled(actor, now)?.refund),
            false => None,
        },
        terms,
        events,
        booking,
    })
}
