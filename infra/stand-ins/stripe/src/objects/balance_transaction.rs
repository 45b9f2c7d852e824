//! Balance transactions: what a charge, a refund or a failed refund did to the account's balance.
//!
//! Absent: conversion, payouts, and the balance itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::store::{Kind, Links, Record};

/// Stripe's fee on a card payment, here and everywhere else: 2.9 % …
pub const FEE_PER_MILLE: i64 = 29;
/// … and 30 hundredths of the currency's unit.
pub const FEE_FIXED_HUNDREDTHS: i64 = 30;
/// Funds are available two days later.
pub const AVAILABLE_AFTER_SECONDS: i64 = 2 * 24 * 60 * 60;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub available_on: i64,
    pub currency: String,
    pub description: Option<String>,
    pub fee: i64,
    pub net: i64,
    pub source: String,
    pub r#type: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    Charge,
    Refund,
    RefundFailure,
}

impl Type {
    pub fn name(self) -> &'static str {
        match self {
            Type::Charge => "charge",
            Type::Refund => "refund",
            Type::RefundFailure => "refund_failure",
        }
    }
}

/// The fee on a captured amount, rounded half up; `decimals` are the currency's.
pub fn fee(amount: i64, decimals: u32) -> i64 {
    let share = amount.saturating_mul(FEE_PER_MILLE).saturating_add(500) / 1_000;
    let fixed = match decimals {
        0 => 0,
        2 => FEE_FIXED_HUNDREDTHS,
        more => FEE_FIXED_HUNDREDTHS.saturating_mul(10_i64.saturating_pow(more.saturating_sub(2))),
    };
    share.saturating_add(fixed).min(amount)
}

impl Record for BalanceTransaction {
    const KIND: Kind = Kind::BalanceTransaction;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            source: Some(&self.source),
            type_: Some(self.r#type.name()),
            ..Links::default()
        }
    }

    fn render(&self, now: i64) -> Value {
        let fee_detail = json!({
            "amount": self.fee,
            "application": null,
            "currency": self.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        });
        let constants = json!({
            "balance_type": "payments",
            "exchange_rate": null,
            "fee_details": if self.fee == 0 { json!([]) } else { json!([fee_detail]) },
            "reporting_category": self.r#type.name(),
            "status": if self.available_on <= now { "available" } else { "pending" },
        });
        let mut value = shown(self, constants);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("livemode");
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_a_share_rounded_half_up_and_a_fixed_part() {
        assert_eq!(fee(10_000, 2), 290 + 30);
        assert_eq!(fee(1_017, 2), 29 + 30);
        assert_eq!(fee(1_018, 2), 30 + 30);
        assert_eq!(fee(1_000, 0), 29);
        assert_eq!(fee(10_000, 3), 290 + 300);
        assert_eq!(fee(10, 2), 10);
    }
}
