//! Where the account's settings come from.

use secrecy::SecretString;

use crate::Stripe;

pub const SECRET_KEY: &str = "STRIPE_SECRET_KEY";
const WEBHOOK_SECRET: &str = "STRIPE_WEBHOOK_SECRET";
const API_BASE: &str = "STRIPE_API_BASE";
const RETURN_URL: &str = "STRIPE_RETURN_URL";
const PUBLIC_URL: &str = "PUBLIC_URL";

/// A variable of the environment is not as it has to be. Its value is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{0} cannot be used")]
    Invalid(&'static str),
}

/// Reads the settings through `lookup`; a variable that is set to nothing counts as not set.
pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Stripe, SettingsError> {
    let get = |name: &str| {
        lookup(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    let secret = get(SECRET_KEY).ok_or(SettingsError::Missing(SECRET_KEY))?;
    let webhook_secrets = get(WEBHOOK_SECRET).map(|list| secrets(&list)).unwrap_or_default();
    let stripe = Stripe::new(secret.into(), webhook_secrets, get(API_BASE).as_deref())?;
    Ok(match get(RETURN_URL).or_else(|| get(PUBLIC_URL)) {
        Some(url) => stripe.with_return_url(url),
        None => stripe,
    })
}

fn secrets(list: &str) -> Vec<SecretString> {
    list.split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(SecretString::from)
        .collect()
}

/// The address with a slash at its end: async-stripe writes `v1/...` right behind it.
pub fn base(url: &str) -> Result<String, SettingsError> {
    let url = url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() => Ok(format!("{url}/")),
        _ => Err(SettingsError::Invalid(API_BASE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn with<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        for pairs in [&[][..], &[(SECRET_KEY, "")][..], &[(SECRET_KEY, " ")][..]] {
            assert_eq!(read(with(pairs)).err(), Some(SettingsError::Missing(SECRET_KEY)));
        }
    }

    #[test]
    fn a_key_with_a_line_break_in_it_is_refused_without_being_told() {
        let error = read(with(&[(SECRET_KEY, "sk_test_1\nx")])).err().unwrap();
        assert_eq!(error.to_string(), "STRIPE_SECRET_KEY cannot be used");
    }

    #[test]
    fn everything_but_the_key_may_be_missing_or_empty() {
        let stripe = read(with(&[
            (SECRET_KEY, "sk_test_1"),
            (API_BASE, ""),
            (RETURN_URL, ""),
        ]))
        .unwrap();
        assert_eq!(stripe.return_url, None);
    }

    #[test]
    fn customers_come_back_to_the_page_that_is_set_or_else_to_the_public_address() {
        let key = (SECRET_KEY, "sk_test_1");
        let public = (PUBLIC_URL, "https://api.example.com");
        let stripe = read(with(&[key, public])).unwrap();
        assert_eq!(stripe.return_url.as_deref(), Some("https://api.example.com"));
        let stripe = read(with(&[key, public, (RETURN_URL, "https://example.com/paid")])).unwrap();
        assert_eq!(stripe.return_url.as_deref(), Some("https://example.com/paid"));
    }

    #[test]
    fn several_webhook_secrets_are_separated_by_commas() {
        let all: Vec<String> = secrets("whsec_1, whsec_2,")
            .iter()
            .map(|s| s.expose_secret().to_owned())
            .collect();
        assert_eq!(all, ["whsec_1", "whsec_2"]);
    }

    #[test]
    fn the_address_of_the_api_ends_in_one_slash() {
        assert_eq!(
            base("http://127.0.0.1:12111"),
            Ok("http://127.0.0.1:12111/".into())
        );
        assert_eq!(
            base("http://127.0.0.1:12111/"),
            Ok("http://127.0.0.1:12111/".into())
        );
        for bad in ["", "127.0.0.1:12111", "ftp://example.com", "https://"] {
            assert_eq!(base(bad), Err(SettingsError::Invalid(API_BASE)), "{bad:?}");
        }
    }
}
