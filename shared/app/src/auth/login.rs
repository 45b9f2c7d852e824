//! Signing in with a password.

use domain::id::SessionId;
use domain::text::Email;
use domain::time::plus_seconds;
use domain::user::{RestrictionKind, User};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use store::Transaction;
use store::transient::Session;

use super::password;
use super::refresh::SESSION_SECONDS;
use crate::tokens::{Audience, RefreshToken};
use crate::{App, Error, Result};

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

/// # Errors
/// [`Error::Unauthenticated`], the same for an unknown address and a wrong password; [`Error::Forbidden`] for whoever is
/// banned, and knows the password.
pub async fn login(app: &App, ask: Login) -> Result<SignedIn> {
    let id = match &ask.email {
        Some(email) => app.store().user_by_email(email).await?,
        None => None,
    };
    let credential = match id {
        Some(id) => app.store().credential(id).await?,
        None => None,
    };
    let hash = credential.map(|c| c.password_hash);
    let fits = password::verify(ask.password.expose_secret().to_owned(), hash).await?;
    let (true, Some(id)) = (fits, id) else {
        return Err(Error::Unauthenticated);
    };
    let Some(user) = app.store().user(id).await? else {
        return Err(Error::Unauthenticated);
    };
    if user.is(RestrictionKind::Banned) {
        return Err(Error::Forbidden);
    }

    let now = app.now();
    let session = SessionId::from_uuid(app.ids().uuid());
    let refresh = RefreshToken::first(app.keys(), session, app.ids().secret())?;
    let (access_token, access_expires_at) = app.keys().sign(Audience::Api, user.id, session, now)?;
    let stored = Session {
        id: session,
        user: user.id,
        current: refresh.digest(),
        previous: None,
        rotated_at: now,
        grace_used: false,
        revoked: false,
        epoch: user.epoch,
        created_at: now,
        expires_at: plus_seconds(now, SESSION_SECONDS),
        device: ask.device,
        version: 1,
    };
    let mut transaction = Transaction::new();
    transaction.put_session(&stored);
    app.store().commit(transaction).await?;
    Ok(SignedIn {
        access_token,
        access_expires_at,
        refresh_token: refresh.text(),
        refresh_expires_at: stored.expires_at,
        user,
    })
}
