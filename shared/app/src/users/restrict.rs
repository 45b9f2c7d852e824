//! Keeping somebody from the platform, wholly or in part, and letting them back.

use domain::Refusal;
use domain::id::UserId;
use domain::text::Reason;
use domain::user::{Restriction, RestrictionKind, User};
use store::Transaction;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result, realtime};

/// Holds for requests within [`crate::access::BELIEVED_SECONDS`], and open connections end. What they have booked stands;
/// what they may still do about it says [`RestrictionKind`]. The caller is an admin; in a role of the platform's own
/// nobody is restricted: the role has to go first.
///
/// # Errors
/// [`Error::NotFound`]; [`Refusal::InvalidTransition`] for whoever has a role of the platform's own.
pub async fn restrict(
    app: &App,
    me: &Caller,
    once: Option<&Once>,
    id: UserId,
    kind: RestrictionKind,
    reason: &Reason,
) -> Result<Outcome<User>> {
    let done = once::write(app, once, |now| async move {
        let user = app.store().user(id).await?.ok_or(Error::NotFound)?;
        if let Some(role) = user.admin {
            return Err(Refusal::InvalidTransition {
                from: role.as_str(),
                allowed: Vec::new(),
            }
            .into());
        }
        let restriction = Restriction {
            kind,
            reason: reason.clone(),
            by: me.user,
            at: now,
        };
        let user = user.restricted(Some(restriction), now);
        let mut transaction = Transaction::new();
        transaction.put_user(&user);
        Ok((transaction, user))
    })
    .await?;
    realtime::disconnect_user(app, id, None).await?;
    Ok(done)
}

/// Lets somebody back. The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`], also for whoever is not restricted.
pub async fn reinstate(app: &App, once: Option<&Once>, id: UserId) -> Result<Outcome<User>> {
    once::write(app, once, |now| async move {
        let user = app.store().user(id).await?.ok_or(Error::NotFound)?;
        if user.restriction.is_none() {
            return Err(Error::NotFound);
        }
        let user = user.restricted(None, now);
        let mut transaction = Transaction::new();
        transaction.put_user(&user);
        Ok((transaction, user))
    })
    .await
}
