//! A person's own things.
//!
//! - `GET /api/v1/users/profile`, `PATCH /api/v1/users/profile`
//! - `GET /api/v1/users/notifications`
//! - `GET /api/v1/users/membership`, `POST`, `DELETE`

mod membership;
mod notifications;
mod profile;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("users", "What people see and change of themselves.")
        .get("/api/v1/users/profile", profile::show, "Show my profile")
        .patch(
            "/api/v1/users/profile",
            profile::change,
            doc("Change my profile")
                .details("A JSON merge patch (RFC 7396): what is left out stays as it is."),
        )
        .get(
            "/api/v1/users/notifications",
            notifications::list,
            "List what I was told, newest first",
        )
        .get(
            "/api/v1/users/membership",
            membership::show,
            doc("Show whom I work for").problems(&[codes::NOT_FOUND]),
        )
        .post(
            "/api/v1/users/membership",
            membership::join,
            doc("Take an invitation to work for a business")
                .details(
                    "One that was mailed to the address of this account, within seven days. Whoever works for a business \
                     cannot work for another by the same account.",
                )
                .problems(&[codes::NOT_FOUND, codes::ALREADY_APPLIED, codes::UNAVAILABLE]),
        )
        .delete(
            "/api/v1/users/membership",
            membership::leave,
            doc("Work for my business no longer")
                .details("Not for its owner.")
                .problems(&[codes::NOT_FOUND, codes::OWNER_STAYS, codes::UNAVAILABLE]),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
