//! SQLite: one file (WAL) or memory. A request's effect, its events, their deliveries and the saved answer are
//! one transaction, committed before the answer, so what was acknowledged survives a SIGKILL.
//!
//! Absent: protection from a power cut of the last commits (`synchronous = NORMAL`), and any use by two
//! processes at once.

mod deliveries;
mod keys;
mod objects;
mod timers;

pub use deliveries::{Delivery, DeliveryState, Dispatch};
pub use keys::SavedAnswer;
pub use objects::{Column, Filter, Kind, Links, Page, Record};
pub use timers::{Timer, TimerKind};

use std::path::Path;

use rusqlite::{Connection, Transaction};

/// Raised with every change of the tables; a file of another version is refused.
pub const SCHEMA_VERSION: i64 = 1;
const FILE_NAME: &str = "stripe.sqlite3";

const SCHEMA: &str = "
CREATE TABLE objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  created INTEGER NOT NULL,
  customer TEXT, payment_intent TEXT, charge TEXT, source TEXT, type TEXT, email TEXT,
  deleted INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX objects_by_kind ON objects(kind, seq);
CREATE INDEX objects_by_customer ON objects(customer, kind);
CREATE INDEX objects_by_payment_intent ON objects(payment_intent, kind);
CREATE INDEX objects_by_charge ON objects(charge, kind);
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  last_status INTEGER,
  last_error TEXT
);
CREATE INDEX deliveries_by_state ON deliveries(state, due_ms);
CREATE INDEX deliveries_by_event ON deliveries(event);
CREATE TABLE timers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  due_ms INTEGER NOT NULL
);
CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  endpoint TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  request TEXT NOT NULL,
  created_ms INTEGER NOT NULL
);
";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("stored object: {0}")]
    Object(#[from] serde_json::Error),
    #[error("the data folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    #[error("the data file has version {found}, this program reads version {SCHEMA_VERSION}")]
    OtherVersion { found: i64 },
    #[error("the stored {0} is not one of the known values")]
    UnknownValue(&'static str),
}

pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file in `folder`, made if absent, or a database in memory.
    pub fn open(folder: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                Connection::open(folder.join(FILE_NAME))?
            }
            None => Connection::open_in_memory()?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let mut store = Self { connection };
        store.prepare()?;
        Ok(store)
    }

    pub fn begin(&mut self) -> Result<Tx<'_>, StoreError> {
        Ok(Tx {
            sql: self.connection.transaction()?,
        })
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        let found: i64 = self
            .connection
            .pragma_query_value(None, "user_version", |row| row.get(0))?;
        match found {
            SCHEMA_VERSION => Ok(()),
            0 => {
                let sql = self.connection.transaction()?;
                sql.execute_batch(SCHEMA)?;
                sql.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                Ok(sql.commit()?)
            }
            found => Err(StoreError::OtherVersion { found }),
        }
    }
}

/// A transaction: rolled back unless committed.
pub struct Tx<'store> {
    sql: Transaction<'store>,
}

impl Tx<'_> {
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.sql.commit()?)
    }

    /// Removes everything but the tables.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.sql.execute_batch(
            "DELETE FROM objects; DELETE FROM deliveries; DELETE FROM timers; DELETE FROM idempotency_keys;",
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        file.pragma_update(None, "user_version", SCHEMA_VERSION + 1)
            .unwrap();
        drop(file);
        assert!(matches!(
            Store::open(Some(folder.path())),
            Err(StoreError::OtherVersion { .. })
        ));
    }
}
