//! The API's objects as stored. Fields carry Stripe's names, so that serialising is most of rendering;
//! what only the stand-in needs is in a field `hidden`, which is never shown.
//!
//! A further family (SetupIntents, transfers, payouts, disputes, accounts) is a file here, a variant of
//! [`crate::store::Kind`], and a file in [`crate::api`].

pub mod balance_transaction;
pub mod charge;
pub mod customer;
pub mod event;
pub mod payment_intent;
pub mod payment_method;
pub mod refund;
pub mod webhook_endpoint;

use serde::Serialize;
use serde_json::Value;

use crate::store::Record;

/// The record's own fields, `object`, `livemode`, and the constants of its kind.
fn shown<R: Record + Serialize>(record: &R, constants: Value) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("hidden");
        fields.insert("object".into(), R::KIND.object().into());
        fields.insert("livemode".into(), false.into());
        if let Value::Object(constants) = constants {
            fields.extend(constants);
        }
    }
    value
}
