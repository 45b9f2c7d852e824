//! Signing in, staying signed in, signing out.

use app::App;
use app::auth::{self, Login, SignedIn as Session};
use axum::extract::State;
use domain::text::Email;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::{Answer, Body, EvenSuspended, Network, NoContent, Parse, Problems, Reply, no_content, ok};

use crate::account::AccountView;
use crate::password;

/// Characters in what a client calls itself.
const DEVICE_LENGTH_MAX: usize = 100;

/// Who somebody says they are.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Login")]
#[serde(deny_unknown_fields)]
pub struct RawLogin {
    email: String,
    password: String,
    /// What the client calls itself, to tell sessions apart; at most 100 characters.
    device: Option<String>,
}

impl Parse for RawLogin {
    type Into = Login;

    fn parse(self, problems: &mut Problems) -> Option<Login> {
        let device = self.device.unwrap_or_default();
        if device.chars().count() > DEVICE_LENGTH_MAX {
            problems.add(
                "device",
                format!("must have at most {DEVICE_LENGTH_MAX} characters"),
            );
        }
        Some(Login {
            email: Email::parse(&self.email).ok(),
            password: password::known(self.password, problems),
            device,
        })
    }
}

/// What keeps somebody signed in. Secrets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tokens")]
pub struct TokensView {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    token_type: &'static str,
    access_expires_at: Timestamp,
    /// Good once, for new tokens.
    refresh_token: String,
    refresh_expires_at: Timestamp,
    account: AccountView,
}

impl From<Session> for TokensView {
    fn from(session: Session) -> Self {
        Self {
            access_token: session.access_token,
            token_type: "Bearer",
            access_expires_at: session.access_expires_at,
            refresh_token: session.refresh_token,
            refresh_expires_at: session.refresh_expires_at,
            account: session.user.into(),
        }
    }
}

pub async fn login(
    State(app): State<App>,
    Network(network): Network,
    Body(ask): Body<RawLogin>,
) -> Answer<Reply<TokensView>> {
    Ok(ok(auth::login(&app, &network, ask).await?.into()))
}

/// The refresh token that was given last.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Refresh")]
#[serde(deny_unknown_fields)]
pub struct RawRefresh {
    refresh_token: String,
}

impl Parse for RawRefresh {
    type Into = String;

    fn parse(self, _: &mut Problems) -> Option<String> {
        Some(self.refresh_token)
    }
}

pub async fn refresh(State(app): State<App>, Body(token): Body<RawRefresh>) -> Answer<Reply<TokensView>> {
    Ok(ok(auth::refresh(&app, &token).await?.into()))
}

pub async fn logout(State(app): State<App>, EvenSuspended(me): EvenSuspended) -> Answer<NoContent> {
    auth::logout(&app, &me).await?;
    Ok(no_content())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::PASSWORD_LENGTH_MAX;

    fn login(email: &str, password: &str, device: usize) -> (Option<Login>, Vec<String>) {
        let raw = RawLogin {
            email: email.into(),
            password: password.into(),
            device: Some("d".repeat(device)),
        };
        let mut problems = Problems::new();
        let parsed = raw.parse(&mut problems);
        (
            parsed,
            problems.into_errors().into_iter().map(|e| e.pointer).collect(),
        )
    }

    #[test]
    fn what_is_no_address_is_an_unknown_one() {
        let (ask, pointers) = login("nobody", "x", DEVICE_LENGTH_MAX);
        assert!(ask.unwrap().email.is_none());
        assert!(pointers.is_empty());
    }

    #[test]
    fn what_a_client_sends_has_limits() {
        let (_, pointers) = login(
            "a@example.com",
            &"p".repeat(PASSWORD_LENGTH_MAX + 1),
            DEVICE_LENGTH_MAX + 1,
        );
        assert_eq!(pointers, ["/device", "/password"]);
    }
}
