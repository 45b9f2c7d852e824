//! Webhook endpoints, configured at the start or created through the API.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shown;
use crate::params::Metadata;
use crate::store::{Kind, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub id: String,
    pub created: i64,
    pub api_version: Option<String>,
    pub description: Option<String>,
    /// Event types, or `*`.
    pub enabled_events: Vec<String>,
    pub metadata: Metadata,
    /// Shown only in the answer that creates the endpoint.
    pub secret: String,
    pub url: String,
}

impl WebhookEndpoint {
    pub fn wants(&self, event_type: &str) -> bool {
        self.enabled_events
            .iter()
            .any(|enabled| enabled == "*" || enabled == event_type)
    }
}

impl Record for WebhookEndpoint {
    const KIND: Kind = Kind::WebhookEndpoint;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self, _now: i64) -> Value {
        let mut value = shown(self, json!({ "application": null, "status": "enabled" }));
        if let Some(fields) = value.as_object_mut() {
            fields.remove("secret");
        }
        value
    }
}
