//! One's own profile.

use domain::text::PersonName;
use domain::user::User;
use store::Transaction;

use crate::access::Caller;
use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// # Errors
/// [`Error::NotFound`] when the account is gone.
pub async fn profile(app: &App, me: &Caller) -> Result<User> {
    app.store().user(me.user).await?.ok_or(Error::NotFound)
}

/// `expected` is the version that the caller saw.
///
/// # Errors
/// [`Error::PreconditionFailed`] when it is not the current one.
pub async fn rename(app: &App, me: &Caller, name: PersonName, expected: u64) -> Result<User> {
    let name = &name;
    retry::on_conflict(|| async move {
        let user = profile(app, me).await?;
        if user.version != expected {
            return Err(Error::PreconditionFailed);
        }
        let user = user.renamed(name.clone(), app.now());
        let mut transaction = Transaction::new();
        transaction.put_user(&user);
        match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Ok(Attempt::Done(user)),
            Attempt::Conflict => Ok(Attempt::Conflict),
        }
    })
    .await
}
