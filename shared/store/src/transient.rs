//! `transient`: what carries an expiry: sessions, proofs of an address, quotes, requests that may be
//! sent twice, rates. Expiry is decided by comparing `expires`; the table's TTL only cleans up after it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{SessionId, UserId};
use domain::pricing::Quote;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Query, fault, item, key_item};
use crate::keys::{self, Key, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// How long an item outlives its expiry, so that a late reader still sees that it expired.
const AFTERLIFE_SECONDS: i64 = 86_400;
/// Sessions that a person's list shows.
const SESSIONS_MAX: i32 = 100;

/// A value with its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Expiring<T> {
    #[serde(flatten)]
    value: T,
    /// Milliseconds since 1970; what is compared.
    expires: i64,
    /// Seconds since 1970; when DynamoDB may delete it.
    ttl: i64,
}

impl<T> Expiring<T> {
    fn new(value: T, expires_at: Timestamp) -> Self {
        let expires = expires_at.as_millisecond();
        Self {
            value,
            expires,
            ttl: expires_at.as_second().saturating_add(AFTERLIFE_SECONDS),
        }
    }

    fn open(self, now: Timestamp) -> Option<T> {
        (now.as_millisecond() < self.expires).then_some(self.value)
    }
}

/// One login. Of its refresh tokens only digests are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// SHA-256 in hex of the refresh token that is valid now.
    pub current: String,
    /// Of the one before it, which may be shown once more shortly after the rotation.
    pub previous: Option<String>,
    pub rotated_at: Timestamp,
    pub grace_used: bool,
    pub revoked: bool,
    /// The person's when it began; in a later one of theirs it is over.
    #[serde(default)]
    pub epoch: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// What the client called itself.
    pub device: String,
    pub version: u64,
}

/// What a token is good for that was mailed to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailedFor {
    /// Proving that the address is theirs.
    Verification,
    /// A new password in place of a forgotten one.
    Reset,
}

/// A token that was mailed to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedToken {
    pub user: UserId,
    /// The version of the password that it was made under.
    pub credential: u64,
}

/// A request that may be sent twice, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnceRecord {
    /// SHA-256 in hex over method, path and body.
    pub request: String,
    /// The result as JSON; nothing while the request is being worked on.
    pub outcome: Option<String>,
    /// Until when somebody works on it, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<i64>,
}

/// How often something may be done: a burst after a pause, then once in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Milliseconds.
    pub interval_ms: i64,
    pub burst: i64,
}

impl Store {
    /// A session, unless it has expired.
    pub async fn session(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>> {
        let found: Option<Expiring<Session>> = self.get(Table::Transient, &keys::session(id)).await?;
        Ok(found.and_then(|s| s.open(now)))
    }

    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>> {
        let page = self
            .query(Query {
                table: Table::Transient,
                index: Some("by_user"),
                pk: format!("USER#{user}"),
                range: Some(("SESSION#".to_owned(), "SESSION#~".to_owned())),
                newest_first: true,
                limit: SESSIONS_MAX,
                after: None,
            })
            .await?;
        Ok(page.items)
    }

    /// A token by its digest, unless it has expired.
    pub async fn mailed_token(
        &self,
        what: MailedFor,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<MailedToken>> {
        let found: Option<Expiring<MailedToken>> = self
            .get(Table::Transient, &keys::mailed_token(what, digest))
            .await?;
        Ok(found.and_then(|v| v.open(now)))
    }

    pub async fn once(&self, owner: &str, key: &str, now: Timestamp) -> Result<Option<OnceRecord>> {
        let found: Option<Expiring<OnceRecord>> = self.get(Table::Transient, &keys::once(owner, key)).await?;
        Ok(found.and_then(|o| o.open(now)))
    }

    /// Whether somebody may do something of a class once more now; if so, it counts. What is refused
    /// costs nothing.
    ///
    /// By the generic cell rate algorithm: one item with the instant up to which the rate is used up. The
    /// one write that is no transaction, so that a check costs one write unit and not two: the SDK's retry
    /// of one whose reply was lost may count it twice, which harms nobody.
    pub async fn take(&self, class: &str, who: &str, rate: Rate, now: Timestamp) -> Result<bool> {
        let key = keys::rate(class, who);
        let now = now.as_millisecond();
        let after_a_pause = RateUpdate {
            expression: "SET used_up = :next, #ttl = :ttl",
            condition: "attribute_not_exists(used_up) OR used_up <= :bound",
            next: now.saturating_add(rate.interval_ms),
            bound: now,
        };
        if self.update_rate(&key, &after_a_pause).await? {
            return Ok(true);
        }
        let within_the_burst = RateUpdate {
            expression: "SET used_up = used_up + :next, #ttl = :ttl",
            condition: "used_up <= :bound",
            next: rate.interval_ms,
            bound: now.saturating_add(rate.burst.saturating_sub(1).saturating_mul(rate.interval_ms)),
        };
        self.update_rate(&key, &within_the_burst).await
    }

    /// Whether the condition held.
    async fn update_rate(&self, key: &Key, update: &RateUpdate) -> Result<bool> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let ttl = update.bound.max(update.next) / 1_000 + AFTERLIFE_SECONDS;
        let sent = self
            .client
            .update_item()
            .table_name(self.name(Table::Transient))
            .set_key(Some(key_item(key)))
            .update_expression(update.expression)
            .condition_expression(update.condition)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":next", number(update.next))
            .expression_attribute_values(":bound", number(update.bound))
            .expression_attribute_values(":ttl", number(ttl))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(fault(&error)),
        }
    }

    /// A quote also after it expired: the caller decides by its own `expires_at`.
    pub async fn quote(&self, uuid: uuid::Uuid) -> Result<Option<Quote>> {
        self.get(Table::Transient, &keys::quote(uuid)).await
    }
}

/// One of the two ways in which a rate moves on.
struct RateUpdate {
    expression: &'static str,
    condition: &'static str,
    next: i64,
    bound: i64,
}

impl Transaction {
    pub fn put_session(&mut self, session: &Session) {
        let indexes = [keys::sessions_by_user(session.user, session.id)];
        let stored = Expiring::new(session, session.expires_at);
        let item = item(&keys::session(session.id), &stored, &indexes);
        self.put(
            Table::Transient,
            item,
            Guard::SessionUnchanged,
            Condition::Was(Was::before(session.version)),
        );
    }

    /// Fails with [`Guard::SessionLive`] when the session has ended.
    pub fn check_session(&mut self, id: SessionId) {
        let live = vec![("revoked", AttributeValue::Bool(false))];
        self.check(
            Table::Transient,
            keys::session(id),
            Guard::SessionLive,
            Condition::Equals(live),
        );
    }

    pub fn put_mailed_token(
        &mut self,
        what: MailedFor,
        digest: &str,
        token: &MailedToken,
        expires_at: Timestamp,
    ) {
        let stored = Expiring::new(token, expires_at);
        let item = item(&keys::mailed_token(what, digest), &stored, &[]);
        self.put_always(Table::Transient, item);
    }

    /// The token is used up; fails when it was before.
    pub fn use_mailed_token(&mut self, what: MailedFor, digest: &str, now: Timestamp) {
        let key = keys::mailed_token(what, digest);
        self.delete_guarded(
            Table::Transient,
            key,
            Guard::MailedTokenOpen,
            Condition::Open(now),
        );
    }

    pub fn put_quote(&mut self, quote: &Quote) {
        let stored = Expiring::new(quote, quote.expires_at);
        self.put_always(Table::Transient, item(&keys::quote(quote.id.uuid), &stored, &[]));
    }

    /// What came of a request, in the transaction of its effect.
    pub fn put_once(
        &mut self,
        owner: &str,
        key: &str,
        record: &OnceRecord,
        now: Timestamp,
        expires_at: Timestamp,
    ) {
        let item = item(&keys::once(owner, key), &Expiring::new(record, expires_at), &[]);
        self.put(
            Table::Transient,
            item,
            Guard::OnceFree,
            Condition::AbsentOrExpired(now),
        );
    }

    /// Fails with [`Guard::OnceFree`] when the request has a result.
    pub fn check_once(&mut self, owner: &str, key: &str, now: Timestamp) {
        self.check(
            Table::Transient,
            keys::once(owner, key),
            Guard::OnceFree,
            Condition::AbsentOrExpired(now),
        );
    }

    /// That somebody works on a request until its lease runs out.
    pub fn lease_once(
        &mut self,
        owner: &str,
        key: &str,
        record: &OnceRecord,
        now: Timestamp,
        expires_at: Timestamp,
    ) {
        let item = item(&keys::once(owner, key), &Expiring::new(record, expires_at), &[]);
        self.put(
            Table::Transient,
            item,
            Guard::OnceFree,
            Condition::AbsentOrExpiredOrLeaseOver(now),
        );
    }

    /// What came of a request that was leased: whoever holds the lease writes it.
    pub fn settle_once(
        &mut self,
        owner: &str,
        key: &str,
        record: &OnceRecord,
        lease: i64,
        expires_at: Timestamp,
    ) {
        let item = item(&keys::once(owner, key), &Expiring::new(record, expires_at), &[]);
        let mine = vec![("lease", AttributeValue::N(lease.to_string()))];
        self.put(Table::Transient, item, Guard::OnceFree, Condition::Equals(mine));
    }

    /// Gives a lease back without a result, so that the request can be sent again.
    pub fn release_once(&mut self, owner: &str, key: &str, lease: i64) {
        let mine = vec![("lease", AttributeValue::N(lease.to_string()))];
        self.delete_guarded(
            Table::Transient,
            keys::once(owner, key),
            Guard::OnceFree,
            Condition::Equals(mine),
        );
    }
}
