//! What time alone brings: a request that nobody answered, a booking that is over, one that nothing can be
//! reported of any more.

use domain::booking::{Booking, BookingState, Change};
use domain::id::BookingId;
use store::Transaction;

use super::Done;
use crate::bookings::holdings_follow;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// # Errors
/// Anything that a later run may get over.
pub async fn pass(app: &App, id: BookingId) -> Result<Done> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app.store().booking(id).await?;
        let due = booking.filter(|b| b.passes_at().is_some_and(|at| at <= now));
        let Some((booking, (change, done))) = due.and_then(|b| what_passes(&b).map(|what| (b, what))) else {
            return Ok(Attempt::Done(Done::Untouched));
        };
        let (next, event) = booking.apply(change, now)?;
        let mut transaction = Transaction::new();
        holdings_follow(app, &mut transaction, &booking, &next, now).await?;
        transaction.put_booking(&next);
        transaction.put_event(&event);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(done),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}

const fn what_passes(booking: &Booking) -> Option<(Change, Done)> {
    match booking.state {
        BookingState::Requested => Some((Change::RequestLapsed, Done::Expired)),
        BookingState::Confirmed | BookingState::CheckedIn => Some((Change::Complete, Done::Completed)),
        BookingState::Completed | BookingState::NoShowCustomer | BookingState::NoShowVendor => {
            Some((Change::Close, Done::Closed))
        }
        // Money may be on its way: that is for others.
        BookingState::Held
        | BookingState::PaymentPending
        | BookingState::Closed
        | BookingState::HoldExpired
        | BookingState::Declined
        | BookingState::RequestExpired
        | BookingState::Withdrawn
        | BookingState::CancelledByCustomer
        | BookingState::CancelledByVendor
        | BookingState::CancelledByAdmin => None,
    }
}
