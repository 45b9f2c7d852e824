//! `DeleteMessage`, `ChangeMessageVisibility` and their batches.

use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchAnswer, Entry};
use super::{bounded, queue_in, required};
use crate::Inner;
use crate::error::SqsError;
use crate::limits::VISIBILITY_SECONDS;

/// A receipt, alone or as an entry of a batch; the timeout is read by the visibility operations only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnReceipt {
    queue_url: Option<String>,
    #[serde(default)]
    id: String,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

/// An answer that says nothing but that it was done.
#[derive(Serialize)]
pub(super) struct Done {
    #[serde(rename = "Id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Entry for OnReceipt {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn delete(inner: &Inner, request: &OnReceipt) -> Result<Done, SqsError> {
    delete_one(inner, queue_in(request.queue_url.as_deref())?, request)?;
    Ok(Done { id: None })
}

pub(super) fn delete_batch(inner: &Inner, request: &Batch<OnReceipt>) -> Result<BatchAnswer<Done>, SqsError> {
    each(inner, request, delete_one)
}

pub(super) fn change_visibility(inner: &Inner, request: &OnReceipt) -> Result<Done, SqsError> {
    change_one(inner, queue_in(request.queue_url.as_deref())?, request)?;
    Ok(Done { id: None })
}

pub(super) fn change_visibility_batch(
    inner: &Inner,
    request: &Batch<OnReceipt>,
) -> Result<BatchAnswer<Done>, SqsError> {
    each(inner, request, change_one)
}

fn each(
    inner: &Inner,
    request: &Batch<OnReceipt>,
    act: impl Fn(&Inner, &str, &OnReceipt) -> Result<(), SqsError>,
) -> Result<BatchAnswer<Done>, SqsError> {
    let queue = queue_in(request.queue_url.as_deref())?;
    request.check()?;
    // A queue that does not exist refuses the batch, not each entry of it.
    inner.store.queue(queue)?;
    let mut answer = BatchAnswer::new();
    for entry in &request.entries {
        let outcome = act(inner, queue, entry).map(|()| Done {
            id: Some(entry.id.clone()),
        });
        answer.push(&entry.id, outcome)?;
    }
    Ok(answer)
}

fn delete_one(inner: &Inner, queue: &str, entry: &OnReceipt) -> Result<(), SqsError> {
    inner
        .store
        .delete_message(queue, required(entry.receipt_handle.as_deref(), "ReceiptHandle")?)
}

fn change_one(inner: &Inner, queue: &str, entry: &OnReceipt) -> Result<(), SqsError> {
    let handle = required(entry.receipt_handle.as_deref(), "ReceiptHandle")?;
    let seconds = bounded(entry.visibility_timeout, &VISIBILITY_SECONDS, "VisibilityTimeout")?
        .ok_or(SqsError::MissingParameter("VisibilityTimeout"))?;
    inner
        .store
        .change_visibility(queue, handle, seconds, inner.clock.now_ms())?;
    // The message may be visible earlier than those who wait for it believe.
    inner.arrivals.announce(queue);
    Ok(())
}
