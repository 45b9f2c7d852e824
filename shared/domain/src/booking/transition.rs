//! The states of a booking and the ways between them, as data: who may do what in which state, when, what
//! becomes of it, and who hears of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Booking, PaymentState};
use crate::event::EventKind;
use crate::permission::Permission;
use crate::role::Actor;
use crate::time::plus_minutes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    /// The time is kept until `hold_until` for somebody who has not begun to pay.
    Held,
    /// A payment was begun; the time is kept until `hold_until`.
    PaymentPending,
    /// The vendor is asked; the time is kept until `hold_until`, when the answer is due.
    Requested,
    Confirmed,
    /// The customer is there.
    CheckedIn,
    /// The time has passed.
    Completed,
    /// Nothing can be reported any more.
    Closed,
    HoldExpired,
    /// The vendor said no.
    Declined,
    /// The vendor did not answer in time.
    RequestExpired,
    /// The customer took the request back.
    Withdrawn,
    CancelledByCustomer,
    CancelledByVendor,
    CancelledByAdmin,
    /// The customer did not come.
    NoShowCustomer,
    /// Nobody let the customer in.
    NoShowVendor,
}

use BookingState as S;

impl BookingState {
    pub const ALL: [Self; 16] = [
        S::Held,
        S::PaymentPending,
        S::Requested,
        S::Confirmed,
        S::CheckedIn,
        S::Completed,
        S::Closed,
        S::HoldExpired,
        S::Declined,
        S::RequestExpired,
        S::Withdrawn,
        S::CancelledByCustomer,
        S::CancelledByVendor,
        S::CancelledByAdmin,
        S::NoShowCustomer,
        S::NoShowVendor,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            S::Held => "held",
            S::PaymentPending => "payment_pending",
            S::Requested => "requested",
            S::Confirmed => "confirmed",
            S::CheckedIn => "checked_in",
            S::Completed => "completed",
            S::Closed => "closed",
            S::HoldExpired => "hold_expired",
            S::Declined => "declined",
            S::RequestExpired => "request_expired",
            S::Withdrawn => "withdrawn",
            S::CancelledByCustomer => "cancelled_by_customer",
            S::CancelledByVendor => "cancelled_by_vendor",
            S::CancelledByAdmin => "cancelled_by_admin",
            S::NoShowCustomer => "no_show_customer",
            S::NoShowVendor => "no_show_vendor",
        }
    }

    /// Whether the booking keeps others out of the calendar (one that is only kept, until it lapses).
    #[must_use]
    pub const fn occupies(self) -> bool {
        match self {
            S::Held
            | S::PaymentPending
            | S::Requested
            | S::Confirmed
            | S::CheckedIn
            | S::Completed
            | S::Closed
            | S::NoShowCustomer
            | S::NoShowVendor => true,
            S::HoldExpired
            | S::Declined
            | S::RequestExpired
            | S::Withdrawn
            | S::CancelledByCustomer
            | S::CancelledByVendor
            | S::CancelledByAdmin => false,
        }
    }

    /// Whether its time is kept only until `hold_until`.
    #[must_use]
    pub const fn is_tentative(self) -> bool {
        matches!(self, S::Held | S::PaymentPending | S::Requested)
    }

    /// Whether a payment may still come for it, though its time is gone.
    #[must_use]
    pub const fn is_given_up(self) -> bool {
        matches!(
            self,
            S::HoldExpired | S::CancelledByCustomer | S::CancelledByVendor | S::CancelledByAdmin
        )
    }

    /// Whether another time may be asked for in it.
    #[must_use]
    pub const fn has_proposals(self) -> bool {
        matches!(self, S::Requested | S::Confirmed)
    }

    /// Whether the booking was made for good at some time.
    #[must_use]
    pub const fn is_firm(self) -> bool {
        matches!(
            self,
            S::Confirmed | S::CheckedIn | S::Completed | S::Closed | S::NoShowCustomer | S::NoShowVendor
        )
    }
}

/// What somebody does with a booking, or what befalls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    ExtendHold,
    /// Begin a payment.
    Pay,
    DeclinePayment,
    /// Paid, and the time is (still or again) the booking's.
    Confirm,
    /// Paid, but the time is gone.
    ReturnPayment,
    /// A payment that might still have come cannot come any more.
    AbandonPayment,
    ArriveRefund,
    FailRefund,
    LapseHold,
    Accept,
    Decline,
    Withdraw,
    ExpireRequest,
    Cancel,
    CheckIn,
    ReportNoShow,
    Complete,
    Close,
    /// Ask for another time.
    Propose,
    AcceptProposal,
    DeclineProposal,
    /// Take back what one proposed.
    WithdrawProposal,
    LapseProposal,
    /// The other time becomes the booking's.
    Move,
}

impl Action {
    pub const ALL: [Self; 24] = [
        Self::ExtendHold,
        Self::Pay,
        Self::DeclinePayment,
        Self::Confirm,
        Self::ReturnPayment,
        Self::AbandonPayment,
        Self::ArriveRefund,
        Self::FailRefund,
        Self::LapseHold,
        Self::Accept,
        Self::Decline,
        Self::Withdraw,
        Self::ExpireRequest,
        Self::Cancel,
        Self::CheckIn,
        Self::ReportNoShow,
        Self::Complete,
        Self::Close,
        Self::Propose,
        Self::AcceptProposal,
        Self::DeclineProposal,
        Self::WithdrawProposal,
        Self::LapseProposal,
        Self::Move,
    ];

    /// What somebody needs who does it for the venue or the platform, and not as the customer whose booking it is.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Cancel
            | Self::Propose
            | Self::AcceptProposal
            | Self::DeclineProposal
            | Self::WithdrawProposal => Permission::ChangeBookings,
            Self::Accept
            | Self::Decline
            | Self::CheckIn
            | Self::ReportNoShow
            // Of customers and timers.
            | Self::ExtendHold
            | Self::Pay
            | Self::DeclinePayment
            | Self::Confirm
            | Self::ReturnPayment
            | Self::AbandonPayment
            | Self::ArriveRefund
            | Self::FailRefund
            | Self::LapseHold
            | Self::Withdraw
            | Self::ExpireRequest
            | Self::Complete
            | Self::Close
            | Self::LapseProposal
            | Self::Move => Permission::HandleBookings,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExtendHold => "extend_hold",
            Self::Pay => "pay",
            Self::DeclinePayment => "decline_payment",
            Self::Confirm => "confirm",
            Self::ReturnPayment => "return_payment",
            Self::AbandonPayment => "abandon_payment",
            Self::ArriveRefund => "arrive_refund",
            Self::FailRefund => "fail_refund",
            Self::LapseHold => "lapse_hold",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Withdraw => "withdraw",
            Self::ExpireRequest => "expire_request",
            Self::Cancel => "cancel",
            Self::CheckIn => "check_in",
            Self::ReportNoShow => "report_no_show",
            Self::Complete => "complete",
            Self::Close => "close",
            Self::Propose => "propose",
            Self::AcceptProposal => "accept_proposal",
            Self::DeclineProposal => "decline_proposal",
            Self::WithdrawProposal => "withdraw_proposal",
            Self::LapseProposal => "lapse_proposal",
            Self::Move => "move",
        }
    }
}

/// How long before its start a customer can be checked in.
pub const CHECK_IN_MINUTES_BEFORE: i64 = 60;
/// How long after the start it is a no-show.
pub const NO_SHOW_MINUTES_AFTER: i64 = 15;
/// How long after the end a no-show can be reported.
pub const REPORT_MINUTES_AFTER: i64 = 24 * 60;
/// How long after the end a booking is closed.
pub const CLOSE_MINUTES_AFTER: i64 = 48 * 60;

/// A condition on the clock and on the booking itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// What it is kept until has not come.
    Kept,
    /// The same, and it was not made longer before.
    KeptAndShort,
    /// What it is kept until has come.
    Lapsed,
    BeforeStart,
    /// And, for a customer, not so close to it that the venue minds.
    BeforeLock,
    /// From [`CHECK_IN_MINUTES_BEFORE`] the start to the end.
    AroundStart,
    /// From [`NO_SHOW_MINUTES_AFTER`] the start to [`REPORT_MINUTES_AFTER`] the end.
    NobodyIn,
    /// The same, of somebody who was not checked in.
    NobodyCame,
    Ended,
    /// [`CLOSE_MINUTES_AFTER`] the end.
    LongEnded,
    /// Money of it is on its way: a payment was begun that may still come, or a difference comes or goes back.
    PaymentOpen,
    /// This side may ask for another time.
    Changeable(Actor),
    /// The other side has asked this one.
    Asked(Actor),
    /// This side has asked, or, before it has begun to pay, agreed to pay.
    Asking(Actor),
    /// Another time was accepted and is to be paid for.
    ProposalToPay,
    /// Another time was proposed and is not kept any more.
    ProposalLapsed,
    /// This side's word, or the money, is all that another time takes.
    Movable(Actor),
}

impl When {
    /// Whether it holds.
    #[must_use]
    pub fn holds(self, booking: &Booking, now: Timestamp) -> bool {
        let (start, end) = (booking.interval.start(), booking.interval.end());
        match self {
            Self::Always => true,
            Self::Kept => !booking.has_lapsed(now),
            Self::KeptAndShort => !booking.has_lapsed(now) && !booking.hold_extended,
            Self::Lapsed => booking.has_lapsed(now),
            Self::BeforeStart => now < start,
            Self::BeforeLock => now < booking.locked_from(),
            Self::AroundStart => plus_minutes(start, -CHECK_IN_MINUTES_BEFORE) <= now && now < end,
            Self::NobodyIn => {
                plus_minutes(start, NO_SHOW_MINUTES_AFTER) <= now
                    && now < plus_minutes(end, REPORT_MINUTES_AFTER)
            }
            Self::NobodyCame => booking.checked_in_at.is_none() && Self::NobodyIn.holds(booking, now),
            Self::Ended => end <= now,
            Self::LongEnded => plus_minutes(end, CLOSE_MINUTES_AFTER) <= now,
            Self::PaymentOpen => booking.payment == PaymentState::Pending || booking.unsettled,
            Self::Changeable(by) => booking.may_be_changed(by, now),
            Self::Asked(by) => booking.is_asked(by, now),
            Self::Asking(by) => booking.may_take_back(by, now),
            Self::ProposalToPay => booking.may_pay_for_proposal(now),
            Self::ProposalLapsed => booking.has_lapsed_proposal(now),
            Self::Movable(by) => booking.may_be_moved(by, now),
        }
    }

    pub(super) const fn is_about_being_kept(self) -> bool {
        matches!(
            self,
            Self::Kept | Self::KeptAndShort | Self::Changeable(_) | Self::Asked(_) | Self::Asking(_)
        )
    }

    /// Until when it holds, where the clock ends it.
    #[must_use]
    pub fn until(self, booking: &Booking) -> Option<Timestamp> {
        let (start, end) = (booking.interval.start(), booking.interval.end());
        match self {
            Self::Kept | Self::KeptAndShort => booking.hold_until,
            Self::BeforeStart => Some(start),
            Self::BeforeLock => Some(booking.locked_from()),
            Self::AroundStart => Some(end),
            Self::NobodyIn | Self::NobodyCame => Some(plus_minutes(end, REPORT_MINUTES_AFTER)),
            Self::Changeable(by) => {
                let last = booking.changes_until(by);
                Some(booking.hold_until.map_or(last, |until| until.min(last)))
            }
            Self::Asked(_) | Self::Asking(_) | Self::ProposalToPay => {
                booking.proposal.as_ref().map(|proposal| proposal.until)
            }
            Self::Always
            | Self::Lapsed
            | Self::Ended
            | Self::LongEnded
            | Self::PaymentOpen
            | Self::ProposalLapsed
            | Self::Movable(_) => None,
        }
    }
}

/// Ways that one action takes from several states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub from: &'static [BookingState],
    pub action: Action,
    pub by: Actor,
    pub when: When,
    /// Where all of them lead; where none is named, the booking stays where it is.
    pub to: Option<BookingState>,
    pub event: EventKind,
}

impl Transition {
    /// Where it leads from one of its states.
    #[must_use]
    pub fn to(&self, from: BookingState) -> BookingState {
        self.to.unwrap_or(from)
    }
}

const fn way(
    from: &'static [BookingState],
    action: Action,
    by: Actor,
    when: When,
    to: BookingState,
    event: EventKind,
) -> Transition {
    Transition {
        from,
        action,
        by,
        when,
        to: Some(to),
        event,
    }
}

const fn stays(
    from: &'static [BookingState],
    action: Action,
    by: Actor,
    when: When,
    event: EventKind,
) -> Transition {
    Transition {
        from,
        action,
        by,
        when,
        to: None,
        event,
    }
}

use Action as A;
use Actor::{Admin, Customer, System, Vendor};
use EventKind as E;

/// A payment that lands in one of these makes it firm: the caller has taken the time again then.
const WAITING: &[S] = &[S::Held, S::PaymentPending, S::HoldExpired];
const UNPAID: &[S] = &[S::Held, S::PaymentPending];
const REQUESTED: &[S] = &[S::Requested];
const CONFIRMED: &[S] = &[S::Confirmed];
/// Of these a vendor asks for another time: of a request it is a counter-offer.
const CHANGEABLE: &[S] = &[S::Requested, S::Confirmed];
/// Here a visit is looked back upon.
const VISITED: &[S] = &[S::Confirmed, S::Completed];
/// Who says that somebody was checked in is the one who may not have opened.
const LET_DOWN: &[S] = &[S::Confirmed, S::CheckedIn, S::Completed];
/// Money of these may be on its way, and changes nothing else.
const OVER_OR_FIRM: &[S] = &[
    S::HoldExpired,
    S::CancelledByCustomer,
    S::CancelledByVendor,
    S::CancelledByAdmin,
    S::Confirmed,
    S::CheckedIn,
    S::Completed,
    S::Closed,
    S::NoShowCustomer,
    S::NoShowVendor,
];
const CANCELLED_OR_FIRM: &[S] = &[
    S::CancelledByCustomer,
    S::CancelledByVendor,
    S::CancelledByAdmin,
    S::Confirmed,
    S::CheckedIn,
    S::Completed,
    S::Closed,
    S::NoShowCustomer,
    S::NoShowVendor,
];

/// All ways there are. Whatever does not stand here is refused.
#[rustfmt::skip]
pub const TRANSITIONS: [Transition; 40] = [
    stays(&[S::Held], A::ExtendHold, Customer, When::KeptAndShort, E::BookingHoldExtended),
    way(UNPAID, A::Pay, Customer, When::Kept, S::PaymentPending, E::BookingPaymentStarted),
    stays(&[S::PaymentPending], A::DeclinePayment, System, When::Always, E::BookingPaymentDeclined),
    way(WAITING, A::Confirm, System, When::Always, S::Confirmed, E::BookingConfirmed),
    way(WAITING, A::ReturnPayment, System, When::Always, S::HoldExpired, E::BookingPaymentCameTooLate),
    stays(CANCELLED_OR_FIRM, A::ReturnPayment, System, When::Always, E::BookingPaymentCameTooLate),
    stays(OVER_OR_FIRM, A::AbandonPayment, System, When::PaymentOpen, E::BookingPaymentAbandoned),
    stays(OVER_OR_FIRM, A::ArriveRefund, System, When::Always, E::BookingRefunded),
    stays(OVER_OR_FIRM, A::FailRefund, System, When::Always, E::BookingRefundFailed),
    way(UNPAID, A::LapseHold, System, When::Lapsed, S::HoldExpired, E::BookingHoldExpired),
    way(REQUESTED, A::Accept, Vendor, When::Kept, S::Held, E::BookingAccepted),
    way(REQUESTED, A::Decline, Vendor, When::Kept, S::Declined, E::BookingDeclined),
    way(REQUESTED, A::Withdraw, Customer, When::Kept, S::Withdrawn, E::BookingWithdrawn),
    way(REQUESTED, A::ExpireRequest, System, When::Lapsed, S::RequestExpired, E::BookingRequestExpired),
    way(REQUESTED, A::Cancel, Admin, When::BeforeStart, S::CancelledByAdmin, E::BookingCancelled),
    way(UNPAID, A::Cancel, Customer, When::BeforeStart, S::CancelledByCustomer, E::BookingCancelled),
    way(UNPAID, A::Cancel, Vendor, When::BeforeStart, S::CancelledByVendor, E::BookingCancelled),
    way(UNPAID, A::Cancel, Admin, When::BeforeStart, S::CancelledByAdmin, E::BookingCancelled),
    way(CONFIRMED, A::Cancel, Customer, When::BeforeLock, S::CancelledByCustomer, E::BookingCancelled),
    way(CONFIRMED, A::Cancel, Vendor, When::BeforeStart, S::CancelledByVendor, E::BookingCancelled),
    way(CONFIRMED, A::Cancel, Admin, When::BeforeStart, S::CancelledByAdmin, E::BookingCancelled),
    stays(CONFIRMED, A::Propose, Customer, When::Changeable(Customer), E::BookingChangeProposed),
    stays(CHANGEABLE, A::Propose, Vendor, When::Changeable(Vendor), E::BookingChangeProposed),
    way(REQUESTED, A::AcceptProposal, Customer, When::Asked(Customer), S::Held, E::BookingChangeAccepted),
    stays(CONFIRMED, A::AcceptProposal, Customer, When::Asked(Customer), E::BookingChangeAccepted),
    stays(CONFIRMED, A::AcceptProposal, Vendor, When::Asked(Vendor), E::BookingChangeAccepted),
    stays(CHANGEABLE, A::DeclineProposal, Customer, When::Asked(Customer), E::BookingChangeDeclined),
    stays(CONFIRMED, A::DeclineProposal, Vendor, When::Asked(Vendor), E::BookingChangeDeclined),
    stays(CONFIRMED, A::WithdrawProposal, Customer, When::Asking(Customer), E::BookingChangeWithdrawn),
    stays(CHANGEABLE, A::WithdrawProposal, Vendor, When::Asking(Vendor), E::BookingChangeWithdrawn),
    stays(CHANGEABLE, A::LapseProposal, System, When::ProposalLapsed, E::BookingChangeLapsed),
    stays(CONFIRMED, A::Pay, Customer, When::ProposalToPay, E::BookingPaymentStarted),
    stays(CONFIRMED, A::Move, Customer, When::Movable(Customer), E::BookingMoved),
    stays(CONFIRMED, A::Move, Vendor, When::Movable(Vendor), E::BookingMoved),
    stays(CONFIRMED, A::Move, System, When::Movable(System), E::BookingMoved),
    way(CONFIRMED, A::CheckIn, Vendor, When::AroundStart, S::CheckedIn, E::BookingCheckedIn),
    way(VISITED, A::ReportNoShow, Vendor, When::NobodyCame, S::NoShowCustomer, E::BookingNoShow),
    way(LET_DOWN, A::ReportNoShow, Customer, When::NobodyIn, S::NoShowVendor, E::BookingNoShow),
    way(&[S::Confirmed, S::CheckedIn], A::Complete, System, When::Ended, S::Completed, E::BookingCompleted),
    way(&[S::Completed, S::NoShowCustomer, S::NoShowVendor], A::Close, System, When::LongEnded, S::Closed, E::BookingClosed),
];

/// The way that an action takes from a state, if there is one for whoever does it.
#[must_use]
pub fn transition(from: BookingState, action: Action, by: Actor) -> Option<&'static Transition> {
    TRANSITIONS
        .iter()
        .find(|way| way.from.contains(&from) && way.action == action && way.by == by)
}
