//! `Idempotency-Key`, with Stripe's semantics.
//!
//! The first answer of an operation that began is saved under its key, status and body, a 500 included. The
//! same key with the same parameters replays it; with other parameters, or at another endpoint, it is a 400.
//! While the first call runs, a second is a 409. Nothing is saved by a refusal of parameters, a 401, a 409 or
//! a 429. Keys may be forgotten after a day, and are. Only POST has them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest;

use crate::api_error::ApiError;
use crate::store::{SavedAnswer, Tx};

pub const KEY_CHARACTERS_MAX: usize = 255;
/// How long an answer is kept: 24 hours.
pub const KEEP_MS: i64 = 24 * 60 * 60 * 1_000;

/// A request under a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub key: String,
    /// The path, as the message of a mismatch shows it.
    pub endpoint: String,
    pub fingerprint: String,
}

impl Keyed {
    pub fn new(key: &str, endpoint: &str, canonical_parameters: &str) -> Result<Self, ApiError> {
        if key.is_empty() || key.chars().count() > KEY_CHARACTERS_MAX {
            return Err(ApiError::key_too_long(KEY_CHARACTERS_MAX));
        }
        let fingerprint = hex::encode(digest::digest(&digest::SHA256, canonical_parameters.as_bytes()));
        Ok(Self {
            key: key.to_owned(),
            endpoint: endpoint.to_owned(),
            fingerprint,
        })
    }

    /// The answer to replay, if this request was answered before.
    pub fn saved(&self, tx: &Tx<'_>, now_ms: i64) -> Result<Option<SavedAnswer>, ApiError> {
        let found = tx.saved_answer(&self.key)?;
        let Some(saved) = found.filter(|saved| now_ms.saturating_sub(saved.created_ms) < KEEP_MS) else {
            return Ok(None);
        };
        if saved.endpoint != self.endpoint {
            return Err(ApiError::key_of_other_endpoint(
                &self.key,
                &self.endpoint,
                &saved.endpoint,
            ));
        }
        if saved.fingerprint != self.fingerprint {
            return Err(ApiError::key_of_other_parameters(&self.key));
        }
        Ok(Some(saved))
    }

    /// Saves the answer, in the transaction of the effect. Old keys are forgotten on the way.
    pub fn save(
        &self,
        tx: &Tx<'_>,
        status: u16,
        body: &str,
        request: &str,
        now_ms: i64,
    ) -> Result<(), ApiError> {
        tx.prune_answers(now_ms.saturating_sub(KEEP_MS))?;
        let answer = SavedAnswer {
            endpoint: self.endpoint.clone(),
            fingerprint: self.fingerprint.clone(),
            status,
            body: body.to_owned(),
            request: request.to_owned(),
            created_ms: now_ms,
        };
        Ok(tx.save_answer(&self.key, &answer)?)
    }
}

/// The keys of calls that run now. In memory: a killed process has none under way.
#[derive(Debug, Default)]
pub struct InFlight(Mutex<BTreeSet<String>>);

impl InFlight {
    /// Marks a key until the guard is dropped; none when it is marked already.
    pub fn enter(&self, key: &str) -> Option<InFlightGuard<'_>> {
        let fresh = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned());
        fresh.then(|| InFlightGuard {
            keys: self,
            key: key.to_owned(),
        })
    }
}

#[derive(Debug)]
pub struct InFlightGuard<'a> {
    keys: &'a InFlight,
    key: String,
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.keys
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}
