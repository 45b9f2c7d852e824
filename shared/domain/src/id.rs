//! Typed ids: a UUIDv7 with a prefix that says what it names (`bkg_0190…`).
//!
//! Ids sort by creation time. They are made by the caller (the `Ids` port), never here, and are no
//! secrets: whoever holds one still has to be allowed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}<32 hexadecimal digits>")]
pub struct IdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Accepts only the canonical form, so that one id has one spelling.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let hex = text.strip_prefix($prefix).ok_or(IdError { prefix: $prefix })?;
                let canonical = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if !canonical {
                    return Err(IdError { prefix: $prefix });
                }
                Uuid::try_parse(hex).map(Self).map_err(|_| IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/** A person with a login. */ UserId, "usr_");
id!(/** One login on one device. */ SessionId, "ses_");
id!(/** A business that runs venues. */ VendorId, "vnd_");
id!(/** Somebody may come to work for a business. */ InvitationId, "inv_");
id!(/** A place with one or more spaces. */ VenueId, "ven_");
id!(/** The bookable unit. */ SpaceId, "spc_");
id!(/** Time that a vendor keeps for themselves. */ BlockId, "blk_");
id!(/** A picture or file that belongs to a venue. */ MediaId, "med_");
id!(/** A hold, and what becomes of it. */ BookingId, "bkg_");
id!(/** Another time that one side of a booking asks for. */ ProposalId, "prp_");
id!(/** One attempt to collect money for a booking. */ PaymentId, "pay_");
id!(/** Money going back. */ RefundId, "rfd_");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = BookingId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "bkg_01900000000070008000000000000001");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<BookingId>(&serde_json::to_string(&id).unwrap()).unwrap(),
            id
        );
    }

    #[test]
    fn an_id_of_another_kind_or_spelling_is_refused() {
        for text in [
            "",
            "bkg_",
            "ven_01900000000070008000000000000001",
            "bkg_0190000000007000800000000000000",
            "bkg_0190000000007000800000000000000G",
            "bkg_01900000-0000-7000-8000-000000000001",
            "bkg_0190000000007000800000000000000A",
            " bkg_01900000000070008000000000000001",
        ] {
            assert!(text.parse::<BookingId>().is_err(), "{text:?} was accepted");
        }
    }
}
