//! The mail box: pages for people, JSON for scripts. Absent: marking, searching, deleting one mail.

mod json;
mod pages;
mod parts;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::Inner;

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/local/mail", get(pages::list).delete(empty))
        .route("/local/mail.json", get(json::list))
        .route("/local/mail/{id}", get(pages::one))
        .route("/local/mail/{id}/html", get(parts::html))
        .route("/local/mail/{id}/raw", get(parts::raw))
        .route("/local/mail/{id}/attachments/{place}", get(parts::attachment))
        .with_state(inner)
}

/// Headers on every answer: mails are foreign content and are read afresh each time.
const GUARDS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Why the mail box gives no mail.
enum MailboxError {
    NoSuchMail,
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for MailboxError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for MailboxError {
    fn into_response(self) -> Response {
        match self {
            Self::NoSuchMail => pages::message(StatusCode::NOT_FOUND, "There is no such mail."),
            Self::Store(error) => {
                tracing::error!(?error, "the store of the SES stand-in failed");
                pages::message(StatusCode::INTERNAL_SERVER_ERROR, "The mail box cannot be read.")
            }
        }
    }
}

async fn empty(State(inner): State<Arc<Inner>>) -> Result<StatusCode, MailboxError> {
    inner.store.clear()?;
    Ok(StatusCode::NO_CONTENT)
}
