//! Passwords: argon2id, never kept, never compared by hand.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{App, Error, Result};

/// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// So many are hashed at the same time in one process: each takes 19 MiB and all of a core.
const AT_ONCE: usize = 4;
static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);
/// The hash of no password, against which an unknown address is checked, so that it takes as long as a
/// known one. Same parameters; the salt and digest are arbitrary.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$ZG9lc25vdG1hdGNoYW55cGFzc3dvcmQtYXQtYWxsISE";

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|e| Error::Internal(format!("argon2 parameters: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password as it is kept.
pub async fn hash(app: &App, password: String) -> Result<String> {
    let salt = app.ids().secret();
    let salt = salt.get(..16).unwrap_or(&salt);
    let salt = SaltString::encode_b64(salt).map_err(|e| Error::Internal(format!("salt: {e}")))?;
    off_the_loop(move || {
        let hash = argon2()?.hash_password(password.as_bytes(), &salt);
        hash.map(|h| h.to_string())
            .map_err(|e| Error::Internal(format!("argon2: {e}")))
    })
    .await
}

/// Whether it is the password; without a hash the answer is no, after the same work.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    off_the_loop(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parsed = PasswordHash::new(&hash).map_err(|e| Error::Internal(format!("a stored hash: {e}")))?;
        let fits = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(fits && known)
    })
    .await
}

/// Whether a hash was made in another way than new ones are.
pub fn is_outdated(hash: &str) -> bool {
    let made_with = PasswordHash::new(hash).ok().and_then(|hash| {
        let params = Params::try_from(&hash).ok()?;
        let is_ours =
            hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
        is_ours.then(|| (params.m_cost(), params.t_cost(), params.p_cost()))
    });
    made_with != Some((MEMORY_KIB, PASSES, LANES))
}

/// Hashing takes tens of milliseconds of a core; other requests of the process go on meanwhile.
async fn off_the_loop<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _room = ROOM
        .acquire()
        .await
        .map_err(|e| Error::Internal(format!("hashing: {e}")))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(format!("hashing: {e}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_address_costs_the_same_work_and_is_never_let_in() {
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "the dummy hash has to parse, or it would cost nothing"
        );
        assert_eq!(verify("anything at all".to_owned(), None).await, Ok(false));
    }

    #[test]
    fn a_hash_of_other_parameters_is_outdated() {
        assert!(!is_outdated(NOBODY));
        for other in [
            NOBODY.replace("m=19456", "m=9216"),
            NOBODY.replace("t=2", "t=4"),
            NOBODY.replace("p=1", "p=2"),
            NOBODY.replace("argon2id", "argon2i"),
            NOBODY.replace("v=19", "v=16"),
            String::new(),
        ] {
            assert!(is_outdated(&other), "{other}");
        }
    }

    #[tokio::test]
    async fn only_the_password_fits_its_hash() {
        let salt = SaltString::encode_b64(b"0123456789abcdef").unwrap();
        let hash = argon2()
            .unwrap()
            .hash_password(b"correct horse battery", &salt)
            .unwrap()
            .to_string();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(
            verify("correct horse battery".to_owned(), Some(hash.clone())).await,
            Ok(true)
        );
        assert_eq!(
            verify("correct horse batterx".to_owned(), Some(hash)).await,
            Ok(false)
        );
    }
}
