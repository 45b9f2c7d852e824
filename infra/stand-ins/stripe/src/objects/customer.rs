//! Customers. Absent: balances, sources, discounts, subscriptions, tax.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::params::Metadata;
use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub created: i64,
    pub address: Option<Value>,
    pub description: Option<String>,
    pub email: Option<String>,
    pub invoice_settings: InvoiceSettings,
    pub metadata: Metadata,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub preferred_locales: Vec<String>,
    pub shipping: Option<Value>,
    pub tax_exempt: TaxExempt,
    pub hidden: Hidden,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct InvoiceSettings {
    pub default_payment_method: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxExempt {
    Exempt,
    #[default]
    None,
    Reverse,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Hidden {
    /// A deleted customer is still retrieved, as a tombstone.
    pub deleted: bool,
    pub invoice_prefix: String,
}

impl Record for Customer {
    const KIND: Kind = Kind::Customer;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            email: self.email.as_deref(),
            deleted: self.hidden.deleted,
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        if self.hidden.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        let constants = json!({
            "balance": 0,
            "currency": null,
            "default_source": null,
            "delinquent": false,
            "discount": null,
            "invoice_prefix": self.hidden.invoice_prefix,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.invoice_settings.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "next_invoice_sequence": 1,
            "test_clock": null,
        });
        shown(self, constants)
    }
}
