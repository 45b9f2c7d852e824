//! Lists of venues for those who run them.

use domain::membership::Membership;
use domain::venue::{Revised, Revision, Venue, VenueState};

use crate::{App, Result};

/// Those that a member of a vendor works at, newest first, and where the next page begins. A page may have fewer than
/// the limit, even none, and still not be the last.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn mine(
    app: &App,
    member: &Membership,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Venue>, Option<String>)> {
    let mut page = app.store().venues_of_vendor(member.vendor, limit, after).await?;
    page.items.retain(|venue| member.works_at(venue.vendor, venue.id));
    Ok((page.items, page.next))
}

/// Those in a state with their revisions, the longest waiting first. The caller is an admin.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn waiting(
    app: &App,
    state: VenueState,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Revised>, Option<String>)> {
    let page = app.store().venues_in_state(state, limit, after).await?;
    Ok((app.store().with_revisions(page.items).await?, page.next))
}

/// Those with a revision that waits, the longest waiting first. The index that knows them may lag, so that each is
/// looked at, and a page may be short. The caller is an admin.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn revised(app: &App, limit: i32, after: Option<&str>) -> Result<(Vec<Revised>, Option<String>)> {
    let page = app.store().revisions_waiting(limit, after).await?;
    let ids: Vec<_> = page.items.iter().map(|revision| revision.venue).collect();
    let mut venues = app.store().venues(&ids).await?;
    venues.sort_by_key(|venue| ids.iter().position(|id| *id == venue.id));
    let mut found = app.store().with_revisions(venues).await?;
    found.retain(|revised| revised.revision.as_ref().is_some_and(Revision::is_pending));
    Ok((found, page.next))
}
