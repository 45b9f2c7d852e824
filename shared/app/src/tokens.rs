//! Tokens: access and socket tokens (JWT, Ed25519), refresh tokens (opaque, each the parent of the
//! next), and the keyed digests behind them.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::{Config, Error, Result};

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
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    #[error("expired")]
    Expired,
    #[error("not a token of ours")]
    Invalid,
}

/// The keys of a stage. A function that only verifies has only the public one.
#[derive(Clone)]
pub struct Keys {
    issuer: String,
    kid: String,
    public_x: String,
    signing: Option<Arc<EncodingKey>>,
    verifying: Arc<DecodingKey>,
    keyed: Option<hmac::Key>,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let bad = |what: &str| Error::Internal(format!("{what} cannot be read"));
        let raw =
            raw_public_key(&config.jwt_public_key).ok_or_else(|| bad("the public key of access tokens"))?;
        let verifying = DecodingKey::from_ed_pem(config.jwt_public_key.as_bytes())
            .map_err(|_| bad("the public key of access tokens"))?;
        let signing = config
            .jwt_signing_key
            .as_ref()
            .map(|pem| EncodingKey::from_ed_pem(pem.expose_secret().as_bytes()))
            .transpose()
            .map_err(|_| bad("the signing key of access tokens"))?;
        let keyed = config
            .token_key
            .as_ref()
            .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes()));
        let public_x = URL_SAFE_NO_PAD.encode(&raw);
        Ok(Self {
            issuer: config.jwt_issuer.clone(),
            kid: thumbprint(&public_x),
            public_x,
            signing: signing.map(Arc::new),
            verifying: Arc::new(verifying),
            keyed,
        })
    }

    /// The public keys as a JSON Web Key Set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": self.public_x,
        }]})
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
        };
        let header = Header {
            typ: Some(audience.token_type().to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, key)
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
        let ours = header.alg == Algorithm::EdDSA
            && header.kid.as_deref() == Some(self.kid.as_str())
            && header.typ.as_deref() == Some(audience.token_type())
            && header.jku.is_none()
            && header.jwk.is_none()
            && header.x5u.is_none();
        if !ours {
            return Err(BadToken::Invalid);
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience.as_str()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against the clock that everything else goes by, below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &validation)
            .map_err(|_| BadToken::Invalid)?
            .claims;
        let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or(0);
        if claims.iat > now.as_second().saturating_add(leeway) {
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

/// The 32 bytes of an Ed25519 key in SPKI (RFC 8410: a fixed prefix of 12 bytes before them).
fn raw_public_key(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .map(str::trim)
        .collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).ok()?;
    (der.len() == 44)
        .then(|| der.get(12..).map(<[u8]>::to_vec))
        .flatten()
}

/// RFC 7638 with the members of RFC 8037.
fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
}

/// SHA-256 in hex: how tokens are kept.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// A refresh token: the session, how many came before it, and a secret that follows from its parent.
/// The last part shows that it was ever issued, so that a guess is told from a stolen old token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: SessionId,
    pub generation: u32,
    secret: [u8; 32],
    mark: [u8; 32],
}

impl RefreshToken {
    /// The first of a session.
    ///
    /// # Errors
    /// [`Error::Internal`] in a function that has no token key.
    pub fn first(keys: &Keys, session: SessionId, random: [u8; 32]) -> Result<Self> {
        Self::marked(keys, session, 0, random)
    }

    /// The same for the same parent, so that a client that did not hear the answer may ask again.
    ///
    /// # Errors
    /// As [`RefreshToken::first`].
    pub fn successor(&self, keys: &Keys) -> Result<Self> {
        let secret = keys.keyed_digest("refresh-successor", &self.secret)?;
        Self::marked(keys, self.session, self.generation.saturating_add(1), secret)
    }

    fn marked(keys: &Keys, session: SessionId, generation: u32, secret: [u8; 32]) -> Result<Self> {
        let mark = keys.keyed_digest("refresh-mark", &Self::marked_text(session, generation, &secret))?;
        Ok(Self {
            session,
            generation,
            secret,
            mark,
        })
    }

    fn marked_text(session: SessionId, generation: u32, secret: &[u8; 32]) -> Vec<u8> {
        [session.to_string().as_bytes(), &generation.to_be_bytes(), secret].concat()
    }

    /// A token that was once issued, whether or not it is still good.
    ///
    /// # Errors
    /// [`Error::Internal`] in a function that has no token key; `None` for anything else that is wrong.
    pub fn parse(keys: &Keys, text: &str) -> Result<Option<Self>> {
        let parsed = || {
            let mut parts = text.split('.');
            let session = parts.next()?.parse().ok()?;
            let generation = parts.next()?.parse().ok()?;
            let bytes = |part: &str| <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
            let secret = bytes(parts.next()?)?;
            let mark = bytes(parts.next()?)?;
            parts.next().is_none().then_some(Self {
                session,
                generation,
                secret,
                mark,
            })
        };
        let Some(token) = parsed() else { return Ok(None) };
        let text = Self::marked_text(token.session, token.generation, &token.secret);
        Ok(keys
            .is_keyed_digest("refresh-mark", &text, &token.mark)?
            .then_some(token))
    }

    #[must_use]
    pub fn text(&self) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        format!(
            "{}.{}.{}.{}",
            self.session,
            self.generation,
            part(&self.secret),
            part(&self.mark)
        )
    }

    /// How it is kept.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256_hex(self.text().as_bytes())
    }
}
