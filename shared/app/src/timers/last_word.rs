//! The provider's last word on payments that were begun and did not come.

use domain::booking::Booking;
use domain::id::PaymentId;
use domain::payment::{Payment, PaymentStatus};
use jiff::Timestamp;
use store::Transaction;

use crate::payments::{new_intent, settle_intent};
use crate::ports::{Intent, PortError};
use crate::{App, Result};

pub(super) enum Heard {
    /// Money had come after all, and was settled.
    Paid,
    Unpaid(LastWords),
}

/// What the provider said of each open payment; nothing of one that it will never have.
pub(super) struct LastWords(Vec<(PaymentId, Option<Intent>)>);

/// Asks for each open payment of a booking that nobody is to pay any more. A bank may still be at work on
/// one; what comes of that is settled as any payment that comes late.
pub(super) async fn last_words(app: &App, booking: &Booking) -> Result<Heard> {
    let mut heard = Vec::new();
    for payment in app.store().payments_of(booking.id).await? {
        if payment.status.is_final() || booking.waits_for(&payment, app.now()) {
            continue;
        }
        let Some(intent) = last_word(app, booking, &payment).await? else {
            heard.push((payment.id, None));
            continue;
        };
        if intent.observed.status == PaymentStatus::Succeeded {
            settle_intent(app, &intent, None).await?;
            return Ok(Heard::Paid);
        }
        heard.push((payment.id, Some(intent)));
    }
    Ok(Heard::Unpaid(LastWords(heard)))
}

async fn last_word(app: &App, booking: &Booking, payment: &Payment) -> Result<Option<Intent>> {
    let provider = app.payments()?;
    let intent = match &payment.intent {
        Some(intent) => intent.clone(),
        // Whoever began it died before the provider's name for it was written down. Making it again
        // finds it, and so keeps a request that is still on its way from making one that can be paid.
        None => match provider.create(&new_intent(booking, payment)).await {
            Ok(made) => made.observed.intent,
            Err(PortError::Refused(error)) => {
                tracing::error!(payment.id = %payment.id, error, "a payment that the provider does not take");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        },
    };
    let seen = provider.intent(&intent).await?;
    if seen.observed.status.is_final() {
        return Ok(Some(seen));
    }
    Ok(Some(provider.cancel(&intent).await?))
}

impl LastWords {
    /// Writes down what was heard. Gives whether one of the booking's payments may still come.
    pub(super) async fn take_over(
        &self,
        app: &App,
        transaction: &mut Transaction,
        booking: &Booking,
        now: Timestamp,
    ) -> Result<bool> {
        let mut open = false;
        for payment in app.store().payments_of(booking.id).await? {
            let heard = self.0.iter().find(|(id, _)| *id == payment.id);
            let next = match heard {
                Some((_, Some(intent))) => payment.observed(&intent.observed, now),
                Some((_, None)) => payment.abandoned(now),
                None => payment.clone(),
            };
            open |= !next.status.is_final() && !booking.waits_for(&next, now);
            if next != payment {
                transaction.put_payment(&next);
            }
        }
        Ok(open)
    }
}
