//! Codes that a vendor gives out.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Claim;
use crate::Refusal;
use crate::id::{UserId, VendorId, VenueId};
use crate::money::Money;

const LENGTH_MIN: usize = 3;
const LENGTH_MAX: usize = 24;

/// What a customer types: 3 to 24 of A to Z, 0 to 9 and `-`. Lower case is taken for upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromoCode(String);

/// It is no code at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("has to be 3 to 24 of the characters A to Z, 0 to 9 and -")]
pub struct PromoCodeError;

impl FromStr for PromoCode {
    type Err = PromoCodeError;

    fn from_str(text: &str) -> Result<Self, PromoCodeError> {
        let text = text.trim().to_ascii_uppercase();
        let fine = (LENGTH_MIN..=LENGTH_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        if fine { Ok(Self(text)) } else { Err(PromoCodeError) }
    }
}

impl fmt::Display for PromoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PromoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PromoCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PromoCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// What a code takes off the time, as far as the floor allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromoEffect {
    /// Basis points of the undiscounted time.
    Percent(u32),
    Amount(Money),
}

/// A code with its terms. It costs the vendor, nobody else. A code is never given to another promotion: it can be
/// ended, not deleted, so that its uses are counted over its whole life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promo {
    pub code: PromoCode,
    pub vendor: VendorId,
    pub effect: PromoEffect,
    /// Bookings with it, of all customers together.
    pub uses_max: Option<u32>,
    pub uses_per_customer_max: Option<u32>,
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// Of time, add-ons and cleaning, before any discount.
    pub minimum_spend: Option<Money>,
    /// Only there; none is all of the vendor's.
    pub venues: Vec<VenueId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}

/// Why a code does not help here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromoObstacle {
    /// The vendor has no such code, or not for this venue: nobody learns which.
    Unknown,
    NotYet,
    Over,
    Currency,
    MinimumSpend,
    /// Other discounts have reached the floor.
    NothingLeft,
    UsedUp,
    /// This customer has had it as often as one may.
    UsedByYou,
}

impl PromoObstacle {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "it is not known here",
            Self::NotYet => "it does not hold yet",
            Self::Over => "it no longer holds",
            Self::Currency => "it is in another currency",
            Self::MinimumSpend => "the booking has to cost more for it",
            Self::NothingLeft => "the price cannot go lower",
            Self::UsedUp => "it has been used as often as it may be",
            Self::UsedByYou => "you have used it as often as one may",
        }
    }
}

impl Promo {
    /// Whether it holds at a venue at an instant.
    ///
    /// # Errors
    /// [`Refusal::Promo`].
    pub fn check(&self, venue: VenueId, now: Timestamp) -> Result<(), Refusal> {
        let obstacle = if !self.venues.is_empty() && !self.venues.contains(&venue) {
            PromoObstacle::Unknown
        } else if self.from.is_some_and(|from| now < from) {
            PromoObstacle::NotYet
        } else if self.until.is_some_and(|until| until <= now) {
            PromoObstacle::Over
        } else {
            return Ok(());
        };
        Err(Refusal::Promo { obstacle })
    }

    /// What a customer's booking with it takes.
    #[must_use]
    pub fn claims(&self, customer: UserId) -> Vec<Claim> {
        Claim::of_promo(
            self.vendor,
            &self.code,
            customer,
            self.uses_max,
            self.uses_per_customer_max,
        )
    }
}
