//! `messages`: what was published on each channel, by offset, and what each person was told.

use domain::channel::Channel;
use domain::id::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Page, Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// Something that was published on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelEvent {
    pub channel: Channel,
    /// 1 for the first, without gaps.
    pub offset: u64,
    /// Of the event that it tells of.
    pub event: String,
    pub at: Timestamp,
    /// JSON, as it goes to clients.
    pub data: String,
    /// Seconds since 1970 after which it cannot be replayed any more.
    pub ttl: i64,
}

/// Where a channel is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHead {
    pub offset: u64,
    /// Names the sequence; another one means that offsets began anew.
    pub epoch: String,
    pub version: u64,
}

/// What a person was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub event: String,
    pub user: UserId,
    pub kind: String,
    pub title: String,
    pub text: String,
    pub at: Timestamp,
    /// Whether the mail that goes with it was handed over.
    pub mailed: bool,
    pub version: u64,
    /// Seconds since 1970.
    pub ttl: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    offset: u64,
    ttl: i64,
}

impl Store {
    pub async fn channel_head(&self, channel: &Channel) -> Result<Option<ChannelHead>> {
        self.get(Table::Messages, &keys::channel_head(channel)).await
    }

    /// Whether the event has its offset in the channel.
    pub async fn channel_has(&self, channel: &Channel, event: &str) -> Result<bool> {
        let seen: Option<Seen> = self
            .get(Table::Messages, &keys::channel_seen(channel, event))
            .await?;
        Ok(seen.is_some())
    }

    /// What came after an offset, oldest first.
    pub async fn channel_events_after(
        &self,
        channel: &Channel,
        offset: u64,
        limit: i32,
    ) -> Result<Vec<ChannelEvent>> {
        let first = keys::channel_offset(offset.saturating_add(1));
        let page = self.channel_page(channel, first, false, limit).await?;
        Ok(page.items)
    }

    /// The last event of a channel, if it still has one.
    pub async fn last_channel_event(&self, channel: &Channel) -> Result<Option<ChannelEvent>> {
        let page = self
            .channel_page(channel, keys::channel_offset(0), true, 1)
            .await?;
        Ok(page.items.into_iter().next())
    }

    async fn channel_page(
        &self,
        channel: &Channel,
        low: String,
        newest_first: bool,
        limit: i32,
    ) -> Result<Page<ChannelEvent>> {
        self.query(Query {
            table: Table::Messages,
            index: None,
            pk: keys::channel_events(channel),
            // Offsets are digits, and marks of what was seen begin with a letter.
            range: Some((low, keys::channel_offset(u64::MAX))),
            newest_first,
            limit,
            after: None,
        })
        .await
    }

    pub async fn note(&self, user: UserId, at: Timestamp, event: &str) -> Result<Option<Note>> {
        self.get(Table::Messages, &keys::note(user, at, event)).await
    }

    /// What a person was told, newest first.
    pub async fn notes_of(&self, user: UserId, limit: i32, after: Option<&str>) -> Result<Page<Note>> {
        let prefix = keys::NOTE_PREFIX;
        self.query(Query {
            table: Table::Messages,
            index: None,
            pk: keys::notes(user),
            range: Some((prefix.to_owned(), format!("{prefix}~"))),
            newest_first: true,
            limit,
            after,
        })
        .await
    }
}

impl Transaction {
    /// An event at an offset that belongs to it by nature (a booking's event number).
    pub fn put_channel_event(&mut self, event: &ChannelEvent) {
        let item = item(&keys::channel_event(&event.channel, event.offset), event, &[]);
        self.put(
            Table::Messages,
            item,
            Guard::ChannelEventUnseen,
            Condition::Was(Was::Absent),
        );
    }

    /// An event at the next offset, with the mark by which a second delivery is known.
    pub fn append_channel_event(&mut self, event: &ChannelEvent, head: &ChannelHead) {
        let seen = Seen {
            offset: event.offset,
            ttl: event.ttl,
        };
        let mark = item(&keys::channel_seen(&event.channel, &event.event), &seen, &[]);
        self.put(
            Table::Messages,
            mark,
            Guard::ChannelEventUnseen,
            Condition::Was(Was::Absent),
        );
        let next = item(&keys::channel_head(&event.channel), head, &[]);
        self.put(
            Table::Messages,
            next,
            Guard::ChannelHeadUnchanged,
            Condition::Was(Was::before(head.version)),
        );
        self.put_always(
            Table::Messages,
            item(&keys::channel_event(&event.channel, event.offset), event, &[]),
        );
    }

    /// Where a channel is that had nothing published on it yet.
    pub fn put_channel_head(&mut self, channel: &Channel, head: &ChannelHead) {
        self.put(
            Table::Messages,
            item(&keys::channel_head(channel), head, &[]),
            Guard::ChannelHeadUnchanged,
            Condition::Was(Was::before(head.version)),
        );
    }

    /// Holds while nothing was published after this offset.
    pub fn check_channel_ends_at(&mut self, channel: &Channel, offset: u64) {
        self.check(
            Table::Messages,
            keys::channel_event(channel, offset.saturating_add(1)),
            Guard::ChannelHeadUnchanged,
            Condition::Was(Was::Absent),
        );
    }

    pub fn put_note(&mut self, note: &Note) {
        let item = item(&keys::note(note.user, note.at, &note.event), note, &[]);
        self.put(
            Table::Messages,
            item,
            Guard::NoteUnchanged,
            Condition::Was(Was::before(note.version)),
        );
    }
}
