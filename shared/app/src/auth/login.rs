//! Signing in with a password.

use domain::id::{SessionId, UserId};
use domain::text::Email;
use domain::time::plus_seconds;
use domain::user::{RestrictionKind, User};
use futures_util::future::try_join;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use store::Transaction;
use store::transient::Session;
use store::users::Credential;

use super::mailed::replaced;
use super::refresh::SESSION_SECONDS;
use super::{password, tries};
use crate::tokens::{Audience, RefreshToken};
use crate::{App, Error, Result, retry};

/// What a client is given to stay signed in. Secrets.
pub struct SignedIn {
    pub access_token: String,
    pub access_expires_at: Timestamp,
    pub refresh_token: String,
    pub refresh_expires_at: Timestamp,
    pub user: User,
}

pub struct Login {
    /// Nothing when what was typed is no address: it is then unknown like any other.
    pub email: Option<Email>,
    pub password: SecretString,
    /// What the client calls itself.
    pub device: String,
}

/// Signs in from a network ([`crate::limits::network`]).
///
/// # Errors
/// [`Error::Unauthenticated`], the same for an unknown address and a wrong password; [`Error::TooManyRequests`] when it
/// comes too soon after others, whatever was typed; [`Error::Forbidden`] for whoever is banned, and knows the password.
pub async fn login(app: &App, network: &str, ask: Login) -> Result<SignedIn> {
    let typed = ask.email.as_ref().map_or("", Email::as_str);
    let id = async {
        Ok(match &ask.email {
            Some(email) => app.store().user_by_email(email).await?,
            None => None,
        })
    };
    let (this_try, id) = try_join(tries::begin(app, typed, network), id).await?;
    // For nobody as much is read as for somebody.
    let known = id.is_some();
    let id = id.unwrap_or_else(|| UserId::from_uuid(app.ids().uuid()));
    let (credential, user) = try_join(app.store().credential(id), app.store().user(id)).await?;
    let hash = credential.as_ref().map(|c| c.password_hash.clone());
    let fits = password::verify(ask.password.expose_secret().to_owned(), hash).await?;
    let (true, true, Some(credential), Some(user)) = (fits, known, credential, user) else {
        this_try.failed(app).await?;
        return Err(Error::Unauthenticated);
    };
    if user.is(RestrictionKind::Banned) {
        return Err(Error::Forbidden);
    }
    if password::is_outdated(&credential.password_hash) {
        rehash(app, &credential, &ask.password).await?;
    }
    let (session, signed_in) = begin(app, user, ask.device)?;
    let mut transaction = Transaction::new();
    transaction.put_session(&session);
    this_try.succeeded(&mut transaction, session.created_at);
    let transaction = &transaction;
    retry::on_conflict(|| async move { Ok(retry::raced(app.store().commit(transaction.clone()).await)?) })
        .await?;
    Ok(signed_in)
}

/// A session of this person's, to be put, and what the client is given of it.
fn begin(app: &App, user: User, device: String) -> Result<(Session, SignedIn)> {
    let now = app.now();
    let id = SessionId::from_uuid(app.ids().uuid());
    let refresh = RefreshToken::first(app.keys(), id, app.ids().secret())?;
    let (access_token, access_expires_at) = app.keys().sign(Audience::Api, user.id, id, now)?;
    let session = Session {
        id,
        user: user.id,
        current: refresh.digest(),
        previous: None,
        rotated_at: now,
        grace_used: false,
        revoked: false,
        epoch: user.epoch,
        created_at: now,
        expires_at: plus_seconds(now, SESSION_SECONDS),
        device,
        version: 1,
    };
    let signed_in = SignedIn {
        access_token,
        access_expires_at,
        refresh_token: refresh.text(),
        refresh_expires_at: session.expires_at,
        user,
    };
    Ok((session, signed_in))
}

/// The same password, hashed as new ones are. Whoever changes it meanwhile is first, and hashes so too.
async fn rehash(app: &App, credential: &Credential, password: &SecretString) -> Result<()> {
    let hash = password::hash(app, password.expose_secret().to_owned()).await?;
    let mut transaction = Transaction::new();
    transaction.put_credential(&replaced(app, credential, &hash));
    retry::raced(app.store().commit(transaction).await)?;
    Ok(())
}
