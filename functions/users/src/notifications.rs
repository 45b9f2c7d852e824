//! What one was told.

use app::{App, users};
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use web::page::NoParameters;
use web::{Answer, Listed, Paged, Reply, SignedIn, ok};

/// Something that a person was told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Notification")]
pub struct NotificationView {
    /// Of the event that it tells of.
    event_id: String,
    /// What kind of event it was.
    kind: String,
    title: String,
    text: String,
    at: Timestamp,
}

pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Paged { page, .. }: Paged<NoParameters>,
) -> Answer<Reply<Listed<NotificationView>>> {
    let (notes, next) = users::notifications(&app, &me, page.limit(), page.after()).await?;
    let view = notes.into_iter().map(|note| NotificationView {
        event_id: note.event,
        kind: note.kind,
        title: note.title,
        text: note.text,
        at: note.at,
    });
    Ok(ok(page.of(&app, view.collect(), next.as_deref())?))
}
