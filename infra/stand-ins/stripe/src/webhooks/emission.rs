//! From a happening to its event and deliveries, within the transaction of the effect.

use serde_json::{Map, Value, json};

use super::behaviour::Plan;
use crate::objects::event::Event;
use crate::objects::webhook_endpoint::WebhookEndpoint;
use crate::store::{DeliveryState, Filter, Kind, StoreError};
use crate::work::Work;

pub(crate) struct Happening<'a> {
    pub event_type: &'a str,
    pub object: Value,
    pub previous: Option<Value>,
    /// Another account than the one of the key, when the switch invents an event.
    pub account: Option<String>,
    /// Another version than the configured one, likewise.
    pub api_version: Option<String>,
}

/// Stores the event and its deliveries; gives the event's id.
pub(crate) fn emit(work: &mut Work<'_>, happening: Happening<'_>) -> Result<String, StoreError> {
    let Happening {
        event_type,
        object,
        previous,
        account,
        api_version,
    } = happening;
    let endpoints: Vec<WebhookEndpoint> = work.tx.all(&Filter::default())?;
    let wanting: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| endpoint.wants(event_type))
        .collect();

    let id = work.new_id(Kind::Event);
    let mut data = Map::from_iter([("object".to_owned(), object)]);
    if let Some(previous) = previous {
        data.insert("previous_attributes".into(), previous);
    }
    let mut payload = json!({
        "id": id,
        "object": "event",
        "api_version": api_version.unwrap_or_else(|| work.config.api_version.clone()),
        "created": work.now(),
        "data": data,
        "livemode": false,
        "pending_webhooks": wanting.len(),
        "request": {
            "id": work.origin.request,
            "idempotency_key": work.origin.idempotency_key,
        },
        "type": event_type,
    });
    if let (Some(account), Some(fields)) = (account, payload.as_object_mut()) {
        fields.insert("account".into(), account.into());
    }
    let event = Event {
        id: id.clone(),
        created: work.now(),
        r#type: event_type.to_owned(),
        payload: payload.to_string(),
    };
    work.tx.put(&event)?;

    for endpoint in wanting {
        let now_ms = work.now_ms;
        match work.behaviour.plan(event_type, now_ms) {
            Plan::Lose => {
                work.tx
                    .add_delivery(&id, &endpoint.id, DeliveryState::Lost, now_ms, now_ms)?;
            }
            Plan::Send { copies, due_ms } => {
                for _ in 0..copies {
                    work.tx
                        .add_delivery(&id, &endpoint.id, DeliveryState::Pending, now_ms, due_ms)?;
                }
            }
        }
    }
    Ok(id)
}

/// The former values of what differs: `previous_attributes`.
pub(crate) fn changed(before: &Value, after: &Value) -> Value {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return Value::Object(Map::new());
    };
    let differing = before
        .iter()
        .filter(|(name, value)| after.get(*name) != Some(*value));
    Value::Object(
        differing
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
