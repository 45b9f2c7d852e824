//! Ends of connections.

use domain::id::{SessionId, UserId};
use store::Transaction;

use super::post;
use super::replies::{self, Farewell};
use super::subscribe::SUBSCRIPTIONS_MAX;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// Connections of one person that are looked at when some of them are to be ended: more than may be open,
/// for those that ended without a word are still on the list.
pub const LISTED_MAX: i32 = 100;
/// Subscriptions that one transaction ends, two writes each.
const ENDED_AT_ONCE: usize = 40;
/// What is read of a connection's subscriptions to end them.
const SUBSCRIPTIONS_READ: i32 = SUBSCRIPTIONS_MAX as i32;

/// A connection has closed, as API Gateway tells, which it does not always do.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn on_disconnect(app: &App, connection: &str) -> Result<()> {
    forget(app, connection).await
}

/// Ends the connections of a person, or those of one session. Their clients do not come back by themselves.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then some may still be open.
pub async fn disconnect_user(app: &App, user: UserId, session: Option<SessionId>) -> Result<()> {
    for connection in app.store().connections_of(user, LISTED_MAX).await? {
        if session.is_none() || connection.session == session {
            dismiss(app, &connection.id, Farewell::SessionEnded).await?;
        }
    }
    Ok(())
}

/// Ends the connections of a person, but for those of one session.
///
/// # Errors
/// [`crate::Error::Unavailable`]; then some may still be open.
pub async fn disconnect_others(app: &App, user: UserId, kept: SessionId) -> Result<()> {
    for connection in app.store().connections_of(user, LISTED_MAX).await? {
        if connection.session != Some(kept) {
            dismiss(app, &connection.id, Farewell::SessionEnded).await?;
        }
    }
    Ok(())
}

/// Says why, then closes. Whoever cannot be told is closed all the same.
pub async fn dismiss(app: &App, connection: &str, farewell: Farewell) -> Result<()> {
    post::post(app.sockets()?, connection, &replies::disconnect(farewell)).await;
    close(app, connection).await
}

/// Closes, then forgets. In this order: a connection that is forgotten and still open would wait for
/// events for ever.
pub async fn close(app: &App, connection: &str) -> Result<()> {
    post::close(app.sockets()?, connection).await?;
    forget(app, connection).await
}

/// Forgets a connection that is closed, and all that it listens to. The connection goes first: without it
/// no subscription can be added any more.
pub async fn forget(app: &App, id: &str) -> Result<()> {
    if let Some(connection) = app.store().connection(id).await? {
        delete(app, |transaction| {
            transaction.delete_connection(id, connection.user)
        })
        .await?;
    }
    loop {
        let subscriptions = app.store().subscriptions_of(id, SUBSCRIPTIONS_READ).await?;
        for chunk in subscriptions.chunks(ENDED_AT_ONCE) {
            delete(app, |transaction| {
                for subscription in chunk {
                    transaction.delete_subscription(id, &subscription.channel);
                }
            })
            .await?;
        }
        if subscriptions.len() < SUBSCRIPTIONS_MAX as usize {
            return Ok(());
        }
    }
}

async fn delete(app: &App, deletes: impl Fn(&mut Transaction) + Send + Sync) -> Result<()> {
    let deletes = &deletes;
    retry::on_conflict(|| async move {
        let mut transaction = Transaction::new();
        deletes(&mut transaction);
        let attempt: Attempt<()> = retry::raced(app.store().commit(transaction).await)?;
        Ok(attempt)
    })
    .await
}
