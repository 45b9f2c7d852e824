//! Finding venues near a place, free at a time.

use std::collections::{BTreeMap, BTreeSet};

use domain::geo::Circle;
use domain::id::VenueId;
use domain::money::Money;
use domain::text::Amenity;
use domain::time::Interval;
use domain::venue::Venue;
use futures_util::future::try_join_all;

use crate::{App, Result};

/// Venues whose calendars one search reads at most; beyond it, those farther away are left to the next
/// page.
pub const CANDIDATES_MAX: usize = 200;
/// Calendars that are read side by side.
const CANDIDATES_AT_ONCE: usize = 25;

#[derive(Debug, Clone)]
pub struct Criteria {
    pub circle: Circle,
    /// Free for all of it.
    pub interval: Option<Interval>,
    pub guests: u32,
    pub price_per_hour_max: Option<Money>,
    /// All of them.
    pub amenities: BTreeSet<Amenity>,
    pub limit: usize,
    /// Only what comes after this one.
    pub after: Option<Place>,
}

/// Where a venue stands in the results: distance in metres, then id.
pub type Place = (u32, VenueId);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub venue: Venue,
    pub distance_m: u32,
}

impl Hit {
    const fn place(&self) -> Place {
        (self.distance_m, self.venue.id)
    }
}

/// The nearest first. With a time, only what a booking of it would be accepted for. Also the place after
/// which to go on when there may be more, which a page without a hit can have as well.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn search(app: &App, criteria: &Criteria) -> Result<(Vec<Hit>, Option<Place>)> {
    let found = app.store().live_venues_in(criteria.circle.cells()).await?;
    let mut candidates: Vec<Hit> = found
        .into_iter()
        .map(|venue| Hit {
            distance_m: criteria.circle.centre().distance_m(venue.location.point),
            venue,
        })
        .filter(|hit| fits(criteria, hit))
        .collect();
    candidates.sort_by_key(Hit::place);
    let cut = candidates.len() > CANDIDATES_MAX;
    candidates.truncate(CANDIDATES_MAX);
    let mut next = candidates.last().filter(|_| cut).map(Hit::place);

    let mut hits = Vec::new();
    for chunk in candidates.chunks(CANDIDATES_AT_ONCE) {
        if hits.len() > criteria.limit {
            break;
        }
        match criteria.interval {
            Some(interval) => hits.extend(free(app, chunk, interval).await?),
            None => hits.extend_from_slice(chunk),
        }
    }
    if hits.len() > criteria.limit {
        hits.truncate(criteria.limit);
        next = hits.last().map(Hit::place);
    }
    Ok((hits, next))
}

fn fits(criteria: &Criteria, hit: &Hit) -> bool {
    let venue = &hit.venue;
    let dear = |max: Money| {
        venue
            .price_per_hour
            .is_none_or(|p| p.currency() != max.currency() || p.amount() > max.amount())
    };
    criteria.circle.contains(venue.location.point)
        && criteria.after.is_none_or(|after| hit.place() > after)
        && venue.capacity >= criteria.guests
        && !criteria.price_per_hour_max.is_some_and(dear)
        && criteria.amenities.is_subset(&venue.amenities)
}

/// Those that can be booked for the time.
async fn free(app: &App, hits: &[Hit], interval: Interval) -> Result<Vec<Hit>> {
    let venues: Vec<Venue> = hits.iter().map(|hit| hit.venue.clone()).collect();
    let spaces: BTreeMap<_, _> = app.store().main_spaces(&venues).await?.into_iter().collect();
    let now = app.now();
    let check = |hit: &Hit| {
        let hit = hit.clone();
        let found = spaces.get(&hit.venue.id);
        async move {
            let Some((space, book)) = found else {
                return Ok(None);
            };
            let spaces = space.locked();
            let request = book.request(&spaces, now);
            // Most refusals need no calendar.
            if request
                .decide(&domain::calendar::Calendar::default(), interval)
                .is_err()
            {
                return Ok(None);
            }
            let buffer = i64::from(book.rules.setup_minutes.max(book.rules.turnaround_minutes));
            let calendar = app
                .store()
                .calendar(&spaces, interval.widened(buffer, buffer))
                .await?;
            Ok::<_, crate::Error>(request.decide(&calendar, interval).is_ok().then_some(hit))
        }
    };
    Ok(try_join_all(hits.iter().map(check))
        .await?
        .into_iter()
        .flatten()
        .collect())
}
