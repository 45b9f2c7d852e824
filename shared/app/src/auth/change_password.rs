//! Another password, by somebody who knows the one that they have.

use domain::text::Password;
use secrecy::{ExposeSecret, SecretString};
use store::Transaction;
use store::transient::Session;

use super::mailed::replaced;
use super::password;
use super::prove::{self, prove};
use crate::access::{Caller, may_act};
use crate::message::{About, Message};
use crate::retry::{self, Attempt};
use crate::{App, Error, FieldError, Result, realtime};

/// All sessions but the present one end, with their connections, and a mail tells of it.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, and for the same one again; [`Error::TooManyRequests`] after too many wrong
/// ones; [`Error::Unavailable`], also when it was changed and nobody could be told.
pub async fn change_password(
    app: &App,
    me: &Caller,
    network: &str,
    known: &SecretString,
    new: &Password,
) -> Result<()> {
    if known.expose_secret() == new.expose() {
        let message = "is the one that you have";
        return Err(Error::Invalid(vec![FieldError::new("/new_password", message)]));
    }
    let proved = &prove(app, me, network, known).await?;
    let hash = &password::hash(app, new.expose().to_owned()).await?;
    let at = retry::on_conflict(|| async move {
        let (store, now) = (app.store(), app.now());
        let (user, credential) =
            futures_util::future::try_join(store.user(me.user), store.credential(me.user)).await?;
        let (Some(user), Some(credential)) = (user, credential) else {
            return Err(Error::NotFound);
        };
        // Looked at anew: a session that is over must not live on by this.
        let session = store.session(me.session, now).await?;
        let session = session
            .filter(|session| may_act(session, &user))
            .ok_or(Error::Unauthenticated)?;
        if credential.password_hash != proved.password_hash {
            return Err(prove::wrong());
        }
        let user = user.signed_out(now);
        let mut transaction = Transaction::new();
        transaction.put_credential(&replaced(app, &credential, hash));
        transaction.put_session(&Session {
            epoch: user.epoch,
            version: session.version.saturating_add(1),
            ..session
        });
        transaction.put_user(&user);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(now),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await?;
    if let Err(error) = realtime::disconnect_others(app, me.user, me.session).await {
        tracing::error!(%error, user.id = %me.user, "connections of ended sessions may still be open");
    }
    let about = About::PasswordChanged { user: me.user, at };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}
