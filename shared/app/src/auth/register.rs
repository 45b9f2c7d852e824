//! A new account. The answer is the same whether or not the address has one already.

use domain::id::UserId;
use domain::text::{Email, Password, PersonName};
use domain::user::User;
use store::users::Credential;
use store::{Fault, Guard, Transaction};

use super::mailed::replaced;
use super::password;
use crate::message::{About, Message};
use crate::retry::{self, Attempt};
use crate::{App, Result};

#[derive(Debug, Clone)]
pub struct Registration {
    pub email: Email,
    pub name: PersonName,
    pub password: Password,
}

/// # Errors
/// [`crate::Error::Unavailable`]; then it may be asked again.
pub async fn register(app: &App, ask: Registration) -> Result<()> {
    // Hashed first and always: what an address costs does not tell whether it is known.
    let password_hash = &password::hash(app, ask.password.expose().to_owned()).await?;
    let ask = &ask;
    let about = retry::on_conflict(|| async move {
        match app.store().user_by_email(&ask.email).await? {
            Some(user) => known(app, user, password_hash).await,
            None => new(app, ask, password_hash).await,
        }
    })
    .await?;
    app.queue()?.send(&Message::notification(about)).await?;
    Ok(())
}

async fn new(app: &App, ask: &Registration, password_hash: &str) -> Result<Attempt<About>> {
    let now = app.now();
    let id = UserId::from_uuid(app.ids().uuid());
    let mut transaction = Transaction::new();
    transaction.claim_email(&ask.email, id);
    transaction.put_user(&User::registered(id, ask.email.clone(), ask.name.clone(), now));
    transaction.put_credential(&Credential {
        user: id,
        password_hash: password_hash.to_owned(),
        updated_at: now,
        version: 1,
    });
    match app.store().commit(transaction).await {
        Ok(()) => Ok(Attempt::Done(About::VerifyEmail { user: id })),
        Err(Fault::Guard(Guard::EmailFree) | Fault::Conflict) => Ok(Attempt::Conflict),
        Err(fault) => Err(fault.into()),
    }
}

/// Who owns the address is told; who only claims to learns nothing. As long as nobody has proved the
/// address, the latest password counts; it is asked for with the mailed token, so that neither alone gives
/// an account to anybody.
async fn known(app: &App, id: UserId, password_hash: &str) -> Result<Attempt<About>> {
    let (user, credential) =
        futures_util::future::try_join(app.store().user(id), app.store().credential(id)).await?;
    let (Some(user), Some(credential)) = (user, credential) else {
        return Ok(Attempt::Conflict);
    };
    if user.is_verified() {
        return Ok(Attempt::Done(About::AlreadyRegistered { user: id }));
    }
    let next = replaced(app, &credential, password_hash);
    let mut transaction = Transaction::new();
    transaction.put_credential(&next);
    // Not any more when the address is proved meanwhile.
    transaction.check_user(&user);
    Ok(match retry::raced(app.store().commit(transaction).await)? {
        Attempt::Done(()) => Attempt::Done(About::VerifyEmail { user: id }),
        Attempt::Conflict => Attempt::Conflict,
    })
}
