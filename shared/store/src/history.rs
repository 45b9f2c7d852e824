//! Lists of bookings, the latest start first, from whichever index fits the question.
//!
//! A time is a range of the index's sort key, and a vendor's states are partitions that are read side by side and
//! merged: all of them sort by the same key, so one place is a cursor for all. What no index knows (the state or
//! venue of a customer's booking, the state of one at a venue) is looked at as it is read; a part of a list ends
//! when so much was read, and the next one goes on behind it.

use std::collections::VecDeque;

use domain::booking::{Booking, BookingState, Filter};
use domain::id::{BookingId, UserId, VendorId, VenueId};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::item::{Page, Query};
use crate::keys::{self, Table};
use crate::{Result, Store};

/// Bookings that one query brings at most; one of them is some 3 KB, and DynamoDB reads 1 MB at once.
const QUERY_MAX: usize = 200;
const NANOSECONDS_BELOW_A_MILLISECOND: i64 = 999_999;

/// Which part of a list, and what it may take.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// So many bookings at most.
    pub limit: usize,
    /// So many are read at most, whether they are wanted or not: at least one for each [`BookingState`].
    pub read_max: usize,
    /// [`Page::next`] of the part before.
    pub after: Option<&'a str>,
}

impl Store {
    /// A customer's bookings. The part may have fewer than the limit, even none, and still not be the last.
    ///
    /// # Errors
    /// [`crate::Fault`] when the table cannot be read.
    pub async fn bookings_of_customer(
        &self,
        customer: UserId,
        filter: &Filter,
        part: Part<'_>,
    ) -> Result<Page<Booking>> {
        let streams = vec![Stream::new("by_customer", keys::bookings_of_customer(customer))];
        let at_once = match filter.is_read_off_an_index() && filter.venue.is_none() {
            true => part.limit,
            false => QUERY_MAX,
        };
        self.latest(streams, filter, part, at_once).await
    }

    /// A vendor's bookings, in whichever states. The part may have fewer than the limit, even none, and still not be
    /// the last.
    ///
    /// A booking that goes from one state to another while its partitions are read may be missing from that part.
    ///
    /// # Errors
    /// As above.
    pub async fn bookings_of_vendor(
        &self,
        vendor: VendorId,
        filter: &Filter,
        part: Part<'_>,
    ) -> Result<Page<Booking>> {
        let is_wanted = |state: &BookingState| filter.states.is_empty() || filter.states.contains(state);
        let streams = BookingState::ALL
            .into_iter()
            .filter(is_wanted)
            .map(|state| Stream::new("by_vendor", keys::bookings_of_vendor(vendor, state.as_str())))
            .collect();
        let at_once = match filter.other_clocks || filter.venues.is_some() {
            true => QUERY_MAX,
            false => part.limit,
        };
        self.latest(streams, filter, part, at_once).await
    }

    /// Bookings at a venue. The part may have fewer than the limit, even none, and still not be the last.
    ///
    /// # Errors
    /// As above.
    pub async fn bookings_of_venue(
        &self,
        venue: VenueId,
        filter: &Filter,
        part: Part<'_>,
    ) -> Result<Page<Booking>> {
        let streams = vec![Stream::new("by_venue", keys::bookings_of_venue(venue))];
        let at_once = match filter.is_read_off_an_index() {
            true => part.limit,
            false => QUERY_MAX,
        };
        self.latest(streams, filter, part, at_once).await
    }

    /// What is wanted of several partitions as if they were one.
    async fn latest(
        &self,
        mut streams: Vec<Stream>,
        filter: &Filter,
        part: Part<'_>,
        at_once: usize,
    ) -> Result<Page<Booking>> {
        let range = range(filter);
        for stream in &mut streams {
            stream.after = part.after.map(str::to_owned);
        }
        let (mut items, mut reads_left) = (Vec::new(), part.read_max);
        let mut last: Option<Place> = None;
        let more = loop {
            if items.len() >= part.limit {
                break streams.iter().any(Stream::has_more);
            }
            let dry: Vec<&mut Stream> = streams.iter_mut().filter(|stream| stream.is_dry()).collect();
            if !dry.is_empty() {
                let at_once = at_once.min(QUERY_MAX).min(reads_left / dry.len());
                if at_once == 0 {
                    break true;
                }
                let reads = dry
                    .into_iter()
                    .map(|stream| self.read_on(stream, range.clone(), at_once));
                let read: usize = try_join_all(reads).await?.into_iter().sum();
                reads_left = reads_left.saturating_sub(read.max(1));
                continue;
            }
            let first = streams.iter_mut().max_by_key(|stream| stream.head());
            let Some(booking) = first.and_then(|stream| stream.read.pop_front()) else {
                break false;
            };
            // An index that lags may have it in two states: the newer one came first.
            let place = Some((booking.interval.start(), booking.id));
            if place != last && filter.admits(&booking) {
                items.push(booking);
            }
            last = place;
        };
        let place = last.map(|(start, id)| keys::booking_place(start, id));
        Ok(Page {
            items,
            next: place.or(part.after.map(str::to_owned)).filter(|_| more),
        })
    }

    /// Reads on in a partition; how many bookings that brought.
    async fn read_on(&self, stream: &mut Stream, range: (String, String), at_once: usize) -> Result<usize> {
        let page: Page<Booking> = self
            .query(Query {
                table: Table::Bookings,
                index: Some(stream.index),
                pk: stream.pk.clone(),
                range: Some(range),
                newest_first: true,
                limit: i32::try_from(at_once).unwrap_or(i32::MAX),
                after: stream.after.as_deref(),
            })
            .await?;
        stream.is_read_up = page.next.is_none();
        stream.after = page.next;
        let read = page.items.len();
        stream.read.extend(page.items);
        Ok(read)
    }
}

/// Where a booking stands among others.
type Place = (Timestamp, BookingId);

/// A partition of an index as far as it is read.
struct Stream {
    index: &'static str,
    pk: String,
    read: VecDeque<Booking>,
    after: Option<String>,
    is_read_up: bool,
}

impl Stream {
    const fn new(index: &'static str, pk: String) -> Self {
        Self {
            index,
            pk,
            read: VecDeque::new(),
            after: None,
            is_read_up: false,
        }
    }

    /// Whether it has to be read on before it is known what comes next.
    fn is_dry(&self) -> bool {
        self.read.is_empty() && !self.is_read_up
    }

    /// Whether there may be more.
    fn has_more(&self) -> bool {
        !self.read.is_empty() || !self.is_read_up
    }

    /// What comes next, by its place; of one booking in two states the newer one.
    fn head(&self) -> Option<(Timestamp, BookingId, u64)> {
        let booking = self.read.front()?;
        Some((booking.interval.start(), booking.id, booking.version))
    }
}

/// Sort keys of what starts in the time. No sort key is as short as its end, so what starts then is not in it.
fn range(filter: &Filter) -> (String, String) {
    // Bookings start on whole milliseconds, which is as much as a sort key knows.
    let whole = SignedDuration::from_nanos(NANOSECONDS_BELOW_A_MILLISECOND);
    let key = |at: Timestamp| keys::sortable(at.saturating_add(whole).unwrap_or(at));
    (
        filter.from.map_or_else(|| " ".to_owned(), key),
        filter.to.map_or_else(|| "~".to_owned(), key),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_range_of_places() {
        let id = BookingId::from_uuid(uuid::Uuid::from_u128(3));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let is_within = |from: &str, to: &str| {
            let filter = Filter {
                from: Some(at(from)),
                to: Some(at(to)),
                ..Filter::default()
            };
            let (low, high) = range(&filter);
            let place = keys::booking_place(at("2027-03-01T10:00:00Z"), id);
            low <= place && place <= high
        };
        assert!(is_within(
            "2027-03-01T10:00:00Z",
            "2027-03-01T10:00:00.000000001Z"
        ));
        assert!(!is_within(
            "2027-03-01T10:00:00.000000001Z",
            "2027-03-01T11:00:00Z"
        ));
        assert!(!is_within("2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z"));
        assert!(is_within("0001-01-01T00:00:00Z", "9999-12-30T00:00:00Z"));
        let (low, high) = range(&Filter::default());
        let place = keys::booking_place(at("2027-03-01T10:00:00Z"), id);
        assert!(low < place && place < high);
    }
}
