//! Who works for a business, and who is invited to.

use std::collections::BTreeMap;

use domain::id::UserId;
use domain::invitation::Invitation;
use domain::membership::Membership;
use domain::user::User;
use futures_util::future::try_join;
use store::vendors::Member;

use crate::{App, Result};

/// A member, with the person.
#[derive(Debug, Clone)]
pub struct Colleague {
    pub member: Member,
    pub user: User,
}

#[derive(Debug, Clone)]
pub struct Staff {
    /// Whoever came first is first.
    pub members: Vec<Colleague>,
    /// Those that can still be taken, the oldest first.
    pub invitations: Vec<Invitation>,
}

/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn staff(app: &App, member: &Membership) -> Result<Staff> {
    let store = app.store();
    let (members, mut invitations) =
        try_join(store.members(member.vendor), store.invitations(member.vendor)).await?;
    let users = store.users(members.iter().map(|member| member.user)).await?;
    let mut users: BTreeMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
    let with = |member: Member| {
        let user = users.remove(&member.user)?;
        Some(Colleague { member, user })
    };
    let mut members: Vec<Colleague> = members.into_iter().filter_map(with).collect();
    members.sort_by_key(|colleague| (colleague.member.since, colleague.member.user));
    let now = app.now();
    invitations.retain(|invitation| invitation.is_open(now));
    Ok(Staff { members, invitations })
}
