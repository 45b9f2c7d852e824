//! What the API says about itself.
//!
//! - `GET /api/v1`: where everything is
//! - `GET /api/v1/health`: that it runs
//! - `GET /api/v1/openapi.json`: its description
//! - `GET /docs`, `GET /docs/viewer.js`: the description, for people
//!
//! Nothing here reads a table: these answers come even when the database does not.

mod description;
mod docs;
mod health;
mod root;

use app::App;
use web::{Api, doc};

pub fn routes() -> Api {
    Api::new("platform", "What the API says about itself.")
        .get("/api/v1", root::show, "Where everything is")
        .get(
            "/api/v1/health",
            health::show,
            doc("Whether it runs").details("Looks at nothing but itself."),
        )
        .get(
            "/api/v1/openapi.json",
            description::show,
            "The description of this API",
        )
        .get("/docs", docs::page, "The description of this API, for people")
        .get("/docs/viewer.js", docs::viewer, "The script of the page")
}

pub fn router(app: App) -> axum::Router {
    routes().into_router(app)
}

#[cfg(test)]
mod tests;
