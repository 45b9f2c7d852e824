//! Taking over what the provider says, and whatever follows from it, in one transaction.

use domain::availability::Rules;
use domain::booking::{Action, Booking, BookingState, Change, transition};
use domain::calendar::Entry;
use domain::event::RefundRef;
use domain::id::RefundId;
use domain::payment::{Payment, PaymentStatus};
use domain::pricing::Counted;
use domain::refund::{Refund, RefundReason, RefundStatus};
use domain::role::Actor;
use jiff::Timestamp;
use store::{Fault, Guard, Transaction};

use crate::bookings::claims_follow;
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
    if booking.state.is_firm() {
        return Err(Error::Internal(format!("{} was paid twice", booking.id)));
    }
    // Nobody wants an hour that has passed while the money was on its way.
    let in_time = booking.interval.start() > now || booking.is_kept(now);
    // Still ours, or free again: both end with the time being the booking's. Otherwise somebody else has it.
    if may_be_confirmed(booking) && in_time && take_again(app, transaction, booking, now).await? {
        let (confirmed, event) = booking.apply(Change::Paid, now)?;
        claims_follow(transaction, booking, &confirmed);
        transaction.put_payment(&payment);
        transaction.put_booking(&confirmed);
        transaction.put_event(&event);
        return Ok(());
    }
    let amount = payment.captured;
    let refund = RefundId::from_uuid(app.ids().uuid());
    let requested = Refund::requested(refund, payment.id, booking.id, amount, RefundReason::TooLate, now);
    let (late, event) = booking.apply(Change::PaidTooLate(RefundRef { id: refund, amount }), now)?;
    claims_follow(transaction, booking, &late);
    transaction.put_refund(&requested);
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

/// Whether money can still make it firm; what was cancelled stays cancelled.
fn may_be_confirmed(booking: &Booking) -> bool {
    transition(booking.state, Action::Confirm, Actor::System).is_some()
}

/// Makes the time the booking's for good, if it still is or can be. Whether it does.
async fn take_again(
    app: &App,
    transaction: &mut Transaction,
    booking: &Booking,
    now: Timestamp,
) -> Result<bool> {
    let span = booking.interval.widened(
        i64::from(booking.setup_minutes),
        i64::from(booking.turnaround_minutes),
    );
    let mut calendar = app.store().calendar(&booking.spaces, span).await?;
    let firm = Entry {
        hold_until: None,
        ..booking.entry()
    };
    if calendar.reserve(&booking.spaces, &firm, now).is_err() {
        return Ok(false);
    }
    if !booking.state.is_tentative() && !has_claims_left(app, booking).await? {
        return Ok(false);
    }
    if !booking.is_kept(now) {
        // Nobody had to heed a hold that had lapsed: the time may be closed, blocked or gone with other
        // spaces since.
        let found = app.store().space_with_rules(booking.venue, booking.space).await?;
        let Some((space, book)) = found else {
            return Ok(false);
        };
        let open = |rules: &Rules| rules.is_open(booking.interval);
        let may = space.live
            && space.locked() == booking.spaces
            && open(&book.rules)
            && book.pending.as_ref().is_none_or(open);
        if !may {
            return Ok(false);
        }
        transaction.check_space(&space);
        transaction.check_rules(&space, &book);
    }
    transaction.put_days(&calendar);
    Ok(true)
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
                RefundStatus::Succeeded => Some(Change::RefundArrived),
                RefundStatus::Failed => Some(Change::RefundFailed),
                RefundStatus::Requested | RefundStatus::Pending => None,
            };
            if let Some(change) = change.filter(|_| next.status != refund.status) {
                let booking = app
                    .store()
                    .booking(booking)
                    .await?
                    .ok_or_else(|| unknown("booking"))?;
                let (settled, told) = booking.apply(change, now)?;
                transaction.put_booking(&settled);
                transaction.put_event(&told);
            }
        }
        commit(app, transaction).await
    })
    .await
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
