//! One frame of a connection: its commands in their order, their replies, then whatever begins with them.

use domain::channel::Channel;
use serde_json::{Value, json};
use store::Transaction;
use store::connections::Connection;

use super::frames::{self, Ask, Command, History};
use super::join::{self, Join};
use super::permission::may_listen;
use super::post::{self, Posted};
use super::replies::{self, Code, Farewell};
use super::{connect, events, hangup, pace, position, subscribe};
use crate::access::Caller;
use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// Publications that a history has at most; as many of them as fit into a frame are sent.
const HISTORY_MAX: i64 = events::EVENTS_MAX as i64;

/// What a command is answered.
pub enum Reply {
    /// The method, and its result.
    Done(&'static str, Value),
    Refused(Code),
    /// An error, and the end of the connection.
    Over(Code, Farewell),
}

/// Handles one frame. Replies go out over the socket, since API Gateway drops what the function returns.
///
/// # Errors
/// [`Error::Unavailable`] when the tables or the connection cannot be reached; what can be answered was
/// answered with an error then.
pub async fn on_frame(app: &App, connection: &str, frame: &str) -> Result<()> {
    let Ok(commands) = frames::parse(frame) else {
        return hangup::dismiss(app, connection, Farewell::BadRequest).await;
    };
    if commands.is_empty() {
        return Ok(());
    }
    let count = u32::try_from(commands.len()).unwrap_or(u32::MAX);
    let mut session = Session {
        app,
        id: connection,
        connection: None,
        lines: Vec::new(),
        behind: Vec::new(),
        joins: Vec::new(),
        end: None,
    };
    match admit(app, connection, count).await {
        Ok((known, admitted)) => {
            session.connection = known;
            session.handle(commands, admitted, count).await;
            session.finish().await
        }
        Err(error) => {
            session.lines = commands
                .iter()
                .map(|c| replies::error(c.id, Code::Internal))
                .collect();
            session.finish().await?;
            Err(error)
        }
    }
}

enum End {
    Saying(Farewell),
    Silently,
}

/// A connection while one of its frames is handled.
pub struct Session<'a> {
    app: &'a App,
    id: &'a str,
    /// As it was when the frame came; nothing before it is connected.
    connection: Option<Connection>,
    lines: Vec<String>,
    behind: Vec<String>,
    joins: Vec<Join>,
    end: Option<End>,
}

impl<'a> Session<'a> {
    pub const fn app(&self) -> &'a App {
        self.app
    }

    pub const fn id(&self) -> &'a str {
        self.id
    }

    /// Whoever is connected, as they are now. Asked for a ping too, which a client sends every five
    /// minutes: a connection that was not ended with its session, because whoever ended it broke off, ends
    /// by then.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when their session has ended.
    pub async fn who(&self) -> Result<Option<Caller>> {
        let connection = self.connection.as_ref();
        match connection.and_then(|c| c.session.zip(c.user)) {
            Some((session, user)) => self.app.caller_of(session, user, self.app.now()).await.map(Some),
            None => Ok(None),
        }
    }

    /// It is connected from here on.
    pub fn opened(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }

    /// Begins to listen after the reply, and after the pushes that go with it.
    pub fn joins(&mut self, join: Join, behind: Vec<String>) {
        self.joins.push(join);
        self.behind.extend(behind);
    }

    async fn handle(&mut self, commands: Vec<Command>, admitted: u32, count: u32) {
        let admitted = usize::try_from(admitted).unwrap_or(usize::MAX);
        for (n, command) in commands.into_iter().enumerate() {
            if self.end.is_some() {
                return;
            }
            let id = command.id;
            if n >= admitted {
                self.lines.push(replies::error(id, Code::TooManyRequests));
                continue;
            }
            match self.answer(command, count).await {
                Ok(Reply::Done(method, result)) => self.lines.push(replies::reply(id, method, result)),
                Ok(Reply::Refused(code)) => self.lines.push(replies::error(id, code)),
                Ok(Reply::Over(code, farewell)) => {
                    self.lines.push(replies::error(id, code));
                    self.end = Some(End::Saying(farewell));
                }
                Err(Error::Unauthenticated) => {
                    self.lines.push(replies::error(id, Code::Unauthorized));
                    self.end = Some(End::Saying(Farewell::SessionEnded));
                }
                Err(error) => {
                    tracing::error!(%error, connection.id = self.id, "a command failed");
                    self.lines.push(replies::error(id, Code::Internal));
                }
            }
            self.lines.append(&mut self.behind);
        }
    }

    async fn answer(&mut self, command: Command, count: u32) -> Result<Reply> {
        let Command { id, ask } = command;
        match ask {
            Ask::Connect(ask) if self.connection.is_none() => {
                let answered = connect::connect(self, id, count, ask).await;
                if answered.is_err() {
                    // Half connected: the client begins anew on another socket.
                    self.end = Some(End::Silently);
                }
                answered
            }
            Ask::Malformed if self.connection.is_none() => Ok(Reply::Refused(Code::BadRequest)),
            _ if self.connection.is_none() => Ok(Reply::Over(Code::Unauthorized, Farewell::BadRequest)),
            Ask::Subscribe(ask) => subscribe::subscribe(self, id, ask).await,
            Ask::Unsubscribe(ask) => subscribe::unsubscribe(self, id, &ask).await,
            Ask::History(ask) => self.history(ask).await,
            Ask::Ping => {
                self.who().await?;
                Ok(Reply::Done("ping", json!({})))
            }
            Ask::Rpc(ask) if ask.method == "ping" => {
                self.who().await?;
                Ok(Reply::Done("rpc", json!({"data": {}})))
            }
            Ask::Rpc(_) => Ok(Reply::Refused(Code::MethodNotFound)),
            Ask::Unknown => Ok(Reply::Refused(Code::MethodNotFound)),
            Ask::Connect(_) | Ask::Malformed => Ok(Reply::Refused(Code::BadRequest)),
        }
    }

    /// Without `since` from the oldest that is kept.
    async fn history(&self, ask: History) -> Result<Reply> {
        let denied = Reply::Refused(Code::PermissionDenied);
        let Ok(channel) = ask.channel.parse::<Channel>() else {
            return Ok(denied);
        };
        let who = self.who().await?;
        if !may_listen(self.app, who.as_ref(), &channel).await? {
            return Ok(denied);
        }
        if ask.reverse {
            return Ok(Reply::Refused(Code::BadRequest));
        }
        let limit = if ask.limit < 0 {
            HISTORY_MAX
        } else {
            ask.limit.min(HISTORY_MAX)
        };
        let limit = i32::try_from(limit).unwrap_or(0);
        let here = position::position(self.app, &channel).await?;
        let now = self.app.now();
        let events = match ask.since {
            _ if limit == 0 => Vec::new(),
            Some(since) => {
                let read = events::read(
                    self.app,
                    &channel,
                    here.clone(),
                    since.offset,
                    &since.epoch,
                    limit,
                )
                .await?;
                if !read.complete {
                    return Ok(Reply::Refused(Code::UnrecoverablePosition));
                }
                read.events
            }
            None => {
                let mut events = self.app.store().channel_events_after(&channel, 0, limit).await?;
                events.retain(|event| !position::is_over(event, now));
                events
            }
        };
        let publications = replies::fitting(&events)?;
        let result = json!({"publications": publications, "offset": here.offset, "epoch": here.epoch});
        Ok(Reply::Done("history", result))
    }

    /// Sends everything, then ends the connection or begins what was subscribed to.
    async fn finish(self) -> Result<()> {
        for frame in replies::frames(&self.lines) {
            match post::post(self.app.sockets()?, self.id, &frame).await {
                Posted::Delivered => {}
                Posted::Gone => return hangup::forget(self.app, self.id).await,
                Posted::Failed => return hangup::close(self.app, self.id).await,
            }
        }
        match self.end {
            Some(End::Saying(farewell)) => return hangup::dismiss(self.app, self.id, farewell).await,
            Some(End::Silently) => return hangup::close(self.app, self.id).await,
            None => {}
        }
        for join in self.joins {
            if let Err(error) = join::begin(self.app, join).await {
                tracing::warn!(%error, connection.id = self.id, "a subscription could not begin");
                return hangup::close(self.app, self.id).await;
            }
        }
        Ok(())
    }
}

/// The connection, with these commands counted against its pace, and how many of them are answered.
async fn admit(app: &App, id: &str, commands: u32) -> Result<(Option<Connection>, u32)> {
    retry::on_conflict(|| async move {
        let Some(connection) = app.store().connection(id).await? else {
            return Ok(Attempt::Done((None, commands)));
        };
        let (admitted, paced_until) = pace::admit(connection.paced_until, app.now(), commands);
        if admitted == 0 {
            return Ok(Attempt::Done((Some(connection), 0)));
        }
        let version = connection.version.saturating_add(1);
        let next = Connection {
            paced_until,
            version,
            ..connection
        };
        let mut transaction = Transaction::new();
        transaction.put_connection(&next);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done((Some(next), admitted)),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}
