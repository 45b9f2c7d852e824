//! Another password, by somebody who forgot the one that they had.

use domain::id::UserId;
use domain::text::{Email, Password};
use store::transient::MailedFor;
use store::{Fault, Guard, Transaction};

use super::mailed::replaced;
use super::password;
use crate::message::{About, Message};
use crate::retry::{self, Attempt};
use crate::tokens::sha256_hex;
use crate::{App, Error, FieldError, Result, realtime};

/// Asks for a mail with a token. The answer, and the work, are the same whether or not the address has an account.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn ask_to_reset(app: &App, email: &Email) -> Result<()> {
    let known = app.store().user_by_email(email).await?;
    // For nobody the worker finds nobody.
    let user = known.unwrap_or_else(|| UserId::from_uuid(app.ids().uuid()));
    let about = About::ResetPassword { user };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

/// Sets it by the token that was mailed. All sessions end, with their connections, and a mail tells of it.
///
/// # Errors
/// [`Error::Invalid`] for a token that is unknown, used or too old, or was made before the password was changed last;
/// [`Error::Unavailable`], also when it was set and nobody could be told.
pub async fn reset_password(app: &App, token: &str, new: &Password) -> Result<()> {
    let digest = &sha256_hex(token.as_bytes());
    let what = MailedFor::Reset;
    // Looked at first: hashing is work, which whoever has no token does not get.
    if app.store().mailed_token(what, digest, app.now()).await?.is_none() {
        return Err(no_good());
    }
    let hash = &password::hash(app, new.expose().to_owned()).await?;
    let (user, at) = retry::on_conflict(|| async move {
        let (store, now) = (app.store(), app.now());
        let token = store.mailed_token(what, digest, now).await?.ok_or_else(no_good)?;
        let (user, credential) =
            futures_util::future::try_join(store.user(token.user), store.credential(token.user)).await?;
        let (Some(user), Some(credential)) = (user, credential) else {
            return Err(no_good());
        };
        if credential.version != token.credential {
            return Err(no_good());
        }
        let mut transaction = Transaction::new();
        transaction.use_mailed_token(what, digest, now);
        transaction.put_credential(&replaced(app, &credential, hash));
        transaction.put_user(&user.signed_out(now));
        match retry::raced(store.commit(transaction).await) {
            Ok(Attempt::Done(())) => Ok(Attempt::Done((token.user, now))),
            Ok(Attempt::Conflict) => Ok(Attempt::Conflict),
            Err(Fault::Guard(Guard::MailedTokenOpen)) => Err(no_good()),
            Err(fault) => Err(fault.into()),
        }
    })
    .await?;
    if let Err(error) = realtime::disconnect_user(app, user, None).await {
        tracing::error!(%error, user.id = %user, "connections of ended sessions may still be open");
    }
    let about = About::PasswordChanged { user, at };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

fn no_good() -> Error {
    Error::Invalid(vec![FieldError::new(
        "/token",
        "is unknown, used or too old; ask for a new one",
    )])
}
