//! Between Stripe's objects and ours. Pure.
//!
//! Amounts: Stripe counts in minor units as ISO 4217 does, with these exceptions among the currencies
//! that prices may be in (<https://docs.stripe.com/currencies>, "Special cases" and "Three-decimal
//! currencies"): ISK has no decimals and is still written with two, which must be zero (UGX, which we do
//! not have, is alike); of three decimals the last must be zero. HUF (and TWD, which we do not have) is
//! without decimals in payouts only, so nothing differs here.

use std::collections::HashMap;

use app::ports::{Intent, PortError, ProviderRefund};
use domain::money::{Currency, Money};
use domain::payment::{Observed, PaymentStatus};
use domain::refund::RefundStatus;
use stripe_core::{PaymentIntent, PaymentIntentStatus, Refund};

/// Names of our ids in the metadata of Stripe's objects.
pub const PAYMENT: &str = "payment";
pub const BOOKING: &str = "booking";
pub const REFUND: &str = "refund";

/// Longer ids than this are none of Stripe's (<https://docs.stripe.com/upgrades>: at most 255 characters).
const PROVIDER_ID_LENGTH_MAX: usize = 255;

/// An amount as Stripe writes it.
pub fn amount(money: Money) -> Result<i64, PortError> {
    let refused = |why: &str| PortError::Refused(format!("stripe: {money} {why}"));
    let rule = AmountRule::of(money.currency());
    let amount = money
        .amount()
        .checked_mul(rule.factor)
        .ok_or_else(|| refused("is too large"))?;
    if amount % rule.multiple == 0 {
        Ok(amount)
    } else {
        Err(refused("is finer than can be charged"))
    }
}

/// An amount as we write it.
pub fn money(amount: i64, currency: &str) -> Result<Money, PortError> {
    let refused = || PortError::Refused(format!("stripe: an amount in {currency} that we cannot hold"));
    let currency: Currency = currency.to_ascii_uppercase().parse().map_err(|_| refused())?;
    let factor = AmountRule::of(currency).factor;
    if amount % factor == 0 {
        Ok(Money::new(amount / factor, currency))
    } else {
        Err(refused())
    }
}

/// How Stripe's amounts in a currency differ from ISO 4217's.
struct AmountRule {
    /// How many of Stripe's units our minor unit is.
    factor: i64,
    /// What Stripe's amount has to be a multiple of.
    multiple: i64,
}

impl AmountRule {
    fn of(currency: Currency) -> Self {
        match (currency.code(), currency.exponent()) {
            ("ISK", _) => Self {
                factor: 100,
                multiple: 100,
            },
            (_, 3) => Self {
                factor: 1,
                multiple: 10,
            },
            _ => Self {
                factor: 1,
                multiple: 1,
            },
        }
    }
}

pub fn currency(currency: Currency) -> stripe_types::Currency {
    let Ok(known) = currency.code().to_ascii_lowercase().parse();
    known
}

/// An id fit to stand in the path of a request; there is nothing under any other.
pub fn provider_id(id: &str) -> Result<&str, PortError> {
    let fits = (1..=PROVIDER_ID_LENGTH_MAX).contains(&id.len());
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits && plain {
        Ok(id)
    } else {
        Err(PortError::Gone)
    }
}

pub fn intent(seen: &PaymentIntent) -> Result<Intent, PortError> {
    let currency = seen.currency.to_string();
    let status = payment_status(seen);
    let error = seen
        .last_payment_error
        .as_ref()
        .filter(|_| status == PaymentStatus::Declined);
    let decline_code = error.and_then(|error| {
        let code = error.code.as_ref().map(|code| code.as_str().to_owned());
        error.decline_code.clone().or(code)
    });
    let redirect = seen
        .next_action
        .as_ref()
        .and_then(|action| action.redirect_to_url.as_ref());
    Ok(Intent {
        observed: Observed {
            intent: seen.id.to_string(),
            status,
            captured: money(seen.amount_received, &currency)?,
            decline_code,
        },
        amount: money(seen.amount, &currency)?,
        client_secret: seen.client_secret.clone(),
        action_url: redirect.and_then(|redirect| redirect.url.clone()),
        payment: ours(&seen.metadata, PAYMENT),
        booking: ours(&seen.metadata, BOOKING),
    })
}

fn payment_status(seen: &PaymentIntent) -> PaymentStatus {
    use PaymentIntentStatus as S;
    match &seen.status {
        S::RequiresPaymentMethod if seen.last_payment_error.is_some() => PaymentStatus::Declined,
        S::RequiresPaymentMethod | S::RequiresConfirmation => PaymentStatus::RequiresMethod,
        S::RequiresAction => PaymentStatus::RequiresAction,
        // We never ask for a capture of its own; whoever did has to make it. And a status that came
        // after this was written decides nothing: the intent is looked at again.
        S::Processing | S::RequiresCapture | S::Unknown(_) => PaymentStatus::Processing,
        S::Succeeded => PaymentStatus::Succeeded,
        S::Canceled => PaymentStatus::Cancelled,
        // The enum may grow with the library.
        _ => PaymentStatus::Processing,
    }
}

pub fn refund(seen: &Refund) -> Result<ProviderRefund, PortError> {
    let none = HashMap::new();
    let metadata = seen.metadata.as_ref().unwrap_or(&none);
    Ok(ProviderRefund {
        provider_id: seen.id.to_string(),
        status: refund_status(seen.status.as_deref()),
        amount: money(seen.amount, &seen.currency.to_string())?,
        refund: ours(metadata, REFUND),
        booking: ours(metadata, BOOKING),
    })
}

/// Whether a refund was made for this one of ours.
pub fn names_refund(seen: &Refund, ours: &str) -> bool {
    seen.metadata
        .as_ref()
        .and_then(|m| m.get(REFUND))
        .is_some_and(|id| id == ours)
}

fn refund_status(status: Option<&str>) -> RefundStatus {
    match status {
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed" | "canceled") => RefundStatus::Failed,
        // `pending`, `requires_action`, or not known yet.
        _ => RefundStatus::Pending,
    }
}

fn ours<T: std::str::FromStr>(metadata: &HashMap<String, String>, name: &str) -> Option<T> {
    metadata.get(name).and_then(|id| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn in_currency(amount: i64, code: &str) -> Money {
        Money::new(amount, code.parse().unwrap())
    }

    /// As the API sends it, less the fields that are null.
    fn payment_intent(change: Value) -> PaymentIntent {
        let mut object = json!({
            "id": "pi_1", "object": "payment_intent", "amount": 5_000, "amount_capturable": 0,
            "amount_received": 0, "capture_method": "automatic", "client_secret": "pi_1_secret_2",
            "confirmation_method": "automatic", "created": 1_767_225_600, "currency": "eur",
            "livemode": false, "payment_method_types": ["card"], "status": "requires_payment_method",
            "metadata": {
                "payment": "pay_01900000000070008000000000000001",
                "booking": "bkg_01900000000070008000000000000002",
            },
        });
        let (Value::Object(fields), Value::Object(change)) = (&mut object, change) else {
            panic!()
        };
        fields.extend(change);
        serde_json::from_value(object).unwrap()
    }

    fn a_refund(status: Value) -> Refund {
        serde_json::from_value(json!({
            "id": "re_1", "object": "refund", "amount": 1_200, "created": 1_767_225_600, "currency": "isk",
            "status": status,
            "metadata": {
                "refund": "rfd_01900000000070008000000000000003",
                "booking": "bkg_01900000000070008000000000000002",
            },
        }))
        .unwrap()
    }

    #[test]
    fn every_currency_is_written_as_stripe_wants_it() {
        for (minor, code, stripe) in [
            (1_050, "EUR", 1_050),
            (1_050, "HUF", 1_050),
            (500, "JPY", 500),
            (500, "KRW", 500),
            (500, "CLP", 500),
            (5, "ISK", 500),
            (5_120, "KWD", 5_120),
        ] {
            assert_eq!(amount(in_currency(minor, code)), Ok(stripe), "{code}");
            assert_eq!(
                money(stripe, &code.to_ascii_lowercase()),
                Ok(in_currency(minor, code)),
                "{code}"
            );
        }
    }

    #[test]
    fn every_currency_comes_back_as_it_went() {
        for code in Currency::all() {
            let there = Money::new(12_340, code);
            assert_eq!(
                money(amount(there).unwrap(), currency(code).to_string().as_str()),
                Ok(there)
            );
        }
    }

    #[test]
    fn a_third_decimal_that_is_not_zero_is_refused() {
        for code in ["BHD", "JOD", "KWD", "OMR", "TND"] {
            assert!(
                matches!(amount(in_currency(5_124, code)), Err(PortError::Refused(_))),
                "{code}"
            );
        }
    }

    #[test]
    fn amounts_that_do_not_fit_are_refused_in_both_directions() {
        assert!(matches!(
            amount(in_currency(i64::MAX, "ISK")),
            Err(PortError::Refused(_))
        ));
        assert!(matches!(money(550, "isk"), Err(PortError::Refused(_))));
        assert!(matches!(money(550, "xyz"), Err(PortError::Refused(_))));
    }

    #[test]
    fn only_a_plain_id_gets_into_a_path() {
        assert_eq!(provider_id("pi_3Nabc"), Ok("pi_3Nabc"));
        let long = "a".repeat(PROVIDER_ID_LENGTH_MAX + 1);
        for bad in ["", "pi_1/cancel", "../refunds", "pi_1?x=1", "pi 1", long.as_str()] {
            assert_eq!(provider_id(bad), Err(PortError::Gone), "{bad:?}");
        }
        assert!(provider_id(long.get(1..).unwrap()).is_ok());
    }

    #[test]
    fn every_status_of_an_intent_has_one_of_ours() {
        for (stripe, ours) in [
            ("requires_payment_method", PaymentStatus::RequiresMethod),
            ("requires_confirmation", PaymentStatus::RequiresMethod),
            ("requires_action", PaymentStatus::RequiresAction),
            ("processing", PaymentStatus::Processing),
            ("requires_capture", PaymentStatus::Processing),
            ("succeeded", PaymentStatus::Succeeded),
            ("canceled", PaymentStatus::Cancelled),
            ("something_new", PaymentStatus::Processing),
        ] {
            let seen = intent(&payment_intent(json!({ "status": stripe }))).unwrap();
            assert_eq!(seen.observed.status, ours, "{stripe}");
        }
    }

    #[test]
    fn a_declined_intent_says_why() {
        let error = json!({"type": "card_error", "code": "card_declined", "decline_code": "lost_card"});
        let seen = intent(&payment_intent(json!({ "last_payment_error": error }))).unwrap();
        assert_eq!(seen.observed.status, PaymentStatus::Declined);
        assert_eq!(seen.observed.decline_code.as_deref(), Some("lost_card"));
        let error = json!({"type": "card_error", "code": "expired_card"});
        let seen = intent(&payment_intent(json!({ "last_payment_error": error }))).unwrap();
        assert_eq!(seen.observed.decline_code.as_deref(), Some("expired_card"));
    }

    #[test]
    fn an_old_decline_does_not_cling_to_an_intent_that_was_paid() {
        let error = json!({"type": "card_error", "code": "card_declined"});
        let change = json!({"status": "succeeded", "amount_received": 5_000, "last_payment_error": error});
        let seen = intent(&payment_intent(change)).unwrap();
        assert_eq!(seen.observed.status, PaymentStatus::Succeeded);
        assert_eq!(seen.observed.decline_code, None);
        assert_eq!(seen.observed.captured, in_currency(5_000, "EUR"));
    }

    #[test]
    fn an_intent_carries_our_ids_and_where_the_customer_has_to_go() {
        let action =
            json!({"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}});
        let seen = intent(&payment_intent(
            json!({"status": "requires_action", "next_action": action}),
        ))
        .unwrap();
        assert_eq!(seen.action_url.as_deref(), Some("https://bank.example/3ds"));
        assert_eq!(
            seen.payment.unwrap().to_string(),
            "pay_01900000000070008000000000000001"
        );
        assert_eq!(
            seen.booking.unwrap().to_string(),
            "bkg_01900000000070008000000000000002"
        );
        assert_eq!(seen.amount, in_currency(5_000, "EUR"));
        assert_eq!(seen.client_secret.as_deref(), Some("pi_1_secret_2"));
    }

    #[test]
    fn an_intent_of_somebody_else_has_no_ids_of_ours() {
        let seen = intent(&payment_intent(json!({"metadata": {"payment": "order 7"}}))).unwrap();
        assert_eq!((seen.payment, seen.booking), (None, None));
    }

    #[test]
    fn every_status_of_a_refund_has_one_of_ours() {
        for (stripe, ours) in [
            (json!("pending"), RefundStatus::Pending),
            (json!("requires_action"), RefundStatus::Pending),
            (json!("succeeded"), RefundStatus::Succeeded),
            (json!("failed"), RefundStatus::Failed),
            (json!("canceled"), RefundStatus::Failed),
            (Value::Null, RefundStatus::Pending),
        ] {
            assert_eq!(
                refund(&a_refund(stripe.clone())).unwrap().status,
                ours,
                "{stripe}"
            );
        }
    }

    #[test]
    fn a_refund_carries_our_ids_and_our_amount() {
        let seen = refund(&a_refund(json!("succeeded"))).unwrap();
        assert_eq!(seen.amount, in_currency(12, "ISK"));
        assert_eq!(seen.provider_id, "re_1");
        assert_eq!(
            seen.refund.unwrap().to_string(),
            "rfd_01900000000070008000000000000003"
        );
        assert!(names_refund(
            &a_refund(Value::Null),
            "rfd_01900000000070008000000000000003"
        ));
        assert!(!names_refund(
            &a_refund(Value::Null),
            "rfd_01900000000070008000000000000004"
        ));
    }
}
