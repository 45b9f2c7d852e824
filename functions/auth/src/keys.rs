//! The keys by which anybody can tell an access token from a forged one.

use app::App;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use web::{Reply, ok};

/// For so long a key may be kept, and so long before its first use a new one has to be shown.
const KEPT_SECONDS: u32 = 300;

/// A JSON Web Key Set.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "JsonWebKeySet")]
pub struct KeySetView {
    /// RFC 7517, section 4; for Ed25519 RFC 8037.
    keys: Value,
}

pub async fn jwks(State(app): State<App>) -> Reply<KeySetView> {
    let keys = app.keys().jwks().get("keys").cloned().unwrap_or_default();
    ok(KeySetView { keys }).cached(KEPT_SECONDS)
}
