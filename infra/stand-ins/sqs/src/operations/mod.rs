//! The operations: each reads its request, calls the store, and writes its answer.

mod batch;
mod dead_letters;
mod queues;
mod receipts;
mod receive;
mod send;

use std::ops::RangeInclusive;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Inner;
use crate::error::SqsError;
use crate::operation::Operation;

/// Performs one operation. `base_url` is what queue URLs start with.
pub(crate) async fn perform(
    inner: &Inner,
    operation: Operation,
    request: Value,
    base_url: &str,
) -> Result<Value, SqsError> {
    match operation {
        Operation::ChangeMessageVisibility => write(receipts::change_visibility(inner, &read(request)?)?),
        Operation::ChangeMessageVisibilityBatch => {
            write(receipts::change_visibility_batch(inner, &read(request)?)?)
        }
        Operation::CreateQueue => write(queues::create(inner, &read(request)?, base_url)?),
        Operation::DeleteMessage => write(receipts::delete(inner, &read(request)?)?),
        Operation::DeleteMessageBatch => write(receipts::delete_batch(inner, &read(request)?)?),
        Operation::DeleteQueue => write(queues::delete(inner, &read(request)?)?),
        Operation::GetQueueAttributes => write(queues::attributes(inner, &read(request)?)?),
        Operation::GetQueueUrl => write(queues::url(inner, &read(request)?, base_url)?),
        Operation::ListDeadLetterSourceQueues => write(queues::sources(inner, &read(request)?, base_url)?),
        Operation::ListMessageMoveTasks => write(dead_letters::tasks(inner, &read(request)?)?),
        Operation::ListQueues => write(queues::list(inner, &read(request)?, base_url)?),
        Operation::PurgeQueue => write(queues::purge(inner, &read(request)?)?),
        Operation::ReceiveMessage => write(receive::receive(inner, &read(request)?).await?),
        Operation::SendMessage => write(send::send(inner, read(request)?)?),
        Operation::SendMessageBatch => write(send::send_batch(inner, read(request)?)?),
        Operation::SetQueueAttributes => write(queues::set_attributes(inner, &read(request)?)?),
        Operation::StartMessageMoveTask => write(dead_letters::start(inner, &read(request)?)?),
    }
}

/// The queue's name in a queue URL; only the path counts, as the host is whatever the caller sees.
pub(crate) fn name_in_url(url: &str) -> Option<&str> {
    url.rsplit('/').next().filter(|name| !name.is_empty())
}

/// The queue that a request names.
fn queue_in(url: Option<&str>) -> Result<&str, SqsError> {
    let url = required(url, "QueueUrl")?;
    name_in_url(url).ok_or(SqsError::QueueDoesNotExist)
}

/// A text that must be there and not be empty.
fn required<'a>(value: Option<&'a str>, parameter: &'static str) -> Result<&'a str, SqsError> {
    value
        .filter(|value| !value.is_empty())
        .ok_or(SqsError::MissingParameter(parameter))
}

/// A number that must be within bounds if it is there.
fn bounded(
    value: Option<i64>,
    bounds: &RangeInclusive<i64>,
    parameter: &str,
) -> Result<Option<i64>, SqsError> {
    match value {
        Some(outside) if !bounds.contains(&outside) => Err(SqsError::invalid(
            outside,
            parameter,
            &format!(
                "Must be between {} and {}, if provided.",
                bounds.start(),
                bounds.end()
            ),
        )),
        within => Ok(within),
    }
}

fn url_of(base_url: &str, queue: &str) -> String {
    format!("{base_url}/{}/{queue}", crate::ACCOUNT_ID)
}

fn read<T: DeserializeOwned>(request: Value) -> Result<T, SqsError> {
    serde_json::from_value(request).map_err(|error| SqsError::Serialization(error.to_string()))
}

fn write(answer: impl Serialize) -> Result<Value, SqsError> {
    Ok(serde_json::to_value(answer)?)
}
