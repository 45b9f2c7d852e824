//! One's own application, whatever became of it.

use domain::vendor::Vendor;

use crate::access::Caller;
use crate::{App, Error, Result};

/// Read anew: a caller may be remembered from before they applied.
///
/// # Errors
/// [`Error::NotFound`] for somebody who never applied.
pub async fn application(app: &App, me: &Caller) -> Result<Vendor> {
    let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
    let vendor = user.vendor().ok_or(Error::NotFound)?;
    app.store().vendor(vendor).await?.ok_or(Error::NotFound)
}
