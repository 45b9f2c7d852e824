//! People, for whoever looks after them.

use domain::id::UserId;
use domain::role::Role;
use domain::text::Email;
use domain::user::User;

use crate::{App, Error, Result};

/// Which people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// With this address; one, or nobody.
    Email(Email),
    /// Whose highest role is this, or none, who registered in this month in UTC (`2027-02`).
    Role(Option<Role>, String),
}

/// Whoever registered last first, and where the next page begins.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn people(
    app: &App,
    whom: &Whom,
    limit: i32,
    after: Option<&str>,
) -> Result<(Vec<User>, Option<String>)> {
    match whom {
        Whom::Email(email) => {
            let Some(id) = app.store().user_by_email(email).await? else {
                return Ok((Vec::new(), None));
            };
            Ok((app.store().user(id).await?.into_iter().collect(), None))
        }
        Whom::Role(role, month) => {
            let page = app.store().users_of_role(*role, month, limit, after).await?;
            Ok((page.items, page.next))
        }
    }
}

/// # Errors
/// [`Error::NotFound`].
pub async fn person(app: &App, id: UserId) -> Result<User> {
    app.store().user(id).await?.ok_or(Error::NotFound)
}
