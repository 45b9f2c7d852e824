//! The API's objects: a JSON body each, with the few columns that lists filter by.

use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension, params, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{StoreError, Tx};

/// What an object is; told from the prefix of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BalanceTransaction,
    Charge,
    Customer,
    Event,
    PaymentIntent,
    PaymentMethod,
    Refund,
    WebhookEndpoint,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::BalanceTransaction,
        Kind::Charge,
        Kind::Customer,
        Kind::Event,
        Kind::PaymentIntent,
        Kind::PaymentMethod,
        Kind::Refund,
        Kind::WebhookEndpoint,
    ];

    /// The value of `object`, also the name in "No such …".
    pub fn object(self) -> &'static str {
        match self {
            Kind::BalanceTransaction => "balance_transaction",
            Kind::Charge => "charge",
            Kind::Customer => "customer",
            Kind::Event => "event",
            Kind::PaymentIntent => "payment_intent",
            Kind::PaymentMethod => "payment_method",
            Kind::Refund => "refund",
            Kind::WebhookEndpoint => "webhook_endpoint",
        }
    }

    pub fn prefix(self) -> &'static str {
        match self {
            Kind::BalanceTransaction => "txn",
            Kind::Charge => "ch",
            Kind::Customer => "cus",
            Kind::Event => "evt",
            Kind::PaymentIntent => "pi",
            Kind::PaymentMethod => "pm",
            Kind::Refund => "re",
            Kind::WebhookEndpoint => "we",
        }
    }

    pub fn of_id(id: &str) -> Option<Kind> {
        let (prefix, _) = id.split_once('_')?;
        Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }
}

/// Columns that lists filter by.
#[derive(Debug, Default)]
pub struct Links<'a> {
    pub customer: Option<&'a str>,
    pub payment_intent: Option<&'a str>,
    pub charge: Option<&'a str>,
    pub source: Option<&'a str>,
    pub type_: Option<&'a str>,
    pub email: Option<&'a str>,
    /// A tombstone: retrieved, never listed.
    pub deleted: bool,
}

/// An object of the API as stored.
pub trait Record: Serialize + DeserializeOwned {
    const KIND: Kind;
    fn id(&self) -> &str;
    /// Seconds since the Unix epoch.
    fn created(&self) -> i64;
    fn links(&self) -> Links<'_> {
        Links::default()
    }
    /// The object as the API shows it at `now` (seconds).
    fn render(&self, now: i64) -> Value;
}

#[derive(Debug, Clone, Copy)]
pub enum Column {
    Customer,
    PaymentIntent,
    Charge,
    Source,
    Type,
    Email,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Column::Customer => "customer",
            Column::PaymentIntent => "payment_intent",
            Column::Charge => "charge",
            Column::Source => "source",
            Column::Type => "type",
            Column::Email => "email",
        }
    }
}

/// Which objects a list holds: each column among its values, `created` within the bounds (inclusive).
#[derive(Debug, Default)]
pub struct Filter {
    pub columns: Vec<(Column, Vec<String>)>,
    pub created_from: Option<i64>,
    pub created_to: Option<i64>,
}

impl Filter {
    pub fn by(column: Column, value: &str) -> Self {
        Self {
            columns: vec![(column, vec![value.to_owned()])],
            ..Self::default()
        }
    }
}

/// Where a page begins. Newest first, as at Stripe.
#[derive(Debug, Default)]
pub struct Page {
    pub limit: u32,
    pub starting_after: Option<String>,
    pub ending_before: Option<String>,
}

impl Tx<'_> {
    pub fn put<R: Record>(&self, record: &R) -> Result<(), StoreError> {
        let links = record.links();
        self.sql
            .prepare_cached(
                "INSERT INTO objects
               (id, kind, created, customer, payment_intent, charge, source, type, email, deleted, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, email = excluded.email,
               deleted = excluded.deleted, body = excluded.body
             WHERE kind = excluded.kind",
            )?
            .execute(params![
                record.id(),
                R::KIND.object(),
                record.created(),
                links.customer,
                links.payment_intent,
                links.charge,
                links.source,
                links.type_,
                links.email,
                links.deleted,
                serde_json::to_string(record)?,
            ])?;
        Ok(())
    }

    pub fn get<R: Record>(&self, id: &str) -> Result<Option<R>, StoreError> {
        let body: Option<String> = self
            .sql
            .prepare_cached("SELECT body FROM objects WHERE id = ?1 AND kind = ?2")?
            .query_row(params![id, R::KIND.object()], |row| row.get(0))
            .optional()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }

    pub fn delete<R: Record>(&self, id: &str) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM objects WHERE id = ?1 AND kind = ?2",
            params![id, R::KIND.object()],
        )?;
        Ok(())
    }

    /// Every object that passes the filter, oldest first.
    pub fn all<R: Record>(&self, filter: &Filter) -> Result<Vec<R>, StoreError> {
        let (condition, values) = condition::<R>(filter);
        self.select(
            &format!("SELECT body FROM objects WHERE {condition} ORDER BY seq"),
            values,
        )
    }

    /// One page and whether there is more. `None` when the cursor names no such object.
    pub fn page<R: Record>(
        &self,
        filter: &Filter,
        page: &Page,
    ) -> Result<Option<(Vec<R>, bool)>, StoreError> {
        let (mut condition, mut values) = condition::<R>(filter);
        let mut order = "DESC";
        if let Some(id) = &page.starting_after {
            let Some(seq) = self.seq::<R>(id)? else {
                return Ok(None);
            };
            condition.push_str(" AND seq < ?");
            values.push(seq.into());
        }
        if let Some(id) = &page.ending_before {
            let Some(seq) = self.seq::<R>(id)? else {
                return Ok(None);
            };
            condition.push_str(" AND seq > ?");
            values.push(seq.into());
            order = "ASC";
        }
        values.push(i64::from(page.limit).saturating_add(1).into());
        let query = format!("SELECT body FROM objects WHERE {condition} ORDER BY seq {order} LIMIT ?");
        let mut records = self.select(&query, values)?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let has_more = records.len() > limit;
        records.truncate(limit);
        if order == "ASC" {
            records.reverse();
        }
        Ok(Some((records, has_more)))
    }

    fn seq<R: Record>(&self, id: &str) -> Result<Option<i64>, StoreError> {
        let query = "SELECT seq FROM objects WHERE id = ?1 AND kind = ?2";
        Ok(self
            .sql
            .query_row(query, params![id, R::KIND.object()], |row| row.get(0))
            .optional()?)
    }

    fn select<R: Record>(&self, query: &str, values: Vec<SqlValue>) -> Result<Vec<R>, StoreError> {
        let mut statement = self.sql.prepare_cached(query)?;
        let bodies = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0))?;
        let mut records = Vec::new();
        for body in bodies {
            records.push(serde_json::from_str(&body?)?);
        }
        Ok(records)
    }
}

fn condition<R: Record>(filter: &Filter) -> (String, Vec<SqlValue>) {
    let mut condition = String::from("kind = ? AND deleted = 0");
    let mut values: Vec<SqlValue> = vec![R::KIND.object().to_owned().into()];
    for (column, among) in &filter.columns {
        let marks = vec!["?"; among.len()].join(", ");
        condition.push_str(&format!(" AND {} IN ({marks})", column.name()));
        values.extend(among.iter().cloned().map(SqlValue::from));
    }
    if let Some(from) = filter.created_from {
        condition.push_str(" AND created >= ?");
        values.push(from.into());
    }
    if let Some(to) = filter.created_to {
        condition.push_str(" AND created <= ?");
        values.push(to.into());
    }
    (condition, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_an_id_tells_its_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_id(&format!("{}_x", kind.prefix())), Some(kind));
        }
        assert_eq!(Kind::of_id("tok_visa"), None);
    }
}
