//! Queues: created, described, changed, emptied and deleted.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use crate::error::SqsError;
use crate::limits::{DELETED_NAME_REST_SECONDS, PURGE_REST_SECONDS};
use crate::queue_attributes::{NamedStrings, QueueAttributes};
use crate::{arn_of, name_in_arn};

/// A queue as it is stored.
pub(crate) struct Queue {
    pub(super) id: i64,
    pub(crate) attributes: QueueAttributes,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
    purged_ms: Option<i64>,
}

/// A queue and how many messages it holds.
pub(crate) struct Measured {
    pub(crate) queue: Queue,
    pub(crate) visible: i64,
    pub(crate) delayed: i64,
    pub(crate) in_flight: i64,
}

impl Store {
    /// Creates a queue. One of the same name and the same values of the given attributes is left as it is.
    pub(crate) fn create_queue(&self, name: &str, given: &NamedStrings, now_ms: i64) -> Result<(), SqsError> {
        self.write(|tx| {
            let attributes = QueueAttributes::default().with(given)?;
            if let Some(queue) = find(tx, name)? {
                return match queue.attributes.first_difference(given)? {
                    Some(attribute) => Err(SqsError::QueueNameExists(attribute)),
                    None => Ok(()),
                };
            }
            let rested_ms = now_ms.saturating_sub(DELETED_NAME_REST_SECONDS * 1_000);
            tx.execute("DELETE FROM deleted_queue WHERE deleted_ms <= ?1", [rested_ms])?;
            let is_resting = tx
                .query_row("SELECT 1 FROM deleted_queue WHERE name = ?1", [name], |_| Ok(()))
                .optional()?
                .is_some();
            if is_resting {
                return Err(SqsError::QueueDeletedRecently);
            }
            check_dead_letter_target(tx, &attributes)?;
            tx.execute(
                "INSERT INTO queue (name, attributes, created_ms, modified_ms) VALUES (?1, ?2, ?3, ?3)",
                params![name, serde_json::to_string(&attributes)?, now_ms],
            )?;
            Ok(())
        })
    }

    /// The queue of this name.
    pub(crate) fn queue(&self, name: &str) -> Result<Queue, SqsError> {
        self.write(|tx| named(tx, name))
    }

    /// The queue of this name with its counts.
    pub(crate) fn measured_queue(&self, name: &str, now_ms: i64) -> Result<Measured, SqsError> {
        self.write(|tx| {
            let queue = named(tx, name)?;
            expire(tx, &queue, now_ms)?;
            let (all, delayed, in_flight) = tx.query_row(
                "SELECT count(*),
                        coalesce(sum(visible_ms > ?2 AND is_received = 0), 0),
                        coalesce(sum(visible_ms > ?2 AND is_received = 1), 0)
                 FROM message WHERE queue_id = ?1",
                params![queue.id, now_ms],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                },
            )?;
            Ok(Measured {
                queue,
                visible: all - delayed - in_flight,
                delayed,
                in_flight,
            })
        })
    }

    /// At most `limit` names that start with `prefix` and come after `after`, in order.
    pub(crate) fn queue_names(&self, prefix: &str, after: &str, limit: i64) -> Result<Vec<String>, SqsError> {
        self.write(|tx| {
            let names = tx
                .prepare(
                    "SELECT name FROM queue WHERE substr(name, 1, length(?1)) = ?1 AND name > ?2
                     ORDER BY name LIMIT ?3",
                )?
                .query_map(params![prefix, after, limit], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(names)
        })
    }

    /// The names of the queues whose dead letters go to this one.
    pub(crate) fn sources_of(&self, dead_letter_queue: &str) -> Result<Vec<String>, SqsError> {
        self.write(|tx| {
            named(tx, dead_letter_queue)?;
            sources_of(tx, &arn_of(dead_letter_queue))
        })
    }

    /// Sets the given attributes and leaves the others.
    pub(crate) fn set_attributes(
        &self,
        name: &str,
        given: &NamedStrings,
        now_ms: i64,
    ) -> Result<(), SqsError> {
        self.write(|tx| {
            let queue = named(tx, name)?;
            let attributes = queue.attributes.with(given)?;
            check_dead_letter_target(tx, &attributes)?;
            tx.execute(
                "UPDATE queue SET attributes = ?2, modified_ms = ?3 WHERE id = ?1",
                params![queue.id, serde_json::to_string(&attributes)?, now_ms],
            )?;
            Ok(())
        })
    }

    /// Deletes a queue with its messages.
    pub(crate) fn delete_queue(&self, name: &str, now_ms: i64) -> Result<(), SqsError> {
        self.write(|tx| {
            let queue = named(tx, name)?;
            tx.execute("DELETE FROM queue WHERE id = ?1", [queue.id])?;
            tx.execute(
                "INSERT INTO deleted_queue (name, deleted_ms) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET deleted_ms = excluded.deleted_ms",
                params![name, now_ms],
            )?;
            Ok(())
        })
    }

    /// Deletes every message of a queue, those in flight too.
    pub(crate) fn purge(&self, name: &str, now_ms: i64) -> Result<(), SqsError> {
        self.write(|tx| {
            let queue = named(tx, name)?;
            if queue
                .purged_ms
                .is_some_and(|purged_ms| now_ms < purged_ms + PURGE_REST_SECONDS * 1_000)
            {
                return Err(SqsError::PurgeQueueInProgress(name.to_owned()));
            }
            tx.execute("DELETE FROM message WHERE queue_id = ?1", [queue.id])?;
            tx.execute(
                "UPDATE queue SET purged_ms = ?2 WHERE id = ?1",
                params![queue.id, now_ms],
            )?;
            Ok(())
        })
    }
}

/// The queue of this name, or the refusal that there is none.
pub(super) fn named(tx: &Transaction<'_>, name: &str) -> Result<Queue, SqsError> {
    find(tx, name)?.ok_or(SqsError::QueueDoesNotExist)
}

/// The queue of this name.
pub(super) fn find(tx: &Transaction<'_>, name: &str) -> Result<Option<Queue>, SqsError> {
    let stored = tx
        .prepare_cached(
            "SELECT id, attributes, created_ms, modified_ms, purged_ms FROM queue WHERE name = ?1",
        )?
        .query_row([name], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((id, attributes, created_ms, modified_ms, purged_ms)) = stored else {
        return Ok(None);
    };
    Ok(Some(Queue {
        id,
        attributes: serde_json::from_str(&attributes)?,
        created_ms,
        modified_ms,
        purged_ms,
    }))
}

/// The names of the queues whose redrive policy names this ARN.
pub(super) fn sources_of(tx: &Transaction<'_>, dead_letter_arn: &str) -> Result<Vec<String>, SqsError> {
    let names = tx
        .prepare(
            "SELECT name FROM queue WHERE attributes ->> '$.redrive.dead_letter_arn' = ?1 ORDER BY name",
        )?
        .query_map([dead_letter_arn], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}

/// Deletes what the queue has kept longer than its retention. Nothing is deleted in the background, so every
/// method that reads messages calls this first.
pub(super) fn expire(tx: &Transaction<'_>, queue: &Queue, now_ms: i64) -> Result<(), SqsError> {
    let oldest_ms = now_ms.saturating_sub(queue.attributes.retention_seconds.saturating_mul(1_000));
    tx.prepare_cached("DELETE FROM message WHERE queue_id = ?1 AND sent_ms <= ?2")?
        .execute(params![queue.id, oldest_ms])?;
    Ok(())
}

fn check_dead_letter_target(tx: &Transaction<'_>, attributes: &QueueAttributes) -> Result<(), SqsError> {
    let Some(redrive) = &attributes.redrive else {
        return Ok(());
    };
    let exists = match name_in_arn(&redrive.dead_letter_arn) {
        Some(name) => find(tx, name)?.is_some(),
        None => false,
    };
    if exists {
        return Ok(());
    }
    Err(SqsError::invalid(
        redrive.to_json(),
        "RedrivePolicy",
        "Dead letter target does not exist.",
    ))
}
