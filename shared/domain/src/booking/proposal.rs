//! Another time for a booking that stands, which one side asks the other for, or in place of one that was requested.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ACCEPTED_MINUTES, Booking, BookingState, PAYMENT_MINUTES, PaymentState};
use crate::Refusal;
use crate::calendar::Entry;
use crate::charge;
use crate::id::{ProposalId, SpaceId};
use crate::money::{Money, MoneyError};
use crate::payment::Payment;
use crate::pricing::Price;
use crate::role::Actor;
use crate::text::Reason;
use crate::time::{Interval, plus_minutes};

/// How long the other side has to answer.
pub const PROPOSAL_MINUTES: i64 = 24 * 60;
/// How often a customer asks for another time before there is one: each keeps it from others for up to a day.
pub const ASKS_MAX: u32 = 5;
/// How long before the start nothing is proposed or accepted any more.
pub const PROPOSAL_MINUTES_BEFORE: i64 = 60;

/// Kept in the calendar beside the time that the booking has, so that whoever agrees to it gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: ProposalId,
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<Reason>,
    pub place: Place,
    /// What all of the booking costs then.
    pub price: Price,
    /// Until when it is kept: for an answer, or, once it is accepted, for what is to be paid.
    pub until: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub payment_begun: bool,
}

/// A time in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The space and whatever is linked to it.
    pub spaces: Vec<SpaceId>,
    pub interval: Interval,
    pub setup_minutes: u32,
    pub turnaround_minutes: u32,
}

/// Where a booking stands in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub spaces: Vec<SpaceId>,
    pub entry: Entry,
}

impl Proposal {
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Whether the other side is still to answer.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.is_kept(now)
    }

    /// What is to be paid for it besides what was charged for the booking; below zero it is what goes back.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn difference(&self, booking: &Booking) -> Result<Money, MoneyError> {
        self.price.total.minus(booking.charged())
    }

    /// Whether the difference can be charged, where there is more to pay.
    ///
    /// # Errors
    /// Those of [`charge::check`].
    pub fn check(&self, booking: &Booking) -> Result<(), Refusal> {
        let difference = self.difference(booking)?;
        if difference.amount() > 0 {
            charge::check(difference)?;
        }
        Ok(())
    }

    /// Its place in the calendar, beside the one that the booking has.
    #[must_use]
    pub const fn entry(&self, booking: &Booking) -> Entry {
        Entry {
            booking: booking.id,
            space: booking.space,
            interval: self.place.interval,
            setup_minutes: self.place.setup_minutes,
            turnaround_minutes: self.place.turnaround_minutes,
            hold_until: Some(self.until),
            proposed: true,
        }
    }
}

impl Booking {
    /// What its customer has paid for the time that it has; nothing as long as it is not firm.
    #[must_use]
    pub fn charged(&self) -> Money {
        let total = self.price.total;
        if self.state.is_firm() {
            total
        } else {
            Money::zero(total.currency())
        }
    }

    /// Every place that it takes in the calendar.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let own = self.state.occupies().then(|| Standing {
            spaces: self.spaces.clone(),
            entry: self.entry(),
        });
        let proposed = self.proposal.as_ref().map(|proposal| Standing {
            spaces: proposal.place.spaces.clone(),
            entry: proposal.entry(self),
        });
        own.into_iter().chain(proposed).collect()
    }

    /// Whether another time was proposed, and is not kept any more.
    #[must_use]
    pub fn has_lapsed_proposal(&self, now: Timestamp) -> bool {
        self.proposal
            .as_ref()
            .is_some_and(|proposal| !proposal.is_kept(now))
    }

    /// The accepted proposal that waits for money.
    #[must_use]
    pub fn to_be_paid(&self) -> Option<&Proposal> {
        self.proposal
            .as_ref()
            .filter(|proposal| proposal.accepted_at.is_some())
    }

    /// Whether somebody is about to make this payment for another time that is kept for it.
    #[must_use]
    pub fn waits_for(&self, payment: &Payment, now: Timestamp) -> bool {
        self.to_be_paid()
            .is_some_and(|proposal| payment.proposal == Some(proposal.id) && proposal.is_kept(now))
    }

    /// Whether a side has not asked for another time too often. What a vendor keeps from others is their own.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`].
    pub const fn check_asks(&self, by: Actor) -> Result<(), Refusal> {
        if matches!(by, Actor::Customer) && self.asks >= ASKS_MAX {
            return Err(Refusal::LimitReached {
                limit: ASKS_MAX as usize,
            });
        }
        Ok(())
    }

    /// Until when a side may ask for another time, or answer to one.
    #[must_use]
    pub fn changes_until(&self, by: Actor) -> Timestamp {
        let lock = match by {
            Actor::Customer => i64::from(self.lock_minutes),
            Actor::Vendor | Actor::Admin | Actor::System => 0,
        };
        plus_minutes(self.interval.start(), -lock.max(PROPOSAL_MINUTES_BEFORE))
    }

    /// Whether a side may ask for another time now. What has lapsed is told of first.
    pub(super) fn may_be_changed(&self, by: Actor, now: Timestamp) -> bool {
        self.proposal.is_none()
            && !self.has_lapsed(now)
            && now < self.changes_until(by)
            && self.check_asks(by).is_ok()
    }

    /// Whether a side has been asked and is still to answer.
    pub(super) fn is_asked(&self, by: Actor, now: Timestamp) -> bool {
        let asked = |proposal: &Proposal| proposal.by != by && proposal.is_open(now);
        self.proposal.as_ref().is_some_and(asked)
    }

    /// Whether a side may take back what it proposed, or, before anything is paid, has agreed to pay for.
    pub(super) fn may_take_back(&self, by: Actor, now: Timestamp) -> bool {
        let may = |proposal: &Proposal| match proposal.accepted_at {
            None => proposal.by == by,
            Some(_) => by == Actor::Customer && !proposal.payment_begun,
        };
        self.proposal
            .as_ref()
            .is_some_and(|proposal| proposal.is_kept(now) && may(proposal))
    }

    /// Whether the customer may pay for another time now.
    pub(super) fn may_pay_for_proposal(&self, now: Timestamp) -> bool {
        self.to_be_paid().is_some_and(|proposal| proposal.is_kept(now))
    }

    /// Whether a side's word alone moves it. A booking that was made elsewhere is its vendor's to move.
    pub(super) fn may_be_moved(&self, by: Actor, now: Timestamp) -> bool {
        match by {
            Actor::Customer => self.is_asked(by, now),
            Actor::Vendor => {
                let own = self.payment == PaymentState::OffPlatform && self.may_be_changed(by, now);
                own || self.is_asked(by, now)
            }
            Actor::System => self.to_be_paid().is_some(),
            Actor::Admin => false,
        }
    }

    /// Takes the place and the price of a proposal.
    pub(super) fn moved_to(&mut self, proposal: Proposal) {
        let Place {
            spaces,
            interval,
            setup_minutes,
            turnaround_minutes,
        } = proposal.place;
        self.spaces = spaces;
        self.interval = interval;
        self.clocks = self.zone.clocks(interval);
        self.setup_minutes = setup_minutes;
        self.turnaround_minutes = turnaround_minutes;
        self.price = proposal.price;
        self.proposal = None;
        self.asks = 0;
    }

    /// The other side has agreed, and the customer is to pay: for a request all of it, at what was offered instead.
    pub(super) fn wait_for_payment(&mut self, from: BookingState, now: Timestamp) {
        if from == BookingState::Requested {
            if let Some(offered) = self.proposal.take() {
                self.moved_to(offered);
            }
            self.accepted(now);
        } else {
            self.wait_for_difference(now);
        }
    }

    fn wait_for_difference(&mut self, now: Timestamp) {
        let last = self.interval.start();
        if let Some(proposal) = &mut self.proposal {
            let first = last.min(proposal.place.interval.start());
            let until =
                plus_minutes(now, ACCEPTED_MINUTES).min(plus_minutes(first, -PROPOSAL_MINUTES_BEFORE));
            proposal.accepted_at = Some(now);
            proposal.until = until.max(plus_minutes(now, PAYMENT_MINUTES));
        }
    }

    /// A booking that is not to come any more has no other time. Whoever was about to pay for one may still do.
    pub(super) fn forget_proposal(&mut self) {
        if !self.state.has_proposals()
            && let Some(proposal) = self.proposal.take()
        {
            self.unsettled |= proposal.payment_begun;
        }
    }
}

#[cfg(test)]
mod tests;
