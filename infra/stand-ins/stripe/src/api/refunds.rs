//! `/v1/refunds`: by charge or PaymentIntent, in parts, never more than was captured.

use serde_json::Value;

use super::{Outcome, Route, lists};
use crate::api_error::ApiError;
use crate::cards::{self, Behaviour};
use crate::config::ms;
use crate::currency::Currency;
use crate::http::reply::Reply;
use crate::objects::balance_transaction::{BalanceTransaction, Type};
use crate::objects::charge::{self, Charge};
use crate::objects::payment_intent::PaymentIntent;
use crate::objects::refund::{Reason, Refund, Status};
use crate::params::{Metadata, Params};
use crate::store::{Column, Filter, Kind, TimerKind};
use crate::work::Work;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("POST", []) => Route::new("refunds.create", create, ""),
        ("GET", []) => Route::new("refunds.list", list, ""),
        ("GET", [id]) => Route::new("refunds.retrieve", retrieve, id),
        ("POST", [id]) => Route::new("refunds.update", update, id),
        ("POST", [id, "cancel"]) => Route::new("refunds.cancel", cancel, id),
        _ => None,
    }
}

fn create(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let charge = params.text("charge")?;
    let payment_intent = params.text("payment_intent")?;
    let wanted = params.integer("amount")?;
    let reason = params.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let change = params.metadata()?;
    params.finish()?;
    if charge.is_none() && payment_intent.is_none() {
        let message =
            "One of the following params should be provided for this request: payment_intent or charge.";
        return Err(ApiError::invalid(message).code("parameter_missing"));
    }
    if wanted.is_some_and(|amount| amount < 1) {
        return Err(
            ApiError::invalid("This value must be greater than or equal to 1.")
                .code("parameter_invalid_integer")
                .param("amount"),
        );
    }
    let mut metadata = Metadata::new();
    change.apply(&mut metadata)?;

    let mut charge = charge_to_refund(work, charge.as_deref(), payment_intent.as_deref())?;
    let amount = amount_to_refund(&charge, wanted)?;
    charge.amount_refunded += amount;
    charge.refunded = charge.refundable() == 0;
    let mut refund = new(work, &charge, amount, reason);
    refund.metadata = metadata;
    let settles = match cards::named(&charge.hidden.card_name).behaviour {
        Behaviour::RefundPends => {
            refund.status = Status::Pending;
            true
        }
        Behaviour::RefundFails => true,
        Behaviour::Pays
        | Behaviour::Declines(_)
        | Behaviour::AttachesThenDeclines(_)
        | Behaviour::Challenges { .. }
        | Behaviour::AvailableAtOnce
        | Behaviour::Processes => false,
    };
    if settles {
        let due_ms = work.now_ms.saturating_add(ms(work.config.refund_delay));
        work.later(TimerKind::RefundSettles, &refund.id, due_ms)?;
    }
    let transaction = transaction(work, &refund, -amount, Type::Refund);
    refund.balance_transaction = Some(transaction.id.clone());
    work.put(&transaction)?;
    work.put(&charge)?;
    work.put(&refund)?;
    work.emit("refund.created", &refund)?;
    work.emit("charge.refunded", &charge)?;
    Ok(Reply::ok(work.render(&refund)))
}

fn charge_to_refund(
    work: &Work<'_>,
    charge: Option<&str>,
    payment_intent: Option<&str>,
) -> Result<Charge, ApiError> {
    let mut found: Option<Charge> = match charge {
        Some(id) => Some(work.find_parameter(id, "charge")?),
        None => None,
    };
    if let Some(id) = payment_intent {
        let intent: PaymentIntent = work.find_parameter(id, "payment_intent")?;
        let latest: Option<Charge> = match &intent.latest_charge {
            Some(id) => work.tx.get(id)?,
            None => None,
        };
        if let (Some(named), Some(latest)) = (&found, &latest)
            && named.id != latest.id
        {
            let message = format!(
                "The charge {} does not belong to the PaymentIntent {id}.",
                named.id
            );
            return Err(ApiError::refused(message).param("charge"));
        }
        found = latest;
        if found.is_none() {
            return Err(no_successful_charge(id));
        }
    }
    let Some(charge) = found else {
        return Err(ApiError::missing_parameter("charge"));
    };
    if charge.status != charge::Status::Succeeded || !charge.captured {
        return Err(no_successful_charge(&charge.payment_intent));
    }
    Ok(charge)
}

fn amount_to_refund(charge: &Charge, wanted: Option<i64>) -> Result<i64, ApiError> {
    let left = charge.refundable();
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::refused(message)
            .code("charge_already_refunded")
            .with("charge", charge.id.as_str()));
    }
    let amount = wanted.unwrap_or(left);
    if amount <= left {
        return Ok(amount);
    }
    let currency = Currency::parse(&charge.currency)?;
    let (asked, most) = (currency.format(amount), currency.format(left));
    let bound = if charge.amount_refunded == 0 {
        "charge amount"
    } else {
        "unrefunded amount on charge"
    };
    let message = format!("Refund amount ({asked}) is greater than {bound} ({most})");
    Err(ApiError::refused(message)
        .param("amount")
        .with("charge", charge.id.as_str()))
}

fn no_successful_charge(intent: &str) -> ApiError {
    ApiError::refused(format!(
        "This PaymentIntent ({intent}) does not have a successful charge to refund."
    ))
}

/// A refund that has succeeded, not yet stored and without a balance transaction.
pub fn new(work: &Work<'_>, charge: &Charge, amount: i64, reason: Option<Reason>) -> Refund {
    Refund {
        id: work.new_id(Kind::Refund),
        created: work.now(),
        amount,
        balance_transaction: None,
        charge: charge.id.clone(),
        currency: charge.currency.clone(),
        failure_balance_transaction: None,
        failure_reason: None,
        metadata: Metadata::new(),
        payment_intent: charge.payment_intent.clone(),
        reason,
        status: Status::Succeeded,
    }
}

fn transaction(work: &Work<'_>, refund: &Refund, amount: i64, kind: Type) -> BalanceTransaction {
    BalanceTransaction {
        id: work.new_id(Kind::BalanceTransaction),
        created: work.now(),
        amount,
        available_on: work.now(),
        currency: refund.currency.clone(),
        description: Some(format!("REFUND FOR CHARGE ({})", refund.charge)),
        fee: 0,
        net: amount,
        source: refund.id.clone(),
        r#type: kind,
    }
}

/// What the test card of the charge makes of its refund in the end.
pub fn settle_by_card(work: &mut Work<'_>, id: &str) -> Result<(), ApiError> {
    let refund: Refund = work.find(id, "id")?;
    let charge: Charge = work.linked(&refund.charge)?;
    let fails = cards::named(&charge.hidden.card_name).behaviour == Behaviour::RefundFails;
    settle(work, id, !fails).map(|_| ())
}

/// A refund succeeds or fails after the fact. What failed can be refunded again.
pub fn settle(work: &mut Work<'_>, id: &str, succeeds: bool) -> Result<Refund, ApiError> {
    let mut refund: Refund = work.find(id, "id")?;
    let wanted = if succeeds {
        Status::Succeeded
    } else {
        Status::Failed
    };
    if refund.status == wanted || refund.status == Status::Failed || refund.balance_transaction.is_none() {
        return Ok(refund);
    }
    let before = work.render(&refund);
    refund.status = wanted;
    work.tx.remove_timers_of(id)?;
    if !succeeds {
        let mut charge: Charge = work.linked(&refund.charge)?;
        charge.amount_refunded -= refund.amount;
        charge.refunded = false;
        let transaction = transaction(work, &refund, refund.amount, Type::RefundFailure);
        refund.failure_balance_transaction = Some(transaction.id.clone());
        refund.failure_reason = Some("unknown".into());
        work.put(&transaction)?;
        work.put(&charge)?;
    }
    work.put(&refund)?;
    let after: Value = work.render(&refund);
    let previous = crate::webhooks::emission::changed(&before, &after);
    work.emit_object("refund.updated", after.clone(), Some(previous.clone()))?;
    work.emit_object("charge.refund.updated", after, Some(previous))?;
    if !succeeds {
        work.emit("refund.failed", &refund)?;
    }
    Ok(refund)
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let refund: Refund = work.find(id, "id")?;
    Ok(Reply::ok(work.render(&refund)))
}

fn update(work: &mut Work<'_>, mut params: Params, id: &str) -> Outcome {
    let change = params.metadata()?;
    params.finish()?;
    let mut refund: Refund = work.find(id, "id")?;
    let before = work.render(&refund);
    change.apply(&mut refund.metadata)?;
    work.put(&refund)?;
    work.emit_update("refund.updated", &refund, &before)?;
    Ok(Reply::ok(work.render(&refund)))
}

/// Only refunds that wait for the customer can be cancelled, and a card's never do.
fn cancel(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let refund: Refund = work.find(id, "id")?;
    let message = format!(
        "Refund {} cannot be canceled: only a refund that requires action can.",
        refund.id
    );
    Err(ApiError::refused(message))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    if let Some(charge) = params.text("charge")? {
        filter.columns.push((Column::Charge, vec![charge]));
    }
    if let Some(payment_intent) = params.text("payment_intent")? {
        filter.columns.push((Column::PaymentIntent, vec![payment_intent]));
    }
    params.finish()?;
    let list = lists::list(work, &filter, &page, "/v1/refunds", |refund: &Refund| {
        Ok(work.render(refund))
    })?;
    Ok(Reply::ok(list))
}
