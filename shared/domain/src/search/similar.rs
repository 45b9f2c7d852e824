//! What is as good as a venue: near it, for as many guests, and not much dearer.

use std::collections::BTreeSet;

use super::{Criteria, Sort, When};
use crate::geo::{Area, Circle, Point};
use crate::money::Money;
use crate::time::Interval;

/// So many are named.
pub const SIMILAR_MAX: usize = 6;
/// How far away they are at most.
pub const SIMILAR_RADIUS_M: u32 = 10_000;
/// What an hour costs at most, of what it costs there: half as much again. Nobody minds what is cheaper.
pub const SIMILAR_PRICE_BPS_MAX: i64 = 15_000;

impl Criteria {
    /// What could be had in place of a space, the nearest first; nothing where its price is too large to be compared.
    #[must_use]
    pub fn similar_to(there: Point, price_per_hour: Money, interval: Interval, guests: u32) -> Option<Self> {
        Some(Self {
            area: Area::Circle(Circle::new(there, SIMILAR_RADIUS_M).ok()?),
            when: When::At(interval),
            guests,
            price_per_hour_max: Some(price_per_hour.share(SIMILAR_PRICE_BPS_MAX).ok()?),
            total_max: None,
            amenities: BTreeSet::new(),
            instant: false,
            sort: Sort::Distance,
            limit: SIMILAR_MAX,
            after: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::tests::between;

    fn similar(amount: i64) -> Option<Criteria> {
        let there = Point::new(52.5, 13.4).unwrap();
        let price = Money::new(amount, "EUR".parse().unwrap());
        Criteria::similar_to(
            there,
            price,
            between("2027-03-15T12:00Z", "2027-03-15T13:00Z"),
            20,
        )
    }

    #[test]
    fn what_is_similar_is_near_and_at_most_half_as_dear_again_in_the_same_currency() {
        let criteria = similar(3_333).unwrap();
        let max = criteria.price_per_hour_max.unwrap();
        // Half a cent is rounded up.
        assert_eq!((max.amount(), max.currency().code()), (5_000, "EUR"));
        assert_eq!((criteria.guests, criteria.limit), (20, SIMILAR_MAX));
        let point = |lat| Point::new(lat, 13.4).unwrap();
        // A thousandth of a degree of latitude is 111 metres.
        assert!(criteria.area.contains(point(52.589)) && !criteria.area.contains(point(52.591)));
    }

    #[test]
    fn a_price_that_is_too_large_is_like_no_other() {
        assert!(similar(i64::MAX / 3 * 2).is_some());
        assert_eq!(similar(i64::MAX).map(|criteria| criteria.guests), None);
    }
}
