//! `expand[]`: ids in an answer replaced by the objects they name.

use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::objects::balance_transaction::BalanceTransaction;
use crate::objects::charge::Charge;
use crate::objects::customer::Customer;
use crate::objects::payment_intent::PaymentIntent;
use crate::objects::payment_method::PaymentMethod;
use crate::objects::refund::Refund;
use crate::store::{Column, Filter, Kind, Record};
use crate::work::Work;

/// Stripe's limit: `data.latest_charge.balance_transaction` is three deep.
pub const DEPTH_MAX: usize = 4;

pub fn expand(work: &Work<'_>, body: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let segments: Vec<&str> = path.split('.').collect();
        if segments.len() > DEPTH_MAX {
            let message = format!("You cannot expand more than {DEPTH_MAX} levels of a property ({path}).");
            return Err(ApiError::invalid(message).param("expand"));
        }
        along(work, body, &segments, path)?;
    }
    Ok(())
}

fn along(work: &Work<'_>, value: &mut Value, segments: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((segment, rest)) = segments.split_first() else {
        return Ok(());
    };
    if *segment == "data"
        && let Some(items) = value.get_mut("data").and_then(Value::as_array_mut)
    {
        return items
            .iter_mut()
            .try_for_each(|item| along(work, item, rest, path));
    }
    if *segment == "refunds" && is_charge(value) {
        let refunds = refunds_of(work, value)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("refunds".into(), refunds);
        }
    }
    let Some(inner) = value.get_mut(*segment) else {
        return Err(cannot(path));
    };
    if inner.is_null() {
        return Ok(());
    }
    if let Some(id) = inner.as_str() {
        *inner = object(work, id)?.ok_or_else(|| cannot(path))?;
    } else if !inner.is_object() {
        return Err(cannot(path));
    }
    along(work, inner, rest, path)
}

fn object(work: &Work<'_>, id: &str) -> Result<Option<Value>, ApiError> {
    let Some(kind) = Kind::of_id(id) else {
        return Ok(None);
    };
    match kind {
        Kind::BalanceTransaction => shown::<BalanceTransaction>(work, id),
        Kind::Charge => shown::<Charge>(work, id),
        Kind::Customer => shown::<Customer>(work, id),
        Kind::PaymentIntent => shown::<PaymentIntent>(work, id),
        Kind::PaymentMethod => shown::<PaymentMethod>(work, id),
        Kind::Refund => shown::<Refund>(work, id),
        // No field of an object names one of these.
        Kind::Event | Kind::WebhookEndpoint => Ok(None),
    }
}

fn shown<R: Record>(work: &Work<'_>, id: &str) -> Result<Option<Value>, ApiError> {
    Ok(work.tx.get::<R>(id)?.map(|record| work.render(&record)))
}

fn is_charge(value: &Value) -> bool {
    value.get("object").and_then(Value::as_str) == Some(Kind::Charge.object())
}

fn refunds_of(work: &Work<'_>, charge: &Value) -> Result<Value, ApiError> {
    let id = charge.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut refunds: Vec<Refund> = work.tx.all(&Filter::by(Column::Charge, id))?;
    refunds.reverse();
    let data: Vec<Value> = refunds.iter().map(|refund| work.render(refund)).collect();
    Ok(
        json!({ "object": "list", "data": data, "has_more": false, "url": format!("/v1/charges/{id}/refunds") }),
    )
}

fn cannot(path: &str) -> ApiError {
    ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand")
}
