//! Charges: one for each attempt that reached the card's bank.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payment_method::BillingDetails;
use super::shown;
use crate::params::Metadata;
use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Charge {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub amount_captured: i64,
    /// Refunds, and what an authorisation released without having been captured.
    pub amount_refunded: i64,
    pub balance_transaction: Option<String>,
    pub billing_details: BillingDetails,
    pub captured: bool,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub metadata: Metadata,
    pub outcome: Outcome,
    pub paid: bool,
    pub payment_intent: String,
    pub payment_method: String,
    pub receipt_email: Option<String>,
    pub refunded: bool,
    pub shipping: Option<Value>,
    pub statement_descriptor: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub status: Status,
    pub transfer_group: Option<String>,
    pub hidden: Hidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Failed,
    Pending,
    Succeeded,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    pub advice_code: Option<String>,
    pub network_advice_code: Option<String>,
    pub network_decline_code: Option<String>,
    pub network_status: String,
    pub reason: Option<String>,
    pub risk_level: String,
    pub risk_score: i64,
    pub seller_message: String,
    pub r#type: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hidden {
    /// The name of the test card that paid.
    pub card_name: String,
    /// The card's data at that time.
    pub card: Value,
    /// Until when an uncaptured authorisation holds.
    pub capture_before: Option<i64>,
    pub authenticated: bool,
}

impl Charge {
    /// What may still be refunded. Released authorisation is in both sums, so it cancels out.
    pub fn refundable(&self) -> i64 {
        if self.captured && self.status == Status::Succeeded {
            self.amount - self.amount_refunded
        } else {
            0
        }
    }
}

impl Record for Charge {
    const KIND: Kind = Kind::Charge;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            customer: self.customer.as_deref(),
            payment_intent: Some(&self.payment_intent),
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        let mut card = self.hidden.card.clone();
        if let Some(fields) = card.as_object_mut() {
            let authenticated = json!({
                "authentication_flow": "challenge",
                "electronic_commerce_indicator": "05",
                "exemption_indicator": null,
                "result": "authenticated",
                "result_reason": null,
                "transaction_id": null,
                "version": "2.2.0",
            });
            let three_d_secure = if self.hidden.authenticated {
                authenticated
            } else {
                Value::Null
            };
            fields.insert("three_d_secure".into(), three_d_secure);
            fields.insert("amount_authorized".into(), self.amount.into());
            fields.insert("installments".into(), Value::Null);
            fields.insert("mandate".into(), Value::Null);
            fields.insert("network".into(), fields.get("brand").cloned().unwrap_or_default());
            fields.insert("network_token".into(), json!({ "used": false }));
            fields.insert("extended_authorization".into(), json!({ "status": "disabled" }));
            fields.insert(
                "incremental_authorization".into(),
                json!({ "status": "unavailable" }),
            );
            fields.insert("multicapture".into(), json!({ "status": "unavailable" }));
            let overcapture = json!({ "maximum_amount_capturable": self.amount, "status": "unavailable" });
            fields.insert("overcapture".into(), overcapture);
            if let Some(capture_before) = self.hidden.capture_before {
                fields.insert("capture_before".into(), capture_before.into());
            }
        }
        let constants = json!({
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "billing_details": self.billing_details.render(),
            "calculated_statement_descriptor": "STRIPE STAND-IN",
            "disputed": false,
            "failure_balance_transaction": null,
            "fraud_details": {},
            "on_behalf_of": null,
            "payment_method_details": { "card": card, "type": "card" },
            "radar_options": {},
            "receipt_number": null,
            "receipt_url": null,
            "review": null,
            "source": null,
            "source_transfer": null,
            "transfer_data": null,
        });
        shown(self, constants)
    }
}
