//! What keeps somebody signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::SessionId;

use super::{Keys, sha256_hex};
use crate::Result;

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
    /// [`crate::Error::Internal`] in a function that has no token key.
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
    /// [`crate::Error::Internal`] in a function that has no token key; `None` for anything else that is wrong.
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
