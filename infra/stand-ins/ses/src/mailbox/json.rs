//! Mails as JSON, newest first, with a wait for the next one so that a script needs no sleep.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::{GUARDS, MailboxError};
use crate::Inner;
use crate::limits::{JSON_MAILS_MAX, WAIT_SECONDS_MAX};
use crate::mail::Mail;
use crate::store::Filter;

#[derive(Deserialize)]
pub(super) struct Asked {
    to: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
    #[serde(default)]
    wait: u64,
    limit: Option<u32>,
}

/// Answers the mails that fit; while there are none, waits as many seconds as `wait` says.
pub(super) async fn list(
    State(inner): State<Arc<Inner>>,
    Query(asked): Query<Asked>,
) -> Result<Response, MailboxError> {
    let limit = asked.limit.unwrap_or(JSON_MAILS_MAX);
    if asked.wait > WAIT_SECONDS_MAX || !(1..=JSON_MAILS_MAX).contains(&limit) {
        let problem = format!("wait is 0 to {WAIT_SECONDS_MAX} seconds, limit is 1 to {JSON_MAILS_MAX}");
        return Ok((StatusCode::BAD_REQUEST, Json(json!({ "error": problem }))).into_response());
    }
    let filter = Filter {
        to: asked.to,
        after: asked.after,
        before: asked.before,
        limit,
    };
    let mails = wait_for_mails(&inner, &filter, Duration::from_secs(asked.wait)).await?;
    Ok((GUARDS, Json(mails)).into_response())
}

async fn wait_for_mails(inner: &Inner, filter: &Filter, wait: Duration) -> Result<Vec<Mail>, MailboxError> {
    let until = Instant::now() + wait;
    let mut newest = inner.newest.subscribe();
    let mut stopping = inner.stopping.subscribe();
    loop {
        // Looked at before the store is, so that what arrives in between wakes the wait.
        newest.borrow_and_update();
        let mails = inner.store.list(filter)?;
        if !mails.is_empty() || *stopping.borrow_and_update() || Instant::now() >= until {
            return Ok(mails.iter().map(Mail::read).collect());
        }
        tokio::select! {
            _ = newest.changed() => {}
            _ = stopping.changed() => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }
}
