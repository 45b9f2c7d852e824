//! Tokens as an attacker would make them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

use crate::keys::{PUBLIC_KEY_PEM, SIGNING_KEY_PEM};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The header and the claims of a token.
#[must_use]
pub fn taken_apart(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// Signed by the platform's own key, whatever it says.
#[must_use]
pub fn signed(header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(SIGNING_KEY_PEM.as_bytes()).unwrap();
    by(header, claims, &key, Algorithm::EdDSA)
}

/// Signed by a key of the attacker's own.
#[must_use]
pub fn signed_by_another(header: &Value, claims: &Value) -> String {
    // RFC 8410, section 10.3.
    const ANOTHER: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let key = EncodingKey::from_ed_pem(ANOTHER.as_bytes()).unwrap();
    by(header, claims, &key, Algorithm::EdDSA)
}

/// With the public key, which everybody has, as the secret of an HMAC.
#[must_use]
pub fn keyed_with_the_public_key(header: &Value, claims: &Value) -> String {
    let key = EncodingKey::from_secret(PUBLIC_KEY_PEM.as_bytes());
    by(header, claims, &key, Algorithm::HS256)
}

/// Without a signature.
#[must_use]
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", part(header), part(claims))
}

fn by(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}
