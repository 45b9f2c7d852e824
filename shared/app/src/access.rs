//! Who is asking, and what they may.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::id::{SessionId, UserId};
use domain::membership::Membership;
use domain::role::AdminRole;
use domain::time::plus_seconds;
use domain::user::{RestrictionKind, User};
use jiff::Timestamp;
use store::transient::Session;

use crate::{App, Error, Result};

/// How long what was read of a session is believed: a revoked session or role stops working within
/// this time.
pub const BELIEVED_SECONDS: i64 = 60;
/// Sessions that one sandbox remembers.
const REMEMBERED_MAX: usize = 10_000;

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub session: SessionId,
    pub verified: bool,
    pub suspended: bool,
    /// Theirs when they were looked up: once it is another, this session is over.
    pub epoch: u32,
    membership: Option<Membership>,
    admin: Option<AdminRole>,
}

impl Caller {
    #[must_use]
    pub fn of(user: &User, session: SessionId) -> Self {
        Self {
            user: user.id,
            session,
            verified: user.is_verified(),
            suspended: user.is(RestrictionKind::Suspended),
            epoch: user.epoch,
            membership: user.membership.clone(),
            admin: user.admin,
        }
    }

    /// The business that they run or work for, approved or not. Whoever is suspended acts for nobody.
    #[must_use]
    pub const fn member(&self) -> Option<&Membership> {
        match self.suspended {
            true => None,
            false => self.membership.as_ref(),
        }
    }

    /// What they do for the platform; nothing while they are suspended.
    #[must_use]
    pub const fn admin(&self) -> Option<AdminRole> {
        match self.suspended {
            true => None,
            false => self.admin,
        }
    }
}

/// What this sandbox read of sessions lately.
#[derive(Default)]
pub struct Cache(Mutex<BTreeMap<SessionId, (Timestamp, Caller)>>);

impl Cache {
    fn get(&self, session: SessionId, now: Timestamp) -> Option<Caller> {
        let cache = self.0.lock().ok()?;
        let (until, caller) = cache.get(&session)?;
        (now < *until).then(|| caller.clone())
    }

    fn put(&self, caller: &Caller, now: Timestamp) {
        if let Ok(mut cache) = self.0.lock() {
            if cache.len() >= REMEMBERED_MAX {
                cache.clear();
            }
            cache.insert(
                caller.session,
                (plus_seconds(now, BELIEVED_SECONDS), caller.clone()),
            );
        }
    }

    fn forget(&self, session: SessionId) {
        if let Ok(mut cache) = self.0.lock() {
            cache.remove(&session);
        }
    }
}

/// Whether a session is one of this person's and is not over.
pub(crate) fn may_act(session: &Session, user: &User) -> bool {
    !session.revoked
        && session.user == user.id
        && session.epoch == user.epoch
        && !user.is(RestrictionKind::Banned)
}

impl App {
    /// Whoever holds this access token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is no good, or the session behind it is not any more.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller> {
        let now = self.now();
        let claims = self
            .verified_tokens()
            .claims(self.keys(), access_token, now)
            .map_err(|_| Error::Unauthenticated)?;
        if let Some(caller) = self.session_cache().get(claims.sid, now) {
            return if caller.user == claims.sub {
                Ok(caller)
            } else {
                Err(Error::Unauthenticated)
            };
        }
        self.caller_of(claims.sid, claims.sub, now).await
    }

    /// The same, as it is now: for whoever lacks a role that they may have been given a moment ago.
    ///
    /// # Errors
    /// As [`App::authenticate`].
    pub async fn authenticate_anew(&self, caller: &Caller) -> Result<Caller> {
        self.session_cache().forget(caller.session);
        self.caller_of(caller.session, caller.user, self.now()).await
    }

    pub(crate) async fn caller_of(&self, session: SessionId, user: UserId, now: Timestamp) -> Result<Caller> {
        let (session, user) =
            futures_util::future::try_join(self.store().session(session, now), self.store().user(user))
                .await?;
        let (Some(session), Some(user)) = (session, user) else {
            return Err(Error::Unauthenticated);
        };
        if !may_act(&session, &user) {
            return Err(Error::Unauthenticated);
        }
        let caller = Caller::of(&user, session.id);
        self.session_cache().put(&caller, now);
        Ok(caller)
    }

    pub(crate) fn forget_session(&self, session: SessionId) {
        self.session_cache().forget(session);
    }
}
