//! Holding, capturing and releasing an amount.
//!
//! What an authorisation releases without capturing shows at Stripe as refunded: in the charge's
//! `amount_refunded` and as a refund object without a balance transaction. So it does here.

use crate::api::{Outcome, refunds};
use crate::api_error::ApiError;
use crate::cards::{self, Behaviour};
use crate::config::ms;
use crate::currency::Currency;
use crate::http::reply::Reply;
use crate::objects::balance_transaction::{AVAILABLE_AFTER_SECONDS, BalanceTransaction, Type, fee};
use crate::objects::charge::Charge;
use crate::objects::payment_intent::{CancellationReason, PaymentIntent, Status, Step};
use crate::objects::refund::Reason;
use crate::params::Params;
use crate::store::{Kind, TimerKind};
use crate::work::Work;

/// How long a card's authorisation holds: seven days.
pub const AUTHORIZATION_SECONDS: i64 = 7 * 24 * 60 * 60;
const CANCELLATION_REASONS: &[&str] = &["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

/// Authorised, to be captured in time.
pub fn hold(work: &Work<'_>, intent: &mut PaymentIntent, charge: &mut Charge) -> Result<(), ApiError> {
    let until = work.now() + AUTHORIZATION_SECONDS;
    charge.hidden.capture_before = Some(until);
    intent.status = Status::RequiresCapture;
    intent.amount_capturable = intent.amount;
    work.later(
        TimerKind::AuthorizationExpires,
        &intent.id,
        until.saturating_mul(1_000),
    )
}

/// The amount is captured. Asynchronously, its balance transaction comes later.
pub fn take(
    work: &Work<'_>,
    intent: &mut PaymentIntent,
    charge: &mut Charge,
    amount: i64,
    asynchronous: bool,
) -> Result<(), ApiError> {
    charge.captured = true;
    charge.amount_captured = amount;
    intent.status = Status::Succeeded;
    intent.amount_capturable = 0;
    intent.amount_received = amount;
    if asynchronous {
        let due_ms = work.now_ms.saturating_add(ms(work.config.balance_delay));
        return work.later(TimerKind::BalanceArrives, &charge.id, due_ms);
    }
    book(work, charge)
}

/// Makes the balance transaction of a captured charge.
pub fn book(work: &Work<'_>, charge: &mut Charge) -> Result<(), ApiError> {
    let at_once = cards::named(&charge.hidden.card_name).behaviour == Behaviour::AvailableAtOnce;
    let wait = if at_once { 0 } else { AVAILABLE_AFTER_SECONDS };
    let amount = charge.amount_captured;
    let fee = fee(amount, Currency::parse(&charge.currency)?.decimals());
    let transaction = BalanceTransaction {
        id: work.new_id(Kind::BalanceTransaction),
        created: work.now(),
        amount,
        available_on: work.now() + wait,
        currency: charge.currency.clone(),
        description: charge.description.clone(),
        fee,
        net: amount - fee,
        source: charge.id.clone(),
        r#type: Type::Charge,
    };
    charge.balance_transaction = Some(transaction.id.clone());
    work.put(&transaction)
}

pub fn capture(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let wanted = params.integer("amount_to_capture")?;
    let last = params.boolean("final_capture")?.unwrap_or(true);
    let metadata = params.metadata()?;
    params.finish()?;
    if !last {
        let message = "Multicapture is not available for this payment.";
        return Err(ApiError::invalid(message).param("final_capture"));
    }
    if wanted.is_some_and(|amount| amount < 1) {
        return Err(
            ApiError::invalid("This value must be greater than or equal to 1.")
                .code("parameter_invalid_integer")
                .param("amount_to_capture"),
        );
    }

    let mut intent = super::find(work, id)?;
    intent.check(Step::Capture, work.now())?;
    let amount = wanted.unwrap_or(intent.amount_capturable);
    if amount > intent.amount_capturable {
        let message =
            "The amount provided is greater than the amount that can be captured for this PaymentIntent.";
        return Err(ApiError::refused(message)
            .code("amount_too_large")
            .param("amount_to_capture")
            .with("payment_intent", work.render(&intent)));
    }
    metadata.apply(&mut intent.metadata)?;
    let mut charge = charge_of(work, &intent)?;
    take(work, &mut intent, &mut charge, amount, false)?;
    release(work, &mut charge, intent.amount - amount, None)?;
    work.tx.remove_timers_of(&intent.id)?;
    work.put(&charge)?;
    work.put(&intent)?;
    work.emit("charge.captured", &charge)?;
    work.emit("payment_intent.succeeded", &intent)?;
    Ok(Reply::ok(work.render(&intent)))
}

pub fn cancel(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let reason = params.choice("cancellation_reason", CANCELLATION_REASONS)?;
    params.finish()?;
    let mut intent = super::find(work, id)?;
    intent.check(Step::Cancel, work.now())?;
    void(work, &mut intent, reason)?;
    Ok(Reply::ok(work.render(&intent)))
}

/// An authorisation that was not captured in time is cancelled by itself.
pub fn expire(work: &mut Work<'_>, intent: &str) -> Result<(), ApiError> {
    let mut intent = super::find(work, intent)?;
    if intent.status != Status::RequiresCapture {
        return Ok(());
    }
    void(work, &mut intent, Some(CancellationReason::Automatic))
}

fn void(
    work: &mut Work<'_>,
    intent: &mut PaymentIntent,
    reason: Option<CancellationReason>,
) -> Result<(), ApiError> {
    if intent.status == Status::RequiresCapture {
        let expired = reason == Some(CancellationReason::Automatic);
        let mut charge = charge_of(work, intent)?;
        let amount = charge.amount;
        release(
            work,
            &mut charge,
            amount,
            expired.then_some(Reason::ExpiredUncapturedCharge),
        )?;
        charge.refunded = true;
        work.put(&charge)?;
        work.emit(
            if expired {
                "charge.expired"
            } else {
                "charge.refunded"
            },
            &charge,
        )?;
    }
    work.tx.remove_timers_of(&intent.id)?;
    intent.status = Status::Canceled;
    intent.canceled_at = Some(work.now());
    intent.cancellation_reason = reason;
    intent.amount_capturable = 0;
    intent.next_action = None;
    work.put(intent)?;
    work.emit("payment_intent.canceled", intent)
}

/// Gives back what was held and not captured.
fn release(
    work: &Work<'_>,
    charge: &mut Charge,
    amount: i64,
    reason: Option<Reason>,
) -> Result<(), ApiError> {
    if amount == 0 {
        return Ok(());
    }
    charge.amount_refunded += amount;
    work.put(&refunds::new(work, charge, amount, reason))
}

fn charge_of(work: &Work<'_>, intent: &PaymentIntent) -> Result<Charge, ApiError> {
    match &intent.latest_charge {
        Some(id) => work.linked(id),
        None => Err(ApiError::no_such("charge", "", "latest_charge")),
    }
}
