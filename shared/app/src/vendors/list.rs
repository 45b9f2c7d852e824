//! Looking at applications.

use domain::id::VendorId;
use domain::vendor::{Vendor, VendorState};
use store::Store;

use crate::{App, Error, Result};

/// The business that somebody runs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn mine(app: &App, vendor: VendorId) -> Result<Vendor> {
    let store: &Store = app.store();
    store.vendor(vendor).await?.ok_or(Error::NotFound)
}

/// Applications in a state, the oldest first, and where the next page begins.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn waiting(
    app: &App,
    state: VendorState,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Vendor>, Option<String>)> {
    let page = app.store().vendors_in_state(state, limit, after).await?;
    Ok((page.items, page.next))
}
