//! Where a channel is, and what came after a position.

use domain::channel::Channel;
use domain::id::BookingId;
use domain::time::plus_seconds;
use jiff::Timestamp;
use store::messages::{ChannelEvent, ChannelHead};
use store::{Fault, Guard, Transaction};

use crate::retry::{self, Attempt};
use crate::{App, Result};

const DAY_SECONDS: i64 = 86_400;
/// How long events can be asked for again.
const PERSON_SECONDS: i64 = 7 * DAY_SECONDS;
const BOOKING_SECONDS: i64 = 30 * DAY_SECONDS;
const AVAILABILITY_SECONDS: i64 = DAY_SECONDS;
/// Events that one client is told again. Whoever missed more begins anew.
pub const REPLAY_MAX: u64 = 500;
/// Events that one read of a replay asks for.
const REPLAY_PAGE: i32 = 100;
/// Names the one sequence that a booking's events have, ever.
const BOOKING_EPOCH: &str = "1";

/// A place in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub offset: u64,
    pub epoch: String,
}

impl Position {
    /// Whether a client that was at this offset under this epoch can go on from there. An empty epoch
    /// is any.
    fn follows(&self, offset: u64, epoch: &str) -> bool {
        offset <= self.offset && (epoch.is_empty() || epoch == self.epoch)
    }
}

pub const fn retention_seconds(channel: &Channel) -> i64 {
    match channel {
        Channel::User(_) | Channel::Vendor(_) => PERSON_SECONDS,
        Channel::Booking(_) => BOOKING_SECONDS,
        Channel::VenueAvailability(_) => AVAILABILITY_SECONDS,
    }
}

/// Where a channel is now. A channel that nothing was published on gets its epoch here, so that a
/// client that waits for its first event can recover it.
pub async fn position(app: &App, channel: &Channel) -> Result<Position> {
    if let Channel::Booking(booking) = channel {
        let offset = booking_offset(app, *booking).await?;
        let epoch = BOOKING_EPOCH.to_owned();
        return Ok(Position { offset, epoch });
    }
    let head = retry::on_conflict(|| async move {
        if let Some(head) = app.store().channel_head(channel).await? {
            return Ok(Attempt::Done(head));
        }
        let head = ChannelHead {
            offset: 0,
            epoch: epoch(app),
            version: 1,
        };
        let mut transaction = Transaction::new();
        transaction.put_channel_head(channel, &head);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(head),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await?;
    Ok(Position {
        offset: head.offset,
        epoch: head.epoch,
    })
}

/// The number of the last event of a booking that was published, whether or not it can still be read.
pub async fn booking_offset(app: &App, booking: BookingId) -> Result<u64> {
    let now = app.now();
    let last = app.store().last_channel_event(&Channel::Booking(booking)).await?;
    let seen = last.as_ref().map_or(0, |event| event.offset);
    if last.is_some_and(|event| !is_over(&event, now)) {
        return Ok(seen);
    }
    // What is older than the retention was published and has vanished since, in no order.
    let history = app.store().history_of(booking).await?;
    let old = |at: Timestamp| plus_seconds(at, BOOKING_SECONDS) <= now;
    let vanished = history
        .iter()
        .filter(|event| old(event.at))
        .map(|event| event.number)
        .max();
    Ok(seen.max(vanished.unwrap_or(0)))
}

/// The next place of a channel.
pub fn next(app: &App, head: Option<ChannelHead>) -> ChannelHead {
    match head {
        Some(head) => ChannelHead {
            offset: head.offset.saturating_add(1),
            version: head.version.saturating_add(1),
            epoch: head.epoch,
        },
        None => ChannelHead {
            offset: 1,
            epoch: epoch(app),
            version: 1,
        },
    }
}

fn epoch(app: &App) -> String {
    app.ids().uuid().simple().to_string()
}

/// Everything between a client's position and this one, or nothing when some of it is lost: the epoch is
/// another, the client is ahead, it missed more than [`REPLAY_MAX`], or the events have expired.
pub async fn replay(
    app: &App,
    channel: &Channel,
    to: &Position,
    offset: u64,
    epoch: &str,
) -> Result<Option<Vec<ChannelEvent>>> {
    if !to.follows(offset, epoch) || to.offset.saturating_sub(offset) > REPLAY_MAX {
        return Ok(None);
    }
    let mut events: Vec<ChannelEvent> = Vec::new();
    let mut at = offset;
    while at < to.offset {
        let page = app.store().channel_events_after(channel, at, REPLAY_PAGE).await?;
        let Some(last) = page.last() else { break };
        at = last.offset;
        events.extend(page);
    }
    events.retain(|event| event.offset <= to.offset);
    Ok(is_whole(&events, offset, to.offset, app.now()).then_some(events))
}

/// Whether these are all events after one offset up to another, and none has expired.
fn is_whole(events: &[ChannelEvent], after: u64, to: u64, now: Timestamp) -> bool {
    let expected = after.saturating_add(1)..=to;
    expected.eq(events.iter().map(|event| event.offset)) && !events.iter().any(|event| is_over(event, now))
}

/// Whether an event cannot be asked for any more. It may still lie there for days.
pub fn is_over(event: &ChannelEvent, now: Timestamp) -> bool {
    event.ttl <= now.as_second()
}

/// Writes at the next offset of a channel, once for each event.
pub async fn append(
    app: &App,
    channel: Channel,
    event: &str,
    at: Timestamp,
    data: impl Fn(u64) -> String + Sync,
) -> Result<()> {
    let data = &data;
    retry::on_conflict(|| async move {
        if app.store().channel_has(&channel, event).await? {
            return Ok(Attempt::Done(()));
        }
        let head = next(app, app.store().channel_head(&channel).await?);
        let told = told(app, channel, head.offset, event, at, data(head.offset));
        let mut transaction = Transaction::new();
        transaction.append_channel_event(&told, &head);
        match retry::raced(app.store().commit(transaction).await) {
            Err(Fault::Guard(Guard::ChannelEventUnseen)) => Ok(Attempt::Done(())),
            attempt => Ok(attempt?),
        }
    })
    .await
}

/// An event at its place in a channel.
pub fn told(
    app: &App,
    channel: Channel,
    offset: u64,
    event: &str,
    at: Timestamp,
    data: String,
) -> ChannelEvent {
    let ttl = app.now().as_second().saturating_add(retention_seconds(&channel));
    ChannelEvent {
        channel,
        offset,
        event: event.to_owned(),
        at,
        data,
        ttl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{UserId, VenueId};
    use uuid::Uuid;

    fn events(offsets: &[u64]) -> Vec<ChannelEvent> {
        let channel = Channel::User(UserId::from_uuid(Uuid::from_u128(1)));
        let event = |offset: &u64| ChannelEvent {
            channel,
            offset: *offset,
            event: String::new(),
            at: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
            ttl: 100,
        };
        offsets.iter().map(event).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_replay_has_every_event_or_is_none() {
        assert!(is_whole(&events(&[4, 5, 6]), 3, 6, at(99)));
        assert!(is_whole(&[], 6, 6, at(99)));
        for gap in [&[4, 6][..], &[5, 6], &[4, 5], &[], &[4, 5, 5, 6]] {
            assert!(!is_whole(&events(gap), 3, 6, at(99)), "{gap:?}");
        }
    }

    #[test]
    fn an_event_whose_time_is_over_is_lost_though_it_may_still_lie_there() {
        assert!(!is_whole(&events(&[4, 5, 6]), 3, 6, at(100)));
    }

    #[test]
    fn a_client_of_another_sequence_or_from_the_future_cannot_go_on() {
        let here = Position {
            offset: 7,
            epoch: "e".to_owned(),
        };
        assert!(here.follows(7, "e") && here.follows(0, "e") && here.follows(3, ""));
        assert!(!here.follows(8, "e") && !here.follows(3, "f") && !here.follows(8, ""));
    }

    #[test]
    fn channels_keep_their_events_for_as_long_as_the_protocol_says() {
        let id = Uuid::from_u128(1);
        let days = |channel: Channel| retention_seconds(&channel) / DAY_SECONDS;
        assert_eq!(days(Channel::User(UserId::from_uuid(id))), 7);
        assert_eq!(days(Channel::Vendor(domain::id::VendorId::from_uuid(id))), 7);
        assert_eq!(days(Channel::VenueAvailability(VenueId::from_uuid(id))), 1);
        assert_eq!(days(Channel::Booking(BookingId::from_uuid(id))), 30);
    }
}
