//! A venue that another business runs from now on.

use domain::id::{UserId, VendorId, VenueId};
use domain::text::Reason;
use domain::vendor::Vendor;
use domain::venue::{NoTaker, Revised, Transfer, Venue, VenueEvent};

use super::lifecycle::{check_nobody_comes, moved, put_away};
use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// What an admin decides.
#[derive(Debug, Clone)]
pub struct TransferOrder {
    pub to: VendorId,
    /// Kept for other admins.
    pub reason: Reason,
}

/// Hands a draft or a paused venue over, with all that it is sold by. Nobody may still be to come: while it is not live
/// nobody can book, so whoever is found is all there is. What was over stays with the business that it was booked with,
/// and what that business wanted to be said of the venue is not looked at any more. Both are told, after the fact
/// ([`crate::notifications::venue_changed`]). The caller is an admin, `by`.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a business that is not approved or runs it already;
/// [`domain::Refusal::InvalidTransition`]; [`Error::BookingsInTheWay`].
pub async fn transfer(
    app: &App,
    by: UserId,
    once: Option<&Once>,
    id: VenueId,
    order: &TransferOrder,
) -> Result<Outcome<Revised>> {
    once::write(app, once, |now| async move {
        let before = app.store().revised(id).await?.ok_or(Error::NotFound)?;
        let from = before.venue.vendor;
        let vendor = taker(app, &before.venue, order.to).await?;
        let event = VenueEvent::Transfer(vendor.id);
        let (mut transaction, venue) = moved(app, before.venue.clone(), event, now).await?;
        let revision = put_away(&mut transaction, before, now);
        check_nobody_comes(app, id, now).await?;
        transaction.check_vendor(&vendor);
        transaction.put_transfer(&venue.transfer_from(from, by, order.reason.clone()));
        Ok((transaction, Revised { venue, revision }))
    })
    .await
}

/// The business that is to run it.
async fn taker(app: &App, venue: &Venue, id: VendorId) -> Result<Vendor> {
    let no = |why: NoTaker| Error::Invalid(vec![FieldError::new("/vendor_id", why.to_string())]);
    let vendor = app.store().vendor(id).await?;
    // Whether it was never there or not approved is the same to whoever named it.
    let vendor = vendor.ok_or_else(|| no(NoTaker::NotApproved))?;
    venue.check_taker(&vendor).map_err(no)?;
    Ok(vendor)
}

/// From whom to whom a venue went, the latest first, and where the next page begins. The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn transfers(
    app: &App,
    id: VenueId,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<Transfer>, Option<String>)> {
    app.store().venue(id).await?.ok_or(Error::NotFound)?;
    let page = app.store().transfers(id, limit, after).await?;
    Ok((page.items, page.next))
}
