//! What a use case answers when it does not answer with a result.

use domain::Refusal;
use domain::calendar::Entry;
use domain::id::{BookingId, SpaceId};
use domain::pricing::PromoObstacle;
use domain::refusal::RefusedTime;
use domain::time::Interval;
use jiff::Timestamp;
use store::{Fault, Guard};

use crate::ports::{BadWebhook, PortError};

pub type Result<T> = std::result::Result<T, Error>;

/// Closed: `web` turns each of these into one answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody, or nobody known, asks.
    #[error("sign in first")]
    Unauthenticated,
    /// Known, and not allowed; only where the caller may know that the thing exists.
    #[error("not allowed")]
    Forbidden,
    /// Not there, or not for this caller to know.
    #[error("not found")]
    NotFound,
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The rules say no to this time; others are free.
    #[error("{0}")]
    RefusedTime(Refusal, Vec<Interval>),
    /// What was to be closed is booked.
    #[error("{} bookings are in the way", .0.len())]
    BookingsInTheWay(Vec<Conflict>),
    /// Values that are well formed and still make no sense, each with a JSON pointer.
    #[error("some fields are not right")]
    Invalid(Vec<FieldError>),
    /// They asked too often. Seconds until they may ask again.
    #[error("too many requests; again in {0} seconds")]
    TooManyRequests(u32),
    /// The caller's version is not the current one.
    #[error("it was changed meanwhile")]
    PreconditionFailed,
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with the key is still being worked on.
    #[error("the first request with this key is still in progress")]
    InProgress,
    /// A webhook that is not believed.
    #[error(transparent)]
    Webhook(#[from] BadWebhook),
    /// It may work later; nothing is known to be wrong with the request.
    #[error("temporarily unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours. The text is for the log.
    #[error("internal: {0}")]
    Internal(String),
}

/// Bookings in the way that are told.
pub const CONFLICTS_MAX: usize = 50;

/// A booking that a change of hours, blocks or spaces would leave without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub booking: BookingId,
    /// The space that is booked.
    pub space: SpaceId,
    pub interval: Interval,
}

impl From<&Entry> for Conflict {
    fn from(entry: &Entry) -> Self {
        Self {
            booking: entry.booking,
            space: entry.space,
            interval: entry.interval,
        }
    }
}

impl Conflict {
    /// The first [`CONFLICTS_MAX`] by their start.
    pub(crate) fn first(mut conflicts: Vec<Self>) -> Vec<Self> {
        conflicts.sort_by_key(|c| (c.interval.start(), c.booking));
        conflicts.truncate(CONFLICTS_MAX);
        conflicts
    }
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901.
    pub pointer: String,
    pub message: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl Error {
    pub(crate) fn wait_until(until: Timestamp, now: Timestamp) -> Self {
        Self::wait(until.as_millisecond().saturating_sub(now.as_millisecond()))
    }

    /// Milliseconds, which are told as whole seconds that are long enough.
    #[must_use]
    pub fn wait(milliseconds: i64) -> Self {
        let seconds = milliseconds.saturating_add(999) / 1_000;
        Self::TooManyRequests(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
    }
}

impl From<RefusedTime> for Error {
    fn from(refused: RefusedTime) -> Self {
        Self::RefusedTime(refused.refusal, refused.alternatives)
    }
}

impl From<Fault> for Error {
    /// What is used up is refused. Other guards and conflicts are dealt with where they can mean something; one that
    /// comes this far was forgotten there.
    fn from(fault: Fault) -> Self {
        let promo = |obstacle| Self::Refused(Refusal::Promo { obstacle });
        match fault {
            Fault::Guard(Guard::PromoLeft) => promo(PromoObstacle::UsedUp),
            Fault::Guard(Guard::PromoLeftForCustomer) => promo(PromoObstacle::UsedByYou),
            Fault::Guard(Guard::FirstBooking) => Self::Refused(Refusal::NotTheFirst),
            Fault::Guard(guard) => Self::Internal(format!("guard {guard:?} failed where none was expected")),
            Fault::Conflict => Self::Unavailable("too many concurrent changes".to_owned()),
            Fault::Throttled => Self::Unavailable("throttled".to_owned()),
            Fault::Unavailable(why) => Self::Unavailable(why),
            Fault::Corrupt(what) => Self::Internal(what),
        }
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Refused(why) => Self::Internal(why),
            PortError::Unavailable(why) => Self::Unavailable(why),
            PortError::Gone => Self::NotFound,
        }
    }
}
