//! What happened to a booking: its history, and what everybody else is told.
//!
//! Each event is written in the transaction of what it tells and says enough to be acted on alone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::booking::{Booking, BookingCode, BookingState, PaymentState};
use crate::id::{BookingId, RefundId, SpaceId, UserId, VendorId, VenueId};
use crate::money::Money;
use crate::role::Actor;
use crate::text::VenueName;
use crate::time::{Interval, Zone};

/// Moves when the shape of an event changes in a way that readers have to know of.
pub const EVENT_VERSION: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    BookingHeld,
    /// By its vendor, who made it elsewhere.
    BookingEntered,
    /// Held until its vendor answers.
    BookingRequested,
    BookingAccepted,
    BookingDeclined,
    BookingWithdrawn,
    BookingRequestExpired,
    BookingHoldExtended,
    BookingPaymentStarted,
    BookingPaymentDeclined,
    BookingConfirmed,
    BookingHoldExpired,
    BookingCancelled,
    /// Money came for a time that was gone; all of it goes back.
    BookingPaymentCameTooLate,
    /// The payment that might still have come for a booking that is over cannot come any more.
    BookingPaymentAbandoned,
    BookingRefunded,
    BookingRefundFailed,
    BookingCheckedIn,
    /// One side said that the other was not there.
    BookingNoShow,
    BookingCompleted,
    BookingClosed,
    /// One side asks the other for another time.
    BookingChangeProposed,
    /// The other side agrees, and the difference is to be paid.
    BookingChangeAccepted,
    BookingChangeDeclined,
    BookingChangeWithdrawn,
    /// Nobody answered, or nobody paid.
    BookingChangeLapsed,
    /// It has another time.
    BookingMoved,
}

impl EventKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BookingHeld => "BookingHeld",
            Self::BookingEntered => "BookingEntered",
            Self::BookingRequested => "BookingRequested",
            Self::BookingAccepted => "BookingAccepted",
            Self::BookingDeclined => "BookingDeclined",
            Self::BookingWithdrawn => "BookingWithdrawn",
            Self::BookingRequestExpired => "BookingRequestExpired",
            Self::BookingHoldExtended => "BookingHoldExtended",
            Self::BookingPaymentStarted => "BookingPaymentStarted",
            Self::BookingPaymentDeclined => "BookingPaymentDeclined",
            Self::BookingConfirmed => "BookingConfirmed",
            Self::BookingHoldExpired => "BookingHoldExpired",
            Self::BookingCancelled => "BookingCancelled",
            Self::BookingPaymentCameTooLate => "BookingPaymentCameTooLate",
            Self::BookingPaymentAbandoned => "BookingPaymentAbandoned",
            Self::BookingRefunded => "BookingRefunded",
            Self::BookingRefundFailed => "BookingRefundFailed",
            Self::BookingCheckedIn => "BookingCheckedIn",
            Self::BookingNoShow => "BookingNoShow",
            Self::BookingCompleted => "BookingCompleted",
            Self::BookingClosed => "BookingClosed",
            Self::BookingChangeProposed => "BookingChangeProposed",
            Self::BookingChangeAccepted => "BookingChangeAccepted",
            Self::BookingChangeDeclined => "BookingChangeDeclined",
            Self::BookingChangeWithdrawn => "BookingChangeWithdrawn",
            Self::BookingChangeLapsed => "BookingChangeLapsed",
            Self::BookingMoved => "BookingMoved",
        }
    }

    /// Whether a time at the venue became taken or free by it.
    #[must_use]
    pub const fn changes_availability(self) -> bool {
        match self {
            Self::BookingHeld
            | Self::BookingEntered
            | Self::BookingRequested
            | Self::BookingDeclined
            | Self::BookingWithdrawn
            | Self::BookingRequestExpired
            | Self::BookingConfirmed
            | Self::BookingHoldExpired
            | Self::BookingCancelled
            | Self::BookingPaymentCameTooLate
            | Self::BookingChangeProposed
            | Self::BookingChangeDeclined
            | Self::BookingChangeWithdrawn
            | Self::BookingChangeLapsed
            | Self::BookingMoved => true,
            Self::BookingAccepted
            | Self::BookingHoldExtended
            | Self::BookingPaymentStarted
            | Self::BookingPaymentDeclined
            | Self::BookingPaymentAbandoned
            | Self::BookingRefunded
            | Self::BookingRefundFailed
            | Self::BookingCheckedIn
            | Self::BookingNoShow
            | Self::BookingCompleted
            | Self::BookingClosed
            | Self::BookingChangeAccepted => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingEvent {
    /// [`EVENT_VERSION`] when it was written.
    pub v: u32,
    pub kind: EventKind,
    /// 1 for the first of a booking, without gaps: the booking's version after it.
    pub number: u64,
    pub at: Timestamp,
    pub actor: Actor,
    pub booking: BookingId,
    pub code: BookingCode,
    pub venue: VenueId,
    pub venue_name: VenueName,
    pub vendor: VendorId,
    /// Nobody where the vendor entered the booking.
    pub customer: Option<UserId>,
    /// Whether its vendor was asked for it first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requested: bool,
    pub space: SpaceId,
    pub interval: Interval,
    pub zone: Zone,
    pub state: BookingState,
    pub payment: PaymentState,
    pub total: Money,
    /// The other time that it is about: the one that is proposed, or that a moved booking had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherTime>,
    /// Money that goes back because of it; more than one where it was paid by several payments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundRef>,
    /// Money that arrived where it was paid from, or could not be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Money>,
}

/// A time, and what all of the booking costs or cost then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherTime {
    pub interval: Interval,
    pub total: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRef {
    pub id: RefundId,
    pub amount: Money,
}

impl BookingEvent {
    /// What happened, as the booking stands after it.
    #[must_use]
    pub fn of(booking: &Booking, kind: EventKind, actor: Actor) -> Self {
        Self {
            v: EVENT_VERSION,
            kind,
            number: booking.version,
            at: booking.updated_at,
            actor,
            booking: booking.id,
            code: booking.code.clone(),
            venue: booking.venue,
            venue_name: booking.venue_name.clone(),
            vendor: booking.vendor,
            customer: booking.customer,
            requested: booking.requested,
            space: booking.space,
            interval: booking.interval,
            zone: booking.zone.clone(),
            state: booking.state,
            payment: booking.payment,
            total: booking.price.total,
            other: None,
            refunds: Vec::new(),
            settled: None,
        }
    }

    /// How much goes back because of it.
    #[must_use]
    pub fn refund(&self) -> Option<Money> {
        let mut amounts = self.refunds.iter().map(|refund| refund.amount);
        let first = amounts.next()?;
        amounts.try_fold(first, Money::plus).ok()
    }

    /// The same for the same event, whoever asks and however often it is delivered.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}.{}", self.booking, self.number)
    }
}
