//! Events: the object as it was when something happened to it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Kind, Links, Record};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub created: i64,
    pub r#type: String,
    /// The event's JSON, byte for byte as its webhooks carry it.
    pub payload: String,
}

impl Record for Event {
    const KIND: Kind = Kind::Event;

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn links(&self) -> Links<'_> {
        Links {
            type_: Some(&self.r#type),
            ..Links::default()
        }
    }

    fn render(&self, _now: i64) -> Value {
        serde_json::from_str(&self.payload).unwrap_or_default()
    }
}
