//! Booking a time, following it, cancelling it.
//!
//! - `POST /api/v1/bookings/create`
//! - `GET /api/v1/bookings/status/{booking_id}`
//! - `GET /api/v1/bookings/history`
//! - `POST /api/v1/bookings/{booking_id}/cancel`
//!
//! Absent: paying (function `payments`), and what a vendor sees of all bookings (function `vendor`).

mod cancel;
mod create;
mod history;
mod status;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("bookings", "Booking a time, following it, cancelling it.")
        .post(
            "/api/v1/bookings/create",
            create::create,
            doc("Book a time")
                .details("Holds the time of a quote at its price for ten minutes; paying confirms it.")
                .refuses_times()
                .problems(&[
                    codes::NOT_FOUND,
                    codes::QUOTE_EXPIRED,
                    codes::NOT_BOOKABLE,
                    codes::UNAVAILABLE,
                ]),
        )
        .get(
            "/api/v1/bookings/status/{booking_id}",
            status::show,
            doc("Show a booking").details("For its customer, its vendor and admins."),
        )
        .get("/api/v1/bookings/history", history::list, "List my bookings, the latest start first")
        .post(
            "/api/v1/bookings/{booking_id}/cancel",
            cancel::cancel,
            doc("Cancel a booking")
                .details(
                    "By its customer, its vendor or an admin. The time is free at once; what goes back follows from \
                     the booking's own policy, and is all of it when the customer is let down.",
                )
                .problems(&[codes::INVALID_TRANSITION, codes::UNAVAILABLE]),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
