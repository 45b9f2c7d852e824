//! What is done with a booking, with all that goes with it.

use super::{Action, Proposal};
use crate::cancellation::Shares;
use crate::event::RefundRef;
use crate::id::ProposalId;
use crate::money::Money;
use crate::role::Actor;
use crate::text::Reason;

/// What moves a booking: an [`Action`] with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// [`HOLD_MINUTES`] more for somebody who has not begun to pay.
    HoldExtended,
    PaymentStarted,
    PaymentDeclined,
    /// Paid, and the time is (still or again) the booking's.
    Paid,
    /// Paid, but the time is gone: everything goes back.
    PaidTooLate {
        refund: RefundRef,
        /// The proposal that it was for, if it was for one.
        proposal: Option<ProposalId>,
    },
    HoldLapsed {
        /// Whether a payment was begun that may still come.
        payment_open: bool,
    },
    /// The vendor says yes to a request: now it can be paid.
    Accepted,
    /// The vendor says no to a request.
    Declined {
        reason: Reason,
    },
    /// The customer takes a request back.
    Withdrawn {
        reason: Option<Reason>,
    },
    RequestLapsed,
    Cancel {
        by: Actor,
        reason: Option<Reason>,
        shares: Shares,
        refunds: Vec<RefundRef>,
        /// Whether a payment was begun that may still come.
        payment_open: bool,
    },
    CheckedIn,
    /// One side says that the other was not there.
    NoShow {
        by: Actor,
        reason: Option<Reason>,
    },
    /// The payment that might still have come for a booking that is over cannot come any more.
    PaymentAbandoned,
    RefundArrived(Settlement),
    RefundFailed(Settlement),
    Complete,
    Close,
    /// Boxed, since it is large.
    Proposed(Box<Proposal>),
    /// The difference is to be paid now, or all of what was offered in place of what was requested.
    ProposalAccepted {
        by: Actor,
    },
    ProposalDeclined {
        by: Actor,
    },
    ProposalWithdrawn {
        by: Actor,
    },
    ProposalLapsed {
        /// Whether a payment was begun that may still come.
        payment_open: bool,
    },
    /// Another time and its price become the booking's.
    Moved {
        /// Whose word was the last, or [`Actor::System`] when it was the money.
        by: Actor,
        to: Box<Proposal>,
        /// What it costs less.
        refunds: Vec<RefundRef>,
    },
}

/// A refund that arrived or could not be delivered, and what else of the booking's money is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    pub amount: Money,
    /// Payments that may still come.
    pub payments: bool,
    /// Other money that goes back and has not arrived.
    pub refunds: bool,
    /// Whether any of it could not be given back.
    pub failed: bool,
}

impl Change {
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::HoldExtended => Action::ExtendHold,
            Self::PaymentStarted => Action::Pay,
            Self::PaymentDeclined => Action::DeclinePayment,
            Self::Paid => Action::Confirm,
            Self::PaidTooLate { .. } => Action::ReturnPayment,
            Self::HoldLapsed { .. } => Action::LapseHold,
            Self::Accepted => Action::Accept,
            Self::Declined { .. } => Action::Decline,
            Self::Withdrawn { .. } => Action::Withdraw,
            Self::RequestLapsed => Action::ExpireRequest,
            Self::Cancel { .. } => Action::Cancel,
            Self::CheckedIn => Action::CheckIn,
            Self::NoShow { .. } => Action::ReportNoShow,
            Self::PaymentAbandoned => Action::AbandonPayment,
            Self::RefundArrived(_) => Action::ArriveRefund,
            Self::RefundFailed(_) => Action::FailRefund,
            Self::Complete => Action::Complete,
            Self::Close => Action::Close,
            Self::Proposed(_) => Action::Propose,
            Self::ProposalAccepted { .. } => Action::AcceptProposal,
            Self::ProposalDeclined { .. } => Action::DeclineProposal,
            Self::ProposalWithdrawn { .. } => Action::WithdrawProposal,
            Self::ProposalLapsed { .. } => Action::LapseProposal,
            Self::Moved { .. } => Action::Move,
        }
    }

    /// The refund that it is about.
    pub(super) const fn settled(&self) -> Option<Money> {
        if let Self::RefundArrived(settlement) | Self::RefundFailed(settlement) = self {
            Some(settlement.amount)
        } else {
            None
        }
    }

    /// Who does it.
    #[must_use]
    pub fn by(&self) -> Actor {
        match self {
            Self::HoldExtended | Self::PaymentStarted | Self::Withdrawn { .. } => Actor::Customer,
            Self::Accepted | Self::Declined { .. } | Self::CheckedIn => Actor::Vendor,
            Self::Cancel { by, .. }
            | Self::NoShow { by, .. }
            | Self::ProposalAccepted { by }
            | Self::ProposalDeclined { by }
            | Self::ProposalWithdrawn { by }
            | Self::Moved { by, .. } => *by,
            Self::Proposed(proposal) => proposal.by,
            Self::PaymentDeclined
            | Self::Paid
            | Self::PaidTooLate { .. }
            | Self::HoldLapsed { .. }
            | Self::RequestLapsed
            | Self::PaymentAbandoned
            | Self::RefundArrived(_)
            | Self::RefundFailed(_)
            | Self::ProposalLapsed { .. }
            | Self::Complete
            | Self::Close => Actor::System,
        }
    }
}
