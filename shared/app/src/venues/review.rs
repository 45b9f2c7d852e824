//! One venue for whoever decides about it.

use domain::id::VenueId;
use domain::venue::Revised;

use crate::{App, Error, Result};

/// In whatever state it is, with what its vendor wants changed. The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn review(app: &App, id: VenueId) -> Result<Revised> {
    app.store().revised(id).await?.ok_or(Error::NotFound)
}
