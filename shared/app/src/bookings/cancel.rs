//! Cancelling a booking: the time is free at once, the money follows.

use domain::booking::{Action, Booking, BookingState, Change};
use domain::id::BookingId;
use domain::permission::Permission;
use domain::refund::RefundReason;
use domain::text::Reason;
use store::Transaction;

use super::preview::promised;
use super::{holdings_follow, side_that_may};
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::payments::give_back;
use crate::{App, Error, Result};

/// By its customer, its vendor or an admin. What goes back was shown by the preview whose token this is, by the
/// booking's own policy. A payment that was begun is closed by the timers, which may ask the provider.
///
/// # Errors
/// [`Error::NotFound`] for a stranger; [`domain::Refusal::InvalidTransition`] when it has begun, or is
/// over; [`domain::Refusal::PreviewOutdated`]; [`Error::Invalid`] for a token that is none.
pub async fn cancel(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    preview_token: &str,
    reason: Option<Reason>,
) -> Result<Outcome<Booking>> {
    let reason = &reason;
    once::write(app, Some(once), |now| async move {
        let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
        let by = side_that_may(me, &booking, Permission::ChangeBookings)?;
        booking.check(Action::Cancel, by, now)?;
        let shares = promised(app, me, &booking, preview_token, now)?;
        let mut transaction = Transaction::new();
        let payments = if matches!(booking.state, BookingState::Held | BookingState::Requested) {
            // None was ever begun.
            Vec::new()
        } else {
            app.store().payments_of(id).await?
        };
        let payment_open = payments.iter().any(|payment| !payment.status.is_final());
        let reason_of_refund = RefundReason::Cancelled;
        let refunds = give_back(
            app,
            &mut transaction,
            id,
            payments,
            shares.refund,
            reason_of_refund,
            now,
        )?;
        let change = Change::Cancel {
            by,
            reason: reason.clone(),
            shares,
            refunds,
            payment_open,
        };
        let (cancelled, event) = booking.apply(change, now)?;
        holdings_follow(app, &mut transaction, &booking, &cancelled, now).await?;
        transaction.put_booking(&cancelled);
        transaction.put_event(&event);
        Ok((transaction, cancelled))
    })
    .await
}
