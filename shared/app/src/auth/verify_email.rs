//! Proving that an address is one's own, with the token that was mailed to it.

use domain::role::AdminRole;
use domain::user::User;
use secrecy::{ExposeSecret, SecretString};
use store::transient::MailedFor;
use store::{Fault, Guard, Transaction};

use super::password;
use crate::retry::{self, Attempt};
use crate::tokens::sha256_hex;
use crate::{App, Error, FieldError, Result};

/// From now on the person may book; whoever proves the stage's bootstrap address becomes an admin.
///
/// The token shows whose address it is, the password who registered with it: whoever registers with the
/// address of somebody else gets nothing by having them click. Sessions from before end with it
/// ([`crate::access`]).
///
/// # Errors
/// [`Error::Invalid`] for a token that is unknown, used or too old, or another password than the one that the
/// address was registered with last.
pub async fn verify_email(app: &App, token: &str, password: &SecretString) -> Result<User> {
    let digest = &sha256_hex(token.as_bytes());
    retry::on_conflict(|| async move {
        let now = app.now();
        let Some(token) = app
            .store()
            .mailed_token(MailedFor::Verification, digest, now)
            .await?
        else {
            return Err(no_good());
        };
        let id = token.user;
        let (user, credential) =
            futures_util::future::try_join(app.store().user(id), app.store().credential(id)).await?;
        let (Some(user), Some(credential)) = (user, credential) else {
            return Err(no_good());
        };
        let hash = credential.password_hash.clone();
        if !password::verify(password.expose_secret().to_owned(), Some(hash)).await? {
            return Err(Error::Invalid(vec![FieldError::new(
                "/password",
                "is not the one that this address was registered with last",
            )]));
        }
        if user.is_verified() {
            return Ok(Attempt::Done(user));
        }
        let mut user = user.verified(now);
        if app.config().bootstrap_admin.as_deref() == Some(user.email.as_str()) {
            user.admin = Some(AdminRole::Super);
        }
        let mut transaction = Transaction::new();
        transaction.use_mailed_token(MailedFor::Verification, digest, now);
        transaction.put_user(&user);
        transaction.check_credential(&credential);
        match retry::raced(app.store().commit(transaction).await) {
            Ok(Attempt::Done(())) => Ok(Attempt::Done(user)),
            Ok(Attempt::Conflict) => Ok(Attempt::Conflict),
            Err(Fault::Guard(Guard::MailedTokenOpen)) => Err(no_good()),
            Err(fault) => Err(fault.into()),
        }
    })
    .await
}

fn no_good() -> Error {
    Error::Invalid(vec![FieldError::new(
        "/token",
        "is unknown, used or too old; register again to get a new one",
    )])
}
