//! One venue for whoever runs it.

use domain::id::{VendorId, VenueId};
use store::venues::Offer;

use super::own;
use crate::{App, Error, Result};

/// In whatever state it is.
///
/// # Errors
/// [`Error::NotFound`], also for another's venue.
pub async fn managed(app: &App, vendor: VendorId, id: VenueId) -> Result<Offer> {
    let venue = own(app, vendor, id).await?;
    let space = venue.main_space;
    app.store().offer_of(venue, space).await?.ok_or(Error::NotFound)
}
