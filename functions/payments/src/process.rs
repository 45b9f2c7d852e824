//! Paying for a booking.

use app::App;
use app::payments::{self, Processed};
use axum::extract::State;
use domain::id::{BookingId, PaymentId};
use domain::payment::PaymentStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{MoneyView, input};
use web::{Answer, Body, Customer, Idempotent, Parse, Problems, Reply};

/// Stripe's own limit for its ids.
const METHOD_LENGTH_MAX: usize = 255;

/// What is paid, and how.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPayment")]
#[serde(deny_unknown_fields)]
pub struct RawPayment {
    booking_id: String,
    /// The provider's id of a card (`pm_…`) that is tried at once.
    payment_method: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Ask {
    booking: BookingId,
    method: Option<String>,
}

impl Parse for RawPayment {
    type Into = Ask;

    fn parse(self, problems: &mut Problems) -> Option<Ask> {
        let booking = input::id(problems, "booking_id", &self.booking_id);
        let method = problems.optional("payment_method", self.payment_method, method);
        Some(Ask {
            booking: booking?,
            method: method?,
        })
    }
}

fn method(text: String) -> Result<String, &'static str> {
    let is_id = (1..=METHOD_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_id {
        Ok(text)
    } else {
        Err("is not an id of a payment method")
    }
}

/// How far a payment has come, and what the customer's browser needs to go on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PaymentProgress")]
pub struct ProgressView {
    #[schemars(with = "String")]
    payment_id: PaymentId,
    #[schemars(with = "String")]
    booking_id: BookingId,
    /// `created`, `requires_method`, `requires_action`, `processing`, `declined`, `succeeded` or
    /// `cancelled`. A success confirms the booking once the provider's message has been worked on.
    #[schemars(with = "String")]
    status: PaymentStatus,
    amount: MoneyView,
    /// For the provider's library in the customer's browser. A secret.
    client_secret: Option<String>,
    next_action: Option<ActionView>,
    /// Why the last card was declined, in the provider's words.
    decline_code: Option<String>,
}

/// What the customer has to do before the payment goes on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PaymentAction")]
pub struct ActionView {
    /// Where to send the customer's browser.
    url: String,
}

impl From<Processed> for ProgressView {
    fn from(processed: Processed) -> Self {
        let payment = processed.payment;
        Self {
            payment_id: payment.id,
            booking_id: payment.booking,
            status: processed.status,
            amount: payment.amount.into(),
            client_secret: processed.client_secret,
            next_action: processed.action_url.map(|url| ActionView { url }),
            decline_code: payment.decline_code,
        }
    }
}

pub async fn process(
    State(app): State<App>,
    Customer(me): Customer,
    Idempotent(once): Idempotent,
    Body(ask): Body<RawPayment>,
) -> Answer<Reply<ProgressView>> {
    let processed = payments::process(&app, &me, &once, ask.booking, ask.method.as_deref()).await?;
    Ok(Reply::of(processed, ProgressView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(booking_id: &str, payment_method: Option<&str>) -> Vec<String> {
        let raw = RawPayment {
            booking_id: booking_id.into(),
            payment_method: payment_method.map(str::to_owned),
        };
        let mut problems = Problems::new();
        assert_eq!(raw.parse(&mut problems).is_some(), problems.is_empty());
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_payment_method_is_an_id_of_255_characters_at_most() {
        let booking = "bkg_01900000000070008000000000000001";
        let none: [&str; 0] = [];
        assert_eq!(pointers(booking, None), none);
        assert_eq!(pointers(booking, Some(&"m".repeat(METHOD_LENGTH_MAX))), none);
        for wrong in [
            "",
            "pm card",
            "pm/../x",
            "pm_\u{e4}",
            &"m".repeat(METHOD_LENGTH_MAX + 1),
        ] {
            assert_eq!(
                pointers("x", Some(wrong)),
                ["/booking_id", "/payment_method"],
                "{wrong}"
            );
        }
    }
}
