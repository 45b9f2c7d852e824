//! Another address.

use app::{App, auth};
use axum::extract::State;
use domain::text::Email;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use web::{Answer, Body, Network, Parse, Problems, Reply, SignedIn, accepted, ok};

use crate::account::{AccountView, Verification};
use crate::password;

/// The address that somebody wants, and their password.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "EmailChange")]
#[serde(deny_unknown_fields)]
pub struct RawChange {
    email: String,
    password: String,
}

pub struct Change {
    email: Email,
    password: SecretString,
}

impl Parse for RawChange {
    type Into = Change;

    fn parse(self, problems: &mut Problems) -> Option<Change> {
        Some(Change {
            password: password::known(self.password, problems),
            email: problems.field("email", Email::parse(&self.email))?,
        })
    }
}

/// What to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EmailChangeAsked")]
pub struct AskedView {
    /// `read_mail`: read the mail that was sent to the new address.
    next: &'static str,
}

pub async fn ask(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Network(network): Network,
    Body(ask): Body<RawChange>,
) -> Answer<Reply<AskedView, 202>> {
    auth::ask_to_change_email(&app, &me, &network, &ask.password, &ask.email).await?;
    Ok(accepted(AskedView { next: "read_mail" }))
}

/// The token that was mailed to the new address, and the password.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "EmailChangeConfirmation")]
#[serde(deny_unknown_fields)]
pub struct RawConfirmation {
    token: String,
    /// So that whoever is sent a token by a typing error gains nothing by it.
    password: String,
}

impl Parse for RawConfirmation {
    type Into = Verification;

    fn parse(self, problems: &mut Problems) -> Option<Verification> {
        Some(Verification {
            token: self.token,
            password: password::known(self.password, problems),
        })
    }
}

pub async fn confirm(State(app): State<App>, Body(ask): Body<RawConfirmation>) -> Answer<Reply<AccountView>> {
    let user = auth::change_email(&app, &ask.token, &ask.password).await?;
    Ok(ok(user.into()))
}
