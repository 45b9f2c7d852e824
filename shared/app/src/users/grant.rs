//! Giving and taking the roles of the platform's own people.

use domain::Refusal;
use domain::id::UserId;
use domain::permission::Permission;
use domain::role::AdminRole;
use domain::user::User;
use futures_util::future::try_join;
use store::Transaction;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result, realtime};

/// Holds for requests within [`crate::access::BELIEVED_SECONDS`], and open connections end. Nobody changes their own role,
/// and whoever changes another's has the right to at that very moment: so there is always somebody left who has it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for one's own role, or when one's own was taken meanwhile;
/// [`Refusal::Unverified`] for somebody whose address is not proved; [`Refusal::InvalidTransition`] for somebody who is
/// suspended or banned.
pub async fn set_admin_role(
    app: &App,
    me: &Caller,
    once: Option<&Once>,
    id: UserId,
    role: Option<AdminRole>,
) -> Result<Outcome<User>> {
    if id == me.user {
        return Err(Error::Forbidden);
    }
    let done = once::write(app, once, |now| async move {
        let store = app.store();
        let (mine, user) = try_join(store.user(me.user), store.user(id)).await?;
        let mine = mine.filter(|mine| {
            mine.admin
                .is_some_and(|admin| admin.may(Permission::GrantAdminRoles))
        });
        let mine = mine.ok_or(Error::Forbidden)?;
        let user = user.ok_or(Error::NotFound)?;
        if role.is_some() && !user.is_verified() {
            return Err(Refusal::Unverified.into());
        }
        if role.is_some() && user.restriction.is_some() {
            return Err(Refusal::InvalidTransition {
                from: "restricted",
                allowed: Vec::new(),
            }
            .into());
        }
        let user = user.with_admin_role(role, now);
        let mut transaction = Transaction::new();
        transaction.put_user(&user);
        transaction.check_user(&mine);
        Ok((transaction, user))
    })
    .await?;
    realtime::disconnect_user(app, id, None).await?;
    Ok(done)
}
