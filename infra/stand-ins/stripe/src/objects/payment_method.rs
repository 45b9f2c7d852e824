//! Payment methods of type `card`. The full number is never stored: only which test card it is.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::params::Metadata;
use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub created: i64,
    pub allow_redisplay: AllowRedisplay,
    pub billing_details: BillingDetails,
    pub customer: Option<String>,
    pub metadata: Metadata,
    pub hidden: Hidden,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowRedisplay {
    Always,
    Limited,
    #[default]
    Unspecified,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BillingDetails {
    pub address: Option<Value>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub tax_id: Option<String>,
}

impl BillingDetails {
    /// An address is always shown, with nulls where nothing is known.
    pub fn render(&self) -> Value {
        let nowhere = json!({
            "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null
        });
        json!({
            "address": self.address.clone().unwrap_or(nowhere),
            "email": self.email,
            "name": self.name,
            "phone": self.phone,
            "tax_id": self.tax_id,
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hidden {
    /// The name of the test card in [`crate::cards`].
    pub card: String,
    pub exp_month: u32,
    pub exp_year: u32,
    /// Paid with once without a customer, or detached: not to be used again.
    pub spent: bool,
    /// Set up for payments without the customer present.
    pub set_up: bool,
}

impl PaymentMethod {
    /// The card's data, as in the payment method and in a charge.
    pub fn card(&self) -> Value {
        let card = crate::cards::named(&self.hidden.card);
        json!({
            "brand": card.brand,
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": "pass",
            },
            "country": card.country,
            "exp_month": self.hidden.exp_month,
            "exp_year": self.hidden.exp_year,
            "fingerprint": card.fingerprint(),
            "funding": card.funding,
            "last4": card.last4(),
            "wallet": null,
        })
    }
}

impl Record for PaymentMethod {
    const KIND: Kind = Kind::PaymentMethod;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            customer: self.customer.as_deref(),
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        let mut card = self.card();
        let brand = crate::cards::named(&self.hidden.card).brand;
        if let Some(fields) = card.as_object_mut() {
            fields.insert("display_brand".into(), brand.into());
            fields.insert("generated_from".into(), Value::Null);
            fields.insert(
                "networks".into(),
                json!({ "available": [brand], "preferred": null }),
            );
            fields.insert("regulated_status".into(), "unregulated".into());
            fields.insert("three_d_secure_usage".into(), json!({ "supported": true }));
        }
        let constants = json!({
            "type": "card",
            "card": card,
            "billing_details": self.billing_details.render(),
        });
        shown(self, constants)
    }
}
