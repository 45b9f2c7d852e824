//! Lists of venues for those who run them.

use domain::id::VendorId;
use domain::venue::{Venue, VenueState};

use crate::{App, Result};

/// A vendor's own, newest first, and where the next page begins.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn mine(
    app: &App,
    vendor: VendorId,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Venue>, Option<String>)> {
    let page = app.store().venues_of_vendor(vendor, limit, after).await?;
    Ok((page.items, page.next))
}

/// Those in a state, the longest waiting first. The caller is an admin.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn waiting(
    app: &App,
    state: VenueState,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Venue>, Option<String>)> {
    let page = app.store().venues_in_state(state, limit, after).await?;
    Ok((page.items, page.next))
}
