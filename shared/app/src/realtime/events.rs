//! Channels for clients without sockets, and the token for those with.

use domain::channel::Channel;
use jiff::Timestamp;
use store::messages::ChannelEvent;

use super::permission::may_listen;
use super::position::{self, Position};
use crate::access::Caller;
use crate::tokens::Audience;
use crate::{App, Error, Result};

/// Events of one answer.
pub const EVENTS_MAX: i32 = 100;

/// Lets a client sign in on a socket.
#[derive(Clone, PartialEq, Eq)]
pub struct SocketToken {
    pub token: String,
    pub expires_at: Timestamp,
    /// Where the sockets are.
    pub url: String,
}

/// What came after an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// Oldest first.
    pub events: Vec<ChannelEvent>,
    /// Where the channel is.
    pub offset: u64,
    pub epoch: String,
    /// Whether the events follow the asked offset without a gap. Otherwise there are none: read the thing
    /// itself, and go on from `offset`.
    pub complete: bool,
}

/// A token for one's own session.
///
/// # Errors
/// [`Error::Internal`] in a function without a signing key.
pub fn token(app: &App, caller: &Caller) -> Result<SocketToken> {
    let (token, expires_at) = app
        .keys()
        .sign(Audience::Realtime, caller.user, caller.session, app.now())?;
    let url = app.config().ws_url.clone();
    Ok(SocketToken {
        token,
        expires_at,
        url,
    })
}

/// What was published on a channel after an offset, at most `limit` of it ([`EVENTS_MAX`]). `epoch` is the
/// one that the offset is of, when the client knows it.
///
/// # Errors
/// [`Error::NotFound`] for a channel that the caller may not listen to, [`Error::Unauthenticated`] when
/// that may change by signing in.
pub async fn events_since(
    app: &App,
    caller: Option<&Caller>,
    channel: &Channel,
    since: u64,
    epoch: Option<&str>,
    limit: i32,
) -> Result<Events> {
    if !may_listen(app, caller, channel).await? {
        return Err(if caller.is_some() {
            Error::NotFound
        } else {
            Error::Unauthenticated
        });
    }
    let here = position::position(app, channel).await?;
    read(
        app,
        channel,
        here,
        since,
        epoch.unwrap_or_default(),
        limit.clamp(1, EVENTS_MAX),
    )
    .await
}

/// The same for whoever may listen.
pub async fn read(
    app: &App,
    channel: &Channel,
    here: Position,
    since: u64,
    epoch: &str,
    limit: i32,
) -> Result<Events> {
    let wanted = here
        .offset
        .saturating_sub(since)
        .min(u64::from(limit.unsigned_abs()));
    let until = Position {
        offset: since.saturating_add(wanted),
        epoch: here.epoch.clone(),
    };
    let events = match since > here.offset {
        true => None,
        false => position::replay(app, channel, &until, since, epoch).await?,
    };
    Ok(Events {
        complete: events.is_some(),
        events: events.unwrap_or_default(),
        offset: here.offset,
        epoch: here.epoch,
    })
}
