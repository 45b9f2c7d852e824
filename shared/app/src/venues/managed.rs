//! One venue for whoever runs it.

use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use store::venues::Offer;

use super::own;
use crate::{App, Error, Result};

/// In whatever state it is, with one of its spaces: the main one unless another is named.
///
/// # Errors
/// [`Error::NotFound`], also for another's venue.
pub async fn managed(app: &App, member: &Membership, id: VenueId, space: Option<SpaceId>) -> Result<Offer> {
    let venue = own(app, member, id).await?;
    let space = space.unwrap_or(venue.main_space);
    app.store().offer_of(venue, space).await?.ok_or(Error::NotFound)
}
