//! A token for the socket.

use app::App;
use app::realtime::{SocketToken, token};
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Answer, Reply, SignedIn, created};

/// Lets its owner sign in on the socket.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketToken")]
pub struct TokenView {
    /// For the first command: `{"id": 1, "connect": {"token": …}}`. A secret.
    token: String,
    expires_at: Timestamp,
    /// Where the sockets are.
    url: String,
}

impl From<SocketToken> for TokenView {
    fn from(token: SocketToken) -> Self {
        Self {
            token: token.token,
            expires_at: token.expires_at,
            url: token.url,
        }
    }
}

pub async fn create(State(app): State<App>, SignedIn(me): SignedIn) -> Answer<Reply<TokenView, 201>> {
    Ok(created(token(&app, &me)?.into()))
}
