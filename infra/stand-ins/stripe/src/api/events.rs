//! `/v1/events`. Absent: the disappearance of events after 30 days.

use serde_json::Value;

use super::{Outcome, Route, lists};
use crate::api_error::ApiError;
use crate::http::reply::Reply;
use crate::objects::event::Event;
use crate::params::Params;
use crate::store::{Column, Filter};
use crate::work::Work;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("GET", []) => Route::new("events.list", list, ""),
        ("GET", [id]) => Route::new("events.retrieve", retrieve, id),
        _ => None,
    }
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let event: Event = work.find(id, "id")?;
    Ok(Reply::ok(show(work, &event)?))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    let mut filter = Filter::default();
    lists::created(&mut params, &mut filter)?;
    let types: Vec<String> = params
        .text("type")?
        .into_iter()
        .chain(params.list("types")?.unwrap_or_default())
        .collect();
    if !types.is_empty() {
        filter.columns.push((Column::Type, types));
    }
    params.finish()?;
    let list = lists::list(work, &filter, &page, "/v1/events", |event: &Event| {
        show(work, event)
    })?;
    Ok(Reply::ok(list))
}

/// The event with the number of webhooks that are still to be delivered now.
fn show(work: &Work<'_>, event: &Event) -> Result<Value, ApiError> {
    let mut shown = work.render(event);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert(
            "pending_webhooks".into(),
            work.tx.pending_webhooks(&event.id)?.into(),
        );
    }
    Ok(shown)
}
