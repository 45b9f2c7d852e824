//! Ending a session.

use store::Transaction;
use store::transient::Session;

use crate::access::Caller;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// Ending one that has ended is fine.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn logout(app: &App, me: &Caller) -> Result<()> {
    retry::on_conflict(|| async move {
        let Some(session) = app.store().session(me.session, app.now()).await? else {
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
    .await?;
    app.forget_session(me.session);
    Ok(())
}
