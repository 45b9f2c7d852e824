//! Paying for bookings.
//!
//! - `POST /api/v1/payments/process`
//! - `POST /api/v1/payments/verify`
//! - `POST /api/v1/payments/webhook`
//!
//! Absent: card numbers, which never come here.

mod process;
mod verify;
mod webhook;

use app::{App, limits};
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("payments", "Paying for bookings.")
        .post(
            "/api/v1/payments/process",
            process::process,
            doc("Pay for a booking")
                .details(
                    "Starts a payment, or tries another card on the one that was started. Without a card the \
                     customer's browser finishes it with the client secret. A decline is an answer, not a problem: \
                     its `status` is `declined`.",
                )
                .problems(&[
                    codes::NOT_FOUND,
                    codes::HOLD_LAPSED,
                    codes::NOTHING_TO_PAY,
                    codes::INVALID_TRANSITION,
                    codes::UNAVAILABLE,
                ]),
        )
        .post(
            "/api/v1/payments/verify",
            verify::verify,
            doc("Ask the payment provider how a payment stands")
                .details("Takes over what the provider says now. Safe at any time.")
                .problems(&[codes::NOT_FOUND, codes::UNAVAILABLE]),
        )
        .post(
            "/api/v1/payments/webhook",
            webhook::receive,
            doc("Hear from the payment provider")
                .details("Called by Stripe, which signs the body in `Stripe-Signature`.")
                .problems(&[codes::WEBHOOK_REFUSED, codes::TOO_LARGE, codes::UNAVAILABLE])
                .limited(&limits::WEBHOOK),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
