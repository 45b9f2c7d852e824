//! Lists of bookings.

use domain::booking::{Booking, BookingState};
use domain::id::VendorId;

use crate::access::Caller;
use crate::{App, Result};

/// One's own, the latest start first, and where the next page begins.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn history(
    app: &App,
    me: &Caller,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let page = app.store().bookings_of_customer(me.user, limit, after).await?;
    Ok((page.items, page.next))
}

/// A vendor's in one state, the latest start first, and where the next page begins.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn vendor_history(
    app: &App,
    vendor: VendorId,
    state: BookingState,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let page = app
        .store()
        .bookings_of_vendor(vendor, state, limit, after)
        .await?;
    Ok((page.items, page.next))
}

/// What a vendor has to answer, the latest start first, and where the next page begins. What has lapsed meanwhile
/// is left out.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn requests(
    app: &App,
    vendor: VendorId,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Booking>, Option<String>)> {
    let (mut found, next) = vendor_history(app, vendor, BookingState::Requested, limit, after).await?;
    let now = app.now();
    found.retain(|booking| !booking.has_lapsed(now));
    Ok((found, next))
}
