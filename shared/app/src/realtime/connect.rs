//! The first command of a connection: who is there.

use domain::channel::Channel;
use domain::id::UserId;
use domain::rate::Rate;
use serde_json::{Map, json};
use store::connections::{Connection, Subscription};
use store::{Fault, Guard, Transaction};

use super::frames::{self, Recover};
use super::hangup::{self, LISTED_MAX};
use super::join::{self, Join};
use super::pace;
use super::replies::{Code, Farewell};
use super::session::{Reply, Session};
use crate::access::Caller;
use crate::limits::network;
use crate::retry::{self, Attempt};
use crate::tokens::{Audience, BadToken};
use crate::{App, Error, Result};

/// Connections that a person may have open. One more closes the oldest: connections that ended without a
/// word must not keep anybody out.
pub const CONNECTIONS_MAX: usize = 10;
const FIRST_VERSION: u64 = 1;
/// What the server calls itself.
const VERSION: &str = concat!("tofimotia ", env!("CARGO_PKG_VERSION"));

/// Connections that may be opened from one address for long: everybody in an office shares one.
pub const CONNECTS_PER_SECOND: i64 = 5;
/// Connections that may be opened from one address at once after a pause.
pub const CONNECTS_BURST: i64 = 100;

/// Why a socket is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// A page of a strange origin asks.
    Origin,
    /// Too many were opened from this address lately.
    Rate,
}

/// Whether a socket may be opened, before it is known who is there. `origin` is nothing for what is no
/// browser: a browser always sends it, and a page cannot change it. Nothing but a token in the first command
/// gives any right, so this keeps strange pages and single addresses from using up connections and no more.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn may_open(
    app: &App,
    origin: Option<&[u8]>,
    address: &str,
) -> Result<std::result::Result<(), Unopened>> {
    let allowed = &app.config().allowed_origins;
    if !origin.is_none_or(|origin| allowed.iter().any(|allowed| allowed.as_bytes() == origin)) {
        return Ok(Err(Unopened::Origin));
    }
    let rate = Rate::per_second(CONNECTS_PER_SECOND, CONNECTS_BURST);
    let standing = app
        .store()
        .take("connect", &network(address), rate, app.now())
        .await?;
    Ok(match standing.admitted {
        true => Ok(()),
        false => Err(Unopened::Rate),
    })
}

/// Without a token somebody is nobody, and may listen to what is public. `commands` is how many the frame
/// has, which begins the connection's pace.
pub async fn connect(
    session: &mut Session<'_>,
    command: u32,
    commands: u32,
    ask: frames::Connect,
) -> Result<Reply> {
    let app = session.app();
    let who = match who(app, &ask.token).await? {
        Ok(who) => who,
        Err(BadToken::Expired) => return Ok(Reply::Refused(Code::TokenExpired)),
        Err(BadToken::Invalid) => return Ok(Reply::Over(Code::Unauthorized, Farewell::InvalidToken)),
    };
    let own = who.as_ref().map(|caller| Subscription {
        connection: session.id().to_owned(),
        channel: Channel::User(caller.user),
        command,
        told: None,
        version: FIRST_VERSION,
    });
    let Some(connection) = open(app, session.id(), who.as_ref(), own.as_ref(), commands).await? else {
        return Ok(Reply::Refused(Code::BadRequest));
    };
    session.opened(connection);
    let mut subs = Map::new();
    if let Some(subscription) = own {
        let name = subscription.channel.to_string();
        let from = ask.subs.get(&name).cloned().unwrap_or_else(Recover::default);
        let opening = join::opening(app, &subscription.channel, &from).await?;
        subs.insert(name, opening.result);
        session.joins(
            Join {
                subscription,
                told: opening.told,
            },
            opening.behind,
        );
    }
    if let Some(caller) = who {
        make_room(app, caller.user, session.id()).await?;
    }
    Ok(Reply::Done(
        "connect",
        json!({"client": session.id(), "version": VERSION, "subs": subs}),
    ))
}

/// The holder of a token whose session still is.
async fn who(app: &App, token: &str) -> Result<std::result::Result<Option<Caller>, BadToken>> {
    if token.is_empty() {
        return Ok(Ok(None));
    }
    let now = app.now();
    let claims = match app.keys().verify(Audience::Realtime, token, now) {
        Ok(claims) => claims,
        Err(bad) => return Ok(Err(bad)),
    };
    match app.caller_of(claims.sid, claims.sub, now).await {
        Ok(caller) => Ok(Ok(Some(caller))),
        Err(Error::Unauthenticated) => Ok(Err(BadToken::Invalid)),
        Err(error) => Err(error),
    }
}

/// Writes the connection with its own subscription; not when it is there already.
async fn open(
    app: &App,
    id: &str,
    who: Option<&Caller>,
    own: Option<&Subscription>,
    commands: u32,
) -> Result<Option<Connection>> {
    let now = app.now();
    let (_, paced_until) = pace::admit(now, now, commands);
    let connection = Connection {
        id: id.to_owned(),
        user: who.map(|caller| caller.user),
        session: who.map(|caller| caller.session),
        connected_at: now,
        subscriptions: u32::from(own.is_some()),
        paced_until,
        version: FIRST_VERSION,
    };
    let connection = &connection;
    retry::on_conflict(|| async move {
        let mut transaction = Transaction::new();
        transaction.open_connection(connection);
        if let Some(caller) = who {
            // A session that ends meanwhile would not find this connection to end it too.
            transaction.check_session(caller.session);
            transaction.check_epoch(caller.user, caller.epoch);
        }
        if let Some(own) = own {
            transaction.put_subscription(own, now);
        }
        match app.store().commit(transaction).await {
            Ok(()) => Ok(Attempt::Done(Some(connection.clone()))),
            Err(Fault::Guard(Guard::ConnectionUnchanged)) => Ok(Attempt::Done(None)),
            Err(Fault::Guard(Guard::SessionLive)) => Err(Error::Unauthenticated),
            Err(Fault::Conflict) => Ok(Attempt::Conflict),
            Err(fault) => Err(fault.into()),
        }
    })
    .await
}

/// Closes the oldest connections above the limit, never the new one.
async fn make_room(app: &App, user: UserId, new: &str) -> Result<()> {
    let mut others = app.store().connections_of(user, LISTED_MAX).await?;
    others.retain(|connection| connection.id != new);
    others.sort_by_key(|connection| connection.connected_at);
    let excess = others.len().saturating_sub(CONNECTIONS_MAX - 1);
    for old in others.iter().take(excess) {
        if let Err(error) = hangup::dismiss(app, &old.id, Farewell::ConnectionLimit).await {
            tracing::warn!(%error, connection.id = old.id, "an old connection could not be closed");
        }
    }
    Ok(())
}
