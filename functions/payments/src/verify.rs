//! How a payment really stands.

use app::{App, payments};
use axum::extract::State;
use domain::id::{BookingId, PaymentId};
use domain::payment::{Payment, PaymentStatus};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{BookingView, MoneyView, input};
use web::{Answer, Body, Parse, Problems, Reply, SignedIn, ok};

/// Which booking's payment.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PaymentQuestion")]
#[serde(deny_unknown_fields)]
pub struct RawQuestion {
    booking_id: String,
}

impl Parse for RawQuestion {
    type Into = BookingId;

    fn parse(self, problems: &mut Problems) -> Option<BookingId> {
        input::id(problems, "booking_id", &self.booking_id)
    }
}

/// A booking and its latest payment, as the provider has it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VerifiedPayment")]
pub struct VerifiedView {
    booking: BookingView,
    /// Null when none was begun.
    payment: Option<PaymentView>,
}

/// An amount that was to be collected.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentView {
    #[schemars(with = "String")]
    payment_id: PaymentId,
    /// `created`, `requires_method`, `requires_action`, `processing`, `declined`, `succeeded` or
    /// `cancelled`.
    #[schemars(with = "String")]
    status: PaymentStatus,
    amount: MoneyView,
    captured: MoneyView,
    /// Gone back, or on its way.
    refunded: MoneyView,
    /// Why the last card was declined, in the provider's words.
    decline_code: Option<String>,
    updated_at: Timestamp,
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        Self {
            payment_id: payment.id,
            status: payment.status,
            amount: payment.amount.into(),
            captured: payment.captured.into(),
            refunded: payment.refunded.into(),
            decline_code: payment.decline_code,
            updated_at: payment.updated_at,
        }
    }
}

pub async fn verify(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Body(booking): Body<RawQuestion>,
) -> Answer<Reply<VerifiedView>> {
    let (booking, payment) = payments::verify(&app, &me, booking).await?;
    Ok(ok(VerifiedView {
        booking: booking.into(),
        payment: payment.map(PaymentView::from),
    }))
}
