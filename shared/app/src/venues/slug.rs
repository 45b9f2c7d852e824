//! Which slug a venue gets.

use domain::venue::{Slug, Venue};

use crate::{App, Error, Result};

/// The venue under the best slug of its name that is free or was its own before. Also the slug when it is free, to be
/// claimed in the transaction that writes the venue.
///
/// # Errors
/// [`Error::Unavailable`].
pub(super) async fn named(app: &App, venue: Venue) -> Result<(Venue, Option<Slug>)> {
    for slug in venue.slugs() {
        let owner = app.store().venue_of_slug(&slug).await?;
        if owner.is_none_or(|owner| owner == venue.id) {
            let claimed = owner.is_none().then(|| slug.clone());
            let slug = Some(slug);
            return Ok((Venue { slug, ..venue }, claimed));
        }
    }
    Err(Error::Internal(format!("no slug is left for {}", venue.id)))
}
