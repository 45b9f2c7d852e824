//! What anybody can see of a venue.

use domain::id::{SpaceId, VenueId};
use domain::role::Role;
use domain::space::Space;
use domain::venue::Venue;
use store::venues::Offer;

use crate::access::Caller;
use crate::{App, Error, Result};

/// A venue with one of its spaces, the main one unless another is named. What is not live, or not in use,
/// exists only for its vendor and for admins.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn details(
    app: &App,
    caller: Option<&Caller>,
    id: VenueId,
    space: Option<SpaceId>,
) -> Result<Offer> {
    let offer = app.store().offer(id, space).await?.ok_or(Error::NotFound)?;
    let is_public = offer.venue.is_live() && offer.space.in_use;
    if is_public || runs_or_watches(caller, &offer.venue) {
        Ok(offer)
    } else {
        Err(Error::NotFound)
    }
}

/// All spaces of a venue that the caller may see.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn spaces_of(app: &App, id: VenueId) -> Result<Vec<Space>> {
    Ok(app.store().spaces(id).await?)
}

fn runs_or_watches(caller: Option<&Caller>, venue: &Venue) -> bool {
    caller.is_some_and(|c| c.is(Role::Admin) || (c.is(Role::Vendor) && c.vendor == Some(venue.vendor)))
}

/// Where a photo can be read for a while.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn photo_url(app: &App, key: &str) -> Result<String> {
    Ok(app.blobs()?.read_url(key).await?)
}
