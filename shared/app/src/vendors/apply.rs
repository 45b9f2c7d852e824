//! Applying to run venues.

use domain::Refusal;
use domain::id::VendorId;
use domain::membership::Membership;
use domain::text::{BusinessName, Country, Email};
use domain::vendor::{Vendor, VendorState};
use store::Transaction;
use store::vendors::Member;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub struct Application {
    pub business_name: BusinessName,
    pub contact_email: Email,
    pub country: Country,
}

/// # Errors
/// [`Refusal::Unverified`], [`Refusal::AlreadyApplied`].
pub async fn apply(app: &App, me: &Caller, once: Option<&Once>, ask: Application) -> Result<Outcome<Vendor>> {
    let ask = &ask;
    once::write(app, once, |now| async move {
        let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
        if !user.is_verified() {
            return Err(Refusal::Unverified.into());
        }
        if user.membership.is_some() {
            return Err(Refusal::AlreadyApplied.into());
        }
        let vendor = Vendor {
            id: VendorId::from_uuid(app.ids().uuid()),
            owner: me.user,
            business_name: ask.business_name.clone(),
            contact_email: ask.contact_email.clone(),
            country: ask.country.clone(),
            state: VendorState::Applied,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let mut transaction = Transaction::new();
        transaction.put_vendor(&vendor);
        let membership = Membership::applicant(vendor.id);
        transaction.put_member(&Member::new(me.user, &membership, now));
        transaction.put_user(&user.with_membership(Some(membership), now));
        Ok((transaction, vendor))
    })
    .await
}
