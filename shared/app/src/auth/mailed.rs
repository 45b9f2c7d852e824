//! Tokens that are mailed: only the mail holds one, the table only its digest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::UserId;
use domain::time::plus_seconds;
use store::Transaction;
use store::transient::{MailedFor, MailedToken, WantedAddress};
use store::users::Credential;

use crate::tokens::sha256_hex;
use crate::{App, Error, Result};

/// How long a token is good that proves an address.
pub const VERIFICATION_SECONDS: i64 = 86_400;
/// How long one is good that sets a new password.
pub const RESET_SECONDS: i64 = 3_600;

/// A new token for somebody.
///
/// # Errors
/// [`Error::NotFound`] for somebody without a password; [`Error::Unavailable`].
pub async fn new_token(app: &App, what: MailedFor, user: UserId) -> Result<String> {
    let seconds = match what {
        MailedFor::Verification | MailedFor::NewAddress => VERIFICATION_SECONDS,
        MailedFor::Reset => RESET_SECONDS,
    };
    let credential = app.store().credential(user).await?.ok_or(Error::NotFound)?;
    let kept = MailedToken {
        user,
        credential: credential.version,
        email: None,
    };
    keep(app, what, &kept, seconds).await
}

/// A new token for an address that somebody wants.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn new_address_token(app: &App, wanted: &WantedAddress) -> Result<String> {
    let kept = MailedToken {
        user: wanted.user,
        credential: wanted.credential,
        email: Some(wanted.email.clone()),
    };
    keep(app, MailedFor::NewAddress, &kept, VERIFICATION_SECONDS).await
}

async fn keep(app: &App, what: MailedFor, kept: &MailedToken, seconds: i64) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(app.ids().secret());
    let mut transaction = Transaction::new();
    let expires_at = plus_seconds(app.now(), seconds);
    transaction.put_mailed_token(what, &sha256_hex(token.as_bytes()), kept, expires_at);
    app.store().commit(transaction).await?;
    Ok(token)
}

/// A password as it was, with another in its place.
pub(super) fn replaced(app: &App, before: &Credential, password_hash: &str) -> Credential {
    Credential {
        password_hash: password_hash.to_owned(),
        updated_at: app.now(),
        version: before.version.saturating_add(1),
        user: before.user,
    }
}
