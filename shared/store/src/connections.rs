//! `connections`: open sockets, what each listens to, and who listens to a channel. Base items, read
//! consistently: an index lags, and would lose events.

use domain::channel::Channel;
use domain::id::{SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::{Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// A socket lives two hours (API Gateway); its items a little longer.
pub const CONNECTION_SECONDS_MAX: i64 = 7_800;
/// Listeners that one page of a channel holds.
pub const LISTENERS_PAGE: i32 = 500;

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: String,
    /// Nobody for somebody who did not sign in.
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub connected_at: Timestamp,
    /// How many channels it listens to.
    pub subscriptions: u32,
    /// The commands that it has sent fill its rate up to this instant.
    pub paced_until: Timestamp,
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub connection: String,
    pub channel: Channel,
    /// Number of the latest command of the client that asked for it. Frames are handled out of order.
    pub command: u32,
    /// Up to which offset the client was told when it began to listen: later events are posted to it,
    /// and no earlier ones. Nothing while its subscribe command is still being answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<u64>,
    /// The connection's version that it was written with: tells it from an earlier one of the same channel.
    pub version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct WithTtl<T> {
    #[serde(flatten)]
    value: T,
    ttl: i64,
}

const fn with_ttl<T>(value: T, from: i64) -> WithTtl<T> {
    WithTtl {
        value,
        ttl: from.saturating_add(CONNECTION_SECONDS_MAX),
    }
}

impl Store {
    pub async fn connection(&self, id: &str) -> Result<Option<Connection>> {
        self.get(Table::Connections, &keys::connection(id)).await
    }

    /// What a connection listens to.
    pub async fn subscriptions_of(&self, connection: &str, limit: i32) -> Result<Vec<Subscription>> {
        let prefix = keys::SUBSCRIPTION_PREFIX;
        let page = self
            .query(Query {
                table: Table::Connections,
                index: None,
                pk: keys::connection(connection).pk,
                range: Some((prefix.to_owned(), format!("{prefix}~"))),
                newest_first: false,
                limit,
                after: None,
            })
            .await?;
        Ok(page.items)
    }

    /// Whether and how a connection listens to a channel, as the connection's own items say it.
    pub async fn subscription(&self, connection: &str, channel: &Channel) -> Result<Option<Subscription>> {
        self.get(Table::Connections, &keys::subscription(connection, channel))
            .await
    }

    /// The same as the channel's items say it: the ones that events are delivered by.
    pub async fn listener(&self, channel: &Channel, connection: &str) -> Result<Option<Subscription>> {
        self.get(Table::Connections, &keys::listener(channel, connection))
            .await
    }

    /// Everybody who listens to a channel now.
    pub async fn listeners_of(&self, channel: &Channel) -> Result<Vec<Subscription>> {
        let mut listeners = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .query::<Subscription>(Query {
                    table: Table::Connections,
                    index: None,
                    pk: keys::listeners(channel),
                    range: None,
                    newest_first: false,
                    limit: LISTENERS_PAGE,
                    after: after.as_deref(),
                })
                .await?;
            listeners.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(listeners),
            }
        }
    }

    /// A person's open connections.
    pub async fn connections_of(&self, user: UserId, limit: i32) -> Result<Vec<Connection>> {
        let page = self
            .query(Query {
                table: Table::Connections,
                index: None,
                pk: format!("USER#{user}"),
                range: None,
                newest_first: false,
                limit,
                after: None,
            })
            .await?;
        Ok(page.items)
    }
}

impl Transaction {
    /// A connection that is new; fails for one that is there.
    pub fn open_connection(&mut self, connection: &Connection) {
        self.put_connection(connection);
        if let Some(user) = connection.user {
            let stored = with_ttl(connection, connection.connected_at.as_second());
            self.put_always(
                Table::Connections,
                item(&keys::connection_of(user, &connection.id), &stored, &[]),
            );
        }
    }

    pub fn put_connection(&mut self, connection: &Connection) {
        let stored = with_ttl(connection, connection.connected_at.as_second());
        self.put(
            Table::Connections,
            item(&keys::connection(&connection.id), &stored, &[]),
            Guard::ConnectionUnchanged,
            Condition::Was(Was::before(connection.version)),
        );
    }

    /// Goes with [`Transaction::put_connection`], whose guard keeps a connection's subscriptions apart
    /// from each other and from its end.
    pub fn put_subscription(&mut self, subscription: &Subscription, now: Timestamp) {
        let stored = with_ttl(subscription, now.as_second());
        let (connection, channel) = (&subscription.connection, &subscription.channel);
        self.put_always(
            Table::Connections,
            item(&keys::subscription(connection, channel), &stored, &[]),
        );
        self.put_always(
            Table::Connections,
            item(&keys::listener(channel, connection), &stored, &[]),
        );
    }

    /// From now on events are posted to it. Fails with [`Guard::ConnectionUnchanged`] when it has ended
    /// meanwhile or another command has taken it over.
    pub fn begin_listening(&mut self, subscription: &Subscription, now: Timestamp) {
        let key = keys::listener(&subscription.channel, &subscription.connection);
        let version = AttributeValue::N(subscription.version.to_string());
        self.put(
            Table::Connections,
            item(&key, &with_ttl(subscription, now.as_second()), &[]),
            Guard::ConnectionUnchanged,
            Condition::Equals(vec![("version", version)]),
        );
    }

    pub fn delete_subscription(&mut self, connection: &str, channel: &Channel) {
        self.delete(Table::Connections, keys::subscription(connection, channel));
        self.delete(Table::Connections, keys::listener(channel, connection));
    }

    pub fn delete_connection(&mut self, id: &str, user: Option<UserId>) {
        self.delete(Table::Connections, keys::connection(id));
        if let Some(user) = user {
            self.delete(Table::Connections, keys::connection_of(user, id));
        }
    }
}
