//! `GET /api/v1/health`

use app::App;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Reply, ok};

/// That it runs, and as what.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct HealthView {
    status: &'static str,
    version: &'static str,
    stage: String,
}

pub(crate) async fn show(State(app): State<App>) -> Reply<HealthView> {
    ok(HealthView {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        stage: app.config().stage.clone(),
    })
}
