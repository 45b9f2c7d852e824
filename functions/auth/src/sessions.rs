//! One's sessions.

use app::{App, auth};
use axum::extract::State;
use domain::id::SessionId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use web::{Answer, EvenSuspended, NoContent, PathId, Reply, SignedIn, no_content, ok};

/// One login on one device.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    #[schemars(with = "String")]
    session_id: SessionId,
    /// What the client called itself.
    device: String,
    /// Whether it is the one that asks.
    current: bool,
    created_at: Timestamp,
    /// When it was renewed last: at most ten minutes before it was used last.
    last_seen_at: Timestamp,
    expires_at: Timestamp,
}

/// One's sessions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Sessions")]
pub struct SessionsView {
    /// Whichever was seen last first; the 100 newest at most.
    sessions: Vec<SessionView>,
}

pub async fn list(State(app): State<App>, SignedIn(me): SignedIn) -> Answer<Reply<SessionsView>> {
    let found = auth::sessions(&app, &me).await?;
    let sessions = found.into_iter().map(|session| SessionView {
        current: session.id == me.session,
        session_id: session.id,
        device: session.device,
        created_at: session.created_at,
        last_seen_at: session.rotated_at,
        expires_at: session.expires_at,
    });
    Ok(ok(SessionsView {
        sessions: sessions.collect(),
    }))
}

pub async fn end(
    State(app): State<App>,
    EvenSuspended(me): EvenSuspended,
    PathId(id): PathId<SessionId>,
) -> Answer<NoContent> {
    auth::end_session(&app, &me, id).await?;
    Ok(no_content())
}

pub async fn end_all(State(app): State<App>, EvenSuspended(me): EvenSuspended) -> Answer<NoContent> {
    auth::end_all_sessions(&app, &me).await?;
    Ok(no_content())
}
