//! Another password.

use app::{App, auth};
use axum::extract::State;
use domain::text::{Email, PASSWORD_LENGTH_MAX, Password};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use web::{Answer, Body, EvenSuspended, Network, NoContent, Parse, Problems, Reply, accepted, no_content};

/// A password that somebody says they have. None is longer than new ones may be, and hashing one would only be work.
pub fn known(password: String, problems: &mut Problems) -> SecretString {
    if password.chars().count() > PASSWORD_LENGTH_MAX {
        problems.add(
            "password",
            format!("must have at most {PASSWORD_LENGTH_MAX} characters"),
        );
    }
    password.into()
}

/// The password that somebody has, and the one that they want.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PasswordChange")]
#[serde(deny_unknown_fields)]
pub struct RawChange {
    password: String,
    /// 12 to 128 characters of any kind.
    new_password: String,
}

pub struct Change {
    known: SecretString,
    new: Password,
}

impl Parse for RawChange {
    type Into = Change;

    fn parse(self, problems: &mut Problems) -> Option<Change> {
        Some(Change {
            known: known(self.password, problems),
            new: problems.field("new_password", Password::parse(&self.new_password))?,
        })
    }
}

pub async fn change(
    State(app): State<App>,
    EvenSuspended(me): EvenSuspended,
    Network(network): Network,
    Body(ask): Body<RawChange>,
) -> Answer<NoContent> {
    auth::change_password(&app, &me, &network, &ask.known, &ask.new).await?;
    Ok(no_content())
}

/// Whose password was forgotten.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PasswordReset")]
#[serde(deny_unknown_fields)]
pub struct RawReset {
    email: String,
}

impl Parse for RawReset {
    type Into = Email;

    fn parse(self, problems: &mut Problems) -> Option<Email> {
        problems.field("email", Email::parse(&self.email))
    }
}

/// What to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResetAsked")]
pub struct ResetAskedView {
    /// `read_mail`: read the mail that was sent to the address, if it has an account.
    next: &'static str,
}

pub async fn ask_to_reset(
    State(app): State<App>,
    Body(email): Body<RawReset>,
) -> Answer<Reply<ResetAskedView, 202>> {
    auth::ask_to_reset(&app, &email).await?;
    Ok(accepted(ResetAskedView { next: "read_mail" }))
}

/// The token that was mailed, and the password that is wanted.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PasswordResetConfirmation")]
#[serde(deny_unknown_fields)]
pub struct RawConfirmation {
    token: String,
    /// 12 to 128 characters of any kind.
    new_password: String,
}

pub struct Confirmation {
    token: String,
    new: Password,
}

impl Parse for RawConfirmation {
    type Into = Confirmation;

    fn parse(self, problems: &mut Problems) -> Option<Confirmation> {
        Some(Confirmation {
            new: problems.field("new_password", Password::parse(&self.new_password))?,
            token: self.token,
        })
    }
}

pub async fn reset(State(app): State<App>, Body(ask): Body<RawConfirmation>) -> Answer<NoContent> {
    auth::reset_password(&app, &ask.token, &ask.new).await?;
    Ok(no_content())
}
