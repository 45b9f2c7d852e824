//! Paying for a booking.

use domain::Refusal;
use domain::booking::{Booking, BookingState, Change};
use domain::id::{BookingId, PaymentId};
use domain::payment::{Observed, Payment, PaymentStatus};
use serde::{Deserialize, Serialize};
use store::Transaction;

use super::settle_intent;
use crate::access::Caller;
use crate::bookings::holdings_follow;
use crate::once::{self, Once, Outcome};
use crate::ports::{Intent, NewIntent};
use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// How far a payment has come, and what the customer's browser needs to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processed {
    pub payment: Payment,
    /// What the provider says. A success is final here once its webhook has been worked on.
    pub status: PaymentStatus,
    pub client_secret: Option<String>,
    pub action_url: Option<String>,
}

/// Starts a payment (for the booking, or for what another time of it costs more), or tries another card on the one that
/// was started. Without a card the customer's browser finishes it with the client secret.
///
/// # Errors
/// [`Error::NotFound`] for another's booking; [`Refusal::HoldLapsed`], [`Refusal::NothingToPay`].
pub async fn process(
    app: &App,
    me: &Caller,
    once: &Once,
    booking: BookingId,
    method: Option<&str>,
) -> Result<Outcome<Processed>> {
    once::leased(app, once, async {
        let (booking, payment) = begin(app, me, booking, method.is_some()).await?;
        let provider = app.payments()?;
        let mut intent = match &payment.intent {
            Some(intent) => provider.intent(intent).await?,
            None => {
                let made = provider.create(&new_intent(&booking, &payment)).await?;
                // An attempt before this one broke off: what is remembered of the making is not news.
                if payment.attempts > 0 {
                    provider.intent(&made.observed.intent).await?
                } else {
                    made
                }
            }
        };
        if let Some(method) = method
            && !intent.observed.status.is_final()
        {
            intent = provider
                .confirm(&intent.observed.intent, payment.id, payment.attempts, method)
                .await?;
        }
        let payment = remember(app, &payment, &intent).await?;
        Ok(Processed {
            payment,
            status: intent.observed.status,
            client_secret: intent.client_secret,
            action_url: intent.action_url,
        })
    })
    .await
}

/// The same for the same payment: the provider knows a request by its content, too.
pub(crate) fn new_intent(booking: &Booking, payment: &Payment) -> NewIntent {
    NewIntent {
        payment: payment.id,
        booking: booking.id,
        amount: payment.amount,
        description: format!("{} {}", booking.venue_name, booking.code),
    }
}

/// The payment is ours before it is the provider's: a crash between the two is found and repaired.
async fn begin(app: &App, me: &Caller, id: BookingId, with_card: bool) -> Result<(Booking, Payment)> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
        if booking.customer != Some(me.user) {
            return Err(Error::NotFound);
        }
        if booking.state == BookingState::HoldExpired {
            return Err(Refusal::HoldLapsed.into());
        }
        let difference = booking.to_be_paid();
        if (booking.state.is_firm() && difference.is_none()) || booking.state.is_given_up() {
            return Err(Refusal::NothingToPay.into());
        }
        let proposal = difference.map(|proposal| proposal.id);
        let amount = match difference {
            Some(proposal) => proposal.difference(&booking).map_err(Refusal::from)?,
            None => booking.price.total,
        };
        let (next, event) = booking.apply(Change::PaymentStarted, now)?;
        let open = app
            .store()
            .payments_of(id)
            .await?
            .into_iter()
            .find(|p| !p.status.is_final() && p.proposal == proposal);
        let mut transaction = Transaction::new();
        let payment = match open {
            None => {
                let payment = PaymentId::from_uuid(app.ids().uuid());
                let payment = Payment {
                    proposal,
                    ..Payment::new(payment, id, me.user, booking.vendor, amount, now)
                };
                transaction.put_payment(&payment);
                payment
            }
            Some(open) if with_card => {
                let attempted = open.attempted(now);
                transaction.put_payment(&attempted);
                attempted
            }
            // What became of the last card is remembered: the provider tells of it until another is tried.
            Some(open) => open,
        };
        holdings_follow(app, &mut transaction, &booking, &next, now).await?;
        transaction.put_booking(&next);
        transaction.put_event(&event);
        match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Ok(Attempt::Done((next, payment))),
            Attempt::Conflict => Ok(Attempt::Conflict),
        }
    })
    .await
}

/// What the provider calls it, and how far it is. A success is left to [`settle_intent`] and its webhook, which
/// confirms the booking in the same transaction; anything else is settled here and now.
async fn remember(app: &App, payment: &Payment, intent: &Intent) -> Result<Payment> {
    if intent.observed.status == PaymentStatus::Succeeded {
        let seen = Observed {
            status: PaymentStatus::Processing,
            captured: payment.captured,
            ..intent.observed.clone()
        };
        let next = payment.observed(&seen, app.now());
        if next == *payment {
            return Ok(next);
        }
        let mut transaction = Transaction::new();
        transaction.put_payment(&next);
        if let Attempt::Done(()) = retry::raced(app.store().commit(transaction).await)? {
            return Ok(next);
        }
        // The webhook was faster and knows more.
    } else {
        settle_intent(app, intent, None).await?;
    }
    let payment = app.store().payment(payment.booking, payment.id).await?;
    payment.ok_or_else(|| Error::Internal("a payment is gone".to_owned()))
}
