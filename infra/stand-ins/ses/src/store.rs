//! The accepted mails in SQLite: raw, as they came, with the envelope.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::limits::MAILS_KEPT_MAX;

/// The file in the data folder.
pub const FILE_NAME: &str = "ses.sqlite";
/// The schema that this version reads and writes.
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = include_str!("schema.sql");
/// How long a second process on the same file may hold the lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made.
    #[error("the data folder of the SES stand-in cannot be made")]
    Folder(#[from] std::io::Error),
    /// SQLite refuses the file.
    #[error("the file of the SES stand-in cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by another version.
    #[error("the file of the SES stand-in has schema {0}, this version reads {SCHEMA_VERSION}: delete it")]
    Schema(i64),
}

/// A mail to store.
pub(crate) struct Accepted<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) received_ms: i64,
    pub(crate) sender: &'a str,
    pub(crate) recipients: &'a [String],
    pub(crate) raw: &'a [u8],
}

/// A mail as it is stored.
pub(crate) struct Stored {
    pub(crate) id: i64,
    pub(crate) message_id: String,
    pub(crate) received_ms: i64,
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) raw: Vec<u8>,
}

/// Which mails to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Only to this recipient.
    pub(crate) to: Option<String>,
    /// Only later ones.
    pub(crate) after: Option<i64>,
    /// Only earlier ones.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u32,
}

/// One connection behind a lock; a call takes a few milliseconds at most, so handlers call it in place.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
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

    /// Stores a mail, forgets the oldest beyond what is kept, and answers the new mail's id.
    pub(crate) fn add(&self, mail: &Accepted<'_>) -> rusqlite::Result<i64> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO mail (message_id, received_ms, sender, raw) VALUES (?1, ?2, ?3, ?4)",
                params![mail.message_id, mail.received_ms, mail.sender, mail.raw],
            )?;
            let id = tx.last_insert_rowid();
            for (place, address) in (0_i64..).zip(mail.recipients) {
                tx.prepare_cached("INSERT INTO recipient (mail_id, place, address) VALUES (?1, ?2, ?3)")?
                    .execute(params![id, place, address.to_lowercase()])?;
            }
            tx.execute(
                "DELETE FROM mail WHERE id <= ?1",
                [id - i64::from(MAILS_KEPT_MAX)],
            )?;
            Ok(id)
        })
    }

    /// The newest mails that fit, newest first.
    pub(crate) fn list(&self, filter: &Filter) -> rusqlite::Result<Vec<Stored>> {
        self.write(|tx| {
            let mut mails = tx
                .prepare_cached(
                    "SELECT id, message_id, received_ms, sender, raw FROM mail
                     WHERE id > ?1 AND id < ?2
                       AND (?3 IS NULL OR id IN (SELECT mail_id FROM recipient WHERE address = ?3))
                     ORDER BY id DESC LIMIT ?4",
                )?
                .query_map(
                    params![
                        filter.after.unwrap_or(0),
                        filter.before.unwrap_or(i64::MAX),
                        filter.to.as_deref().map(str::to_lowercase),
                        filter.limit
                    ],
                    without_recipients,
                )?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            for mail in &mut mails {
                mail.recipients = recipients(tx, mail.id)?;
            }
            Ok(mails)
        })
    }

    pub(crate) fn get(&self, id: i64) -> rusqlite::Result<Option<Stored>> {
        self.write(|tx| {
            let found = tx
                .prepare_cached("SELECT id, message_id, received_ms, sender, raw FROM mail WHERE id = ?1")?
                .query_row([id], without_recipients)
                .optional()?;
            let Some(mail) = found else { return Ok(None) };
            Ok(Some(Stored {
                recipients: recipients(tx, id)?,
                ..mail
            }))
        })
    }

    pub(crate) fn clear(&self) -> rusqlite::Result<()> {
        self.write(|tx| tx.execute("DELETE FROM mail", []).map(drop))
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        // A panic inside a transaction rolled it back, so the connection behind a poisoned lock is sound.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn without_recipients(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        message_id: row.get(1)?,
        received_ms: row.get(2)?,
        sender: row.get(3)?,
        raw: row.get(4)?,
        recipients: Vec::new(),
    })
}

fn recipients(tx: &Transaction<'_>, mail_id: i64) -> rusqlite::Result<Vec<String>> {
    tx.prepare_cached("SELECT address FROM recipient WHERE mail_id = ?1 ORDER BY place")?
        .query_map([mail_id], |row| row.get(0))?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_mails_go_beyond_what_is_kept() {
        let store = Store::open(None).unwrap();
        let add = || {
            let recipients = ["a@example.com".to_owned()];
            let mail = Accepted {
                message_id: "m",
                received_ms: 0,
                sender: "s",
                recipients: &recipients,
                raw: b"x",
            };
            store.add(&mail).unwrap()
        };
        let first = add();
        for _ in 1..MAILS_KEPT_MAX {
            add();
        }
        assert!(store.get(first).unwrap().is_some());
        add();
        assert!(store.get(first).unwrap().is_none());
        let all = Filter {
            limit: MAILS_KEPT_MAX + 1,
            ..Filter::default()
        };
        assert_eq!(
            store.list(&all).unwrap().len(),
            usize::try_from(MAILS_KEPT_MAX).unwrap()
        );
        let orphans = store.write(|tx| {
            tx.query_row(
                "SELECT count(*) FROM recipient WHERE mail_id = ?1",
                [first],
                |row| row.get::<_, i64>(0),
            )
        });
        assert_eq!(orphans.unwrap(), 0);
    }
}
