//! What happens by itself later: an authorisation expires, a refund settles, a balance transaction arrives.

use rusqlite::{Row, params};

use super::{StoreError, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKind {
    /// An uncaptured PaymentIntent is cancelled.
    AuthorizationExpires,
    /// The balance transaction of an asynchronously captured charge is made.
    BalanceArrives,
    /// A refund of a test card that changes its status later does so.
    RefundSettles,
}

impl TimerKind {
    const ALL: [TimerKind; 3] = [
        Self::AuthorizationExpires,
        Self::BalanceArrives,
        Self::RefundSettles,
    ];

    fn name(self) -> &'static str {
        match self {
            TimerKind::AuthorizationExpires => "authorization_expires",
            TimerKind::BalanceArrives => "balance_arrives",
            TimerKind::RefundSettles => "refund_settles",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Timer {
    pub id: i64,
    pub kind: TimerKind,
    /// The id of the object that it is about.
    pub target: String,
}

impl Tx<'_> {
    pub fn add_timer(&self, kind: TimerKind, target: &str, due_ms: i64) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO timers (kind, target, due_ms) VALUES (?1, ?2, ?3)",
            params![kind.name(), target, due_ms],
        )?;
        Ok(())
    }

    /// The earliest that is due.
    pub fn due_timer(&self, now_ms: i64) -> Result<Option<Timer>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, kind, target FROM timers WHERE due_ms <= ?1 ORDER BY due_ms, id LIMIT 1",
        )?;
        let mut rows = statement.query(params![now_ms])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        timer(row).map(Some)
    }

    pub fn remove_timer(&self, id: i64) -> Result<(), StoreError> {
        self.sql
            .execute("DELETE FROM timers WHERE id = ?1", params![id])?;
        Ok(())
    }

    pub fn remove_timers_of(&self, target: &str) -> Result<(), StoreError> {
        self.sql
            .execute("DELETE FROM timers WHERE target = ?1", params![target])?;
        Ok(())
    }

    pub fn next_timer_due_ms(&self) -> Result<Option<i64>, StoreError> {
        Ok(self
            .sql
            .query_row("SELECT min(due_ms) FROM timers", [], |row| row.get(0))?)
    }
}

fn timer(row: &Row<'_>) -> Result<Timer, StoreError> {
    let name: String = row.get(1)?;
    let kind = TimerKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or(StoreError::UnknownValue("timer kind"))?;
    Ok(Timer {
        id: row.get(0)?,
        kind,
        target: row.get(2)?,
    })
}
