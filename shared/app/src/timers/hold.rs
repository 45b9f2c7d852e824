//! A time kept for a payment, of a new booking or for another time of one, that has run out. Before it goes, the
//! provider is asked for the last word on its payment: a webhook may have been lost, and what nobody can pay any more
//! cannot be paid too late.

use domain::booking::{Booking, Change};
use domain::id::BookingId;
use jiff::Timestamp;
use store::Transaction;

use super::Done;
use super::last_word::{Heard, LastWords, last_words};
use crate::bookings::holdings_follow;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// # Errors
/// Also when the provider does not answer: a booking does not expire on a guess. Its time is free all
/// the same.
pub async fn lapse(app: &App, booking: &Booking) -> Result<Done> {
    if lapsing(booking, app.now()).is_none() {
        return Ok(Done::Untouched);
    }
    match last_words(app, booking).await? {
        Heard::Paid => Ok(Done::Settled),
        Heard::Unpaid(heard) => expire(app, booking.id, &heard).await,
    }
}

/// What becomes of a time that is not kept any more, given whether a payment for it may still come.
fn lapsing(booking: &Booking, now: Timestamp) -> Option<fn(bool) -> Change> {
    if booking.has_lapsed(now) {
        Some(|payment_open| Change::HoldLapsed { payment_open })
    } else if booking.has_lapsed_proposal(now) {
        Some(|payment_open| Change::ProposalLapsed { payment_open })
    } else {
        None
    }
}

async fn expire(app: &App, id: BookingId, heard: &LastWords) -> Result<Done> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app.store().booking(id).await?;
        // Paid, cancelled or held for longer in the meantime.
        let lapsing = booking.and_then(|b| lapsing(&b, now).map(|lapse| (b, lapse)));
        let Some((booking, lapse)) = lapsing else {
            return Ok(Attempt::Done(Done::Untouched));
        };
        let mut transaction = Transaction::new();
        let payment_open = heard.take_over(app, &mut transaction, &booking, now).await?;
        let (expired, event) = booking.apply(lapse(payment_open), now)?;
        holdings_follow(app, &mut transaction, &booking, &expired, now).await?;
        transaction.put_booking(&expired);
        transaction.put_event(&event);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(Done::Expired),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}
