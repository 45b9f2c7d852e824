//! One unit of work: what an operation may read and change, all within one transaction.

use serde_json::Value;

use crate::api_error::ApiError;
use crate::config::Config;
use crate::ids;
use crate::store::{Kind, Record, StoreError, TimerKind, Tx};
use crate::webhooks::{WebhookBehaviour, emission};

/// Where the work comes from; events show it.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The request's id; none when something happens by itself.
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
    /// `http://host:port` as the caller wrote it, for links to the stand-in's pages.
    pub base_url: String,
}

pub struct Work<'a> {
    pub tx: &'a Tx<'a>,
    pub now_ms: i64,
    pub config: &'a Config,
    pub behaviour: &'a mut WebhookBehaviour,
    pub origin: &'a Origin,
}

impl Work<'_> {
    /// Seconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now_ms.div_euclid(1_000)
    }

    pub fn new_id(&self, kind: Kind) -> String {
        ids::new(kind.prefix(), self.now_ms)
    }

    pub fn render<R: Record>(&self, record: &R) -> Value {
        record.render(self.now())
    }

    /// The object that the path names, or 404.
    pub fn find<R: Record>(&self, id: &str, param: &str) -> Result<R, ApiError> {
        self.tx
            .get(id)?
            .ok_or_else(|| ApiError::no_such(R::KIND.object(), id, param))
    }

    /// The object that a parameter names, or 400.
    pub fn find_parameter<R: Record>(&self, id: &str, param: &str) -> Result<R, ApiError> {
        self.tx
            .get(id)?
            .ok_or_else(|| ApiError::no_such_parameter(R::KIND.object(), id, param))
    }

    /// An object that another one names: always there.
    pub fn linked<R: Record>(&self, id: &str) -> Result<R, ApiError> {
        self.find(id, "id")
    }

    pub fn put<R: Record>(&self, record: &R) -> Result<(), ApiError> {
        Ok(self.tx.put(record)?)
    }

    pub fn later(&self, kind: TimerKind, target: &str, due_ms: i64) -> Result<(), ApiError> {
        Ok(self.tx.add_timer(kind, target, due_ms)?)
    }

    /// Records that something happened to an object and queues the webhooks that tell it.
    pub fn emit<R: Record>(&mut self, event_type: &str, record: &R) -> Result<(), ApiError> {
        let object = self.render(record);
        Ok(self.emit_object(event_type, object, None)?)
    }

    /// The same for a change, with the former values of what changed.
    pub fn emit_update<R: Record>(
        &mut self,
        event_type: &str,
        record: &R,
        before: &Value,
    ) -> Result<(), ApiError> {
        let object = self.render(record);
        let previous = emission::changed(before, &object);
        Ok(self.emit_object(event_type, object, Some(previous))?)
    }

    pub fn emit_object(
        &mut self,
        event_type: &str,
        object: Value,
        previous: Option<Value>,
    ) -> Result<(), StoreError> {
        let happening = emission::Happening {
            event_type,
            object,
            previous,
            account: None,
            api_version: None,
        };
        emission::emit(self, happening).map(|_| ())
    }
}
