//! What differs from stage to stage. Read from the environment by `cloud::boot`, made by hand in tests.

use secrecy::SecretString;

/// Secrets show themselves to nobody and are absent in functions that do not need them.
#[derive(Debug, Clone)]
pub struct Config {
    /// `local`, `dev`, `staging`, `prod`.
    pub stage: String,
    /// Where clients reach the API, without a slash at the end.
    pub public_url: String,
    /// Where clients reach the sockets.
    pub ws_url: String,
    /// `iss` of access tokens.
    pub jwt_issuer: String,
    /// Ed25519 private key, PKCS#8 PEM, of one of the public keys.
    pub jwt_signing_key: Option<SecretString>,
    /// Ed25519 public keys, SPKI PEM, one after another: a token by any of them is good.
    pub jwt_public_keys: String,
    /// Key for refresh tokens and cursors, 32 bytes or more.
    pub token_key: Option<SecretString>,
    /// Browsers of these origins may call the API.
    pub allowed_origins: Vec<String>,
    /// Whoever proves to own this address becomes an admin: how the first one comes in.
    pub bootstrap_admin: Option<String>,
}
