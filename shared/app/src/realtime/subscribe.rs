//! Listening to a channel, and no longer.

use domain::channel::Channel;
use serde_json::json;
use store::Transaction;
use store::connections::{Connection, Subscription};

use super::frames::{self, REJECT_UNRECOVERED};
use super::join::{self, Join};
use super::permission::may_listen;
use super::replies::Code;
use super::session::{Reply, Session};
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// Channels that a connection may listen to, its own person's included.
pub const SUBSCRIPTIONS_MAX: u32 = 100;

enum Added {
    Yes(Subscription),
    /// It has as many as it may have.
    Full,
    /// The connection has ended.
    Ended,
}

/// Whether a channel does not exist or is not for this client is not told apart.
pub async fn subscribe(session: &mut Session<'_>, command: u32, ask: frames::Subscribe) -> Result<Reply> {
    let app = session.app();
    let Ok(channel) = ask.channel.parse::<Channel>() else {
        return Ok(Reply::Refused(Code::PermissionDenied));
    };
    let who = session.who().await?;
    if !may_listen(app, who.as_ref(), &channel).await? {
        return Ok(Reply::Refused(Code::PermissionDenied));
    }
    let subscription = match add(app, session.id(), channel, command).await? {
        Added::Yes(subscription) => subscription,
        Added::Full => return Ok(Reply::Refused(Code::LimitExceeded)),
        Added::Ended => return Ok(Reply::Refused(Code::Internal)),
    };
    let opening = match join::opening(app, &channel, &ask.recover).await {
        Ok(opening) if opening.lost && ask.flag & REJECT_UNRECOVERED != 0 => {
            remove(app, session.id(), channel, command).await?;
            return Ok(Reply::Refused(Code::UnrecoverablePosition));
        }
        Ok(opening) => opening,
        Err(error) => {
            // Left behind, it would end the connection at the next event, which would do as well.
            let _ended = remove(app, session.id(), channel, command).await;
            return Err(error);
        }
    };
    session.joins(
        Join {
            subscription,
            told: opening.told,
        },
        opening.behind,
    );
    Ok(Reply::Done("subscribe", opening.result))
}

/// Ending what is not there is fine.
pub async fn unsubscribe(session: &Session<'_>, command: u32, ask: &frames::Unsubscribe) -> Result<Reply> {
    if let Ok(channel) = ask.channel.parse::<Channel>() {
        remove(session.app(), session.id(), channel, command).await?;
    }
    Ok(Reply::Done("unsubscribe", json!({})))
}

async fn add(app: &App, id: &str, channel: Channel, command: u32) -> Result<Added> {
    retry::on_conflict(|| async move {
        let Some(connection) = app.store().connection(id).await? else {
            return Ok(Attempt::Done(Added::Ended));
        };
        let before = app.store().subscription(id, &channel).await?;
        if before.is_none() && connection.subscriptions >= SUBSCRIPTIONS_MAX {
            return Ok(Attempt::Done(Added::Full));
        }
        let more = u32::from(before.is_none());
        let version = connection.version.saturating_add(1);
        let subscription = Subscription {
            connection: id.to_owned(),
            channel,
            command: before.map_or(command, |before| before.command.max(command)),
            told: None,
            version,
        };
        let mut transaction = Transaction::new();
        transaction.put_connection(&Connection {
            subscriptions: connection.subscriptions.saturating_add(more),
            version,
            ..connection
        });
        transaction.put_subscription(&subscription, app.now());
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(Added::Yes(subscription)),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}

/// Frames are handled out of order, so a command ends only what an earlier one began.
async fn remove(app: &App, id: &str, channel: Channel, command: u32) -> Result<()> {
    retry::on_conflict(|| async move {
        let Some(connection) = app.store().connection(id).await? else {
            return Ok(Attempt::Done(()));
        };
        match app.store().subscription(id, &channel).await? {
            Some(subscription) if subscription.command <= command => {}
            Some(_) | None => return Ok(Attempt::Done(())),
        }
        let mut transaction = Transaction::new();
        transaction.put_connection(&Connection {
            subscriptions: connection.subscriptions.saturating_sub(1),
            version: connection.version.saturating_add(1),
            ..connection
        });
        transaction.delete_subscription(id, &channel);
        Ok(retry::raced(app.store().commit(transaction).await)?)
    })
    .await
}
