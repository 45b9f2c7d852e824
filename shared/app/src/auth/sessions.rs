//! A person's sessions, and ends of them.

use domain::id::SessionId;
use store::Transaction;
use store::transient::Session;

use super::logout;
use crate::access::{Caller, may_act};
use crate::retry::{self, Attempt};
use crate::{App, Error, Result, realtime};

/// Those that are not over, whichever was used last first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn sessions(app: &App, me: &Caller) -> Result<Vec<Session>> {
    let store = app.store();
    let (user, mut found) =
        futures_util::future::try_join(store.user(me.user), store.sessions_of(me.user)).await?;
    let user = user.ok_or(Error::NotFound)?;
    let now = app.now();
    found.retain(|session| may_act(session, &user) && now < session.expires_at);
    found.sort_by_key(|session| std::cmp::Reverse((session.rotated_at, session.id)));
    Ok(found)
}

/// Ends one of the caller's sessions, their present one or another, and its connections.
///
/// # Errors
/// [`Error::NotFound`] for another's, and one that is over.
pub async fn end_session(app: &App, me: &Caller, id: SessionId) -> Result<()> {
    let session = app.store().session(id, app.now()).await?;
    if !session.is_some_and(|session| session.user == me.user && !session.revoked) {
        return Err(Error::NotFound);
    }
    logout::end(app, id).await?;
    logout::ended(app, me.user, id).await;
    Ok(())
}

/// Ends all of them, the present one too, and all connections: however many there are, and those that are just
/// beginning.
///
/// # Errors
/// [`Error::NotFound`] when the account is gone; [`Error::Unavailable`]; then connections may still be open.
pub async fn end_all_sessions(app: &App, me: &Caller) -> Result<()> {
    retry::on_conflict(|| async move {
        let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
        let mut transaction = Transaction::new();
        transaction.put_user(&user.signed_out(app.now()));
        let attempt: Attempt<()> = retry::raced(app.store().commit(transaction).await)?;
        Ok(attempt)
    })
    .await?;
    app.forget_session(me.session);
    realtime::disconnect_user(app, me.user, None).await
}
