//! The operations on queues.

use serde::{Deserialize, Serialize};

use super::{bounded, name_in_url, queue_in, required, url_of};
use crate::error::SqsError;
use crate::limits::{LISTED_QUEUES, QUEUE_NAME_CHARS_MAX};
use crate::queue_attributes::{NamedStrings, is_readable};
use crate::{Inner, arn_of};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnQueue {
    queue_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByName {
    queue_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    queue_name: Option<String>,
    #[serde(default)]
    attributes: NamedStrings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AskAttributes {
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetAttributes {
    queue_url: Option<String>,
    #[serde(default)]
    attributes: NamedStrings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<i64>,
    #[serde(default)]
    next_token: String,
}

#[derive(Serialize)]
pub(super) struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Url {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Urls {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// `ListDeadLetterSourceQueues` writes its list in lower case.
#[derive(Serialize)]
pub(super) struct Sources {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attributes {
    #[serde(skip_serializing_if = "NamedStrings::is_empty")]
    attributes: NamedStrings,
}

pub(super) fn create(inner: &Inner, request: &Create, base_url: &str) -> Result<Url, SqsError> {
    let name = required(request.queue_name.as_deref(), "QueueName")?;
    check_name(name)?;
    inner
        .store
        .create_queue(name, &request.attributes, inner.clock.now_ms())?;
    Ok(Url {
        queue_url: url_of(base_url, name),
    })
}

pub(super) fn url(inner: &Inner, request: &ByName, base_url: &str) -> Result<Url, SqsError> {
    let name = required(request.queue_name.as_deref(), "QueueName")?;
    inner.store.queue(name)?;
    Ok(Url {
        queue_url: url_of(base_url, name),
    })
}

pub(super) fn list(inner: &Inner, request: &List, base_url: &str) -> Result<Urls, SqsError> {
    let asked = bounded(request.max_results, &LISTED_QUEUES, "MaxResults")?;
    let limit = asked.unwrap_or(*LISTED_QUEUES.end());
    let names = inner
        .store
        .queue_names(&request.queue_name_prefix, &request.next_token, limit)?;
    // AWS answers a token only to those who asked for pages; the token is the last name of the page.
    let is_full = i64::try_from(names.len()).is_ok_and(|count| count == limit);
    let next_token = names.last().filter(|_| asked.is_some() && is_full).cloned();
    Ok(Urls {
        queue_urls: names.iter().map(|name| url_of(base_url, name)).collect(),
        next_token,
    })
}

pub(super) fn sources(inner: &Inner, request: &OnQueue, base_url: &str) -> Result<Sources, SqsError> {
    let names = inner.store.sources_of(queue_in(request.queue_url.as_deref())?)?;
    Ok(Sources {
        queue_urls: names.iter().map(|name| url_of(base_url, name)).collect(),
    })
}

pub(super) fn attributes(inner: &Inner, request: &AskAttributes) -> Result<Attributes, SqsError> {
    let name = queue_in(request.queue_url.as_deref())?;
    if let Some(unknown) = request.attribute_names.iter().find(|name| !is_readable(name)) {
        return Err(SqsError::InvalidAttributeName(unknown.clone()));
    }
    let measured = inner.store.measured_queue(name, inner.clock.now_ms())?;
    let mut attributes = measured.queue.attributes.to_strings();
    let mut put = |name: &str, value: String| attributes.insert(name.to_owned(), value);
    put("ApproximateNumberOfMessages", measured.visible.to_string());
    put("ApproximateNumberOfMessagesDelayed", measured.delayed.to_string());
    put(
        "ApproximateNumberOfMessagesNotVisible",
        measured.in_flight.to_string(),
    );
    put(
        "CreatedTimestamp",
        (measured.queue.created_ms / 1_000).to_string(),
    );
    put(
        "LastModifiedTimestamp",
        (measured.queue.modified_ms / 1_000).to_string(),
    );
    put("QueueArn", arn_of(name));
    let wants_all = request.attribute_names.iter().any(|name| name == "All");
    attributes.retain(|name, _| wants_all || request.attribute_names.contains(name));
    Ok(Attributes { attributes })
}

pub(super) fn set_attributes(inner: &Inner, request: &SetAttributes) -> Result<Empty, SqsError> {
    let name = queue_in(request.queue_url.as_deref())?;
    if request.attributes.is_empty() {
        return Err(SqsError::MissingParameter("Attributes"));
    }
    inner
        .store
        .set_attributes(name, &request.attributes, inner.clock.now_ms())?;
    Ok(Empty {})
}

pub(super) fn delete(inner: &Inner, request: &OnQueue) -> Result<Empty, SqsError> {
    let name = queue_in(request.queue_url.as_deref())?;
    inner.store.delete_queue(name, inner.clock.now_ms())?;
    // Whoever waits for it learns that it is gone.
    inner.arrivals.announce(name);
    Ok(Empty {})
}

pub(super) fn purge(inner: &Inner, request: &OnQueue) -> Result<Empty, SqsError> {
    inner
        .store
        .purge(queue_in(request.queue_url.as_deref())?, inner.clock.now_ms())?;
    Ok(Empty {})
}

fn check_name(name: &str) -> Result<(), SqsError> {
    if name.ends_with(".fifo") {
        return Err(SqsError::UnsupportedOperation(format!(
            "The local queue service keeps standard queues only: {name} would be a FIFO queue."
        )));
    }
    let is_name = name.len() <= QUEUE_NAME_CHARS_MAX
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && name_in_url(name) == Some(name);
    if is_name {
        return Ok(());
    }
    Err(SqsError::InvalidParameterValue(format!(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to {QUEUE_NAME_CHARS_MAX} in length"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_name_has_up_to_eighty_plain_characters_and_no_fifo_suffix() {
        assert!(check_name(&"q".repeat(QUEUE_NAME_CHARS_MAX)).is_ok());
        assert!(check_name("Jobs_2-dlq").is_ok());
        for refused in ["a.b", "a/b", "ä", "a b", &"q".repeat(QUEUE_NAME_CHARS_MAX + 1)] {
            assert!(
                matches!(check_name(refused), Err(SqsError::InvalidParameterValue(_))),
                "{refused}"
            );
        }
        assert!(matches!(
            check_name("jobs.fifo"),
            Err(SqsError::UnsupportedOperation(_))
        ));
    }
}
