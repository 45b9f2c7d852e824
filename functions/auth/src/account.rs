//! A new account, and proving its address.

use std::collections::BTreeSet;

use app::App;
use app::auth::{self, Registration};
use axum::extract::State;
use domain::id::UserId;
use domain::role::Role;
use domain::text::{Email, Password, PersonName};
use domain::user::User;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use web::{Answer, Body, Parse, Problems, Reply, accepted, ok};

use crate::password;

/// A new account.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewAccount")]
#[serde(deny_unknown_fields)]
pub struct RawAccount {
    email: String,
    /// How the person wants to be called; 1 to 100 characters.
    name: String,
    /// 12 to 128 characters of any kind.
    password: String,
}

impl Parse for RawAccount {
    type Into = Registration;

    fn parse(self, problems: &mut Problems) -> Option<Registration> {
        let email = problems.field("email", Email::parse(&self.email));
        let name = problems.field("name", PersonName::parse(&self.name));
        let password = problems.field("password", Password::parse(&self.password));
        Some(Registration {
            email: email?,
            name: name?,
            password: password?,
        })
    }
}

/// What to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Registered")]
pub struct RegisteredView {
    /// `verify_email`: read the mail that was sent to the address.
    next: &'static str,
}

pub async fn register(
    State(app): State<App>,
    Body(ask): Body<RawAccount>,
) -> Answer<Reply<RegisteredView, 202>> {
    auth::register(&app, ask).await?;
    Ok(accepted(RegisteredView { next: "verify_email" }))
}

/// The token that was mailed to an address, and the password that it was registered with.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "EmailVerification")]
#[serde(deny_unknown_fields)]
pub struct RawVerification {
    token: String,
    /// So that a stranger who registers with somebody's address gains nothing by their confirming it.
    password: String,
}

pub struct Verification {
    pub token: String,
    pub password: SecretString,
}

impl Parse for RawVerification {
    type Into = Verification;

    fn parse(self, problems: &mut Problems) -> Option<Verification> {
        Some(Verification {
            token: self.token,
            password: password::known(self.password, problems),
        })
    }
}

/// Who somebody is here.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub struct AccountView {
    #[schemars(with = "String")]
    user_id: UserId,
    #[schemars(with = "String")]
    email: Email,
    #[schemars(with = "String")]
    name: PersonName,
    /// Of `customer`, `vendor`, `admin`; none before the address is verified.
    #[schemars(with = "Vec<String>")]
    roles: BTreeSet<Role>,
    email_verified: bool,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        Self {
            email_verified: user.is_verified(),
            roles: user.roles(),
            user_id: user.id,
            email: user.email,
            name: user.name,
        }
    }
}

pub async fn verify_email(
    State(app): State<App>,
    Body(ask): Body<RawVerification>,
) -> Answer<Reply<AccountView>> {
    let user = auth::verify_email(&app, &ask.token, &ask.password).await?;
    Ok(ok(user.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_with_an_account_is_told_at_once() {
        let raw = RawAccount {
            email: "ada".into(),
            name: " ".into(),
            password: "short".into(),
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/email", "/name", "/password"]);
    }
}
