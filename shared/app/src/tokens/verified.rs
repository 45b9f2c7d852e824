//! Tokens that were looked at lately.

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_lc_rs::digest;
use jiff::Timestamp;

use super::{Audience, BadToken, Claims, Keys};

/// How long a token that was verified is taken for good without another look at its signature.
pub const VERIFIED_SECONDS: i64 = 60;
/// Tokens that one sandbox remembers.
const VERIFIED_MAX: usize = 10_000;

/// Access tokens whose signature this sandbox looked at lately, by their SHA-256: a check of a signature is a third of
/// what a request costs. Whether the session behind one still is is asked beside it ([`crate::access`]).
#[derive(Default)]
pub struct Verified(Mutex<BTreeMap<[u8; 32], Remembered>>);

struct Remembered {
    until: i64,
    claims: Claims,
}

impl Verified {
    /// As [`Keys::verify`] has it for [`Audience::Api`].
    pub(crate) fn claims(
        &self,
        keys: &Keys,
        token: &str,
        now: Timestamp,
    ) -> std::result::Result<Claims, BadToken> {
        let digest = digest::digest(&digest::SHA256, token.as_bytes());
        let Ok(digest) = <[u8; 32]>::try_from(digest.as_ref()) else {
            return keys.verify(Audience::Api, token, now);
        };
        if let Some(claims) = self.remembered(&digest, now) {
            return Ok(claims);
        }
        let claims = keys.verify(Audience::Api, token, now)?;
        if let Ok(mut remembered) = self.0.lock() {
            if remembered.len() >= VERIFIED_MAX {
                remembered.clear();
            }
            let until = now.as_second().saturating_add(VERIFIED_SECONDS).min(claims.exp);
            let claims = claims.clone();
            remembered.insert(digest, Remembered { until, claims });
        }
        Ok(claims)
    }

    fn remembered(&self, digest: &[u8; 32], now: Timestamp) -> Option<Claims> {
        let remembered = self.0.lock().ok()?;
        let found = remembered.get(digest)?;
        (now.as_second() < found.until).then(|| found.claims.clone())
    }
}
