//! An admin's word on an application.

use domain::id::VendorId;
use domain::vendor::{Vendor, VendorState, Verdict};
use store::Transaction;

use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// An approved vendor's owner may run venues from now on, and is told either way, after the fact
/// ([`crate::notifications::vendor_changed`]). The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::InvalidTransition`] when it was decided before.
pub async fn decide(
    app: &App,
    once: Option<&Once>,
    id: VendorId,
    verdict: Verdict,
) -> Result<Outcome<Vendor>> {
    let verdict = &verdict;
    once::write(app, once, |now| async move {
        let vendor = app
            .store()
            .vendor(id)
            .await?
            .ok_or(Error::NotFound)?
            .decided(verdict.clone(), now)?;
        let mut transaction = Transaction::new();
        transaction.put_vendor(&vendor);
        if vendor.state == VendorState::Approved {
            let owner = app.store().user(vendor.owner).await?.ok_or(Error::NotFound)?;
            let membership = owner.membership.clone().ok_or(Error::NotFound)?;
            transaction.put_user(&owner.with_membership(Some(membership.approved()), now));
        }
        Ok((transaction, vendor))
    })
    .await
}
