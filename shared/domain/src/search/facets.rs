//! What the results of a search have in common, counted over all of them and not over a page.
//!
//! Every count is of the hits with all filters applied: how many would be left if that one were added. A venue
//! counts where any of its spaces that fit does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Fit, Hit};
use crate::amenity::Amenity;
use crate::money::{Currency, Money};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// Of the hits or of their spaces that fit. The most frequent first, then by id.
    pub amenities: Vec<(Amenity, usize)>,
    /// Hits with a space that is booked without asking.
    pub instant: usize,
    /// Hits with a space whose vendor is asked first.
    pub on_request: usize,
    /// How many have a space for at most so much an hour, for each currency in steps from the cheapest hit to
    /// the dearest.
    pub prices: Vec<(Money, usize)>,
    /// How many have a time that costs at most so much in all, in steps as above; none where no time was asked for.
    pub totals: Vec<(Money, usize)>,
    /// How many have a space for at least so many guests, in steps beyond those who were asked for.
    pub guests: Vec<(u32, usize)>,
}

impl Facets {
    /// `guests` is how many were asked for.
    #[must_use]
    pub fn of(hits: &[Hit], guests: u32) -> Self {
        let having = |fits: fn(&Fit) -> bool| hits.iter().filter(|hit| hit.fits.iter().any(fits)).count();
        Self {
            amenities: amenities(hits),
            instant: having(|fit| fit.space.instant),
            on_request: having(|fit| !fit.space.instant),
            prices: amounts(hits, |fit| Some(fit.price_per_hour)),
            totals: amounts(hits, |fit| fit.total_least),
            guests: capacities(hits, guests),
        }
    }
}

fn amenities(hits: &[Hit]) -> Vec<(Amenity, usize)> {
    let mut counts: BTreeMap<Amenity, usize> = BTreeMap::new();
    for Hit { venue, fits, .. } in hits {
        let of_spaces = fits.iter().flat_map(|fit| &fit.space.amenities);
        let of_hit: BTreeSet<&Amenity> = venue.amenities.iter().chain(of_spaces).collect();
        for amenity in of_hit {
            *counts.entry(*amenity).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    // Stable: those that are equal stay in the order of their ids.
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts
}

fn amounts(hits: &[Hit], of: fn(&Fit) -> Option<Money>) -> Vec<(Money, usize)> {
    // Each hit's cheapest space of a currency.
    let mut cheapest: BTreeMap<Currency, Vec<i64>> = BTreeMap::new();
    for hit in hits {
        let mut of_hit: BTreeMap<Currency, i64> = BTreeMap::new();
        for price in hit.fits.iter().filter_map(of) {
            let amount = of_hit.entry(price.currency()).or_insert(price.amount());
            *amount = price.amount().min(*amount);
        }
        for (currency, amount) in of_hit {
            cheapest.entry(currency).or_default().push(amount);
        }
    }
    cheapest
        .into_iter()
        .flat_map(|(currency, amounts)| {
            let least = amounts.iter().copied().min().unwrap_or_default();
            let most = amounts.iter().copied().max().unwrap_or_default();
            let first = steps().take_while(|step| *step < least).count();
            // Up to the first one that leaves nothing out.
            let needed = steps().take_while(|step| *step < most).count().saturating_add(1);
            let steps = steps().take(needed).skip(first);
            let counted = steps.map(move |step| {
                let count = amounts.iter().filter(|amount| **amount <= step).count();
                (Money::new(step, currency), count)
            });
            counted.collect::<Vec<_>>()
        })
        .collect()
}

fn capacities(hits: &[Hit], guests: u32) -> Vec<(u32, usize)> {
    let largest = |hit: &Hit| hit.fits.iter().map(|fit| fit.space.capacity).max();
    let capacities: Vec<u32> = hits.iter().filter_map(largest).collect();
    let most = capacities.iter().copied().max().unwrap_or_default();
    steps()
        .filter_map(|step| u32::try_from(step).ok())
        .skip_while(|step| *step <= guests)
        .take_while(|step| *step <= most)
        .map(|step| {
            (
                step,
                capacities.iter().filter(|capacity| **capacity >= step).count(),
            )
        })
        .collect()
}

/// 1, 2, 5, 10, 20, 50 and so on.
fn steps() -> impl Iterator<Item = i64> {
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    powers.flat_map(|power| {
        [1, 2, 5]
            .into_iter()
            .filter_map(move |step| power.checked_mul(step))
    })
}
