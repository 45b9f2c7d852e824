//! Requests that may be sent twice: the second one gets the answer of the first.
//!
//! Where the effect is ours alone, the record is written in the effect's own transaction, so that
//! there is no state in between. Where a call to a provider stands between, a lease goes first.

use std::future::Future;

use domain::id::UserId;
use domain::time::plus_seconds;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::transient::OnceRecord;
use store::{Fault, Guard, Transaction};

use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// How long an answer is kept. Stripe keeps its own for 24 hours at least.
pub const KEPT_SECONDS: i64 = 86_400;
/// How long a request with a provider's call in it may take before another may try it again: longer
/// than any function's timeout.
pub const LEASE_SECONDS: i64 = 40;

/// A request by its owner, its key, and what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    owner: String,
    key: String,
    request: String,
}

/// A result, and whether it is that of an earlier request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    pub value: T,
    pub replayed: bool,
}

impl<T> Outcome<T> {
    pub const fn fresh(value: T) -> Self {
        Self {
            value,
            replayed: false,
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome {
            value: f(self.value),
            replayed: self.replayed,
        }
    }
}

impl Once {
    /// `request` is the SHA-256 over method, path and body.
    #[must_use]
    pub fn new(owner: UserId, key: &str, request: &[u8; 32]) -> Self {
        Self {
            owner: owner.to_string(),
            key: key.to_owned(),
            request: hex::encode(request),
        }
    }

    /// The result of the first request with this key, when there is one.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it asked something else, [`Error::InProgress`] while it is worked on.
    async fn earlier<T: DeserializeOwned>(&self, app: &App, now: Timestamp) -> Result<Option<Outcome<T>>> {
        let Some(record) = app.store().once(&self.owner, &self.key, now).await? else {
            return Ok(None);
        };
        if record.request != self.request {
            return Err(Error::KeyReused);
        }
        match record.outcome {
            Some(outcome) => {
                let value = serde_json::from_str(&outcome)
                    .map_err(|e| Error::Internal(format!("a stored outcome does not read: {e}")))?;
                Ok(Some(Outcome {
                    value,
                    replayed: true,
                }))
            }
            None if record.lease.is_some_and(|lease| now.as_millisecond() < lease) => Err(Error::InProgress),
            None => Ok(None),
        }
    }

    /// Lets a transaction that goes before the effect's own fail once there is a result.
    pub(crate) fn check(&self, transaction: &mut Transaction, now: Timestamp) {
        transaction.check_once(&self.owner, &self.key, now);
    }

    fn record<T: Serialize>(&self, outcome: Option<&T>, lease: Option<i64>) -> Result<OnceRecord> {
        let outcome = outcome
            .map(serde_json::to_string)
            .transpose()
            .map_err(|e| Error::Internal(format!("an outcome cannot be stored: {e}")))?;
        Ok(OnceRecord {
            request: self.request.clone(),
            outcome,
            lease,
        })
    }
}

/// Reads, decides and writes until nobody is in the way; with a key, at most once. `plan` reads and
/// decides, and gives what to write and what to answer.
///
/// # Errors
/// What `plan` refuses with, unless an earlier request with the key succeeded; those of [`Once`].
pub async fn write<T, F, Fut>(app: &App, once: Option<&Once>, plan: F) -> Result<Outcome<T>>
where
    T: Serialize + DeserializeOwned,
    F: Fn(Timestamp) -> Fut,
    Fut: Future<Output = Result<(Transaction, T)>>,
{
    let plan = &plan;
    retry::on_conflict(|| async move {
        let now = app.now();
        let (mut transaction, value) = match plan(now).await {
            Ok(planned) => planned,
            // What stands in the way may be the effect of this very request, whose answer was lost.
            Err(refusal) => return answer_earlier(app, once, now, refusal).await,
        };
        if let Some(once) = once {
            let record = once.record(Some(&value), None)?;
            transaction.put_once(
                &once.owner,
                &once.key,
                &record,
                now,
                plus_seconds(now, KEPT_SECONDS),
            );
        }
        if transaction.is_empty() {
            return Ok(Attempt::Done(Outcome::fresh(value)));
        }
        match retry::raced(app.store().commit(transaction).await) {
            Ok(Attempt::Done(())) => Ok(Attempt::Done(Outcome::fresh(value))),
            Ok(Attempt::Conflict) => Ok(Attempt::Conflict),
            Err(Fault::Guard(Guard::OnceFree)) => answer_earlier(app, once, now, Error::InProgress).await,
            Err(fault) => Err(fault.into()),
        }
    })
    .await
}

async fn answer_earlier<T: DeserializeOwned>(
    app: &App,
    once: Option<&Once>,
    now: Timestamp,
    otherwise: Error,
) -> Result<Attempt<Outcome<T>>> {
    let Some(once) = once else { return Err(otherwise) };
    once.earlier(app, now).await?.map(Attempt::Done).ok_or(otherwise)
}

/// Runs something with a provider's call in it: one at a time, and never again once it has a result.
/// A failure is not kept; the next request tries again, and the provider's own key makes it safe.
///
/// # Errors
/// What `work` fails with; those of [`Once`].
pub async fn leased<T, Fut>(app: &App, once: &Once, work: Fut) -> Result<Outcome<T>>
where
    T: Serialize + DeserializeOwned,
    Fut: Future<Output = Result<T>>,
{
    let now = app.now();
    if let Some(earlier) = once.earlier(app, now).await? {
        return Ok(earlier);
    }
    let lease = plus_seconds(now, LEASE_SECONDS).as_millisecond();
    let expires_at = plus_seconds(now, KEPT_SECONDS);
    let mut begin = Transaction::new();
    begin.lease_once(
        &once.owner,
        &once.key,
        &once.record::<T>(None, Some(lease))?,
        now,
        expires_at,
    );
    match app.store().commit(begin).await {
        Ok(()) => {}
        Err(Fault::Guard(Guard::OnceFree) | Fault::Conflict) => {
            return once.earlier(app, now).await?.ok_or(Error::InProgress);
        }
        Err(fault) => return Err(fault.into()),
    }
    let result = work.await;
    let mut end = Transaction::new();
    match &result {
        Ok(value) => end.settle_once(
            &once.owner,
            &once.key,
            &once.record(Some(value), None)?,
            lease,
            expires_at,
        ),
        Err(_) => end.release_once(&once.owner, &once.key, lease),
    }
    // The effect is there whatever becomes of its record: a caller who asks again is led to it by the
    // keys that the provider was given.
    if let Err(fault) = app.store().commit(end).await {
        tracing::warn!(error = %fault, "the record of a request could not be settled");
    }
    result.map(Outcome::fresh)
}
