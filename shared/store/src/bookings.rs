//! `bookings`: each booking, its history (which is the outbox as well), and what is due. Lists of somebody's bookings
//! are in [`crate::history`].

use aws_sdk_dynamodb::types::AttributeValue;
use domain::booking::{Booking, BookingCode};
use domain::event::BookingEvent;
use domain::id::{BookingId, VenueId};
use domain::time::{Interval, plus_minutes};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Page, Query, item, read};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// An event that nobody has marked as published after this long is published by the sweep.
pub const PUBLISH_MINUTES: i64 = 5;
/// Events that one read of a history brings.
const HISTORY_PAGE: i32 = 100;
/// Bookings that one read of a venue brings.
const VENUE_PAGE: i32 = 500;
/// Reads of a venue for one calendar.
const VENUE_PAGES_MAX: usize = 40;
/// No booking is longer, so whatever touches a time starts at most this long before it.
const LONGEST_MINUTES: i64 = domain::availability::DURATION_MINUTES_MAX as i64;

/// Something whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    Booking(BookingId),
    /// An event of a booking, by its number.
    Event(BookingId, u64),
    /// A change of a venue's plan that was announced, and had until then to be made or withdrawn.
    Announcement(VenueId, Timestamp),
}

#[derive(Debug, Serialize, Deserialize)]
struct CodeGuard {
    booking: BookingId,
}

/// An index entry; only its sort key matters.
#[derive(Debug, Serialize, Deserialize)]
struct DueItem {
    due_sk: String,
}

/// What was announced is with the venue's rules; this is so that it is found.
#[derive(Debug, Serialize)]
struct Announcement {
    venue: VenueId,
}

/// What the index holds beside the time and the booking.
const DUE_BOOKING: &str = "BOOKING";

fn parse_due(sk: &str) -> Option<Due> {
    let mut parts = sk.splitn(3, '#');
    let (at, id, what) = (parts.next()?, parts.next()?, parts.next()?);
    match what {
        DUE_BOOKING => Some(Due::Booking(id.parse().ok()?)),
        keys::DUE_ANNOUNCEMENT => {
            let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
            Some(Due::Announcement(id.parse().ok()?, at))
        }
        number => Some(Due::Event(id.parse().ok()?, number.parse().ok()?)),
    }
}

impl Store {
    pub async fn booking(&self, id: BookingId) -> Result<Option<Booking>> {
        self.get(Table::Bookings, &keys::booking(id)).await
    }

    pub async fn booking_of_code(&self, code: &BookingCode) -> Result<Option<BookingId>> {
        let guard: Option<CodeGuard> = self.get(Table::Bookings, &keys::booking_code(code)).await?;
        Ok(guard.map(|guard| guard.booking))
    }

    /// Several, by one read; those that do not exist are missing.
    pub async fn bookings(&self, ids: impl IntoIterator<Item = BookingId>) -> Result<Vec<Booking>> {
        let keys: Vec<_> = ids
            .into_iter()
            .map(|id| (Table::Bookings, keys::booking(id)))
            .collect();
        self.get_many(&keys).await?.into_values().map(read).collect()
    }

    pub async fn booking_event(&self, id: BookingId, number: u64) -> Result<Option<BookingEvent>> {
        self.get(Table::Bookings, &keys::booking_event(id, number)).await
    }

    /// All that happened to a booking, oldest first.
    pub async fn history_of(&self, id: BookingId) -> Result<Vec<BookingEvent>> {
        self.query_all(Query {
            table: Table::Bookings,
            index: None,
            pk: keys::booking(id).pk,
            range: Some((keys::EVENT_PREFIX.to_owned(), format!("{}~", keys::EVENT_PREFIX))),
            newest_first: false,
            limit: HISTORY_PAGE,
            after: None,
        })
        .await
    }

    /// Bookings at a venue that touch a time and that are wanted, by start: at most `limit` of them, and whether
    /// there may be more.
    pub async fn bookings_at_venue(
        &self,
        venue: VenueId,
        window: Interval,
        limit: usize,
        wanted: impl Fn(&Booking) -> bool,
    ) -> Result<(Vec<Booking>, bool)> {
        let low = keys::sortable(plus_minutes(window.start(), -LONGEST_MINUTES));
        let high = keys::sortable(window.end());
        let mut found: Vec<Booking> = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..VENUE_PAGES_MAX {
            let page: Page<Booking> = self
                .query(Query {
                    table: Table::Bookings,
                    index: Some("by_venue"),
                    pk: keys::bookings_of_venue(venue),
                    range: Some((low.clone(), high.clone())),
                    newest_first: false,
                    limit: VENUE_PAGE,
                    after: after.as_deref(),
                })
                .await?;
            let touching = page.items.into_iter().filter(|b| b.interval.overlaps(window));
            found.extend(touching.filter(&wanted));
            if found.len() > limit {
                found.truncate(limit);
                return Ok((found, true));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok((found, false)),
            }
        }
        Ok((found, true))
    }

    /// What is due at that instant, at most `limit` a shard, the longest due first.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Due>> {
        let shards = 0..keys::DUE_SHARDS;
        let pages = try_join_all(shards.map(|shard| self.due_in_shard(shard, now, limit, None))).await?;
        Ok(pages.into_iter().flat_map(|page| page.items).collect())
    }

    /// What is due at that instant in one shard, the longest due first.
    pub async fn due_in_shard(
        &self,
        shard: u8,
        now: Timestamp,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Page<Due>> {
        let page: Page<DueItem> = self
            .query(Query {
                table: Table::Bookings,
                index: Some("due"),
                pk: keys::due_shard(shard),
                range: Some((" ".to_owned(), format!("{}~", keys::sortable(now)))),
                newest_first: false,
                limit,
                after,
            })
            .await?;
        Ok(Page {
            items: page.items.iter().filter_map(|i| parse_due(&i.due_sk)).collect(),
            next: page.next,
        })
    }
}

impl Transaction {
    /// With a new booking goes its code, which nobody else has from then on.
    pub fn put_booking(&mut self, booking: &Booking) {
        let was = Was::before(booking.version);
        self.put_due(booking, booking.due_at(), Condition::Was(was));
        if was == Was::Absent {
            let guard = CodeGuard { booking: booking.id };
            let item = item(&keys::booking_code(&booking.code), &guard, &[]);
            self.put(Table::Bookings, item, Guard::CodeFree, Condition::Was(was));
        }
    }

    /// The booking stays as it is, and is due at another time.
    pub fn postpone_booking(&mut self, booking: &Booking, until: Timestamp) {
        let was = Condition::Was(Was::Version(booking.version));
        self.put_due(booking, Some(until), was);
    }

    fn put_due(&mut self, booking: &Booking, due_at: Option<Timestamp>, was: Condition) {
        let (start, id) = (booking.interval.start(), booking.id);
        let mut indexes = vec![
            keys::bookings_by_venue(booking.venue, start, id),
            keys::bookings_by_vendor(booking.vendor, booking.state.as_str(), start, id),
        ];
        let customer = booking.customer;
        indexes.extend(customer.map(|customer| keys::bookings_by_customer(customer, start, id)));
        indexes.extend(due_at.map(|at| keys::due(id, at, DUE_BOOKING)));
        let item = item(&keys::booking(id), booking, &indexes);
        self.put(Table::Bookings, item, Guard::BookingUnchanged, was);
    }

    /// The event, to be published. It stays due until somebody marks it.
    pub fn put_event(&mut self, event: &BookingEvent) {
        let due = keys::due(
            event.booking,
            plus_minutes(event.at, PUBLISH_MINUTES),
            &event.number.to_string(),
        );
        let item = item(&keys::booking_event(event.booking, event.number), event, &[due]);
        self.put(
            Table::Bookings,
            item,
            Guard::EventAbsent,
            Condition::Was(Was::Absent),
        );
    }

    /// A change of the venue's plan is announced, and looked after from that instant on. Of several, the last to be
    /// announced counts.
    pub fn put_announcement(&mut self, venue: VenueId, until: Timestamp) {
        let due = keys::due_announcement(venue, until);
        let announcement = Announcement { venue };
        self.put_always(
            Table::Bookings,
            item(&keys::announcement(venue), &announcement, &[due]),
        );
    }

    /// What was announced until then is decided. What was announced since is looked after as before.
    pub fn remove_announcement(&mut self, venue: VenueId, until: Timestamp) {
        let due = AttributeValue::S(keys::due_announcement(venue, until).sk);
        self.delete_guarded(
            Table::Bookings,
            keys::announcement(venue),
            Guard::AnnouncementUnchanged,
            Condition::Equals(vec![("due_sk", due)]),
        );
    }

    /// The event is published: the sweep need not look at it any more.
    pub fn mark_published(&mut self, booking: BookingId, number: u64) {
        let key = keys::booking_event(booking, number);
        self.remove(Table::Bookings, key, &["due_pk", "due_sk"], Guard::EventPresent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_due_is_read_back_from_its_sort_key() {
        let id = BookingId::from_uuid(Uuid::from_u128(3));
        let at = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(
            parse_due(&keys::due(id, at, DUE_BOOKING).sk),
            Some(Due::Booking(id))
        );
        assert_eq!(parse_due(&keys::due(id, at, "17").sk), Some(Due::Event(id, 17)));
        let venue = VenueId::from_uuid(Uuid::from_u128(5));
        assert_eq!(
            parse_due(&keys::due_announcement(venue, at).sk),
            Some(Due::Announcement(venue, at))
        );
        assert_eq!(parse_due("nonsense"), None);
    }
}
