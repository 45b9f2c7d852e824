//! The secret key, as `Bearer` or as the user name of `Basic`.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::api_error::ApiError;

/// Names a connected account. There are none here, and acting for the platform instead would be a lie.
const ACCOUNT_HEADER: &str = "stripe-account";

pub fn check(headers: &HeaderMap, secret_key: &str) -> Result<(), ApiError> {
    let given = key(headers).ok_or_else(ApiError::no_key)?;
    if given != secret_key {
        return Err(ApiError::bad_key(&given));
    }
    match headers.get(ACCOUNT_HEADER) {
        None => Ok(()),
        Some(account) => Err(ApiError::no_account(&given, account.to_str().unwrap_or_default())),
    }
}

fn key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let user = decoded.split_once(':').map_or(decoded.as_str(), |(user, _)| user);
    Some(user.to_owned())
}
