//! The environment of a function, read once.
//!
//! A variable that is set to nothing counts as not set, since a template writes it so. No value is ever
//! told in an error. Absent: the settings of Stripe and of the AWS SDK, which read their own.

use app::Config;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::sqs::QueueUrls;

/// Finds a variable by its name.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + Send + Sync + 'a;

/// A variable without which the function cannot do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingSetting {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
}

/// What a function is told. Everything that not every function has is optional here, and missed only
/// when it is asked for.
#[derive(Debug, Clone)]
pub struct Settings {
    pub table_prefix: String,
    pub config: Config,
    pub queues: QueueUrls,
    pub ws_endpoint: Option<String>,
    pub media_bucket: Option<String>,
    pub mail_from: Option<String>,
}

impl Settings {
    /// # Errors
    /// [`MissingSetting`] with the name of the first variable that every function needs and this one
    /// was not given, or that is not what it should be.
    pub fn read(lookup: &Lookup<'_>) -> Result<Self, MissingSetting> {
        let get = |name: &str| {
            lookup(name)
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        let need = |name: &'static str| get(name).ok_or(MissingSetting::Missing(name));
        let url = |name: &str| get(name).map(|url| url.trim_end_matches('/').to_owned());
        let public_url = url("PUBLIC_URL").unwrap_or_default();
        let signing_key = get("JWT_SIGNING_KEY_PEM").map(|pem| lines(&pem));
        let public_key = match (get("JWT_PUBLIC_KEY_PEM"), &signing_key) {
            (Some(pem), _) => lines(&pem),
            (None, Some(private)) => {
                public_half(private).ok_or(MissingSetting::Unreadable("JWT_SIGNING_KEY_PEM"))?
            }
            (None, None) => return Err(MissingSetting::Missing("JWT_PUBLIC_KEY_PEM")),
        };
        let config = Config {
            stage: need("STAGE")?,
            jwt_issuer: get("JWT_ISSUER").unwrap_or_else(|| public_url.clone()),
            public_url,
            ws_url: url("WS_URL").unwrap_or_default(),
            jwt_signing_key: signing_key.map(SecretString::from),
            jwt_public_keys: public_key,
            token_key: get("TOKEN_KEY").map(SecretString::from),
            allowed_origins: get("ALLOWED_ORIGINS")
                .map(|list| origins(&list))
                .unwrap_or_default(),
            bootstrap_admin: get("BOOTSTRAP_ADMIN_EMAIL"),
        };
        Ok(Self {
            table_prefix: need("TABLE_PREFIX")?,
            config,
            queues: QueueUrls {
                payments: get("QUEUE_PAYMENTS_URL"),
                refunds: get("QUEUE_REFUNDS_URL"),
                notifications: get("QUEUE_NOTIFICATIONS_URL"),
            },
            ws_endpoint: url("WS_ENDPOINT"),
            media_bucket: get("MEDIA_BUCKET"),
            mail_from: get("MAIL_FROM"),
        })
    }
}

fn origins(list: &str) -> Vec<String> {
    list.split(',')
        .map(|origin| origin.trim().trim_end_matches('/').to_owned())
        .filter(|origin| !origin.is_empty())
        .collect()
}

/// A PEM of several lines, also where they had to be written as one with `\n` (in a `.env` file).
fn lines(pem: &str) -> String {
    pem.replace("\\n", "\n")
}

/// The public half of an Ed25519 key, so that whoever is trusted with the private one need not be given
/// both. PKCS#8 in, SPKI out, both PEM.
fn public_half(private: &str) -> Option<String> {
    let base64: String = private
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(base64).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok()?;
    let spki = pair.public_key().as_der().ok()?;
    Some(format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(spki.as_ref())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    /// From RFC 8410, section 10.3, and the public key that belongs to it (section 10.1).
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, MissingSetting> {
        let find = |name: &str| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        };
        Settings::read(&find)
    }

    fn least() -> Vec<(&'static str, &'static str)> {
        vec![
            ("STAGE", "dev"),
            ("TABLE_PREFIX", "tofimotia-dev"),
            ("JWT_PUBLIC_KEY_PEM", PUBLIC),
        ]
    }

    #[test]
    fn a_function_needs_a_stage_a_prefix_and_a_key_to_verify_with() {
        let settings = read(&least()).unwrap();
        assert_eq!(settings.table_prefix, "tofimotia-dev");
        assert_eq!(settings.config.stage, "dev");
        assert_eq!(settings.mail_from, None);
        for name in ["STAGE", "TABLE_PREFIX", "JWT_PUBLIC_KEY_PEM"] {
            let without: Vec<_> = least().into_iter().filter(|(n, _)| *n != name).collect();
            assert_eq!(read(&without).unwrap_err(), MissingSetting::Missing(name));
            let empty: Vec<_> = least()
                .into_iter()
                .map(|(n, v)| (n, if n == name { " " } else { v }))
                .collect();
            assert_eq!(
                read(&empty).unwrap_err(),
                MissingSetting::Missing(name),
                "set to nothing"
            );
        }
        assert_eq!(MissingSetting::Missing("STAGE").to_string(), "STAGE is not set");
    }

    #[test]
    fn everything_is_read_from_the_variable_of_its_name() {
        let mut pairs = least();
        pairs.extend([
            ("PUBLIC_URL", "https://api.example.com/"),
            ("WS_URL", "wss://ws.example.com/dev"),
            ("WS_ENDPOINT", "https://ws.example.com/dev/"),
            ("MEDIA_BUCKET", "media"),
            ("QUEUE_PAYMENTS_URL", "https://sqs/payments"),
            ("QUEUE_REFUNDS_URL", "https://sqs/refunds"),
            ("QUEUE_NOTIFICATIONS_URL", "https://sqs/notifications"),
            ("MAIL_FROM", "no-reply@example.com"),
            ("JWT_ISSUER", "https://issuer.example.com"),
            ("TOKEN_KEY", "0123456789abcdef0123456789abcdef"),
            (
                "ALLOWED_ORIGINS",
                "https://a.example.com, https://b.example.com/,",
            ),
            ("BOOTSTRAP_ADMIN_EMAIL", "root@example.com"),
        ]);
        let settings = read(&pairs).unwrap();
        assert_eq!(settings.config.public_url, "https://api.example.com");
        assert_eq!(settings.config.ws_url, "wss://ws.example.com/dev");
        assert_eq!(settings.config.jwt_issuer, "https://issuer.example.com");
        assert_eq!(settings.config.token_key.unwrap().expose_secret().len(), 32);
        assert_eq!(
            settings.config.allowed_origins,
            ["https://a.example.com", "https://b.example.com"]
        );
        assert_eq!(
            settings.config.bootstrap_admin.as_deref(),
            Some("root@example.com")
        );
        assert_eq!(
            settings.ws_endpoint.as_deref(),
            Some("https://ws.example.com/dev")
        );
        assert_eq!(settings.media_bucket.as_deref(), Some("media"));
        assert_eq!(settings.mail_from.as_deref(), Some("no-reply@example.com"));
        assert_eq!(settings.queues.payments.as_deref(), Some("https://sqs/payments"));
        assert_eq!(settings.queues.refunds.as_deref(), Some("https://sqs/refunds"));
        assert_eq!(
            settings.queues.notifications.as_deref(),
            Some("https://sqs/notifications")
        );
    }

    #[test]
    fn tokens_are_issued_by_the_public_address_unless_said_otherwise() {
        let mut pairs = least();
        pairs.push(("PUBLIC_URL", "https://api.example.com/"));
        assert_eq!(read(&pairs).unwrap().config.jwt_issuer, "https://api.example.com");
    }

    #[test]
    fn whoever_has_the_signing_key_need_not_be_given_the_public_one() {
        let one_line = PRIVATE.replace('\n', "\\n");
        for private in [PRIVATE, &one_line] {
            let pairs = [
                ("STAGE", "dev"),
                ("TABLE_PREFIX", "t"),
                ("JWT_SIGNING_KEY_PEM", private),
            ];
            let settings = read(&pairs).unwrap();
            assert_eq!(settings.config.jwt_public_keys, PUBLIC);
            assert_eq!(settings.config.jwt_signing_key.unwrap().expose_secret(), PRIVATE);
        }
    }

    #[test]
    fn a_signing_key_that_is_none_is_named_and_not_told() {
        let pairs = [
            ("STAGE", "dev"),
            ("TABLE_PREFIX", "t"),
            ("JWT_SIGNING_KEY_PEM", "c2VjcmV0"),
        ];
        let error = read(&pairs).unwrap_err();
        assert_eq!(error.to_string(), "JWT_SIGNING_KEY_PEM cannot be read");
    }
}
