//! `/v1/webhook_endpoints`. Absent: update and disabling.

use serde_json::json;

use super::{Outcome, Route, lists};
use crate::api_error::ApiError;
use crate::http::reply::Reply;
use crate::ids;
use crate::objects::webhook_endpoint::WebhookEndpoint;
use crate::params::{Metadata, Params};
use crate::store::{Filter, Kind};
use crate::work::Work;

const SECRET_CHARACTERS: usize = 32;

pub fn route<'path>(method: &str, rest: &[&'path str]) -> Option<Route<'path>> {
    match (method, rest) {
        ("POST", []) => Route::new("webhook_endpoints.create", create, ""),
        ("GET", []) => Route::new("webhook_endpoints.list", list, ""),
        ("GET", [id]) => Route::new("webhook_endpoints.retrieve", retrieve, id),
        ("DELETE", [id]) => Route::new("webhook_endpoints.delete", delete, id),
        _ => None,
    }
}

fn create(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let mut endpoint = WebhookEndpoint {
        id: work.new_id(Kind::WebhookEndpoint),
        created: work.now(),
        api_version: params.text("api_version")?,
        description: params.text("description")?,
        url: params.required_text("url")?,
        enabled_events: params
            .list("enabled_events")?
            .filter(|events| !events.is_empty())
            .ok_or_else(|| ApiError::missing_parameter("enabled_events"))?,
        metadata: Metadata::new(),
        secret: format!("whsec_{}", ids::random(SECRET_CHARACTERS)),
    };
    params.metadata()?.apply(&mut endpoint.metadata)?;
    params.finish()?;
    if !endpoint.url.starts_with("http://") && !endpoint.url.starts_with("https://") {
        return Err(ApiError::invalid("Not a valid URL")
            .code("url_invalid")
            .param("url"));
    }
    work.put(&endpoint)?;
    let mut shown = work.render(&endpoint);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("secret".into(), endpoint.secret.as_str().into());
    }
    Ok(Reply::ok(shown))
}

fn retrieve(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let endpoint: WebhookEndpoint = work.find(id, "id")?;
    Ok(Reply::ok(work.render(&endpoint)))
}

fn delete(work: &mut Work<'_>, params: Params, id: &str) -> Outcome {
    params.finish()?;
    let endpoint: WebhookEndpoint = work.find(id, "id")?;
    work.tx.delete_deliveries_to(&endpoint.id)?;
    work.tx.delete::<WebhookEndpoint>(&endpoint.id)?;
    Ok(Reply::ok(
        json!({ "id": endpoint.id, "object": "webhook_endpoint", "deleted": true }),
    ))
}

fn list(work: &mut Work<'_>, mut params: Params, _id: &str) -> Outcome {
    let page = lists::page(&mut params)?;
    params.finish()?;
    let filter = Filter::default();
    let list = lists::list(
        work,
        &filter,
        &page,
        "/v1/webhook_endpoints",
        |endpoint: &WebhookEndpoint| Ok(work.render(endpoint)),
    )?;
    Ok(Reply::ok(list))
}
