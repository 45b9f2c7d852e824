//! Ending a session.

use domain::id::{SessionId, UserId};
use store::Transaction;
use store::transient::Session;

use crate::access::Caller;
use crate::retry::{self, Attempt};
use crate::{App, Result, realtime};

/// Ends the session and its connections. Ending one that has ended is fine.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn logout(app: &App, me: &Caller) -> Result<()> {
    end(app, me.session).await?;
    ended(app, me.user, me.session).await;
    Ok(())
}

/// Revokes a session, unless it is over.
pub(super) async fn end(app: &App, id: SessionId) -> Result<()> {
    retry::on_conflict(|| async move {
        let Some(session) = app.store().session(id, app.now()).await? else {
            return Ok(Attempt::Done(()));
        };
        if session.revoked {
            return Ok(Attempt::Done(()));
        }
        let version = session.version.saturating_add(1);
        let mut transaction = Transaction::new();
        transaction.put_session(&Session {
            revoked: true,
            version,
            ..session
        });
        Ok(retry::raced(app.store().commit(transaction).await)?)
    })
    .await
}

/// What follows when a session was revoked. It is over in any case: a connection that cannot be ended now
/// ends with its next command.
pub(super) async fn ended(app: &App, user: UserId, session: SessionId) {
    app.forget_session(session);
    if let Err(error) = realtime::disconnect_user(app, user, Some(session)).await {
        tracing::error!(%error, session.id = %session, "connections of an ended session may still be open");
    }
}
