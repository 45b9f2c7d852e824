//! Where else one could go.

use domain::id::{SpaceId, VenueId};
use domain::search::{Criteria, Hit};
use domain::time::Interval;

use super::{details, search};
use crate::access::Caller;
use crate::{App, Result};

/// A time at a venue, in place of which another one would do.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub venue: VenueId,
    /// What others are compared with: the main space when none is named.
    pub space: Option<SpaceId>,
    pub interval: Interval,
    pub guests: u32,
}

/// Other venues that would accept a booking for the same time; none where there is no price to compare theirs with.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn similar(app: &App, caller: Option<&Caller>, wish: Wish) -> Result<Vec<Hit>> {
    let offer = details(app, caller, wish.venue, wish.space).await?;
    let there = offer.venue.location.public_point();
    let price = offer.rates.map(|rates| rates.price_per_hour);
    let criteria = price.and_then(|price| Criteria::similar_to(there, price, wish.interval, wish.guests));
    match criteria {
        Some(criteria) => search::others(app, &criteria, wish.venue).await,
        None => Ok(Vec::new()),
    }
}
