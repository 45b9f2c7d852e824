//! A price that is honoured for a while.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::Price;
use crate::Refusal;
use crate::address::Address;
use crate::cancellation::Policy;
use crate::geo::Point;
use crate::id::{IdError, SpaceId, UserId, VendorId, VenueId};
use crate::space::Space;
use crate::text::{Label, VenueName};
use crate::time::{Interval, Zone, plus_minutes};

/// How long a quote is honoured, whatever happens to the rates meanwhile.
pub const QUOTE_MINUTES: i64 = 15;

/// A quote's id. It names what is quoted, so that a booking can read the quote, the space and the days
/// it touches in one go; the stored quote decides, and has to agree with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuoteId {
    pub uuid: Uuid,
    pub venue: VenueId,
    pub space: SpaceId,
    /// Minutes since 1970.
    start_minute: u32,
    minutes: u16,
    setup_minutes: u16,
    turnaround_minutes: u16,
}

impl QuoteId {
    const PREFIX: &'static str = "quo_";

    /// # Errors
    /// [`Refusal::Amount`] for a time that no quote can be made for (before 1970, or over 45 days).
    pub fn new(
        uuid: Uuid,
        venue: VenueId,
        space: SpaceId,
        interval: Interval,
        setup_minutes: u32,
        turnaround_minutes: u32,
    ) -> Result<Self, Refusal> {
        let small = |minutes: u32| u16::try_from(minutes).map_err(|_| Refusal::Amount);
        Ok(Self {
            uuid,
            venue,
            space,
            start_minute: u32::try_from(interval.start().as_second() / 60).map_err(|_| Refusal::Amount)?,
            minutes: u16::try_from(interval.minutes()).map_err(|_| Refusal::Amount)?,
            setup_minutes: small(setup_minutes)?,
            turnaround_minutes: small(turnaround_minutes)?,
        })
    }

    /// The time with what is needed before and after it: the days to read.
    #[must_use]
    pub fn span(&self) -> Option<Interval> {
        let start = Timestamp::from_second(i64::from(self.start_minute) * 60).ok()?;
        let interval = Interval::new(start, plus_minutes(start, i64::from(self.minutes))).ok()?;
        Some(interval.widened(i64::from(self.setup_minutes), i64::from(self.turnaround_minutes)))
    }
}

impl fmt::Display for QuoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}{}{}{:08x}{:04x}{:04x}{:04x}",
            Self::PREFIX,
            self.uuid.simple(),
            self.venue.uuid().simple(),
            self.space.uuid().simple(),
            self.start_minute,
            self.minutes,
            self.setup_minutes,
            self.turnaround_minutes
        )
    }
}

impl fmt::Debug for QuoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for QuoteId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parse = || {
            let hex = text.strip_prefix(Self::PREFIX)?;
            let canonical = hex.len() == 116 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            canonical.then_some(())?;
            let part = |from: usize, to: usize| hex.get(from..to);
            let short = |from: usize| u16::from_str_radix(part(from, from + 4)?, 16).ok();
            Some(Self {
                uuid: Uuid::try_parse(part(0, 32)?).ok()?,
                venue: VenueId::from_uuid(Uuid::try_parse(part(32, 64)?).ok()?),
                space: SpaceId::from_uuid(Uuid::try_parse(part(64, 96)?).ok()?),
                start_minute: u32::from_str_radix(part(96, 104)?, 16).ok()?,
                minutes: short(104)?,
                setup_minutes: short(108)?,
                turnaround_minutes: short(112)?,
            })
        };
        parse().ok_or(IdError { prefix: Self::PREFIX })
    }
}

impl Serialize for QuoteId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QuoteId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A price that is honoured until it expires, with the terms it was made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub id: QuoteId,
    pub venue: VenueId,
    pub venue_name: VenueName,
    /// Where it is; not for everybody.
    pub point: Point,
    pub address: Address,
    pub zone: Zone,
    pub vendor: VendorId,
    pub space: SpaceId,
    pub space_name: VenueName,
    pub interval: Interval,
    pub guests: u32,
    /// How the space is to be furnished, where it can be furnished in several ways.
    #[serde(default)]
    pub layout: Option<Label>,
    pub price: Price,
    pub policy: Policy,
    /// Of the terms of its venue, the policy among them, that it was made under.
    pub terms_version: u64,
    /// Where booking means asking: how long the vendor takes to answer.
    #[serde(default)]
    pub answer_minutes: Option<u32>,
    /// So long before the start the customer can no longer cancel or change the booking.
    #[serde(default)]
    pub lock_minutes: u32,
    /// Who asked; a quote that nobody signed in for is anybody's.
    pub customer: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Quote {
    /// Whether it is still honoured for this customer. Somebody else's quote is treated as absent by
    /// the caller.
    ///
    /// # Errors
    /// [`Refusal::QuoteExpired`].
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        if now < self.expires_at {
            Ok(())
        } else {
            Err(Refusal::QuoteExpired {
                expired_at: self.expires_at,
            })
        }
    }

    /// Whether it was given by whoever runs the space now. A booking is made with the business that a quote names.
    ///
    /// # Errors
    /// [`Refusal::QuoteOutdated`].
    pub fn check_vendor(&self, space: &Space) -> Result<(), Refusal> {
        if self.vendor == space.vendor {
            Ok(())
        } else {
            Err(Refusal::QuoteOutdated)
        }
    }

    /// From when on the customer can no longer cancel or change the booking.
    #[must_use]
    pub fn locked_from(&self) -> Timestamp {
        plus_minutes(self.interval.start(), -i64::from(self.lock_minutes))
    }

    #[must_use]
    pub fn is_for(&self, customer: UserId) -> bool {
        self.customer.is_none_or(|c| c == customer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::address::tests::address;
    use crate::pricing::tests::{order, rates};
    use crate::time::tests::{at, between};

    #[test]
    fn a_quotes_id_names_what_it_quotes() {
        let space = SpaceId::from_uuid(Uuid::from_u128(8));
        let id = QuoteId::new(
            Uuid::from_u128(9),
            VenueId::from_uuid(Uuid::from_u128(1)),
            space,
            between("2027-03-01T10:00Z", "2027-03-01T12:00Z"),
            30,
            60,
        )
        .unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.span(), Some(between("2027-03-01T09:30Z", "2027-03-01T13:00Z")));
        let hex = id.to_string().replace("quo_", "");
        let others = [
            hex.clone(),
            "quo_1234".to_owned(),
            format!("quo_{hex}0"),
            format!("quo_{}", hex.to_uppercase()),
        ];
        for text in others {
            assert!(text.parse::<QuoteId>().is_err(), "{text}");
        }
    }

    fn quote() -> Quote {
        let created_at = at("2027-02-01T00:00Z");
        let interval = between("2027-03-01T10:00Z", "2027-03-01T12:00Z");
        let space = SpaceId::from_uuid(Uuid::from_u128(8));
        Quote {
            id: QuoteId::new(
                Uuid::from_u128(9),
                VenueId::from_uuid(Uuid::from_u128(1)),
                space,
                interval,
                0,
                0,
            )
            .unwrap(),
            venue: VenueId::from_uuid(Uuid::from_u128(1)),
            space_name: VenueName::parse("The Loft").unwrap(),
            layout: None,
            answer_minutes: None,
            lock_minutes: 0,
            venue_name: VenueName::parse("Loft").unwrap(),
            point: Point::new(51.48, 0.0).unwrap(),
            address: address(),
            zone: "UTC".parse().unwrap(),
            vendor: VendorId::from_uuid(Uuid::from_u128(2)),
            space,
            interval,
            guests: 2,
            price: rates(100, "EUR").price(&order(interval)).unwrap(),
            policy: Policy::preset("very_flexible").unwrap(),
            terms_version: 1,
            customer: None,
            created_at,
            expires_at: plus_minutes(created_at, QUOTE_MINUTES),
        }
    }

    #[test]
    fn a_quote_is_honoured_until_it_expires() {
        let quote = quote();
        assert_eq!(quote.check(at("2027-02-01T00:14:59Z")), Ok(()));
        assert_eq!(
            quote.check(quote.expires_at),
            Err(Refusal::QuoteExpired {
                expired_at: quote.expires_at
            })
        );
    }

    #[test]
    fn a_quote_is_for_whoever_asked_or_for_anybody() {
        let [one, other] = [1, 2].map(|n| UserId::from_uuid(Uuid::from_u128(n)));
        let anybodys = quote();
        assert!(anybodys.is_for(one) && anybodys.is_for(other));
        let ones = Quote {
            customer: Some(one),
            ..anybodys
        };
        assert!(ones.is_for(one) && !ones.is_for(other));
    }

    #[test]
    fn a_booking_is_locked_so_long_before_its_start() {
        let locked = Quote {
            lock_minutes: 90,
            ..quote()
        };
        assert_eq!(locked.locked_from(), at("2027-03-01T08:30Z"));
        assert_eq!(quote().locked_from(), at("2027-03-01T10:00Z"));
    }

    #[test]
    fn a_quote_is_honoured_by_the_business_that_gave_it() {
        let quote = quote();
        let space = |vendor| Space {
            id: quote.space,
            venue: quote.venue,
            vendor,
            name: quote.space_name.clone(),
            capacity: 2,
            amenities: BTreeSet::new(),
            layouts: Vec::new(),
            parts: Vec::new(),
            locks: Vec::new(),
            in_use: true,
            live: true,
            rules_version: 1,
        };
        assert_eq!(quote.check_vendor(&space(quote.vendor)), Ok(()));
        let other = VendorId::from_uuid(Uuid::from_u128(77));
        assert_eq!(quote.check_vendor(&space(other)), Err(Refusal::QuoteOutdated));
    }
}
