//! `SendMessage` and `SendMessageBatch`.

use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchAnswer, Entry};
use super::{bounded, queue_in, required};
use crate::Inner;
use crate::error::SqsError;
use crate::limits::{DELAY_SECONDS, MESSAGE_BYTES_MAX};
use crate::message_attributes::{self, Attributes};
use crate::queue_attributes::NamedStrings;
use crate::store::Outgoing;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    queue_url: Option<String>,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendEntry {
    #[serde(default)]
    id: String,
    #[serde(flatten)]
    message: Message,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Attributes,
    #[serde(default)]
    message_system_attributes: Attributes,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Sent {
    #[serde(rename = "Id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "MessageId")]
    message_id: String,
    #[serde(flatten)]
    digests: Digests,
}

#[derive(Serialize)]
struct Digests {
    #[serde(rename = "MD5OfMessageBody")]
    body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    system_attributes: Option<String>,
}

impl Entry for SendEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn send(inner: &Inner, request: Send) -> Result<Sent, SqsError> {
    let queue = queue_in(request.queue_url.as_deref())?;
    let (outgoing, digests) = request.message.check()?;
    let ids = inner.store.send(queue, &[&outgoing], inner.clock.now_ms())?;
    let message_id = ids.into_iter().next().unwrap_or(Err(SqsError::InternalFailure))?;
    inner.arrivals.announce(queue);
    Ok(Sent {
        id: None,
        message_id,
        digests,
    })
}

pub(super) fn send_batch(inner: &Inner, request: Batch<SendEntry>) -> Result<BatchAnswer<Sent>, SqsError> {
    let queue = queue_in(request.queue_url.as_deref())?;
    request.check()?;
    let bytes = request.entries.iter().map(|entry| entry.message.bytes()).sum();
    if bytes > MESSAGE_BYTES_MAX {
        return Err(SqsError::BatchRequestTooLong(bytes));
    }
    let checked: Vec<_> = request
        .entries
        .into_iter()
        .map(|entry| (entry.id, entry.message.check()))
        .collect();
    let sound: Vec<&Outgoing> = checked
        .iter()
        .filter_map(|(_, checked)| checked.as_ref().ok().map(|(outgoing, _)| outgoing))
        .collect();
    let mut stored = inner.store.send(queue, &sound, inner.clock.now_ms())?.into_iter();
    inner.arrivals.announce(queue);
    let mut answer = BatchAnswer::new();
    for (id, checked) in checked {
        let outcome = checked.and_then(|(_, digests)| {
            let message_id = stored.next().unwrap_or(Err(SqsError::InternalFailure))?;
            Ok(Sent {
                id: Some(id.clone()),
                message_id,
                digests,
            })
        });
        answer.push(&id, outcome)?;
    }
    Ok(answer)
}

impl Message {
    /// What counts toward the size of a batch, before any attribute is decoded.
    fn bytes(&self) -> usize {
        let attributes = message_attributes::check(self.message_attributes.clone());
        self.message_body.as_deref().map_or(0, str::len) + attributes.map_or(0, |checked| checked.bytes)
    }

    /// The rules that need no queue.
    fn check(self) -> Result<(Outgoing, Digests), SqsError> {
        let body = required(self.message_body.as_deref(), "MessageBody")?;
        if let Some(forbidden) = message_attributes::forbidden_char(body) {
            return Err(SqsError::InvalidMessageContents(u32::from(forbidden)));
        }
        if let Some(id) = self.message_deduplication_id {
            return Err(SqsError::invalid(
                id,
                "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            ));
        }
        let attributes = message_attributes::check(self.message_attributes)?;
        let system = message_attributes::check_system(self.message_system_attributes)?;
        let digests = Digests {
            body: message_attributes::md5_of_body(body),
            attributes: attributes.md5,
            system_attributes: system.md5,
        };
        let named = [
            (
                "AWSTraceHeader",
                message_attributes::trace_header(&system.attributes).map(str::to_owned),
            ),
            ("MessageGroupId", self.message_group_id),
        ];
        let system_attributes: NamedStrings = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        let outgoing = Outgoing {
            bytes: body.len().saturating_add(attributes.bytes),
            body: body.to_owned(),
            attributes: attributes.attributes,
            system_attributes,
            delay_seconds: bounded(self.delay_seconds, &DELAY_SECONDS, "DelaySeconds")?,
        };
        Ok((outgoing, digests))
    }
}
