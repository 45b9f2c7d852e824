//! The password once more, for what nobody must be able to do who only found a device unlocked or a token.

use futures_util::future::try_join;
use secrecy::{ExposeSecret, SecretString};
use store::Transaction;
use store::users::Credential;

use super::{password, tries};
use crate::access::Caller;
use crate::{App, Error, FieldError, Result, retry};

/// The password as it is kept, of somebody who knows it.
///
/// # Errors
/// [`Error::Invalid`] at `/password` for another one; [`Error::TooManyRequests`] after too many of them, as at sign-in;
/// [`Error::NotFound`] for somebody without a password.
pub async fn prove(app: &App, me: &Caller, network: &str, password: &SecretString) -> Result<Credential> {
    let store = app.store();
    let (user, credential) = try_join(store.user(me.user), store.credential(me.user)).await?;
    let (Some(user), Some(credential)) = (user, credential) else {
        return Err(Error::NotFound);
    };
    let this_try = tries::begin(app, user.email.as_str(), network).await?;
    let kept = credential.password_hash.clone();
    if !password::verify(password.expose_secret().to_owned(), Some(kept)).await? {
        this_try.failed(app).await?;
        return Err(wrong());
    }
    let mut transaction = Transaction::new();
    this_try.succeeded(&mut transaction, app.now());
    let transaction = &transaction;
    retry::on_conflict(|| async move { Ok(retry::raced(store.commit(transaction.clone()).await)?) }).await?;
    Ok(credential)
}

/// What is told about a password that is not the one.
pub(super) fn wrong() -> Error {
    Error::Invalid(vec![FieldError::new("/password", "is not the one that you have")])
}
