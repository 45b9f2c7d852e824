//! A booking and the states it goes through.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Refusal;
use crate::calendar::Entry;
use crate::cancellation::Policy;
use crate::event::{BookingEvent, EventKind, RefundRef};
use crate::id::{BookingId, SpaceId, UserId, VendorId, VenueId};
use crate::money::Money;
use crate::pricing::{Price, Quote};
use crate::refund::RefundStatus;
use crate::role::Actor;
use crate::text::{Label, Reason, VenueName};
use crate::time::{Interval, Zone, plus_minutes};

/// How long a time is held for a customer who has not paid yet.
pub const HOLD_MINUTES: i64 = 10;
/// How long a hold lasts from the start of a payment at least.
pub const PAYMENT_MINUTES: i64 = 15;
/// How long a refund may take before somebody asks the provider for it.
pub const REFUND_MINUTES: i64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// The time is kept until `hold_until`.
    Held,
    /// A payment was begun; the time is kept until `hold_until`.
    PaymentPending,
    Confirmed,
    HoldExpired,
    CancelledByCustomer,
    CancelledByVendor,
    CancelledByAdmin,
    /// The time has passed.
    Completed,
}

impl BookingState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::PaymentPending => "payment_pending",
            Self::Confirmed => "confirmed",
            Self::HoldExpired => "hold_expired",
            Self::CancelledByCustomer => "cancelled_by_customer",
            Self::CancelledByVendor => "cancelled_by_vendor",
            Self::CancelledByAdmin => "cancelled_by_admin",
            Self::Completed => "completed",
        }
    }

    /// Whether the booking keeps others out of the calendar (a hold only until it lapses).
    #[must_use]
    pub const fn occupies(self) -> bool {
        match self {
            Self::Held | Self::PaymentPending | Self::Confirmed | Self::Completed => true,
            Self::HoldExpired
            | Self::CancelledByCustomer
            | Self::CancelledByVendor
            | Self::CancelledByAdmin => false,
        }
    }
}

/// What became of the money, told from the payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    Unpaid,
    Pending,
    Paid,
    RefundPending,
    /// As much as was owed went back.
    Refunded,
    RefundFailed,
}

impl PaymentState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::RefundPending => "refund_pending",
            Self::Refunded => "refunded",
            Self::RefundFailed => "refund_failed",
        }
    }
}

/// What moves a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// [`HOLD_MINUTES`] more for somebody who has not begun to pay.
    HoldExtended,
    PaymentStarted,
    PaymentDeclined,
    /// Paid, and the time is (still or again) the booking's.
    Paid,
    /// Paid, but the time is gone: everything goes back.
    PaidTooLate(RefundRef),
    HoldLapsed {
        /// Whether a payment was begun that may still come.
        payment_open: bool,
    },
    Cancel {
        by: Actor,
        reason: Option<Reason>,
        refund: Option<RefundRef>,
        /// Whether a payment was begun that may still come.
        payment_open: bool,
    },
    /// The payment that might still have come for a booking that is over cannot come any more.
    PaymentAbandoned,
    RefundSettled(RefundStatus),
    Complete,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<Reason>,
    pub refund: Money,
}

/// A time at a space, with price and terms as they were when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    pub id: BookingId,
    /// What people tell each other (`7KQ2-M9XD`); opens nothing by itself.
    pub code: String,
    pub venue: VenueId,
    pub venue_name: VenueName,
    pub vendor: VendorId,
    pub space: SpaceId,
    pub space_name: VenueName,
    /// What is locked in the calendar: the space and whatever is linked to it.
    pub spaces: Vec<SpaceId>,
    pub customer: UserId,
    pub guests: u32,
    #[serde(default)]
    pub layout: Option<Label>,
    pub interval: Interval,
    pub zone: Zone,
    pub setup_minutes: u32,
    pub turnaround_minutes: u32,
    pub state: BookingState,
    pub payment: PaymentState,
    pub hold_until: Option<Timestamp>,
    /// Whether the hold was made longer: that is possible once.
    #[serde(default)]
    pub hold_extended: bool,
    pub price: Price,
    pub policy: Policy,
    pub cancellation: Option<Cancellation>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Grows by one with every change; so do the numbers of its events.
    pub version: u64,
}

/// What a new booking is made of besides its quote.
#[derive(Debug, Clone)]
pub struct Placing {
    pub id: BookingId,
    pub customer: UserId,
    pub spaces: Vec<SpaceId>,
    pub setup_minutes: u32,
    pub turnaround_minutes: u32,
}

impl Booking {
    /// A time held for a customer, at the price of the quote.
    #[must_use]
    pub fn held(quote: &Quote, placing: Placing, now: Timestamp) -> (Self, BookingEvent) {
        let booking = Self {
            id: placing.id,
            code: code(placing.id.uuid()),
            venue: quote.venue,
            venue_name: quote.venue_name.clone(),
            vendor: quote.vendor,
            space: quote.space,
            space_name: quote.space_name.clone(),
            spaces: placing.spaces,
            customer: placing.customer,
            guests: quote.guests,
            layout: quote.layout.clone(),
            interval: quote.interval,
            zone: quote.zone.clone(),
            setup_minutes: placing.setup_minutes,
            turnaround_minutes: placing.turnaround_minutes,
            state: BookingState::Held,
            payment: PaymentState::Unpaid,
            hold_until: Some(plus_minutes(now, HOLD_MINUTES)),
            hold_extended: false,
            price: quote.price.clone(),
            policy: quote.policy.clone(),
            cancellation: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let event = BookingEvent::of(&booking, EventKind::BookingHeld, Actor::Customer, None);
        (booking, event)
    }

    /// Its place in the calendar as it stands.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry {
            booking: self.id,
            space: self.space,
            interval: self.interval,
            setup_minutes: self.setup_minutes,
            turnaround_minutes: self.turnaround_minutes,
            hold_until: self.hold_until,
        }
    }

    /// Whether the hold has run out; a booking that is no hold has none that could.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        match self.state {
            BookingState::Held | BookingState::PaymentPending => {
                self.hold_until.is_some_and(|until| until <= now)
            }
            BookingState::Confirmed
            | BookingState::HoldExpired
            | BookingState::CancelledByCustomer
            | BookingState::CancelledByVendor
            | BookingState::CancelledByAdmin
            | BookingState::Completed => false,
        }
    }

    /// Whether its time is kept for a customer who has not paid yet.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        self.hold_until.is_some_and(|until| now < until)
    }

    /// When something has to happen to it by itself: the hold lapses, the time has passed, or somebody has
    /// to look after money that is still on its way though the booking is over.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            BookingState::Held | BookingState::PaymentPending => self.hold_until,
            BookingState::Confirmed => Some(self.interval.end()),
            BookingState::HoldExpired
            | BookingState::CancelledByCustomer
            | BookingState::CancelledByVendor
            | BookingState::CancelledByAdmin => match self.payment {
                PaymentState::Pending => Some(self.updated_at),
                PaymentState::RefundPending => Some(plus_minutes(self.updated_at, REFUND_MINUTES)),
                PaymentState::Unpaid
                | PaymentState::Paid
                | PaymentState::Refunded
                | PaymentState::RefundFailed => None,
            },
            BookingState::Completed => None,
        }
    }

    /// What somebody may do with it now.
    #[must_use]
    pub fn allowed(&self, actor: Actor, now: Timestamp) -> Vec<&'static str> {
        let started = self.interval.start() <= now;
        match (self.state, actor) {
            (BookingState::Held | BookingState::PaymentPending, Actor::Customer) if !self.has_lapsed(now) => {
                vec!["pay", "cancel"]
            }
            (
                BookingState::Held | BookingState::PaymentPending | BookingState::Confirmed,
                Actor::Customer | Actor::Vendor | Actor::Admin,
            ) if !started => vec!["cancel"],
            (
                BookingState::Held
                | BookingState::PaymentPending
                | BookingState::Confirmed
                | BookingState::HoldExpired
                | BookingState::CancelledByCustomer
                | BookingState::CancelledByVendor
                | BookingState::CancelledByAdmin
                | BookingState::Completed,
                Actor::Customer | Actor::Vendor | Actor::Admin | Actor::System,
            ) => Vec::new(),
        }
    }

    /// What cancelling would bring back to the customer now.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn refund_if_cancelled(&self, by: Actor, now: Timestamp) -> Result<Money, Refusal> {
        let paid = match self.payment {
            PaymentState::Paid => self.price.total,
            PaymentState::Unpaid
            | PaymentState::Pending
            | PaymentState::RefundPending
            | PaymentState::Refunded
            | PaymentState::RefundFailed => Money::zero(self.price.total.currency()),
        };
        self.policy.refund(paid, self.interval.start(), now, by)
    }

    /// The booking after a change, and the event that tells of it.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`] where the state does not allow it, [`Refusal::HoldLapsed`] where
    /// it comes too late.
    pub fn apply(&self, change: Change, now: Timestamp) -> Result<(Self, BookingEvent), Refusal> {
        use BookingState as S;
        let mut next = self.clone();
        next.updated_at = now;
        next.version = self.version.saturating_add(1);
        let (kind, actor, refund) = match (self.state, change) {
            (S::Held, Change::HoldExtended) if !self.hold_extended => {
                if self.has_lapsed(now) {
                    return Err(Refusal::HoldLapsed);
                }
                next.hold_until = self.hold_until.map(|until| plus_minutes(until, HOLD_MINUTES));
                next.hold_extended = true;
                (EventKind::BookingHoldExtended, Actor::Customer, None)
            }
            (S::Held | S::PaymentPending, Change::PaymentStarted) => {
                if self.has_lapsed(now) {
                    return Err(Refusal::HoldLapsed);
                }
                // From the first attempt at the earliest; more attempts do not keep the time for ever.
                if self.state == S::Held {
                    next.hold_until = self.hold_until.max(Some(plus_minutes(now, PAYMENT_MINUTES)));
                }
                next.state = S::PaymentPending;
                next.payment = PaymentState::Pending;
                (EventKind::BookingPaymentStarted, Actor::Customer, None)
            }
            (S::PaymentPending, Change::PaymentDeclined) => {
                next.payment = PaymentState::Unpaid;
                (EventKind::BookingPaymentDeclined, Actor::System, None)
            }
            // A payment may land after the hold lapsed; the caller has taken the time again then.
            (S::Held | S::PaymentPending | S::HoldExpired, Change::Paid) => {
                next.state = S::Confirmed;
                next.payment = PaymentState::Paid;
                next.hold_until = None;
                (EventKind::BookingConfirmed, Actor::System, None)
            }
            (
                S::Held
                | S::PaymentPending
                | S::HoldExpired
                | S::CancelledByCustomer
                | S::CancelledByVendor
                | S::CancelledByAdmin,
                Change::PaidTooLate(refund),
            ) => {
                if self.state.occupies() {
                    next.state = S::HoldExpired;
                    next.hold_until = None;
                }
                next.payment = PaymentState::RefundPending;
                (EventKind::BookingPaymentCameTooLate, Actor::System, Some(refund))
            }
            (S::Held | S::PaymentPending, Change::HoldLapsed { payment_open }) => {
                if !self.has_lapsed(now) {
                    return Err(self.invalid(Actor::System, now));
                }
                next.state = S::HoldExpired;
                next.hold_until = None;
                next.payment = unpaid(payment_open);
                (EventKind::BookingHoldExpired, Actor::System, None)
            }
            (
                S::Held | S::PaymentPending | S::Confirmed,
                Change::Cancel {
                    by,
                    reason,
                    refund,
                    payment_open,
                },
            ) => {
                if self.interval.start() <= now {
                    return Err(self.invalid(by, now));
                }
                next.state = match by {
                    Actor::Customer => S::CancelledByCustomer,
                    Actor::Vendor => S::CancelledByVendor,
                    Actor::Admin | Actor::System => S::CancelledByAdmin,
                };
                let amount = refund.map_or(Money::zero(self.price.total.currency()), |r| r.amount);
                next.hold_until = None;
                next.cancellation = Some(Cancellation {
                    at: now,
                    by,
                    reason,
                    refund: amount,
                });
                if refund.is_some() {
                    next.payment = PaymentState::RefundPending;
                } else if self.state != S::Confirmed {
                    next.payment = unpaid(payment_open);
                }
                (EventKind::BookingCancelled, by, refund)
            }
            (
                S::HoldExpired | S::CancelledByCustomer | S::CancelledByVendor | S::CancelledByAdmin,
                Change::PaymentAbandoned,
            ) if self.payment == PaymentState::Pending => {
                next.payment = PaymentState::Unpaid;
                (EventKind::BookingPaymentAbandoned, Actor::System, None)
            }
            (
                S::HoldExpired | S::CancelledByCustomer | S::CancelledByVendor | S::CancelledByAdmin,
                Change::RefundSettled(status),
            ) => match status {
                RefundStatus::Succeeded => {
                    next.payment = PaymentState::Refunded;
                    (EventKind::BookingRefunded, Actor::System, None)
                }
                RefundStatus::Failed => {
                    next.payment = PaymentState::RefundFailed;
                    (EventKind::BookingRefundFailed, Actor::System, None)
                }
                RefundStatus::Requested | RefundStatus::Pending => {
                    return Err(self.invalid(Actor::System, now));
                }
            },
            (S::Confirmed, Change::Complete) => {
                if now < self.interval.end() {
                    return Err(self.invalid(Actor::System, now));
                }
                next.state = S::Completed;
                (EventKind::BookingCompleted, Actor::System, None)
            }
            (
                S::Held
                | S::PaymentPending
                | S::Confirmed
                | S::HoldExpired
                | S::CancelledByCustomer
                | S::CancelledByVendor
                | S::CancelledByAdmin
                | S::Completed,
                Change::HoldExtended,
            )
            | (
                S::Held,
                Change::PaymentDeclined
                | Change::PaymentAbandoned
                | Change::RefundSettled(_)
                | Change::Complete,
            )
            | (S::PaymentPending, Change::PaymentAbandoned | Change::RefundSettled(_) | Change::Complete)
            | (
                S::Confirmed,
                Change::PaymentStarted
                | Change::PaymentDeclined
                | Change::PaymentAbandoned
                | Change::Paid
                | Change::PaidTooLate(_)
                | Change::HoldLapsed { .. }
                | Change::RefundSettled(_),
            )
            | (
                S::HoldExpired,
                Change::PaymentStarted
                | Change::PaymentDeclined
                | Change::PaymentAbandoned
                | Change::HoldLapsed { .. }
                | Change::Cancel { .. }
                | Change::Complete,
            )
            | (
                S::CancelledByCustomer | S::CancelledByVendor | S::CancelledByAdmin,
                Change::PaymentStarted
                | Change::PaymentDeclined
                | Change::PaymentAbandoned
                | Change::Paid
                | Change::HoldLapsed { .. }
                | Change::Cancel { .. }
                | Change::Complete,
            )
            | (
                S::Completed,
                Change::PaymentStarted
                | Change::PaymentDeclined
                | Change::PaymentAbandoned
                | Change::Paid
                | Change::PaidTooLate(_)
                | Change::HoldLapsed { .. }
                | Change::Cancel { .. }
                | Change::RefundSettled(_)
                | Change::Complete,
            ) => return Err(self.invalid(Actor::Customer, now)),
        };
        let event = BookingEvent::of(&next, kind, actor, refund);
        Ok((next, event))
    }

    fn invalid(&self, actor: Actor, now: Timestamp) -> Refusal {
        Refusal::InvalidTransition {
            from: self.state.as_str(),
            allowed: self.allowed(actor, now),
        }
    }
}

/// What has not been paid, and may or may not be paid yet.
const fn unpaid(payment_open: bool) -> PaymentState {
    if payment_open {
        PaymentState::Pending
    } else {
        PaymentState::Unpaid
    }
}

/// Eight characters that are hard to confuse (Crockford's base 32), from the random part of the id.
fn code(id: Uuid) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = id.as_u128();
    let mut code = String::with_capacity(9);
    for position in 0..8 {
        if position == 4 {
            code.push('-');
        }
        let digit = usize::try_from(random & 31).unwrap_or(0);
        code.extend(ALPHABET.get(digit).map(|b| char::from(*b)));
        random >>= 5;
    }
    code
}

#[cfg(test)]
mod tests;
