//! The channels that clients can listen to, by their names on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{BookingId, UserId, VendorId, VenueId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Everything that concerns one person.
    User(UserId),
    /// What became free or taken at a venue; names nobody.
    VenueAvailability(VenueId),
    /// One booking's history. Its offset is the number of the event.
    Booking(BookingId),
    /// Everything that concerns a vendor's venues.
    Vendor(VendorId),
}

/// There is no channel of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such channel")]
pub struct UnknownChannel;

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::VenueAvailability(id) => write!(f, "venue:{id}:availability"),
            Self::Booking(id) => write!(f, "booking:{id}"),
            Self::Vendor(id) => write!(f, "vendor:{id}"),
        }
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Self, UnknownChannel> {
        let mut parts = name.split(':');
        let unknown = |_| UnknownChannel;
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("user"), Some(id), None, None) => id.parse().map(Self::User).map_err(unknown),
            (Some("booking"), Some(id), None, None) => id.parse().map(Self::Booking).map_err(unknown),
            (Some("vendor"), Some(id), None, None) => id.parse().map(Self::Vendor).map_err(unknown),
            (Some("venue"), Some(id), Some("availability"), None) => {
                id.parse().map(Self::VenueAvailability).map_err(unknown)
            }
            _ => Err(UnknownChannel),
        }
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_channel_reads_back_as_it_is_written() {
        let id = Uuid::from_u128(5);
        for channel in [
            Channel::User(UserId::from_uuid(id)),
            Channel::VenueAvailability(VenueId::from_uuid(id)),
            Channel::Booking(BookingId::from_uuid(id)),
            Channel::Vendor(VendorId::from_uuid(id)),
        ] {
            assert_eq!(channel.to_string().parse(), Ok(channel));
        }
    }

    #[test]
    fn there_are_no_wildcards_and_no_other_names() {
        for name in [
            "",
            "user:",
            "user:*",
            "booking:#",
            "venue:ven_1:availability",
            "user:usr_00000000000000000000000000000005:x",
        ] {
            assert_eq!(name.parse::<Channel>(), Err(UnknownChannel), "{name}");
        }
    }
}
