//! What a vendor asks for a space.

use serde::{Deserialize, Serialize};

use super::{Discount, RateRule};
use crate::availability::Rules;
use crate::money::{BASIS_POINTS_WHOLE, Money};
use crate::text::Label;

/// What a space costs. All amounts are in the currency of `price_per_hour`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// The base: an hour that no rule says anything about.
    pub price_per_hour: Money,
    #[serde(default)]
    pub rules: Vec<RateRule>,
    /// The time of a booking costs at least this, before discounts.
    #[serde(default)]
    pub minimum_spend: Option<Money>,
    /// Once a booking.
    #[serde(default)]
    pub cleaning_fee: Option<Money>,
    #[serde(default)]
    pub add_ons: Vec<AddOn>,
    #[serde(default)]
    pub discounts: Vec<Discount>,
    /// No discount or promo code makes an hour cheaper than this.
    #[serde(default)]
    pub floor_per_hour: Option<Money>,
    /// Of the time and the cleaning fee, and of add-ons that have none of their own.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// Kept safe and given back, so no part of the price.
    #[serde(default)]
    pub deposit: Option<Money>,
    /// Moves with every change, and is frozen in quotes.
    pub version: u64,
}

/// Something that a customer may take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddOn {
    pub name: Label,
    pub price: Money,
    pub per: Per,
    /// Of it in one booking.
    pub quantity_max: u32,
    #[serde(default)]
    pub tax: Option<Tax>,
}

/// What the price of an add-on is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    Booking,
    /// Elapsed time counts, also part of an hour.
    Hour,
    Guest,
}

/// A sales tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// Basis points of the price without it.
    pub bps: u32,
    /// Whether prices are with it already; otherwise it comes on top.
    pub included: bool,
}

impl Tax {
    /// What share of an amount it is: numerator and denominator.
    pub(super) const fn share(self) -> (i64, i64) {
        let bps = self.bps as i64;
        if self.included {
            (bps, BASIS_POINTS_WHOLE + bps)
        } else {
            (bps, BASIS_POINTS_WHOLE)
        }
    }
}

impl Rates {
    /// So much an hour, and nothing else.
    #[must_use]
    pub const fn flat(price_per_hour: Money) -> Self {
        Self {
            price_per_hour,
            rules: Vec::new(),
            minimum_spend: None,
            cleaning_fee: None,
            add_ons: Vec::new(),
            discounts: Vec::new(),
            floor_per_hour: None,
            tax: None,
            deposit: None,
            version: 1,
        }
    }

    /// The rules that name a season which the space has not got, by their places. They would never hold.
    pub fn unknown_seasons(&self, space: &Rules) -> impl Iterator<Item = usize> {
        let is_known = |name: &Label| space.seasons.iter().any(|season| season.name == *name);
        self.rules
            .iter()
            .enumerate()
            .filter(move |(_, rule)| rule.when.season.as_ref().is_some_and(|name| !is_known(name)))
            .map(|(n, _)| n)
    }

    /// Whether a price depends on who asks.
    #[must_use]
    pub fn favours_first_bookings(&self) -> bool {
        self.discounts
            .iter()
            .any(|discount| discount.kind == super::DiscountKind::FirstBooking)
    }

    pub(super) fn add_on(&self, name: &Label) -> Option<&AddOn> {
        self.add_ons.iter().find(|add_on| add_on.name == *name)
    }
}
