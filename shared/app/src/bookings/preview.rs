//! What cancelling would bring, and a token that fixes it for a while.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Refusal;
use domain::booking::{Action, Booking};
use domain::cancellation::{Shares, Terms};
use domain::id::{BookingId, UserId};
use domain::money::{Money, MoneyError};
use domain::permission::Permission;
use domain::role::Actor;
use domain::time::plus_minutes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::side_that_may;
use crate::access::Caller;
use crate::{App, Error, FieldError, Result};

/// How long a preview is honoured.
pub const PREVIEW_MINUTES: i64 = 10;
/// A token of ours is shorter; a longer one is not even looked at.
pub const PREVIEW_TOKEN_LENGTH_MAX: usize = 1_024;

/// Keeps its digests apart from all others that are made with the same key.
const PURPOSE: &str = "cancellation preview";
const TAG_BYTES: usize = 16;

#[derive(Debug, Clone)]
pub struct Preview {
    /// Who asks.
    pub by: Actor,
    pub now: Prospect,
    /// Of what was paid, this does not come back.
    pub kept: Money,
    /// What it brings after that, up to the start.
    pub later: Vec<Prospect>,
    pub token: String,
    pub expires_at: Timestamp,
}

/// What cancelling brings on some terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prospect {
    pub terms: Terms,
    pub shares: Shares,
}

/// What a token says. Whoever has it can read it, so it holds the terms and not what the other side gets by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Promise {
    booking: BookingId,
    version: u64,
    to: UserId,
    terms: Terms,
    expires_at: Timestamp,
}

/// # Errors
/// [`Error::NotFound`] for a stranger; [`Refusal::InvalidTransition`] for what cannot be cancelled now.
pub async fn cancellation_preview(app: &App, me: &Caller, id: BookingId) -> Result<Preview> {
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    let by = side_that_may(me, &booking, Permission::ChangeBookings)?;
    preview(app, me, &booking, by)
}

fn preview(app: &App, me: &Caller, booking: &Booking, by: Actor) -> Result<Preview> {
    let now = app.now();
    booking.check(Action::Cancel, by, now)?;
    let mut prospects = booking
        .policy
        .timeline(booking.visit(), now, by)
        .into_iter()
        .map(|terms| {
            let shares = booking.shares(&terms)?;
            Ok(Prospect { terms, shares })
        })
        .collect::<Result<Vec<_>>>()?
        .into_iter();
    let first = prospects
        .next()
        .ok_or_else(|| Error::Internal("a timeline without a beginning".to_owned()))?;
    let promise = Promise {
        booking: booking.id,
        version: booking.version,
        to: me.user,
        terms: first.terms,
        expires_at: plus_minutes(now, PREVIEW_MINUTES),
    };
    Ok(Preview {
        by,
        now: first,
        kept: kept(&first.shares).map_err(Refusal::from)?,
        later: prospects.collect(),
        token: seal(app, &promise)?,
        expires_at: promise.expires_at,
    })
}

fn kept(shares: &Shares) -> std::result::Result<Money, MoneyError> {
    shares.payout.plus(shares.platform_fee)?.plus(shares.tax)
}

fn seal(app: &App, promise: &Promise) -> Result<String> {
    let text = serde_json::to_vec(promise).map_err(|e| Error::Internal(e.to_string()))?;
    let digest = app.keys().keyed_digest(PURPOSE, &text)?;
    let tag = digest.get(..TAG_BYTES).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode([tag, &text].concat()))
}

/// What was promised to the caller for this booking as it is now, on the terms of the preview.
///
/// # Errors
/// [`Error::Invalid`] for what is no token of ours, or somebody else's; [`Refusal::PreviewOutdated`].
pub(super) fn promised(
    app: &App,
    me: &Caller,
    booking: &Booking,
    token: &str,
    now: Timestamp,
) -> Result<Shares> {
    let promise = open(app, token)?.filter(|promise| promise.booking == booking.id && promise.to == me.user);
    let Some(promise) = promise else {
        let error = FieldError::new(
            "/preview_token",
            "is not the token of a preview of this booking for you",
        );
        return Err(Error::Invalid(vec![error]));
    };
    if promise.version != booking.version || promise.expires_at <= now {
        return Err(Refusal::PreviewOutdated.into());
    }
    Ok(booking.shares(&promise.terms)?)
}

fn open(app: &App, token: &str) -> Result<Option<Promise>> {
    if token.len() > PREVIEW_TOKEN_LENGTH_MAX {
        return Ok(None);
    }
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
        return Ok(None);
    };
    let Some((tag, text)) = bytes.split_at_checked(TAG_BYTES) else {
        return Ok(None);
    };
    let digest = app.keys().keyed_digest(PURPOSE, text)?;
    let expected = digest.get(..TAG_BYTES).unwrap_or_default();
    if aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag).is_err() {
        return Ok(None);
    }
    Ok(serde_json::from_slice(text).ok())
}
