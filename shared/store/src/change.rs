//! Records of the tables' streams: what the items in them are, and what became of them.

use domain::channel::Channel;
use domain::event::BookingEvent;
use domain::invitation::Invitation;
use domain::vendor::Vendor;
use domain::venue::{Revision, Venue};
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, Item};

use crate::keys::{CHANNEL_EVENT_PREFIX, EVENT_PREFIX, INVITATION_PREFIX, REVISION, VENDOR, VENUE};
use crate::messages::ChannelEvent;
use crate::{Fault, Result};

/// What a stream's record calls the arrival of an item.
pub const INSERT: &str = "INSERT";
/// What it calls an item's being written anew.
pub const MODIFY: &str = "MODIFY";

/// What an item was, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    pub before: T,
    pub after: T,
}

/// The event of a booking, if that is what the new item of the table `bookings` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn booking_event(kind: &str, image: Item) -> Result<Option<BookingEvent>> {
    if kind == INSERT && text(&image, "sk").starts_with(EVENT_PREFIX) {
        read(image).map(Some)
    } else {
        Ok(None)
    }
}

/// The event of a channel, if that is what the new item of the table `messages` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn channel_event(kind: &str, image: Item) -> Result<Option<ChannelEvent>> {
    let offset = text(&image, "sk").bytes().all(|b| b.is_ascii_digit());
    if kind == INSERT && offset && text(&image, "pk").starts_with(CHANNEL_EVENT_PREFIX) {
        read(image).map(Some)
    } else {
        Ok(None)
    }
}

/// The channel whose event an item of the table `messages` is, by its keys alone.
#[must_use]
pub fn channel_of(keys: &Item) -> Option<Channel> {
    text(keys, "pk").strip_prefix(CHANNEL_EVENT_PREFIX)?.parse().ok()
}

/// A business that was written anew, if that is what the item of the table `vendor_info` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn vendor(kind: &str, before: Item, after: Item) -> Result<Option<Changed<Vendor>>> {
    changed(kind, VENDOR, before, after)
}

/// An invitation to work for a business, if that is what the new item of the table `vendor_info` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn invitation(kind: &str, image: Item) -> Result<Option<Invitation>> {
    if kind == INSERT && text(&image, "sk").starts_with(INVITATION_PREFIX) {
        read(image).map(Some)
    } else {
        Ok(None)
    }
}

/// A venue that was written anew, if that is what the item of the table `venues` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn venue(kind: &str, before: Item, after: Item) -> Result<Option<Changed<Venue>>> {
    changed(kind, VENUE, before, after)
}

/// A revision of a venue that was written anew, if that is what the item of the table `venues` is.
///
/// # Errors
/// [`Fault::Corrupt`] when it is one and cannot be read.
pub fn revision(kind: &str, before: Item, after: Item) -> Result<Option<Changed<Revision>>> {
    changed(kind, REVISION, before, after)
}

fn changed<T: DeserializeOwned>(
    kind: &str,
    sk: &str,
    before: Item,
    after: Item,
) -> Result<Option<Changed<T>>> {
    if kind != MODIFY || text(&after, "sk") != sk {
        return Ok(None);
    }
    Ok(Some(Changed {
        before: read(before)?,
        after: read(after)?,
    }))
}

fn text<'a>(image: &'a Item, name: &str) -> &'a str {
    match image.get(name) {
        Some(AttributeValue::S(text)) => text,
        _ => "",
    }
}

fn read<T: DeserializeOwned>(image: Item) -> Result<T> {
    let place = format!("{}/{}", text(&image, "pk"), text(&image, "sk"));
    serde_dynamo::from_item(image).map_err(|e| Fault::Corrupt(format!("{place}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn image(attributes: &[(&str, AttributeValue)]) -> Item {
        let map: HashMap<String, AttributeValue> = attributes
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect();
        map.into()
    }

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn published(sk: &str) -> Item {
        image(&[
            ("pk", s("EVT#user:usr_00000000000000000000000000000005")),
            ("sk", s(sk)),
            ("channel", s("user:usr_00000000000000000000000000000005")),
            ("offset", AttributeValue::N("7".to_owned())),
            ("event", s("bkg_00000000000000000000000000000001.3")),
            ("at", s("2027-01-01T00:00:00Z")),
            ("data", s("{}")),
            ("ttl", AttributeValue::N("1".to_owned())),
        ])
    }

    #[test]
    fn an_event_of_a_channel_is_read_from_the_stream() {
        let event = channel_event(INSERT, published("00000000000000000007"))
            .unwrap()
            .unwrap();
        assert_eq!((event.offset, event.data.as_str()), (7, "{}"));
    }

    #[test]
    fn marks_heads_notes_and_changes_are_no_events() {
        assert_eq!(channel_event(INSERT, published("SEEN#bkg_1.3")), Ok(None));
        assert_eq!(
            channel_event("REMOVE", published("00000000000000000007")),
            Ok(None)
        );
        assert_eq!(
            channel_event("MODIFY", published("00000000000000000007")),
            Ok(None)
        );
        let note = image(&[("pk", s("USER#usr_1")), ("sk", s("NOTE#1"))]);
        assert_eq!(channel_event(INSERT, note), Ok(None));
        let booking = image(&[("pk", s("BOOKING#bkg_1")), ("sk", s("BOOKING"))]);
        assert_eq!(booking_event(INSERT, booking), Ok(None));
    }

    #[test]
    fn an_event_that_cannot_be_read_is_told_by_its_place() {
        let broken = image(&[("pk", s("BOOKING#bkg_1")), ("sk", s("EVENT#000001"))]);
        let Err(Fault::Corrupt(why)) = booking_event(INSERT, broken) else {
            panic!("it was read")
        };
        assert!(why.starts_with("BOOKING#bkg_1/EVENT#000001: "), "{why}");
    }
}
