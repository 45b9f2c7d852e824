//! What anybody can see of a venue.

use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::permission::Permission;
use domain::role::AdminRole;
use domain::venue::{Handle, Venue};
use store::venues::{Offer, Sold};

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

/// As [`details`]. A slug may be one that the venue had before.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn details_of(
    app: &App,
    caller: Option<&Caller>,
    handle: &Handle,
    space: Option<SpaceId>,
) -> Result<Offer> {
    let id = match handle {
        Handle::Id(id) => *id,
        Handle::Slug(slug) => app.store().venue_of_slug(slug).await?.ok_or(Error::NotFound)?,
    };
    details(app, caller, id, space).await
}

/// All spaces of a venue that are in use, with what they are sold by, in the order in which they were added.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn sold_spaces(app: &App, id: VenueId) -> Result<Vec<Sold>> {
    let spaces = app.store().spaces(id).await?;
    let used: Vec<_> = spaces
        .iter()
        .filter(|space| space.in_use)
        .map(|space| (id, space.id))
        .collect();
    let mut sold = app.store().sold(&used).await?;
    Ok(used.iter().filter_map(|(_, space)| sold.remove(space)).collect())
}

fn runs_or_watches(caller: Option<&Caller>, venue: &Venue) -> bool {
    let works_there =
        |member: &Membership| member.works_at(venue.vendor, venue.id) && member.may(Permission::SeeVenues);
    let watches = |admin: AdminRole| admin.may(Permission::SeeAllVenues);
    caller.is_some_and(|c| c.member().is_some_and(works_there) || c.admin().is_some_and(watches))
}

/// Where a photo can be read for a while.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn photo_url(app: &App, key: &str) -> Result<String> {
    Ok(app.blobs()?.read_url(key).await?)
}
