//! A person's own things.
//!
//! - `GET /api/v1/users/profile`, `PATCH /api/v1/users/profile`
//! - `GET /api/v1/users/notifications`

mod notifications;
mod profile;

use app::App;
use axum::Router;
use web::{Api, doc};

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
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
