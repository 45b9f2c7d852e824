//! Taking an invitation.

use domain::Refusal;
use domain::id::{InvitationId, VendorId};
use domain::membership::Membership;
use domain::vendor::Vendor;
use futures_util::future::try_join3;
use store::Transaction;
use store::vendors::Member;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// From now on the caller works for the business.
///
/// # Errors
/// [`Error::NotFound`] when there is no such invitation for their address, or it has expired;
/// [`Refusal::AlreadyApplied`] for whoever works for a business already, or applied for one.
pub async fn join(
    app: &App,
    me: &Caller,
    once: Option<&Once>,
    vendor: VendorId,
    invitation: InvitationId,
) -> Result<Outcome<Membership>> {
    once::write(app, once, |now| async move {
        let store = app.store();
        let (user, vendor, invitation) = try_join3(
            store.user(me.user),
            store.vendor(vendor),
            store.invitation(vendor, invitation),
        )
        .await?;
        let (Some(user), Some(vendor), Some(invitation)) = (user, vendor, invitation) else {
            return Err(Error::NotFound);
        };
        if !invitation.is_for(&user, now) {
            return Err(Error::NotFound);
        }
        if user.membership.is_some() {
            return Err(Refusal::AlreadyApplied.into());
        }
        let membership = invitation.membership();
        let mut transaction = Transaction::new();
        transaction.delete_invitation(&invitation);
        transaction.put_member(&Member::new(user.id, &membership, now));
        transaction.put_user(&user.with_membership(Some(membership.clone()), now));
        transaction.check_vendor(&vendor);
        Ok((transaction, membership))
    })
    .await
}

/// Whom somebody works for, with the business. Read anew: a caller may be remembered from before.
///
/// # Errors
/// [`Error::NotFound`] for whoever works for nobody.
pub async fn membership(app: &App, me: &Caller) -> Result<(Membership, Vendor)> {
    let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
    let membership = user.membership.ok_or(Error::NotFound)?;
    let vendor = app.store().vendor(membership.vendor).await?;
    Ok((membership, vendor.ok_or(Error::NotFound)?))
}
