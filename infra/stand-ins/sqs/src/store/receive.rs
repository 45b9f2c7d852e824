//! Receiving: picks visible messages, hands each out under a new receipt, and moves a message that was
//! received too often to the dead-letter queue instead, all in one transaction.

use rusqlite::{Transaction, params};

use super::Store;
use super::queues::{self, Queue};
use crate::error::SqsError;
use crate::limits::IN_FLIGHT_MAX;
use crate::message_attributes::Attributes;
use crate::queue_attributes::NamedStrings;
use crate::receipt::Receipt;
use crate::{arn_of, name_in_arn};

/// What one receive asks for.
pub(crate) struct Ask {
    pub(crate) messages_max: i64,
    /// None for the queue's own.
    pub(crate) visibility_seconds: Option<i64>,
    /// How many of the delivered messages a second copy stays behind of.
    pub(crate) duplicates: u32,
    pub(crate) is_newest_first: bool,
}

/// What one receive brought.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) messages: Vec<Delivered>,
    /// The dead-letter queue that got messages instead.
    pub(crate) dead_lettered_into: Option<String>,
    pub(crate) duplicated: u32,
    /// When the next message of the queue becomes visible by itself.
    pub(crate) next_visible_ms: Option<i64>,
    /// The queue has as many messages in flight as it may.
    pub(crate) is_over_limit: bool,
}

/// A message as it is handed out.
pub(crate) struct Delivered {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    pub(crate) system_attributes: NamedStrings,
    pub(crate) sent_ms: i64,
    pub(crate) first_received_ms: i64,
    pub(crate) receive_count: i64,
    pub(crate) dead_letter_source: Option<String>,
}

const OLDEST_FIRST: &str = "SELECT seq, queue_receive_count FROM message INDEXED BY message_by_queue
    WHERE queue_id = ?1 AND visible_ms <= ?2 AND seq > ?3 ORDER BY seq LIMIT ?4";
const NEWEST_FIRST: &str = "SELECT seq, queue_receive_count FROM message INDEXED BY message_by_queue
    WHERE queue_id = ?1 AND visible_ms <= ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4";

impl Store {
    /// Receives what is visible now; never waits.
    pub(crate) fn receive(&self, name: &str, ask: &Ask, now_ms: i64) -> Result<Received, SqsError> {
        self.write(|tx| {
            let queue = queues::named(tx, name)?;
            queues::expire(tx, &queue, now_ms)?;
            let room = IN_FLIGHT_MAX - in_flight(tx, &queue, now_ms)?;
            if room <= 0 {
                return Ok(Received {
                    is_over_limit: true,
                    ..Received::default()
                });
            }
            let mut received = hand_out(tx, name, &queue, ask, room.min(ask.messages_max), now_ms)?;
            received.next_visible_ms = tx
                .prepare_cached(
                    "SELECT min(visible_ms) FROM message WHERE queue_id = ?1 AND visible_ms > ?2",
                )?
                .query_row(params![queue.id, now_ms], |row| row.get(0))?;
            Ok(received)
        })
    }
}

fn hand_out(
    tx: &Transaction<'_>,
    name: &str,
    queue: &Queue,
    ask: &Ask,
    wanted: i64,
    now_ms: i64,
) -> Result<Received, SqsError> {
    let dead_letters = dead_letter_queue(tx, queue)?;
    let visibility_seconds = ask
        .visibility_seconds
        .unwrap_or(queue.attributes.visibility_seconds);
    let visible_ms = now_ms.saturating_add(visibility_seconds.saturating_mul(1_000));
    let (sql, mut cursor) = if ask.is_newest_first {
        (NEWEST_FIRST, i64::MAX)
    } else {
        (OLDEST_FIRST, 0)
    };
    let mut received = Received::default();
    let mut handed_out = Vec::new();
    // The cursor passes every message once: one handed out with no visibility timeout stays visible.
    loop {
        let missing = wanted.saturating_sub(i64::try_from(handed_out.len()).unwrap_or(i64::MAX));
        let candidates = candidates(tx, sql, queue, now_ms, cursor, missing)?;
        let Some((last, _)) = candidates.last() else { break };
        cursor = *last;
        for (seq, count) in candidates {
            match &dead_letters {
                Some(target) if count >= target.receive_count_max => {
                    move_to_dead_letters(tx, seq, target, &arn_of(name), now_ms)?;
                    received.dead_lettered_into = Some(target.name.clone());
                }
                Some(_) | None => {
                    received
                        .messages
                        .push(deliver(tx, queue, seq, visible_ms, now_ms)?);
                    handed_out.push(seq);
                }
            }
        }
    }
    for seq in handed_out
        .into_iter()
        .take(usize::try_from(ask.duplicates).unwrap_or(usize::MAX))
    {
        leave_a_copy(tx, seq, now_ms)?;
        received.duplicated += 1;
    }
    Ok(received)
}

/// At most `limit` visible messages beyond the cursor and how often this queue delivered each.
fn candidates(
    tx: &Transaction<'_>,
    sql: &str,
    queue: &Queue,
    now_ms: i64,
    cursor: i64,
    limit: i64,
) -> Result<Vec<(i64, i64)>, SqsError> {
    let rows = tx
        .prepare_cached(sql)?
        .query_map(params![queue.id, now_ms, cursor, limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn deliver(
    tx: &Transaction<'_>,
    queue: &Queue,
    seq: i64,
    visible_ms: i64,
    now_ms: i64,
) -> Result<Delivered, SqsError> {
    let receipt = Receipt::issue(seq);
    let (delivered, attributes, system_attributes) = tx
        .prepare_cached(
            "UPDATE message SET is_received = 1, visible_ms = ?2, received_ms = ?3, receipt = ?4,
                    receive_count = receive_count + 1, queue_receive_count = queue_receive_count + 1,
                    first_received_ms = coalesce(first_received_ms, ?3)
             WHERE seq = ?1
             RETURNING message_id, body, sent_ms, first_received_ms, receive_count, dead_letter_source,
                       attributes, system_attributes",
        )?
        .query_row(params![seq, visible_ms, now_ms, receipt.secret], |row| {
            let delivered = Delivered {
                message_id: row.get(0)?,
                receipt_handle: receipt.to_handle(queue.id),
                body: row.get(1)?,
                sent_ms: row.get(2)?,
                first_received_ms: row.get(3)?,
                receive_count: row.get(4)?,
                dead_letter_source: row.get(5)?,
                attributes: Attributes::new(),
                system_attributes: NamedStrings::new(),
            };
            Ok((delivered, row.get::<_, String>(6)?, row.get::<_, String>(7)?))
        })?;
    Ok(Delivered {
        attributes: serde_json::from_str(&attributes)?,
        system_attributes: serde_json::from_str(&system_attributes)?,
        ..delivered
    })
}

struct DeadLetterQueue {
    id: i64,
    name: String,
    receive_count_max: i64,
}

/// Where this queue's dead letters go; nowhere once that queue is deleted, and then they stay.
fn dead_letter_queue(tx: &Transaction<'_>, queue: &Queue) -> Result<Option<DeadLetterQueue>, SqsError> {
    let Some(redrive) = &queue.attributes.redrive else {
        return Ok(None);
    };
    let Some(name) = name_in_arn(&redrive.dead_letter_arn) else {
        return Ok(None);
    };
    let target = queues::find(tx, name)?;
    Ok(target.map(|target| DeadLetterQueue {
        id: target.id,
        name: name.to_owned(),
        receive_count_max: redrive.receive_count_max,
    }))
}

/// The message keeps its id, attributes, time of sending and count across all queues.
fn move_to_dead_letters(
    tx: &Transaction<'_>,
    seq: i64,
    target: &DeadLetterQueue,
    source_arn: &str,
    now_ms: i64,
) -> Result<(), SqsError> {
    tx.prepare_cached(
        "UPDATE message SET queue_id = ?2, dead_letter_source = ?3, visible_ms = ?4, is_received = 0,
                queue_receive_count = 0, received_ms = NULL, receipt = NULL
         WHERE seq = ?1",
    )?
    .execute(params![seq, target.id, source_arn, now_ms])?;
    Ok(())
}

/// What a replica does that did not hear of the receive: the same message once more, visible, with receipts
/// of its own, so that deleting one copy leaves the other.
fn leave_a_copy(tx: &Transaction<'_>, seq: i64, now_ms: i64) -> Result<(), SqsError> {
    tx.prepare_cached(
        "INSERT INTO message (queue_id, message_id, body, attributes, system_attributes, sent_ms, visible_ms,
                              receive_count, queue_receive_count, first_received_ms, dead_letter_source)
         SELECT queue_id, message_id, body, attributes, system_attributes, sent_ms, ?2,
                receive_count - 1, queue_receive_count - 1, first_received_ms, dead_letter_source
         FROM message WHERE seq = ?1",
    )?
    .execute(params![seq, now_ms])?;
    Ok(())
}

fn in_flight(tx: &Transaction<'_>, queue: &Queue, now_ms: i64) -> Result<i64, SqsError> {
    let count = tx
        .prepare_cached(
            "SELECT count(*) FROM message WHERE queue_id = ?1 AND visible_ms > ?2 AND is_received = 1",
        )?
        .query_row(params![queue.id, now_ms], |row| row.get(0))?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_with_the_most_messages_in_flight_hands_out_no_more() {
        let store = Store::open(None).unwrap();
        store.create_queue("full", &NamedStrings::new(), 0).unwrap();
        let fill = |count: i64| {
            store
                .write(|tx| {
                    tx.execute(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                         INSERT INTO message (queue_id, message_id, body, attributes, system_attributes, sent_ms,
                                              visible_ms, is_received)
                         SELECT 1, i, 'x', '{}', '{}', 0, 9000, 1 FROM n",
                        [count],
                    )?;
                    tx.execute(
                        "INSERT INTO message (queue_id, message_id, body, attributes, system_attributes, sent_ms,
                                              visible_ms) VALUES (1, 'v', 'x', '{}', '{}', 0, 0)",
                        [],
                    )?;
                    Ok(())
                })
                .unwrap();
        };
        let ask = Ask {
            messages_max: 10,
            visibility_seconds: None,
            duplicates: 0,
            is_newest_first: false,
        };
        fill(IN_FLIGHT_MAX - 1);
        let received = store.receive("full", &ask, 1).unwrap();
        assert_eq!((received.messages.len(), received.is_over_limit), (1, false));
        fill(1);
        let received = store.receive("full", &ask, 1).unwrap();
        assert_eq!((received.messages.len(), received.is_over_limit), (0, true));
    }
}
