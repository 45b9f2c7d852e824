//! Answers saved under idempotency keys.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Tx};

/// The first answer given under a key.
#[derive(Debug, Clone)]
pub struct SavedAnswer {
    /// Method and path of the request.
    pub endpoint: String,
    /// Hash of its parameters.
    pub fingerprint: String,
    pub status: u16,
    pub body: String,
    /// The id of the request that it answered.
    pub request: String,
    pub created_ms: i64,
}

impl Tx<'_> {
    pub fn save_answer(&self, key: &str, answer: &SavedAnswer) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO idempotency_keys (key, endpoint, fingerprint, status, body, request, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                key,
                answer.endpoint,
                answer.fingerprint,
                answer.status,
                answer.body,
                answer.request,
                answer.created_ms
            ],
        )?;
        Ok(())
    }

    pub fn saved_answer(&self, key: &str) -> Result<Option<SavedAnswer>, StoreError> {
        let query = "SELECT endpoint, fingerprint, status, body, request, created_ms
                     FROM idempotency_keys WHERE key = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(SavedAnswer {
                endpoint: row.get(0)?,
                fingerprint: row.get(1)?,
                status: row.get(2)?,
                body: row.get(3)?,
                request: row.get(4)?,
                created_ms: row.get(5)?,
            })
        };
        Ok(self.sql.query_row(query, params![key], read).optional()?)
    }

    /// Forgets what was saved before `before_ms`.
    pub fn prune_answers(&self, before_ms: i64) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM idempotency_keys WHERE created_ms <= ?1",
            params![before_ms],
        )?;
        Ok(())
    }
}
