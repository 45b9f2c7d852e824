//! Webhook deliveries: one row for each event, endpoint and copy.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent when due.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Lost by the switch: never sent, unless asked for by its number.
    Lost,
    /// Given up after the whole retry period.
    Abandoned,
}

impl DeliveryState {
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Pending => "pending",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Lost => "lost",
            DeliveryState::Abandoned => "abandoned",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Lost, Self::Abandoned]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A delivery as the switch shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    pub id: i64,
    pub event: String,
    /// The event's type.
    pub r#type: String,
    pub endpoint: String,
    pub url: String,
    pub state: DeliveryState,
    pub attempts: u32,
    pub created_ms: i64,
    pub due_ms: i64,
    pub last_status: Option<u16>,
    pub last_error: Option<String>,
}

/// What is needed to send one.
#[derive(Debug, Clone)]
pub struct Dispatch {
    pub delivery: i64,
    pub event: String,
    pub attempts: u32,
    pub created_ms: i64,
    pub url: String,
    pub secret: String,
    /// The event's JSON as it was when it happened.
    pub payload: String,
}

const DISPATCH: &str = "
SELECT d.id, d.event, d.attempts, d.created_ms,
       json_extract(w.body, '$.url'), json_extract(w.body, '$.secret'), json_extract(e.body, '$.payload')
FROM deliveries d
JOIN objects e ON e.id = d.event
JOIN objects w ON w.id = d.endpoint";

impl Tx<'_> {
    pub fn add_delivery(
        &self,
        event: &str,
        endpoint: &str,
        state: DeliveryState,
        now_ms: i64,
        due_ms: i64,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO deliveries (event, endpoint, state, created_ms, due_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![event, endpoint, state.name(), now_ms, due_ms],
        )?;
        Ok(())
    }

    /// Oldest first; all states without one given.
    pub fn deliveries(&self, state: Option<DeliveryState>, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT d.id, d.event, e.type, d.endpoint, json_extract(w.body, '$.url'), d.state, d.attempts,
                    d.created_ms, d.due_ms, d.last_status, d.last_error
             FROM deliveries d
             JOIN objects e ON e.id = d.event
             JOIN objects w ON w.id = d.endpoint
             WHERE ?1 IS NULL OR d.state = ?1 ORDER BY d.id LIMIT ?2",
        )?;
        let rows = statement.query_map(params![state.map(DeliveryState::name), limit], |row| {
            Ok((row.get::<_, String>(5)?, delivery(row)?))
        })?;
        let mut deliveries = Vec::new();
        for row in rows {
            let (state, delivery) = row?;
            let state = DeliveryState::parse(&state).ok_or(StoreError::UnknownValue("delivery state"))?;
            deliveries.push(Delivery { state, ..delivery });
        }
        Ok(deliveries)
    }

    /// Pending ones that are due, oldest first.
    pub fn due_deliveries(&self, now_ms: i64, limit: u32) -> Result<Vec<Dispatch>, StoreError> {
        let query = format!("{DISPATCH} WHERE d.state = 'pending' AND d.due_ms <= ?1 ORDER BY d.id LIMIT ?2");
        let mut statement = self.sql.prepare_cached(&query)?;
        let rows = statement.query_map(params![now_ms, limit], dispatch)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One delivery, whatever its state.
    pub fn dispatch(&self, delivery: i64) -> Result<Option<Dispatch>, StoreError> {
        let query = format!("{DISPATCH} WHERE d.id = ?1");
        Ok(self
            .sql
            .query_row(&query, params![delivery], dispatch)
            .optional()?)
    }

    /// The deliveries of an event, oldest first.
    pub fn deliveries_of(&self, event: &str) -> Result<Vec<i64>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT id FROM deliveries WHERE event = ?1 ORDER BY id")?;
        let rows = statement.query_map(params![event], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn next_delivery_due_ms(&self) -> Result<Option<i64>, StoreError> {
        let query = "SELECT min(due_ms) FROM deliveries WHERE state = 'pending'";
        Ok(self.sql.query_row(query, [], |row| row.get(0))?)
    }

    /// How many endpoints an event has yet to reach.
    pub fn pending_webhooks(&self, event: &str) -> Result<i64, StoreError> {
        let query = "SELECT count(DISTINCT endpoint) FROM deliveries WHERE event = ?1 AND state IN ('pending', 'lost')";
        Ok(self.sql.query_row(query, params![event], |row| row.get(0))?)
    }

    pub fn record_attempt(
        &self,
        delivery: i64,
        state: DeliveryState,
        due_ms: i64,
        status: Option<u16>,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE deliveries SET state = ?2, due_ms = ?3, last_status = ?4, last_error = ?5,
                    attempts = attempts + 1 WHERE id = ?1",
            params![delivery, state.name(), due_ms, status, error],
        )?;
        Ok(())
    }

    pub fn delete_deliveries_to(&self, endpoint: &str) -> Result<(), StoreError> {
        self.sql
            .execute("DELETE FROM deliveries WHERE endpoint = ?1", params![endpoint])?;
        Ok(())
    }
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        event: row.get(1)?,
        r#type: row.get(2)?,
        endpoint: row.get(3)?,
        url: row.get(4)?,
        state: DeliveryState::Pending,
        attempts: row.get(6)?,
        created_ms: row.get(7)?,
        due_ms: row.get(8)?,
        last_status: row.get(9)?,
        last_error: row.get(10)?,
    })
}

fn dispatch(row: &Row<'_>) -> rusqlite::Result<Dispatch> {
    Ok(Dispatch {
        delivery: row.get(0)?,
        event: row.get(1)?,
        attempts: row.get(2)?,
        created_ms: row.get(3)?,
        url: row.get(4)?,
        secret: row.get(5)?,
        payload: row.get(6)?,
    })
}
