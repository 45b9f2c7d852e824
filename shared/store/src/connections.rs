//! `connections`: open sockets, what each listens to, and who listens to a channel. Base items, read
//! consistently: an index lags, and would lose events.

use domain::channel::Channel;
use domain::id::{SessionId, UserId};
use domain::role::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Query, item};
use crate::keys::{self, Table};
use crate::{Result, Store, Transaction};

/// A socket lives two hours (API Gateway); its items a little longer.
const CONNECTION_SECONDS_MAX: i64 = 7_800;
/// Listeners that one page of a channel holds.
pub const LISTENERS_PAGE: i32 = 500;

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: String,
    /// Nobody for somebody who did not sign in.
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub roles: std::collections::BTreeSet<Role>,
    pub vendor: Option<domain::id::VendorId>,
    pub connected_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub connection: String,
    pub channel: Channel,
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

    /// Everybody who listens to a channel now.
    pub async fn listeners_of(&self, channel: &Channel) -> Result<Vec<String>> {
        let mut connections = Vec::new();
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
            connections.extend(page.items.into_iter().map(|s| s.connection));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(connections),
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
    pub fn put_connection(&mut self, connection: &Connection) {
        let stored = with_ttl(connection, connection.connected_at.as_second());
        self.put_always(
            Table::Connections,
            item(&keys::connection(&connection.id), &stored, &[]),
        );
        if let Some(user) = connection.user {
            self.put_always(
                Table::Connections,
                item(&keys::connection_of(user, &connection.id), &stored, &[]),
            );
        }
    }

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

    pub fn delete_subscription(&mut self, subscription: &Subscription) {
        let (connection, channel) = (&subscription.connection, &subscription.channel);
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
