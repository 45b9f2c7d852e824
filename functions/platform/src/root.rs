//! `GET /api/v1`

use app::App;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Reply, ok};

/// Where everything is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Root")]
pub(crate) struct RootView {
    name: &'static str,
    /// Of the paths: what is under it only ever grows.
    api: &'static str,
    /// Of the program.
    version: &'static str,
    status: &'static str,
    links: LinksView,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Links")]
struct LinksView {
    #[serde(rename = "self")]
    this: String,
    health: String,
    /// OpenAPI 3.1.
    description: String,
    documentation: String,
    /// The live updates.
    realtime: String,
}

pub(crate) async fn show(State(app): State<App>) -> Reply<RootView> {
    let config = app.config();
    let at = |path| format!("{}{path}", config.public_url);
    ok(RootView {
        name: "TOFIMOTIA",
        api: "v1",
        version: env!("CARGO_PKG_VERSION"),
        status: "ok",
        links: LinksView {
            this: at("/api/v1"),
            health: at("/api/v1/health"),
            description: at("/api/v1/openapi.json"),
            documentation: at("/docs"),
            realtime: config.ws_url.clone(),
        },
    })
}
