//! Another address, by somebody who knows the password and reads the mail at both.

use domain::text::Email;
use domain::time::plus_seconds;
use domain::user::User;
use futures_util::future::try_join3;
use secrecy::{ExposeSecret, SecretString};
use store::transient::{FormerAddress, MailedFor, WantedAddress};
use store::{Fault, Guard, Transaction};

use super::mailed::VERIFICATION_SECONDS;
use super::password;
use super::prove::prove;
use crate::access::Caller;
use crate::message::{About, Message};
use crate::retry::{self, Attempt};
use crate::tokens::sha256_hex;
use crate::{App, Error, FieldError, Result, realtime};

/// For so long it is known which address somebody had before, to tell them there.
const FORMER_SECONDS: i64 = 7 * 86_400;

/// Asks for a mail with a token to the new address; the present one is told. The answer is the same whether or not the
/// new address has an account. Of several asked for, the last one counts.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, and for the same address again; [`Error::TooManyRequests`] after too many
/// wrong ones; [`Error::Unavailable`].
pub async fn ask_to_change_email(
    app: &App,
    me: &Caller,
    network: &str,
    password: &SecretString,
    email: &Email,
) -> Result<()> {
    let credential = prove(app, me, network, password).await?;
    let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
    if user.email == *email {
        let message = "is the one that you have";
        return Err(Error::Invalid(vec![FieldError::new("/email", message)]));
    }
    let now = app.now();
    let wanted = WantedAddress {
        user: me.user,
        email: email.clone(),
        credential: credential.version,
    };
    let mut transaction = Transaction::new();
    transaction.put_wanted_address(&wanted, plus_seconds(now, VERIFICATION_SECONDS));
    app.store().commit(transaction).await?;
    let about = About::AddressWanted {
        user: me.user,
        at: now,
    };
    Ok(app.queue()?.send(&Message::notification(about)).await?)
}

/// The address is theirs from now on. All sessions end, with their connections, and the address before is told.
///
/// The token shows whose address it is, the password whose account: whoever is sent a token by somebody's typing error
/// gets no account by it.
///
/// # Errors
/// [`Error::Invalid`] for a token that is unknown, used or too old, or was made before the password was changed last, for
/// another password, and when somebody else has registered with the address meanwhile; [`Error::Unavailable`], also when
/// it was changed and the address before could not be told.
pub async fn change_email(app: &App, token: &str, password: &SecretString) -> Result<User> {
    let digest = &sha256_hex(token.as_bytes());
    let what = MailedFor::NewAddress;
    let user = retry::on_conflict(|| async move {
        let (store, now) = (app.store(), app.now());
        let token = store.mailed_token(what, digest, now).await?.ok_or_else(no_good)?;
        let id = token.user;
        let (user, credential, wanted) = try_join3(
            store.user(id),
            store.credential(id),
            store.wanted_address(id, now),
        )
        .await?;
        let (Some(user), Some(credential), Some(wanted)) = (user, credential, wanted) else {
            return Err(no_good());
        };
        let is_wanted = token.email.as_ref() == Some(&wanted.email);
        if !is_wanted || credential.version != token.credential {
            return Err(no_good());
        }
        let hash = credential.password_hash.clone();
        if !password::verify(password.expose_secret().to_owned(), Some(hash)).await? {
            return Err(super::prove::wrong());
        }
        let former = user.email.clone();
        let user = user.with_email(wanted.email, now);
        let mut transaction = Transaction::new();
        transaction.use_mailed_token(what, digest, now);
        transaction.claim_email(&user.email, user.id);
        transaction.release_email(&former);
        transaction.forget_wanted_address(id);
        transaction.check_credential(&credential);
        transaction.put_former_address(
            &FormerAddress {
                user: user.id,
                email: former,
                version: user.version,
            },
            plus_seconds(now, FORMER_SECONDS),
        );
        transaction.put_user(&user);
        match retry::raced(store.commit(transaction).await) {
            Ok(Attempt::Done(())) => Ok(Attempt::Done(user)),
            Ok(Attempt::Conflict) => Ok(Attempt::Conflict),
            Err(Fault::Guard(Guard::MailedTokenOpen)) => Err(no_good()),
            Err(Fault::Guard(Guard::EmailFree)) => Err(taken()),
            Err(fault) => Err(fault.into()),
        }
    })
    .await?;
    if let Err(error) = realtime::disconnect_user(app, user.id, None).await {
        tracing::error!(%error, user.id = %user.id, "connections of ended sessions may still be open");
    }
    let about = About::AddressChanged {
        user: user.id,
        version: user.version,
        at: user.updated_at,
    };
    app.queue()?.send(&Message::notification(about)).await?;
    Ok(user)
}

fn no_good() -> Error {
    Error::Invalid(vec![FieldError::new(
        "/token",
        "is unknown, used or too old; ask for a new one",
    )])
}

/// Told to whoever reads the mail there.
fn taken() -> Error {
    Error::Invalid(vec![FieldError::new(
        "/token",
        "is for an address that has an account by now",
    )])
}
