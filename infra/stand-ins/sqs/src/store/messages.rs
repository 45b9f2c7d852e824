//! Messages: sent, deleted, and their visibility changed.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use super::queues::{self, Queue};
use crate::error::SqsError;
use crate::limits::VISIBILITY_SECONDS;
use crate::message_attributes::Attributes;
use crate::queue_attributes::NamedStrings;
use crate::receipt::Receipt;

/// A message that passed the rules which need no queue.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    pub(crate) system_attributes: NamedStrings,
    pub(crate) delay_seconds: Option<i64>,
    /// Body and attributes.
    pub(crate) bytes: usize,
}

impl Store {
    /// Stores the messages of one call; each is refused or gets its id.
    pub(crate) fn send(
        &self,
        queue: &str,
        messages: &[&Outgoing],
        now_ms: i64,
    ) -> Result<Vec<Result<String, SqsError>>, SqsError> {
        self.write(|tx| {
            let queue = queues::named(tx, queue)?;
            messages
                .iter()
                .map(|message| insert(tx, &queue, message, now_ms))
                .collect()
        })
    }

    /// Deletes the message that this receipt was the newest of. An older receipt deletes nothing and is not
    /// an error: AWS promises neither for it.
    pub(crate) fn delete_message(&self, queue: &str, handle: &str) -> Result<(), SqsError> {
        self.write(|tx| {
            let queue = queues::named(tx, queue)?;
            let receipt = Receipt::parse(handle, queue.id)?;
            tx.prepare_cached("DELETE FROM message WHERE seq = ?1 AND queue_id = ?2 AND receipt = ?3")?
                .execute(params![receipt.seq, queue.id, receipt.secret])?;
            Ok(())
        })
    }

    /// Lets the message be visible `seconds` from now.
    pub(crate) fn change_visibility(
        &self,
        queue: &str,
        handle: &str,
        seconds: i64,
        now_ms: i64,
    ) -> Result<(), SqsError> {
        self.write(|tx| {
            let queue = queues::named(tx, queue)?;
            let receipt = Receipt::parse(handle, queue.id)?;
            queues::expire(tx, &queue, now_ms)?;
            let found = tx
                .prepare_cached(
                    "SELECT visible_ms, received_ms FROM message WHERE seq = ?1 AND queue_id = ?2 AND receipt = ?3",
                )?
                .query_row(params![receipt.seq, queue.id, receipt.secret], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?;
            let Some((visible_ms, received_ms)) = found else {
                return Err(SqsError::invalid(
                    handle,
                    "ReceiptHandle",
                    "Message does not exist or is not available for visibility timeout change.",
                ));
            };
            if visible_ms <= now_ms {
                return Err(SqsError::MessageNotInflight);
            }
            let visible_ms = now_ms.saturating_add(seconds.saturating_mul(1_000));
            if visible_ms - received_ms > VISIBILITY_SECONDS.end() * 1_000 {
                return Err(SqsError::invalid(
                    seconds,
                    "VisibilityTimeout",
                    &format!(
                        "Total VisibilityTimeout for the message is beyond the limit [{} seconds]",
                        VISIBILITY_SECONDS.end()
                    ),
                ));
            }
            tx.prepare_cached("UPDATE message SET visible_ms = ?2 WHERE seq = ?1")?
                .execute([receipt.seq, visible_ms])?;
            Ok(())
        })
    }
}

/// The inner result is the message's own, the outer one ends the whole call.
fn insert(
    tx: &Transaction<'_>,
    queue: &Queue,
    message: &Outgoing,
    now_ms: i64,
) -> Result<Result<String, SqsError>, SqsError> {
    let bytes_max = queue.attributes.maximum_message_size_bytes;
    if i64::try_from(message.bytes).map_or(true, |bytes| bytes > bytes_max) {
        return Ok(Err(SqsError::InvalidParameterValue(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {bytes_max} bytes."
        ))));
    }
    let delay_seconds = message.delay_seconds.unwrap_or(queue.attributes.delay_seconds);
    let message_id = uuid::Uuid::new_v4().to_string();
    tx.prepare_cached(
        "INSERT INTO message (queue_id, message_id, body, attributes, system_attributes, sent_ms, visible_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        queue.id,
        message_id,
        message.body,
        serde_json::to_string(&message.attributes)?,
        serde_json::to_string(&message.system_attributes)?,
        now_ms,
        now_ms.saturating_add(delay_seconds.saturating_mul(1_000)),
    ])?;
    Ok(Ok(message_id))
}
