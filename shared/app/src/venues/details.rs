//! What anybody can see of a venue.

use domain::id::VenueId;
use domain::role::Role;
use domain::venue::Venue;
use store::venues::Offer;

use crate::access::Caller;
use crate::{App, Error, Result};

/// A live venue; one that is not live exists only for its vendor and for admins.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn details(app: &App, caller: Option<&Caller>, id: VenueId) -> Result<Offer> {
    let offer = app.store().offer(id, None).await?.ok_or(Error::NotFound)?;
    if may_see(caller, &offer.venue) {
        Ok(offer)
    } else {
        Err(Error::NotFound)
    }
}

fn may_see(caller: Option<&Caller>, venue: &Venue) -> bool {
    venue.is_live()
        || caller.is_some_and(|c| c.is(Role::Admin) || (c.is(Role::Vendor) && c.vendor == Some(venue.vendor)))
}

/// Where a photo can be read for a while.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn photo_url(app: &App, key: &str) -> Result<String> {
    Ok(app.blobs()?.read_url(key).await?)
}
