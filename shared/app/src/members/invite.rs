//! Inviting people by their address.

use domain::Refusal;
use domain::id::{InvitationId, UserId};
use domain::invitation::{INVITATION_SECONDS, Invitation, MEMBERS_MAX};
use domain::membership::{Membership, Reach};
use domain::role::MemberRole;
use domain::text::Email;
use domain::time::plus_seconds;
use futures_util::future::try_join3;
use store::Transaction;

use super::check_reach;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// Invitations that have expired and are cleared away by one new one at most.
const CLEARED_MAX: usize = 20;

#[derive(Debug, Clone)]
pub struct Invite {
    pub email: Email,
    /// Not the owner's.
    pub role: MemberRole,
    pub reach: Reach,
}

/// Whoever owns the address is told, after the fact ([`crate::notifications::invited`]); whether it has an account
/// stays theirs to know. An earlier invitation of the same address is replaced.
///
/// # Errors
/// [`Refusal::LimitReached`]; [`Error::Invalid`] for venues that are not the business's.
pub async fn invite(
    app: &App,
    by: UserId,
    member: &Membership,
    once: Option<&Once>,
    ask: &Invite,
) -> Result<Outcome<Invitation>> {
    once::write(app, once, |now| async move {
        check_reach(app, member, &ask.reach).await?;
        let store = app.store();
        let (vendor, members, invitations) = try_join3(
            store.vendor(member.vendor),
            store.members(member.vendor),
            store.invitations(member.vendor),
        )
        .await?;
        let vendor = vendor.ok_or(Error::NotFound)?;
        let (kept, gone): (Vec<_>, Vec<_>) = invitations
            .into_iter()
            .partition(|other| other.is_open(now) && other.email != ask.email);
        if members.len().saturating_add(kept.len()) >= MEMBERS_MAX {
            return Err(Refusal::LimitReached { limit: MEMBERS_MAX }.into());
        }
        let invitation = Invitation {
            id: InvitationId::from_uuid(app.ids().uuid()),
            vendor: member.vendor,
            email: ask.email.clone(),
            role: ask.role,
            reach: ask.reach.clone(),
            by,
            created_at: now,
            expires_at: plus_seconds(now, INVITATION_SECONDS),
            version: 1,
        };
        let mut transaction = Transaction::new();
        for other in gone.iter().take(CLEARED_MAX) {
            transaction.delete_invitation(other);
        }
        transaction.put_invitation(&invitation);
        // Two at once would each count without the other.
        transaction.put_vendor(&vendor.touched(now));
        Ok((transaction, invitation))
    })
    .await
}

/// # Errors
/// [`Error::NotFound`], also when it was taken meanwhile.
pub async fn withdraw_invitation(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: InvitationId,
) -> Result<Outcome<()>> {
    once::write(app, once, |_| async move {
        let invitation = app.store().invitation(member.vendor, id).await?;
        let mut transaction = Transaction::new();
        transaction.delete_invitation(&invitation.ok_or(Error::NotFound)?);
        Ok((transaction, ()))
    })
    .await
}
