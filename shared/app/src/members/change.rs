//! Changing what somebody does in a business, and ends of that.

use domain::Refusal;
use domain::id::{UserId, VendorId};
use domain::membership::{Membership, Reach};
use domain::role::MemberRole;
use domain::user::User;
use futures_util::future::try_join;
use jiff::Timestamp;
use store::Transaction;
use store::vendors::Member;

use super::check_reach;
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result, realtime};

/// What somebody is to do, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Not the owner's.
    pub role: MemberRole,
    pub reach: Reach,
}

/// What they may holds for requests within [`crate::access::BELIEVED_SECONDS`], and their open connections end. `expected`
/// is the version that the caller saw, if they looked.
///
/// # Errors
/// [`Error::NotFound`] for somebody who does not work there; [`Refusal::OwnerStays`]; [`Error::PreconditionFailed`];
/// [`Error::Invalid`] for venues that are not the business's.
pub async fn set_member(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    user: UserId,
    work: &Work,
    expected: Option<u64>,
) -> Result<Outcome<Member>> {
    let done = once::write(app, once, |now| async move {
        check_reach(app, member, &work.reach).await?;
        let (user, before) = colleague(app, member.vendor, user).await?;
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(Error::PreconditionFailed);
        }
        let after = Member {
            role: work.role,
            reach: work.reach.clone(),
            version: before.version.saturating_add(1),
            ..before
        };
        let mut transaction = Transaction::new();
        transaction.put_member(&after);
        transaction.put_user(&user.with_membership(Some(after.membership()), now));
        Ok((transaction, after))
    })
    .await?;
    realtime::disconnect_user(app, user, None).await?;
    Ok(done)
}

/// Lets somebody go.
///
/// # Errors
/// As [`set_member`].
pub async fn remove(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    user: UserId,
) -> Result<Outcome<()>> {
    let done = once::write(app, once, |now| async move {
        let (user, before) = colleague(app, member.vendor, user).await?;
        Ok((gone(user, &before, now), ()))
    })
    .await?;
    realtime::disconnect_user(app, user, None).await?;
    Ok(done)
}

/// The caller works there no longer.
///
/// # Errors
/// [`Error::NotFound`] for whoever works for nobody; [`Refusal::OwnerStays`].
pub async fn leave(app: &App, me: &Caller, once: Option<&Once>) -> Result<Outcome<()>> {
    let done = once::write(app, once, |now| async move {
        let user = app.store().user(me.user).await?.ok_or(Error::NotFound)?;
        let vendor = user.vendor().ok_or(Error::NotFound)?;
        let (user, before) = colleague(app, vendor, user.id).await?;
        Ok((gone(user, &before, now), ()))
    })
    .await?;
    realtime::disconnect_user(app, me.user, None).await?;
    Ok(done)
}

/// Somebody who works for the business and does not own it.
async fn colleague(app: &App, vendor: VendorId, user: UserId) -> Result<(User, Member)> {
    let store = app.store();
    let (user, member) = try_join(store.user(user), store.member(vendor, user)).await?;
    let (Some(user), Some(member)) = (user, member) else {
        return Err(Error::NotFound);
    };
    match member.role {
        MemberRole::Owner => Err(Refusal::OwnerStays.into()),
        MemberRole::Manager | MemberRole::Finance | MemberRole::FrontDesk => Ok((user, member)),
    }
}

fn gone(user: User, member: &Member, now: Timestamp) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.delete_member(member);
    transaction.put_user(&user.with_membership(None, now));
    transaction
}
