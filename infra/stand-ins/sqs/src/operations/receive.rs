//! `ReceiveMessage`: takes what is there, or waits until something is.

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{bounded, queue_in};
use crate::Inner;
use crate::error::SqsError;
use crate::limits::{RECEIVE_MESSAGES, VISIBILITY_SECONDS, WAIT_SECONDS};
use crate::message_attributes::{self, Attributes};
use crate::queue_attributes::NamedStrings;
use crate::store::{Ask, Delivered, Received};

/// The principal of every sender; requests are not authenticated.
const SENDER_ID: &str = crate::ACCOUNT_ID;

/// The system attributes that can be asked for.
const SYSTEM_ATTRIBUTES: [&str; 10] = [
    "All",
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    /// The deprecated name of the next field; both count.
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(rename = "Messages", skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: String,
    #[serde(skip_serializing_if = "NamedStrings::is_empty")]
    attributes: NamedStrings,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    message_attributes: Attributes,
}

pub(super) async fn receive(inner: &Inner, request: &Receive) -> Result<Answer, SqsError> {
    let name = queue_in(request.queue_url.as_deref())?;
    let messages_max = bounded(
        request.max_number_of_messages,
        &RECEIVE_MESSAGES,
        "MaxNumberOfMessages",
    )?;
    let visibility_seconds = bounded(
        request.visibility_timeout,
        &VISIBILITY_SECONDS,
        "VisibilityTimeout",
    )?;
    let wait_seconds = bounded(request.wait_time_seconds, &WAIT_SECONDS, "WaitTimeSeconds")?;
    let system_names = request.system_names()?;

    let wait_seconds = match wait_seconds {
        Some(seconds) => seconds,
        None => inner.store.queue(name)?.attributes.wait_seconds,
    };
    let until_ms = inner
        .clock
        .now_ms()
        .saturating_add(wait_seconds.saturating_mul(1_000));
    let take = || {
        inner.faults.around_receive(name, |duplicates, is_newest_first| {
            let messages_max = messages_max.unwrap_or(*RECEIVE_MESSAGES.start());
            let ask = Ask {
                messages_max,
                visibility_seconds,
                duplicates,
                is_newest_first,
            };
            let received = inner.store.receive(name, &ask, inner.clock.now_ms())?;
            let (duplicated, brought_anything) = (received.duplicated, !received.messages.is_empty());
            Ok((received, duplicated, brought_anything))
        })
    };
    let received = wait_for_messages(inner, name, until_ms, take).await?;
    if received.is_over_limit && wait_seconds == 0 {
        return Err(SqsError::OverLimit);
    }
    let messages = received
        .messages
        .into_iter()
        .map(|delivered| Message::new(delivered, &system_names, &request.message_attribute_names))
        .collect::<Result<_, _>>()?;
    Ok(Answer { messages })
}

/// Takes again whenever the queue may have something, until it had something or the time is over.
async fn wait_for_messages(
    inner: &Inner,
    name: &str,
    until_ms: i64,
    take: impl Fn() -> Result<Received, SqsError>,
) -> Result<Received, SqsError> {
    // A queue that does not exist gets no counter, else every mistyped name would leave one behind.
    inner.store.queue(name)?;
    let mut arrivals = inner.arrivals.of(name);
    let mut stopping = inner.stopping.subscribe();
    loop {
        // Looked at before the store is, so that what arrives in between wakes the wait.
        arrivals.borrow_and_update();
        let received = take()?;
        if let Some(dead_letter_queue) = &received.dead_lettered_into {
            inner.arrivals.announce(dead_letter_queue);
        }
        if received.duplicated > 0 {
            inner.arrivals.announce(name);
        }
        let is_over = inner.clock.now_ms() >= until_ms || *stopping.borrow_and_update();
        if is_over || !received.messages.is_empty() {
            return Ok(received);
        }
        let _waiting = Waiting::begin(&inner.waiting);
        let wake_ms = received
            .next_visible_ms
            .map_or(until_ms, |visible_ms| visible_ms.min(until_ms));
        tokio::select! {
            _ = arrivals.changed() => {}
            _ = stopping.changed() => {}
            () = inner.clock.reach(wake_ms) => {}
        }
    }
}

/// One long poll that waits, counted while it does.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl<'a> Waiting<'a> {
    fn begin(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count = count.saturating_add(1));
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Receive {
    fn system_names(&self) -> Result<Vec<&str>, SqsError> {
        let names = self
            .attribute_names
            .iter()
            .chain(&self.message_system_attribute_names);
        names
            .map(|name| match SYSTEM_ATTRIBUTES.contains(&name.as_str()) {
                true => Ok(name.as_str()),
                false => Err(SqsError::InvalidAttributeName(name.clone())),
            })
            .collect()
    }
}

impl Message {
    fn new(delivered: Delivered, system_names: &[&str], names: &[String]) -> Result<Self, SqsError> {
        let mut attributes = delivered.system_attributes;
        let mut put = |name: &str, value: String| attributes.insert(name.to_owned(), value);
        put(
            "ApproximateFirstReceiveTimestamp",
            delivered.first_received_ms.to_string(),
        );
        put("ApproximateReceiveCount", delivered.receive_count.to_string());
        put("SenderId", SENDER_ID.to_owned());
        put("SentTimestamp", delivered.sent_ms.to_string());
        if let Some(source) = delivered.dead_letter_source {
            put("DeadLetterQueueSourceArn", source);
        }
        attributes.retain(|name, _| system_names.contains(&"All") || system_names.contains(&name.as_str()));
        let message_attributes = message_attributes::wanted(delivered.attributes, names);
        Ok(Self {
            message_id: delivered.message_id,
            receipt_handle: delivered.receipt_handle,
            md5_of_body: message_attributes::md5_of_body(&delivered.body),
            body: delivered.body,
            attributes,
            md5_of_message_attributes: message_attributes::md5_of(&message_attributes)?,
            message_attributes,
        })
    }
}
