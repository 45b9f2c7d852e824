//! Proving that an address is one's own, with the token that was mailed to it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::UserId;
use domain::role::Role;
use domain::time::plus_seconds;
use domain::user::User;
use store::transient::Verification;
use store::{Fault, Guard, Transaction};

use crate::tokens::sha256_hex;
use crate::{App, Error, FieldError, Result};

/// How long a mailed token is good.
pub const VERIFICATION_SECONDS: i64 = 86_400;

/// A new token for somebody's address: only the mail holds it, the table only its digest.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn new_verification(app: &App, user: UserId) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(app.ids().secret());
    let mut transaction = Transaction::new();
    let expires_at = plus_seconds(app.now(), VERIFICATION_SECONDS);
    transaction.put_verification(&sha256_hex(token.as_bytes()), &Verification { user }, expires_at);
    app.store().commit(transaction).await?;
    Ok(token)
}

/// From now on the person may book; whoever proves the stage's bootstrap address becomes an admin.
///
/// # Errors
/// [`Error::Invalid`] for a token that is unknown, used or too old.
pub async fn verify_email(app: &App, token: &str) -> Result<User> {
    let now = app.now();
    let digest = sha256_hex(token.as_bytes());
    let Some(verification) = app.store().verification(&digest, now).await? else {
        return Err(no_good());
    };
    let Some(user) = app.store().user(verification.user).await? else {
        return Err(no_good());
    };
    let mut user = user;
    if !user.is_verified() {
        let verified = user.verified(now);
        let is_first_admin = app.config().bootstrap_admin.as_deref() == Some(verified.email.as_str());
        user = verified;
        if is_first_admin {
            user.roles.insert(Role::Admin);
        }
        let mut transaction = Transaction::new();
        transaction.use_verification(&digest, now);
        transaction.put_user(&user);
        match app.store().commit(transaction).await {
            Ok(()) => {}
            Err(Fault::Guard(Guard::VerificationOpen)) => return Err(no_good()),
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(user)
}

fn no_good() -> Error {
    Error::Invalid(vec![FieldError::new(
        "/token",
        "is unknown, used or too old; register again to get a new one",
    )])
}
