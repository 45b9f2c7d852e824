//! `transient`: what carries an expiry: sessions, proofs of an address, quotes, requests that may be
//! sent twice, rates. Expiry is decided by comparing `expires`; the table's TTL only cleans up after it.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::id::{SessionId, UserId};
use domain::pricing::Quote;
use domain::rate::{Rate, Standing};
use domain::text::Email;
use domain::tries::Tries;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Item, Query, fault, item, key_item, read};
use crate::keys::{self, Key, Table};
use crate::transaction::Condition;
use crate::{Fault, Guard, Result, Store, Transaction, Was};

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
    /// Another address in place of the present one.
    NewAddress,
}

/// A token that was mailed to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedToken {
    pub user: UserId,
    /// The version of the password that it was made under.
    pub credential: u64,
    /// Which address it was mailed to, where that is not the person's yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

/// The address that somebody wants in place of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedAddress {
    pub user: UserId,
    pub email: Email,
    /// The version of the password that they knew.
    pub credential: u64,
}

/// The address that somebody had, up to a version of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAddress {
    pub user: UserId,
    pub email: Email,
    pub version: u64,
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

/// How often a password was tried lately without success.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTries {
    pub tries: Tries,
    /// Whoever tries has been let in before: until when that is remembered.
    pub known_until: Option<Timestamp>,
    pub version: u64,
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

    /// The one that was asked for last, unless it has expired.
    pub async fn wanted_address(&self, user: UserId, now: Timestamp) -> Result<Option<WantedAddress>> {
        let found: Option<Expiring<WantedAddress>> =
            self.get(Table::Transient, &keys::wanted_address(user)).await?;
        Ok(found.and_then(|v| v.open(now)))
    }

    pub async fn former_address(
        &self,
        user: UserId,
        version: u64,
        now: Timestamp,
    ) -> Result<Option<FormerAddress>> {
        let found: Option<Expiring<FormerAddress>> = self
            .get(Table::Transient, &keys::former_address(user, version))
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
    /// The one write that is no transaction, so that a check costs one write unit and not two: the SDK's retry
    /// of one whose reply was lost may count it twice, which harms nobody.
    pub async fn take(&self, class: &str, who: &str, rate: Rate, now: Timestamp) -> Result<Standing> {
        let key = keys::rate(class, who);
        let now = now.as_millisecond();
        let after_a_pause = RateUpdate {
            expression: "SET used_up = :next, #ttl = :ttl",
            condition: "attribute_not_exists(used_up) OR used_up <= :bound",
            next: now.saturating_add(rate.interval_ms),
            bound: now,
        };
        if let Taken::Admitted(used_up) = self.update_rate(&key, &after_a_pause).await? {
            return Ok(rate.standing(true, used_up, now));
        }
        let within_the_burst = RateUpdate {
            expression: "SET used_up = used_up + :next, #ttl = :ttl",
            condition: "used_up <= :bound",
            next: rate.interval_ms,
            bound: rate.bound(now),
        };
        Ok(match self.update_rate(&key, &within_the_burst).await? {
            Taken::Admitted(used_up) => rate.standing(true, used_up, now),
            Taken::Refused(used_up) => rate.standing(false, used_up, now),
        })
    }

    async fn update_rate(&self, key: &Key, update: &RateUpdate) -> Result<Taken> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let used_up = |item: Option<&Item>| {
            let number = item?.get("used_up")?.as_n().ok()?;
            number.parse().ok()
        };
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
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let (taken, found): (fn(i64) -> Taken, _) = match &sent {
            Ok(written) => (Taken::Admitted, used_up(written.attributes())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    (Taken::Refused, used_up(failed.item()))
                }
                Some(_) | None => return Err(fault(error)),
            },
        };
        found
            .map(taken)
            .ok_or_else(|| Fault::Corrupt(format!("{}: a rate that says nothing", key.pk)))
    }

    /// Those of several, in the order asked for, by one read.
    pub async fn tries(&self, whose: &[String]) -> Result<Vec<KeptTries>> {
        let keys: Vec<_> = whose
            .iter()
            .map(|who| (Table::Transient, keys::tries(who)))
            .collect();
        let mut found = self.get_many(&keys).await?;
        keys.iter()
            .map(|key| found.remove(key).map_or_else(|| Ok(KeptTries::default()), read))
            .collect()
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

/// What came of it, and up to when the rate is used up.
enum Taken {
    Admitted(i64),
    Refused(i64),
}

impl Transaction {
    /// Fails with [`Guard::TriesUnchanged`] when there was another try meanwhile.
    pub fn put_tries(&mut self, who: &str, tries: &KeptTries, expires_at: Timestamp) {
        let item = item(&keys::tries(who), &Expiring::new(tries, expires_at), &[]);
        self.put(
            Table::Transient,
            item,
            Guard::TriesUnchanged,
            Condition::Was(Was::before(tries.version)),
        );
    }

    /// Whatever there was meanwhile.
    pub fn forget_tries(&mut self, who: &str, tries: &KeptTries, expires_at: Timestamp) {
        let item = item(&keys::tries(who), &Expiring::new(tries, expires_at), &[]);
        self.put_always(Table::Transient, item);
    }

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

    /// In place of what was wanted before.
    pub fn put_wanted_address(&mut self, wanted: &WantedAddress, expires_at: Timestamp) {
        let stored = Expiring::new(wanted, expires_at);
        let item = item(&keys::wanted_address(wanted.user), &stored, &[]);
        self.put_always(Table::Transient, item);
    }

    /// It was given, or is not wanted any more.
    pub fn forget_wanted_address(&mut self, user: UserId) {
        self.delete(Table::Transient, keys::wanted_address(user));
    }

    pub fn put_former_address(&mut self, former: &FormerAddress, expires_at: Timestamp) {
        let stored = Expiring::new(former, expires_at);
        let item = item(&keys::former_address(former.user, former.version), &stored, &[]);
        self.put_always(Table::Transient, item);
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
