//! Finding venues: what is looked for, what fits by what a venue shows of its spaces, and in which order.
//!
//! A venue is found by its spaces: each of them fits by itself or not, and a venue without one that fits is no
//! hit. Absent: whether a space is free, which is [`crate::availability`]'s to say.

mod facets;
mod similar;

pub use facets::Facets;
pub use similar::{SIMILAR_MAX, SIMILAR_PRICE_BPS_MAX, SIMILAR_RADIUS_M};

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::amenity::Amenity;
use crate::availability::Hours;
use crate::geo::Area;
use crate::id::VenueId;
use crate::money::{Currency, Money};
use crate::space::SpaceSummary;
use crate::time::{Interval, Zone};
use crate::venue::Venue;

#[derive(Debug, Clone)]
pub struct Criteria {
    pub area: Area,
    pub when: When,
    pub guests: u32,
    /// Of a space, in its own currency: what is priced in another is not found.
    pub price_per_hour_max: Option<Money>,
    /// Of a whole booking, in its currency; only times that cost no more are found. Nothing is found by it whenever.
    pub total_max: Option<Money>,
    /// All of them, of the venue or of the space.
    pub amenities: BTreeSet<Amenity>,
    /// Only what is booked without asking.
    pub instant: bool,
    pub sort: Sort,
    pub limit: usize,
    /// Only what comes after this one.
    pub after: Option<Position>,
}

/// When it has to be free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Whenever,
    /// For all of it.
    At(Interval),
    /// For so many minutes, which lie within these hours of the date by the venue's own clock.
    OnDay {
        date: Date,
        minutes: u32,
        within: Hours,
    },
}

impl When {
    /// All the time that a booking could take, at a place in that zone.
    #[must_use]
    pub fn window(self, zone: &Zone) -> Option<Interval> {
        match self {
            Self::Whenever => None,
            Self::At(interval) => Some(interval),
            Self::OnDay { date, within, .. } => within.on(date, zone),
        }
    }
}

/// What comes first. Those that are equal come in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The nearest to the middle of the area.
    #[default]
    Distance,
    /// The cheapest of the spaces that fit. Currencies are not converted: each is sorted for itself.
    Price,
    /// The least that a whole booking costs in any of the spaces that fit: of its first time, where there are several.
    /// Currencies as above. Without a time nothing has a place.
    Total,
    /// The venue that was created last.
    New,
}

/// A space that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub space: SpaceSummary,
    pub price_per_hour: Money,
    /// What would be accepted, by its start: the asked time, or the first times on the asked day. Empty when no
    /// time was asked for.
    pub slots: Vec<Interval>,
    /// What the first of them costs in all.
    pub total: Option<Money>,
    /// What the cheapest time costs in all, of those in `slots` and all after them; for counts.
    pub total_least: Option<Money>,
}

/// A venue with its spaces that fit, the cheapest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub venue: Venue,
    /// From the middle of the area.
    pub distance_m: u32,
    pub fits: Vec<Fit>,
}

impl Hit {
    /// The venue with those of its spaces that fit by what it shows of them; nothing when there are none.
    #[must_use]
    pub fn of(criteria: &Criteria, venue: Venue) -> Option<Self> {
        let point = venue.location.public_point();
        if !criteria.area.contains(point) {
            return None;
        }
        let lacking: BTreeSet<Amenity> = criteria.amenities.difference(&venue.amenities).copied().collect();
        let mut fits: Vec<Fit> = venue
            .spaces
            .iter()
            .filter(|space| lacking.is_subset(&space.amenities))
            .filter_map(|space| criteria.fit(space))
            .collect();
        fits.sort_by_key(|fit| (price_rank(fit), fit.space.id));
        let hit = Self {
            distance_m: criteria.area.centre().distance_m(point),
            venue,
            fits,
        };
        (!hit.fits.is_empty()).then_some(hit)
    }

    /// Where it stands in the results.
    #[must_use]
    pub fn position(&self, sort: Sort) -> Option<Position> {
        self.positions(sort).min()
    }

    /// Where it stands if the spaces that would bring it to `after` or before do not count. It stands there or
    /// further on when some of its spaces turn out not to fit.
    #[must_use]
    pub fn position_after(&self, sort: Sort, after: Option<Position>) -> Option<Position> {
        self.positions(sort)
            .filter(|position| after.is_none_or(|after| *position > after))
            .min()
    }

    /// Where each of its spaces would bring it.
    fn positions(&self, sort: Sort) -> impl Iterator<Item = Position> {
        self.fits.iter().filter_map(move |fit| {
            let of_money = |money: Money| (Some(money.currency()), money.amount());
            let (currency, rank) = match sort {
                Sort::Distance => (None, i64::from(self.distance_m)),
                Sort::Price => of_money(fit.price_per_hour),
                Sort::Total => of_money(fit.total?),
                Sort::New => (None, -self.venue.created_at.as_millisecond()),
            };
            Some(Position {
                currency,
                rank,
                venue: self.venue.id,
            })
        })
    }
}

impl Criteria {
    /// Whether a booking may cost so much in all.
    #[must_use]
    pub fn affords(&self, total: Money) -> bool {
        is_at_most(total, self.total_max)
    }

    fn fit(&self, space: &SpaceSummary) -> Option<Fit> {
        let price_per_hour = price_of(space)?;
        let affordable = is_at_most(price_per_hour, self.price_per_hour_max);
        let fits =
            space.in_use && space.capacity >= self.guests && affordable && (space.instant || !self.instant);
        fits.then(|| Fit {
            space: space.clone(),
            price_per_hour,
            slots: Vec::new(),
            total: None,
            total_least: None,
        })
    }
}

/// What an hour in a space costs as far as searching goes: filter, order, counts and what is shown. A space that
/// has no price cannot be booked.
const fn price_of(space: &SpaceSummary) -> Option<Money> {
    space.price_per_hour
}

fn is_at_most(price: Money, max: Option<Money>) -> bool {
    max.is_none_or(|max| price.currency() == max.currency() && price.amount() <= max.amount())
}

const fn price_rank(fit: &Fit) -> (Currency, i64) {
    (fit.price_per_hour.currency(), fit.price_per_hour.amount())
}

/// Where a venue stands in the results of a search. Its text is `rank.venue`, or `currency.rank.venue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Of a search by price or total.
    currency: Option<Currency>,
    /// Metres, minor units, or milliseconds before 1970.
    rank: i64,
    venue: VenueId,
}

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position in the results of a search")]
pub struct NoPosition;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(currency) = self.currency {
            write!(f, "{currency}.")?;
        }
        write!(f, "{}.{}", self.rank, self.venue)
    }
}

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (rest, venue) = text.rsplit_once('.').ok_or(NoPosition)?;
        let (currency, rank) = match rest.split_once('.') {
            None => (None, rest),
            Some((currency, rank)) => (Some(currency.parse().map_err(|_| NoPosition)?), rank),
        };
        Ok(Self {
            currency,
            rank: rank.parse().map_err(|_| NoPosition)?,
            venue: venue.parse().map_err(|_| NoPosition)?,
        })
    }
}

#[cfg(test)]
mod tests;
