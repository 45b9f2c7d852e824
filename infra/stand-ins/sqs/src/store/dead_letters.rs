//! Moving dead letters back: the task runs to its end inside the call that starts it.

use rusqlite::{Transaction, params};

use super::Store;
use super::queues::{self, Queue};
use crate::error::SqsError;
use crate::name_in_arn;

/// A finished task.
pub(crate) struct MoveTask {
    pub(crate) source_arn: String,
    pub(crate) destination_arn: Option<String>,
    pub(crate) started_ms: i64,
    pub(crate) to_move: i64,
    pub(crate) moved: i64,
}

/// What a task did.
pub(crate) struct Moved {
    pub(crate) task: i64,
    /// The queues that got messages.
    pub(crate) into: Vec<String>,
}

impl Store {
    /// Moves every visible message of a dead-letter queue to the destination, or back to where each came
    /// from. A message whose source is gone stays. A moved message counts as new: it gets a new id and a new
    /// time of sending (Developer Guide, "Learn how to configure a dead-letter queue redrive").
    pub(crate) fn move_dead_letters(
        &self,
        source_arn: &str,
        destination_arn: Option<&str>,
        now_ms: i64,
    ) -> Result<Moved, SqsError> {
        self.write(|tx| {
            let queue = by_arn(tx, source_arn, "SourceArn")?;
            let destination = match destination_arn {
                Some(arn) => Some(by_arn(tx, arn, "DestinationArn").map(|_| arn)?),
                None => None,
            };
            if queues::sources_of(tx, source_arn)?.is_empty() {
                return Err(SqsError::InvalidParameterValue(
                    "Source queue must be configured as a Dead Letter Queue.".to_owned(),
                ));
            }
            queues::expire(tx, &queue, now_ms)?;
            let letters = visible(tx, &queue, now_ms)?;
            let mut into = Vec::new();
            let mut moved = 0_i64;
            for (seq, came_from) in &letters {
                let Some(target) = destination.or(came_from.as_deref()).and_then(name_in_arn) else {
                    continue;
                };
                let Some(target_queue) = queues::find(tx, target)? else {
                    continue;
                };
                put_into(tx, *seq, &target_queue, now_ms)?;
                moved += 1;
                if !into.iter().any(|name| name == target) {
                    into.push(target.to_owned());
                }
            }
            tx.execute(
                "INSERT INTO move_task (source_arn, destination_arn, started_ms, to_move, moved)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    source_arn,
                    destination_arn,
                    now_ms,
                    i64::try_from(letters.len()).unwrap_or(i64::MAX),
                    moved
                ],
            )?;
            Ok(Moved {
                task: tx.last_insert_rowid(),
                into,
            })
        })
    }

    /// The newest tasks of a dead-letter queue.
    pub(crate) fn move_tasks(&self, source_arn: &str, limit: i64) -> Result<Vec<MoveTask>, SqsError> {
        self.write(|tx| {
            by_arn(tx, source_arn, "SourceArn")?;
            let tasks = tx
                .prepare(
                    "SELECT source_arn, destination_arn, started_ms, to_move, moved FROM move_task
                     WHERE source_arn = ?1 ORDER BY seq DESC LIMIT ?2",
                )?
                .query_map(params![source_arn, limit], |row| {
                    Ok(MoveTask {
                        source_arn: row.get(0)?,
                        destination_arn: row.get(1)?,
                        started_ms: row.get(2)?,
                        to_move: row.get(3)?,
                        moved: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(tasks)
        })
    }
}

fn by_arn(tx: &Transaction<'_>, arn: &str, parameter: &str) -> Result<Queue, SqsError> {
    let missing = || {
        SqsError::ResourceNotFound(format!(
            "The resource that you specified for the {parameter} parameter doesn't exist."
        ))
    };
    queues::find(tx, name_in_arn(arn).ok_or_else(missing)?)?.ok_or_else(missing)
}

fn visible(tx: &Transaction<'_>, queue: &Queue, now_ms: i64) -> Result<Vec<(i64, Option<String>)>, SqsError> {
    let letters = tx
        .prepare("SELECT seq, dead_letter_source FROM message WHERE queue_id = ?1 AND visible_ms <= ?2 ORDER BY seq")?
        .query_map(params![queue.id, now_ms], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(letters)
}

fn put_into(tx: &Transaction<'_>, seq: i64, target: &Queue, now_ms: i64) -> Result<(), SqsError> {
    tx.prepare_cached(
        "UPDATE message SET queue_id = ?2, message_id = ?3, sent_ms = ?4, visible_ms = ?4, is_received = 0,
                receive_count = 0, queue_receive_count = 0, first_received_ms = NULL, received_ms = NULL,
                receipt = NULL, dead_letter_source = NULL
         WHERE seq = ?1",
    )?
    .execute(params![seq, target.id, uuid::Uuid::new_v4().to_string(), now_ms])?;
    Ok(())
}
