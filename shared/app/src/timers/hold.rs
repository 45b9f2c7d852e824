//! A hold that has run out. Before the booking goes, the provider is asked for the last word on its
//! payment: a webhook may have been lost, and what nobody can pay any more cannot be paid too late.

use domain::booking::{Booking, Change};
use domain::id::{BookingId, PaymentId};
use domain::payment::{Payment, PaymentStatus};
use store::Transaction;

use super::Done;
use crate::payments::{new_intent, settle_intent};
use crate::ports::Intent;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// # Errors
/// Also when the provider does not answer: a booking does not expire on a guess. Its time is free all
/// the same.
pub async fn lapse(app: &App, booking: &Booking) -> Result<Done> {
    if !booking.has_lapsed(app.now()) {
        return Ok(Done::Untouched);
    }
    let mut seen = Vec::new();
    for payment in app.store().payments_of(booking.id).await? {
        if payment.status.is_final() {
            continue;
        }
        let intent = last_word(app, booking, &payment).await?;
        if intent.observed.status == PaymentStatus::Succeeded {
            settle_intent(app, &intent, None).await?;
            return Ok(Done::Settled);
        }
        seen.push((payment.id, intent));
    }
    expire(app, booking.id, &seen).await
}

/// What the provider says of a payment after nobody can pay it any more. A bank may still be at work
/// on it; what comes of that is settled as any payment that comes late.
async fn last_word(app: &App, booking: &Booking, payment: &Payment) -> Result<Intent> {
    let provider = app.payments()?;
    let intent = match &payment.intent {
        Some(intent) => intent.clone(),
        // Whoever began it died before the provider's name for it was written down. Making it again
        // finds it, and so keeps a request that is still on its way from making one that can be paid.
        None => {
            provider
                .create(&new_intent(booking, payment))
                .await?
                .observed
                .intent
        }
    };
    let seen = provider.intent(&intent).await?;
    if seen.observed.status.is_final() {
        return Ok(seen);
    }
    Ok(provider.cancel(&intent, payment.id).await?)
}

async fn expire(app: &App, id: BookingId, seen: &[(PaymentId, Intent)]) -> Result<Done> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app.store().booking(id).await?;
        // Paid, cancelled or held for longer in the meantime.
        let Some(booking) = booking.filter(|b| b.has_lapsed(now)) else {
            return Ok(Attempt::Done(Done::Untouched));
        };
        let (expired, event) = booking.apply(Change::HoldLapsed, now)?;
        let span = booking.interval.widened(
            i64::from(booking.setup_minutes),
            i64::from(booking.turnaround_minutes),
        );
        let mut calendar = app.store().calendar(&booking.spaces, span).await?;
        calendar.release(id, now);
        let mut transaction = Transaction::new();
        for payment in app.store().payments_of(id).await? {
            if let Some((_, intent)) = seen.iter().find(|(seen, _)| *seen == payment.id) {
                let next = payment.observed(&intent.observed, now);
                if next != payment {
                    transaction.put_payment(&next);
                }
            }
        }
        transaction.put_days(&calendar);
        transaction.put_booking(&expired);
        transaction.put_event(&event);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(Done::Expired),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}
