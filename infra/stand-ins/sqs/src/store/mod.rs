//! The queues and messages in SQLite. Every method is one transaction and takes the time as a value.
//! Absent: waiting and waking, which belong to the caller.

mod dead_letters;
mod messages;
mod queues;
mod receive;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use dead_letters::MoveTask;
pub(crate) use messages::Outgoing;
pub(crate) use receive::{Ask, Delivered, Received};

use crate::error::SqsError;

/// The file in the data folder.
pub const FILE_NAME: &str = "sqs.sqlite";
/// The schema that this version reads and writes.
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = include_str!("schema.sql");
/// How long a second process on the same file may hold the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made.
    #[error("the data folder of the SQS stand-in cannot be made")]
    Folder(#[from] std::io::Error),
    /// SQLite refuses the file.
    #[error("the file of the SQS stand-in cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by another version.
    #[error("the file of the SQS stand-in has schema {0}, this version reads {SCHEMA_VERSION}: delete it")]
    Schema(i64),
}

/// One connection behind a lock. A call takes well under a millisecond (WAL without a sync per commit), so
/// handlers call it in place rather than moving each to another thread.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file in the data folder, or keeps everything in memory.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, OpenError> {
        let connection = match data {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                Connection::open(folder.join(FILE_NAME))?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // NORMAL survives the death of the process, which is promised; a power cut may lose the last commits.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
        )?;
        match connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            SCHEMA_VERSION => {}
            0 => connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            ))?,
            other => return Err(OpenError::Schema(other)),
        }
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Makes every message in flight visible, with its receive counts as they are.
    pub(crate) fn release_in_flight(&self, now_ms: i64) -> Result<(), rusqlite::Error> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let release = "UPDATE message SET visible_ms = ?1 WHERE is_received = 1 AND visible_ms > ?1";
        connection.execute(release, [now_ms]).map(|_| ())
    }

    /// Runs `work` in one transaction that is kept only if it succeeds.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, SqsError>) -> Result<T, SqsError> {
        // A panic inside a transaction rolled it back, so the connection behind a poisoned lock is sound.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}
