//! The cancellation policies that vendors choose from.

use app::{App, policies};
use axum::extract::State;
use domain::cancellation::Preset;
use schemars::JsonSchema;
use serde::Serialize;
use web::views::PolicyView;
use web::{Answer, Reply, ok};

/// Those that a venue can have, the most generous first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CancellationPolicies")]
pub struct PoliciesView {
    data: Vec<PolicyView>,
}

pub async fn list(State(app): State<App>) -> Answer<Reply<PoliciesView>> {
    let offered = policies::presets(&app)
        .await?
        .into_iter()
        .filter(|preset| preset.offered);
    let view = |preset: Preset| PolicyView::of(&preset.policy());
    Ok(ok(PoliciesView {
        data: offered.map(view).collect(),
    }))
}
