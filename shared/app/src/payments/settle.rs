//! Taking over what the provider says, and whatever follows from it, in one transaction.

use domain::availability::Rules;
use domain::booking::{Action, Booking, BookingState, Change, Settlement, transition};
use domain::event::RefundRef;
use domain::id::RefundId;
use domain::payment::{Payment, PaymentStatus};
use domain::pricing::Counted;
use domain::refund::{Refund, RefundReason, RefundStatus};
use domain::role::Actor;
use jiff::Timestamp;
use store::{Fault, Guard, Transaction};

use crate::bookings::holdings_follow;
use crate::ports::{Intent, ProviderRefund};
use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// Moves a payment to where the provider has it. Money that came confirms the booking, or goes back at
/// once when its time is gone. `event` is marked as handled in the same transaction.
///
/// # Errors
/// Anything that a later attempt may get over; [`Error::Internal`] for an amount that is not ours.
pub async fn settle_intent(app: &App, intent: &Intent, event: Option<&str>) -> Result<()> {
    let (Some(booking), Some(payment)) = (intent.booking, intent.payment) else {
        tracing::warn!(intent.id = %intent.observed.intent, "an intent that is not ours");
        return Ok(());
    };
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app
            .store()
            .booking(booking)
            .await?
            .ok_or_else(|| unknown("booking"))?;
        let payment = app
            .store()
            .payment(booking.id, payment)
            .await?
            .ok_or_else(|| unknown("payment"))?;
        let next = payment.observed(&intent.observed, now);
        let mut transaction = Transaction::new();
        if let Some(event) = event {
            transaction.mark_provider_event(event, now);
        }
        if next != payment {
            match next.status {
                PaymentStatus::Succeeded => paid(app, &mut transaction, &booking, next, now).await?,
                PaymentStatus::Declined => declined(&mut transaction, &booking, &next, now)?,
                PaymentStatus::Created
                | PaymentStatus::RequiresMethod
                | PaymentStatus::RequiresAction
                | PaymentStatus::Processing
                | PaymentStatus::Cancelled => transaction.put_payment(&next),
            }
        }
        commit(app, transaction).await
    })
    .await
}

async fn paid(
    app: &App,
    transaction: &mut Transaction,
    booking: &Booking,
    payment: Payment,
    now: Timestamp,
) -> Result<()> {
    if payment.captured != payment.amount {
        return Err(Error::Internal(format!(
            "{} captured {} instead of {}",
            payment.id, payment.captured, payment.amount
        )));
    }
    if let Some(change) = bought(booking, &payment)? {
        let (next, event) = booking.apply(change, now)?;
        let kept = match payment.proposal {
            None => booking.is_kept(now),
            Some(_) => booking.to_be_paid().is_some_and(|proposal| proposal.is_kept(now)),
        };
        // Nobody wants an hour that has passed while the money was on its way, or moves a visit that has begun.
        let first = next.interval.start().min(booking.interval.start());
        let in_time = first > now || kept;
        let mut taken = Transaction::new();
        // Still ours, or free again: both end with the time being the booking's. Otherwise somebody else has it.
        if in_time && take(app, &mut taken, booking, &next, kept, now).await? {
            transaction.extend(taken);
            transaction.put_payment(&payment);
            transaction.put_booking(&next);
            transaction.put_event(&event);
            return Ok(());
        }
    }
    give_all_back(app, transaction, booking, payment, now).await
}

/// What a payment makes of a booking, if it still can. What was cancelled stays cancelled, and who has moved on from
/// another time does not get it.
fn bought(booking: &Booking, payment: &Payment) -> Result<Option<Change>> {
    let Some(id) = payment.proposal else {
        if booking.state.is_firm() {
            return Err(Error::Internal(format!("{} was paid twice", booking.id)));
        }
        let may = transition(booking.state, Action::Confirm, Actor::System).is_some();
        return Ok(may.then_some(Change::Paid));
    };
    let paid_for = booking.to_be_paid().filter(|proposal| proposal.id == id);
    Ok(paid_for.map(|proposal| Change::Moved {
        by: Actor::System,
        to: Box::new(proposal.clone()),
        refunds: Vec::new(),
    }))
}

/// Takes what the booking is to have, if it still is or can be its own. Whether it is.
async fn take(
    app: &App,
    transaction: &mut Transaction,
    before: &Booking,
    after: &Booking,
    kept: bool,
    now: Timestamp,
) -> Result<bool> {
    if before.state == BookingState::HoldExpired && !has_claims_left(app, before).await? {
        return Ok(false);
    }
    if !kept {
        // Nobody had to heed what had lapsed: the time may be closed, blocked or gone with other spaces since, and the
        // venue be another business's.
        let found = app.store().space_with_rules(after.venue, after.space).await?;
        let Some((space, book)) = found else {
            return Ok(false);
        };
        let open = |rules: &Rules| rules.is_open(after.interval);
        let may = space.live
            && space.vendor == after.vendor
            && space.locked() == after.spaces
            && open(&book.rules)
            && book.pending.as_ref().is_none_or(open);
        if !may {
            return Ok(false);
        }
        transaction.check_space(&space);
        transaction.check_rules(&space, &book);
    }
    match holdings_follow(app, transaction, before, after, now).await {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether what its price claims, and was given back when its time had lapsed, can be had again.
async fn has_claims_left(app: &App, booking: &Booking) -> Result<bool> {
    let claims = booking.claims();
    let counted: Vec<Counted> = claims.iter().map(|claim| claim.on.clone()).collect();
    let uses = app.store().uses(&counted).await?;
    Ok(claims
        .iter()
        .zip(uses)
        .all(|(claim, uses)| claim.check(uses).is_ok()))
}

/// Money that buys nothing any more.
async fn give_all_back(
    app: &App,
    transaction: &mut Transaction,
    booking: &Booking,
    payment: Payment,
    now: Timestamp,
) -> Result<()> {
    let amount = payment.captured;
    let id = RefundId::from_uuid(app.ids().uuid());
    let refund = Refund::requested(id, payment.id, booking.id, amount, RefundReason::TooLate, now);
    let change = Change::PaidTooLate {
        refund: RefundRef { id, amount },
        proposal: payment.proposal,
    };
    let (late, event) = booking.apply(change, now)?;
    holdings_follow(app, transaction, booking, &late, now).await?;
    transaction.put_refund(&refund);
    // It comes and goes in one change, so the version moves once.
    let version = payment.version;
    transaction.put_payment(&Payment {
        version,
        ..payment.refunding(amount, now)?
    });
    transaction.put_booking(&late);
    transaction.put_event(&event);
    Ok(())
}

fn declined(
    transaction: &mut Transaction,
    booking: &Booking,
    payment: &Payment,
    now: Timestamp,
) -> Result<()> {
    transaction.put_payment(payment);
    // In any other state nobody waits for it any more.
    if booking.state == BookingState::PaymentPending {
        let (next, event) = booking.apply(Change::PaymentDeclined, now)?;
        transaction.put_booking(&next);
        transaction.put_event(&event);
    }
    Ok(())
}

/// Moves a refund to where the provider has it.
///
/// # Errors
/// Anything that a later attempt may get over.
pub async fn settle_refund(app: &App, seen: &ProviderRefund, event: Option<&str>) -> Result<()> {
    let (Some(booking), Some(refund)) = (seen.booking, seen.refund) else {
        tracing::warn!(refund.provider_id = %seen.provider_id, "a refund that is not ours");
        return Ok(());
    };
    retry::on_conflict(|| async move {
        let now = app.now();
        let refund = app
            .store()
            .refund(booking, refund)
            .await?
            .ok_or_else(|| unknown("refund"))?;
        let next = refund.observed(&seen.provider_id, seen.status, now);
        let mut transaction = Transaction::new();
        if let Some(event) = event {
            transaction.mark_provider_event(event, now);
        }
        if next != refund {
            transaction.put_refund(&next);
            let change = match next.status {
                RefundStatus::Succeeded => Some(Change::RefundArrived as fn(Settlement) -> Change),
                RefundStatus::Failed => Some(Change::RefundFailed as fn(Settlement) -> Change),
                RefundStatus::Requested | RefundStatus::Pending => None,
            };
            if let Some(change) = change.filter(|_| next.status != refund.status) {
                // Before what else there is: whoever settles another refund at the same time moves it, too.
                let booking = app
                    .store()
                    .booking(booking)
                    .await?
                    .ok_or_else(|| unknown("booking"))?;
                let left = settlement(app, &booking, &next, now).await?;
                let (settled, told) = booking.apply(change(left), now)?;
                transaction.put_booking(&settled);
                transaction.put_event(&told);
            }
        }
        commit(app, transaction).await
    })
    .await
}

/// Of a booking's money, what is on its way once this refund is as it is now.
async fn settlement(app: &App, booking: &Booking, settled: &Refund, now: Timestamp) -> Result<Settlement> {
    let payments = app.store().payments_of(booking.id).await?;
    let mut refunds = app.store().refunds_of(booking.id).await?;
    refunds.retain(|refund| refund.id != settled.id);
    refunds.push(settled.clone());
    Ok(Settlement {
        amount: settled.amount,
        payments: payments
            .iter()
            .any(|payment| !payment.status.is_final() && !booking.waits_for(payment, now)),
        refunds: refunds.iter().any(|refund| !refund.status.is_final()),
        failed: refunds.iter().any(|refund| refund.status == RefundStatus::Failed),
    })
}

async fn commit(app: &App, transaction: Transaction) -> Result<Attempt<()>> {
    if transaction.is_empty() {
        return Ok(Attempt::Done(()));
    }
    match retry::raced(app.store().commit(transaction).await) {
        Ok(attempt) => Ok(attempt),
        // Somebody took the last one just now: there is something else to decide.
        Err(Fault::Guard(Guard::PromoLeft | Guard::PromoLeftForCustomer | Guard::FirstBooking)) => {
            Ok(Attempt::Conflict)
        }
        // Another delivery was faster: the effect is there.
        Err(Fault::Guard(Guard::ProviderEventUnseen)) => Ok(Attempt::Done(())),
        Err(fault) => Err(fault.into()),
    }
}

/// Ours are written before the provider hears of them, so that this is a fault and not a race.
fn unknown(what: &str) -> Error {
    Error::Internal(format!("a {what} of ours that the provider names is not there"))
}
