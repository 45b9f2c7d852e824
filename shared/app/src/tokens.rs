//! Tokens: access and socket tokens (JWT, Ed25519), refresh tokens (opaque, each the parent of the
//! next), and the keyed digests behind them.

mod refresh;
#[cfg(test)]
mod tests;
mod verified;

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::{Config, Error, Result};
pub use refresh::RefreshToken;
pub use verified::{VERIFIED_SECONDS, Verified};

/// How long an access token is good.
pub const ACCESS_SECONDS: i64 = 600;
/// How long a socket token is good: for the connect alone, and for each one after it a new token.
pub const SOCKET_SECONDS: i64 = 600;
/// By how much clocks may differ.
const LEEWAY_SECONDS: u64 = 60;
/// A token of ours is far shorter; a longer one is not even looked at.
const TOKEN_LENGTH_MAX: usize = 2_048;

/// What a token is for. A token for one purpose is no token for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Api,
    Realtime,
}

impl Audience {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Realtime => "realtime",
        }
    }

    /// RFC 9068 for access tokens; a type of our own for the socket.
    const fn token_type(self) -> &'static str {
        match self {
            Self::Api => "at+jwt",
            Self::Realtime => "rt+jwt",
        }
    }

    /// All that the header of such a token has.
    fn header(self, kid: &str) -> Header {
        Header {
            typ: Some(self.token_type().to_owned()),
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        }
    }

    const fn seconds(self) -> i64 {
        match self {
            Self::Api => ACCESS_SECONDS,
            Self::Realtime => SOCKET_SECONDS,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The person.
    pub sub: UserId,
    /// The session that it was made from, and dies with.
    pub sid: SessionId,
    pub iat: i64,
    pub exp: i64,
    /// Never ours; looked at all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    #[error("expired")]
    Expired,
    #[error("not a token of ours")]
    Invalid,
}

/// The keys of a stage. A function that only verifies has only public ones.
///
/// Several public keys may be good at a time, so that one can follow another: first the new one is given to every
/// function beside the old one and is shown in the key set, then tokens are signed by it, and when the last token by
/// the old one has expired that one goes.
#[derive(Clone)]
pub struct Keys {
    issuer: String,
    public: Arc<[PublicKey]>,
    signing: Option<Arc<SigningKey>>,
    keyed: Option<hmac::Key>,
}

struct PublicKey {
    /// RFC 7638 with the members of RFC 8037.
    kid: String,
    /// The 32 bytes in base64url.
    x: String,
    verifying: DecodingKey,
}

struct SigningKey {
    kid: String,
    signing: EncodingKey,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let public = blocks(&config.jwt_public_keys)
            .map(|pem| PublicKey::read(&pem))
            .collect::<Option<Vec<_>>>()
            .filter(|keys| !keys.is_empty())
            .ok_or_else(|| Error::Internal("the public keys of access tokens cannot be read".to_owned()))?;
        let signing = config
            .jwt_signing_key
            .as_ref()
            .map(|pem| {
                SigningKey::read(pem.expose_secret()).ok_or_else(|| {
                    Error::Internal("the signing key of access tokens cannot be read".to_owned())
                })
            })
            .transpose()?;
        // Otherwise every token would be refused that is handed out from now on.
        let strange = |key: &SigningKey| public.iter().all(|public| public.kid != key.kid);
        if signing.as_ref().is_some_and(strange) {
            return Err(Error::Internal(
                "the signing key of access tokens belongs to none of the public keys".to_owned(),
            ));
        }
        let keyed = config
            .token_key
            .as_ref()
            .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes()));
        Ok(Self {
            issuer: config.jwt_issuer.clone(),
            public: public.into(),
            signing: signing.map(Arc::new),
            keyed,
        })
    }

    /// The public keys as a JSON Web Key Set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        let shown = |key: &PublicKey| {
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid, "x": key.x,
            })
        };
        serde_json::json!({ "keys": self.public.iter().map(shown).collect::<Vec<_>>() })
    }

    /// A token, and when it expires.
    ///
    /// # Errors
    /// [`Error::Internal`] in a function that has no signing key.
    pub fn sign(
        &self,
        audience: Audience,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<(String, Timestamp)> {
        let key = self
            .signing
            .as_ref()
            .ok_or_else(|| Error::Internal("no signing key".to_owned()))?;
        let expires_at = domain::time::plus_seconds(now, audience.seconds());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: audience.as_str().to_owned(),
            sub: user,
            sid: session,
            iat: now.as_second(),
            exp: expires_at.as_second(),
            nbf: None,
        };
        let token = jsonwebtoken::encode(&audience.header(&key.kid), &claims, &key.signing)
            .map_err(|e| Error::Internal(format!("a token could not be signed: {e}")))?;
        Ok((token, expires_at))
    }

    /// What a token says, when it is one of ours, for this purpose, and good at this instant.
    ///
    /// # Errors
    /// [`BadToken`].
    pub fn verify(
        &self,
        audience: Audience,
        token: &str,
        now: Timestamp,
    ) -> std::result::Result<Claims, BadToken> {
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(BadToken::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken::Invalid)?;
        // Exactly as we write it: nothing in a header is taken for a key, an algorithm or an extension.
        let is_by = |key: &&PublicKey| header == audience.header(&key.kid);
        let key = self.public.iter().find(is_by).ok_or(BadToken::Invalid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience.as_str()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against the clock that everything else goes by, below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation)
            .map_err(|_| BadToken::Invalid)?
            .claims;
        let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or(0);
        let latest = now.as_second().saturating_add(leeway);
        if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
            return Err(BadToken::Invalid);
        }
        if claims.exp.saturating_add(leeway) <= now.as_second() {
            return Err(BadToken::Expired);
        }
        Ok(claims)
    }

    /// A digest that only the holder of the stage's key can make. `purpose` keeps uses apart.
    ///
    /// # Errors
    /// [`Error::Internal`] in a function that has no such key.
    pub fn keyed_digest(&self, purpose: &str, text: &[u8]) -> Result<[u8; 32]> {
        let key = self
            .keyed
            .as_ref()
            .ok_or_else(|| Error::Internal("no token key".to_owned()))?;
        let mut context = hmac::Context::with_key(key);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text);
        let tag = context.sign();
        <[u8; 32]>::try_from(tag.as_ref())
            .map_err(|_| Error::Internal("a digest of another length".to_owned()))
    }

    /// Whether a digest is the one that [`Keys::keyed_digest`] makes, in constant time.
    ///
    /// # Errors
    /// [`Error::Internal`] in a function that has no such key.
    pub fn is_keyed_digest(&self, purpose: &str, text: &[u8], digest: &[u8]) -> Result<bool> {
        let expected = self.keyed_digest(purpose, text)?;
        Ok(aws_lc_rs::constant_time::verify_slices_are_equal(&expected, digest).is_ok())
    }
}

impl PublicKey {
    /// SPKI, PEM (RFC 8410: a fixed prefix of 12 bytes before the key's 32).
    fn read(pem: &str) -> Option<Self> {
        let der = der(pem)?;
        let raw = der.get(12..).filter(|raw| raw.len() == 32)?;
        let x = URL_SAFE_NO_PAD.encode(raw);
        Some(Self {
            kid: thumbprint(&x),
            x,
            verifying: DecodingKey::from_ed_pem(pem.as_bytes()).ok()?,
        })
    }
}

impl SigningKey {
    /// PKCS#8, PEM, with or without the public half.
    fn read(pem: &str) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(pem)?).ok()?;
        Some(Self {
            kid: thumbprint(&URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())),
            signing: EncodingKey::from_ed_pem(pem.as_bytes()).ok()?,
        })
    }
}

/// The PEM blocks of a text, one after another.
fn blocks(text: &str) -> impl Iterator<Item = String> {
    text.split_inclusive("-----END PUBLIC KEY-----")
        .map(|block| block.trim().to_owned())
        .filter(|block| !block.is_empty())
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let lines = pem.lines().map(str::trim);
    let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok()
}

fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
}

/// SHA-256 in hex: how tokens are kept.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes).as_ref())
}
