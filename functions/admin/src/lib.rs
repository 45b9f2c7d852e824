//! What whoever runs the platform decides.
//!
//! - `GET /api/v1/admin/management/vendors`
//! - `POST /api/v1/admin/management/vendors/{vendor_id}/decision`
//! - `GET /api/v1/admin/management/venues`
//! - `POST /api/v1/admin/management/venues/{venue_id}/decision`
//!
//! A venue is looked at by the function `venues`, which shows admins every one.

mod decision;
mod vendors;
mod venues;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    let refusals = &[codes::INVALID_TRANSITION, codes::UNAVAILABLE];
    Api::new("admin", "Running the platform.")
        .get(
            "/api/v1/admin/management/vendors",
            vendors::list,
            "List businesses in one state, the oldest application first",
        )
        .post(
            "/api/v1/admin/management/vendors/{vendor_id}/decision",
            vendors::decide,
            doc("Decide about an application")
                .details("The applicant is told.")
                .problems(refusals),
        )
        .get(
            "/api/v1/admin/management/venues",
            venues::list,
            "List venues in one state, the longest in it first",
        )
        .post(
            "/api/v1/admin/management/venues/{venue_id}/decision",
            venues::decide,
            doc("Decide about a venue")
                .details(
                    "An approved venue is live at once; otherwise it goes back to its vendor as a draft.",
                )
                .problems(refusals),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
