//! A new access token for a refresh token, which is used up by it.

use domain::time::plus_seconds;
use jiff::Timestamp;
use store::Transaction;
use store::transient::Session;

use super::login::SignedIn;
use super::logout;
use crate::access::may_act;
use crate::retry::{self, Attempt};
use crate::tokens::{Audience, RefreshToken};
use crate::{App, Error, Result};

/// How long a session lasts after its last rotation.
pub const SESSION_SECONDS: i64 = 30 * 86_400;
/// For this long after a rotation the parent may be shown once more, by a client that did not hear the
/// answer or a second tab of it.
pub const GRACE_SECONDS: i64 = 10;

/// What a refresh token is to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Current,
    /// The parent of the current one, shown again in time, for the first time.
    JustRotated,
    /// Used before: somebody has a copy.
    Reused,
}

fn standing(session: &Session, digest: &str, now: Timestamp) -> Standing {
    let in_grace = !session.grace_used && now <= plus_seconds(session.rotated_at, GRACE_SECONDS);
    if session.current == digest {
        Standing::Current
    } else if session.previous.as_deref() == Some(digest) && in_grace {
        Standing::JustRotated
    } else {
        Standing::Reused
    }
}

/// # Errors
/// [`Error::Unauthenticated`]; a token that was used before also ends the session.
pub async fn refresh(app: &App, token: &str) -> Result<SignedIn> {
    let Some(token) = RefreshToken::parse(app.keys(), token)? else {
        return Err(Error::Unauthenticated);
    };
    let token = &token;
    retry::on_conflict(|| async move {
        let now = app.now();
        let Some(session) = app.store().session(token.session, now).await? else {
            return Err(Error::Unauthenticated);
        };
        let user = app.store().user(session.user).await?;
        let Some(user) = user.filter(|user| may_act(&session, user)) else {
            return Err(Error::Unauthenticated);
        };
        let successor = token.successor(app.keys())?;
        let version = session.version.saturating_add(1);
        let next = match standing(&session, &token.digest(), now) {
            Standing::Current => Session {
                current: successor.digest(),
                previous: Some(token.digest()),
                rotated_at: now,
                grace_used: false,
                expires_at: plus_seconds(now, SESSION_SECONDS),
                version,
                ..session
            },
            Standing::JustRotated => Session {
                grace_used: true,
                version,
                ..session
            },
            Standing::Reused => Session {
                revoked: true,
                version,
                ..session
            },
        };
        let mut transaction = Transaction::new();
        transaction.put_session(&next);
        if let Attempt::Conflict = retry::raced(app.store().commit(transaction).await)? {
            return Ok(Attempt::Conflict);
        }
        if next.revoked {
            logout::ended(app, next.user, next.id).await;
            tracing::warn!(session.id = %next.id, "a refresh token was used again; the session is revoked");
            return Err(Error::Unauthenticated);
        }
        let (access_token, access_expires_at) = app.keys().sign(Audience::Api, user.id, next.id, now)?;
        Ok(Attempt::Done(SignedIn {
            access_token,
            access_expires_at,
            refresh_token: successor.text(),
            refresh_expires_at: next.expires_at,
            user,
        }))
    })
    .await
}
