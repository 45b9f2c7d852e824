//! Refunds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::params::Metadata;
use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub balance_transaction: Option<String>,
    pub charge: String,
    pub currency: String,
    pub failure_balance_transaction: Option<String>,
    pub failure_reason: Option<String>,
    pub metadata: Metadata,
    pub payment_intent: String,
    pub reason: Option<Reason>,
    pub status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Duplicate,
    ExpiredUncapturedCharge,
    Fraudulent,
    RequestedByCustomer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Succeeded,
    Failed,
}

impl Record for Refund {
    const KIND: Kind = Kind::Refund;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            payment_intent: Some(&self.payment_intent),
            charge: Some(&self.charge),
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        let destination = json!({
            "card": {
                "reference": null,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        });
        let constants = json!({
            "destination_details": destination,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "transfer_reversal": null,
        });
        let mut value = shown(self, constants);
        if let Some(fields) = value.as_object_mut() {
            // Stripe's refunds carry no `livemode`, and show the failure's fields only after a failure.
            fields.remove("livemode");
            if self.status != Status::Failed {
                fields.remove("failure_balance_transaction");
                fields.remove("failure_reason");
            }
        }
        value
    }
}
