//! A booking and the states it goes through.

mod change;
mod code;
mod filter;
mod proposal;
mod transition;

pub use change::{Change, Settlement};
pub use code::{BookingCode, BookingCodeError, BookingHandle};
pub use filter::Filter;
pub use proposal::{ASKS_MAX, PROPOSAL_MINUTES, PROPOSAL_MINUTES_BEFORE, Place, Proposal, Standing};
pub use transition::{
    Action, BookingState, CHECK_IN_MINUTES_BEFORE, CLOSE_MINUTES_AFTER, NO_SHOW_MINUTES_AFTER,
    REPORT_MINUTES_AFTER, TRANSITIONS, Transition, When, transition,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::address::Address;
use crate::calendar::Entry;
use crate::cancellation::{Policy, Shares, Terms, Visit};
use crate::event::{BookingEvent, EventKind, OtherTime, RefundRef};
use crate::geo::Point;
use crate::id::{BookingId, SpaceId, UserId, VendorId, VenueId};
use crate::money::{Currency, Money};
use crate::pricing::{Claim, Price, Quote, QuoteId, Wishes};
use crate::role::Actor;
use crate::text::{Label, PersonName, Reason, VenueName};
use crate::time::{Clocks, Interval, Zone, plus_minutes};

/// How long a time is held for a customer who has not paid yet.
pub const HOLD_MINUTES: i64 = 10;
/// How long a hold lasts from the start of a payment at least.
pub const PAYMENT_MINUTES: i64 = 15;
/// How long somebody has to pay whose request was accepted.
pub const ACCEPTED_MINUTES: i64 = 24 * 60;
/// How long before the start a request is answered at the latest.
pub const ANSWER_MINUTES_BEFORE: i64 = 60;
/// How long a refund may take before somebody asks the provider for it.
pub const REFUND_MINUTES: i64 = 10;

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
    /// It is between the venue and its guest.
    OffPlatform,
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
            Self::OffPlatform => "off_platform",
        }
    }
}

/// What one side says about the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<Reason>,
}

/// Something that somebody may do with a booking now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    pub action: Action,
    /// Until when, where the clock ends it.
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<Reason>,
    /// What became of what was paid.
    pub shares: Shares,
}

/// A time at a space, with price and terms as they were when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    pub id: BookingId,
    pub code: BookingCode,
    pub venue: VenueId,
    pub venue_name: VenueName,
    pub vendor: VendorId,
    pub space: SpaceId,
    pub space_name: VenueName,
    /// What is locked in the calendar: the space and whatever is linked to it.
    pub spaces: Vec<SpaceId>,
    /// Nobody with an account where its vendor entered it.
    pub customer: Option<UserId>,
    /// Whom it is for, where that is nobody with an account.
    #[serde(default)]
    pub guest: Option<Guest>,
    /// Who made it: the customer, or one of the vendor's people.
    pub booked_by: UserId,
    pub guests: u32,
    #[serde(default)]
    pub layout: Option<Label>,
    pub interval: Interval,
    /// Where the venue is, as it was approved; its customer is told once it is confirmed.
    pub point: Point,
    pub address: Address,
    pub zone: Zone,
    /// What the venue's clocks were to show when the time was agreed on.
    pub clocks: Clocks,
    pub setup_minutes: u32,
    pub turnaround_minutes: u32,
    pub state: BookingState,
    pub payment: PaymentState,
    /// Whether its vendor was asked for it first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requested: bool,
    pub hold_until: Option<Timestamp>,
    /// So long before the start its customer cannot cancel it or have it changed any more.
    #[serde(default)]
    pub lock_minutes: u32,
    /// What was asked for besides the time, for the price of another one.
    #[serde(default)]
    pub wishes: Wishes,
    /// Another time, as long as it is asked for.
    #[serde(default)]
    pub proposal: Option<Proposal>,
    /// How often its customer asked for another time since it got the one that it has.
    #[serde(default)]
    pub asks: u32,
    /// Whether money is on its way that its state of payment does not tell of: a difference that comes or goes back.
    #[serde(default)]
    pub unsettled: bool,
    /// Whether the hold was made longer: that is possible once.
    #[serde(default)]
    pub hold_extended: bool,
    /// The quote that it was made from; none where its vendor entered it.
    #[serde(default)]
    pub quote: Option<QuoteId>,
    pub price: Price,
    pub policy: Policy,
    /// Of the terms of its venue, the policy among them, that it was made under.
    pub terms_version: u64,
    /// Also why a request was declined or taken back.
    pub cancellation: Option<Cancellation>,
    #[serde(default)]
    pub confirmed_at: Option<Timestamp>,
    #[serde(default)]
    pub checked_in_at: Option<Timestamp>,
    #[serde(default)]
    pub no_show: Option<Report>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Grows by one with every change; so do the numbers of its events.
    pub version: u64,
}

/// Somebody who booked by telephone, or walked in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    pub name: PersonName,
    /// A telephone number or an address, as the vendor noted it.
    pub contact: Option<Label>,
}

/// A booking that a vendor enters: it was made, and is paid, elsewhere.
#[derive(Debug, Clone)]
pub struct Entered {
    pub venue: VenueId,
    pub venue_name: VenueName,
    pub vendor: VendorId,
    pub space: SpaceId,
    pub space_name: VenueName,
    pub point: Point,
    pub address: Address,
    pub zone: Zone,
    pub interval: Interval,
    pub guests: u32,
    pub layout: Option<Label>,
    pub guest: Guest,
    pub policy: Policy,
    /// Of the terms of its venue, the policy among them, that it was made under.
    pub terms_version: u64,
    /// In which currency nothing is charged.
    pub currency: Currency,
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
    /// A time kept for a customer at the price of the quote: held until it is paid, or requested until its
    /// vendor answers.
    #[must_use]
    pub fn placed(quote: &Quote, placing: Placing, now: Timestamp) -> (Self, BookingEvent) {
        let (state, kind, hold_until) = match quote.answer_minutes {
            None => (
                BookingState::Held,
                EventKind::BookingHeld,
                plus_minutes(now, HOLD_MINUTES),
            ),
            Some(minutes) => (
                BookingState::Requested,
                EventKind::BookingRequested,
                answer_by(minutes, quote.lock_minutes, quote.interval.start(), now),
            ),
        };
        let booking = Self {
            id: placing.id,
            code: BookingCode::of(placing.id),
            venue: quote.venue,
            venue_name: quote.venue_name.clone(),
            vendor: quote.vendor,
            space: quote.space,
            space_name: quote.space_name.clone(),
            spaces: placing.spaces,
            customer: Some(placing.customer),
            guest: None,
            booked_by: placing.customer,
            guests: quote.guests,
            layout: quote.layout.clone(),
            interval: quote.interval,
            clocks: quote.zone.clocks(quote.interval),
            point: quote.point,
            address: quote.address.clone(),
            zone: quote.zone.clone(),
            setup_minutes: placing.setup_minutes,
            turnaround_minutes: placing.turnaround_minutes,
            state,
            payment: PaymentState::Unpaid,
            requested: quote.answer_minutes.is_some(),
            hold_until: Some(hold_until),
            hold_extended: false,
            lock_minutes: quote.lock_minutes,
            wishes: quote.price.wishes(),
            proposal: None,
            asks: 0,
            unsettled: false,
            quote: Some(quote.id),
            price: quote.price.clone(),
            policy: quote.policy.clone(),
            terms_version: quote.terms_version,
            cancellation: None,
            confirmed_at: None,
            checked_in_at: None,
            no_show: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let event = BookingEvent::of(&booking, kind, Actor::Customer);
        (booking, event)
    }

    /// A booking that was made elsewhere, as firm as one that was paid here. `placing.customer` is whoever
    /// enters it.
    #[must_use]
    pub fn entered(entered: Entered, placing: Placing, now: Timestamp) -> (Self, BookingEvent) {
        let price = Price::nothing(Money::zero(entered.currency));
        let booking = Self {
            id: placing.id,
            code: BookingCode::of(placing.id),
            venue: entered.venue,
            venue_name: entered.venue_name,
            vendor: entered.vendor,
            space: entered.space,
            space_name: entered.space_name,
            spaces: placing.spaces,
            customer: None,
            guest: Some(entered.guest),
            booked_by: placing.customer,
            guests: entered.guests,
            layout: entered.layout,
            interval: entered.interval,
            clocks: entered.zone.clocks(entered.interval),
            point: entered.point,
            address: entered.address,
            zone: entered.zone,
            setup_minutes: placing.setup_minutes,
            turnaround_minutes: placing.turnaround_minutes,
            state: BookingState::Confirmed,
            payment: PaymentState::OffPlatform,
            requested: false,
            hold_until: None,
            hold_extended: false,
            lock_minutes: 0,
            wishes: Wishes::default(),
            proposal: None,
            asks: 0,
            unsettled: false,
            quote: None,
            price,
            policy: entered.policy,
            terms_version: entered.terms_version,
            cancellation: None,
            confirmed_at: Some(now),
            checked_in_at: None,
            no_show: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let event = BookingEvent::of(&booking, EventKind::BookingEntered, Actor::Vendor);
        (booking, event)
    }

    /// Whether its customer is told where exactly the venue is: from the moment it was confirmed, whatever becomes of
    /// it after that.
    #[must_use]
    pub const fn tells_place(&self) -> bool {
        self.confirmed_at.is_some()
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
            proposed: false,
        }
    }

    /// Whether what it is kept until has come; a booking that is no longer tentative has nothing that could.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.state.is_tentative() && self.hold_until.is_some_and(|until| until <= now)
    }

    /// Whether its time is kept for a customer who has not paid yet.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        self.hold_until.is_some_and(|until| now < until)
    }

    /// Whether its time is kept, and nobody has come yet.
    #[must_use]
    pub const fn is_to_come(&self) -> bool {
        self.state.is_tentative() || matches!(self.state, BookingState::Confirmed)
    }

    /// Whether the venue's clocks will show another time than was agreed on: a country has changed its rules since. The
    /// booking stays at its instant, until its two sides agree on another.
    #[must_use]
    pub fn has_other_clocks(&self) -> bool {
        self.clocks != self.zone.clocks(self.interval)
    }

    /// When something has to happen to it by itself.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let earlier = |a: Option<Timestamp>, b: Option<Timestamp>| a.into_iter().chain(b).min();
        earlier(self.passes_at(), self.money_due_at())
    }

    /// When time alone moves it: what is kept lapses, the visit is over, nothing can be reported any more.
    #[must_use]
    pub fn passes_at(&self) -> Option<Timestamp> {
        let end = self.interval.end();
        let proposal_until = self.proposal.as_ref().map(|proposal| proposal.until);
        let sooner = |until: Timestamp| proposal_until.map_or(until, |other| other.min(until));
        match self.state {
            BookingState::Held | BookingState::PaymentPending => self.hold_until,
            BookingState::Requested => self.hold_until.map(sooner),
            BookingState::Confirmed => Some(sooner(end)),
            BookingState::CheckedIn => Some(end),
            BookingState::Completed | BookingState::NoShowCustomer | BookingState::NoShowVendor => {
                Some(plus_minutes(end, CLOSE_MINUTES_AFTER))
            }
            BookingState::HoldExpired
            | BookingState::CancelledByCustomer
            | BookingState::CancelledByVendor
            | BookingState::CancelledByAdmin
            | BookingState::Closed
            | BookingState::Declined
            | BookingState::RequestExpired
            | BookingState::Withdrawn => None,
        }
    }

    /// When somebody has to look after money that is still on its way, of a booking that does not wait for it.
    #[must_use]
    pub fn money_due_at(&self) -> Option<Timestamp> {
        if self.state.is_tentative() {
            return None;
        }
        let later = plus_minutes(self.updated_at, REFUND_MINUTES);
        match self.payment {
            PaymentState::Pending => Some(self.updated_at),
            PaymentState::RefundPending => Some(later),
            PaymentState::Unpaid
            | PaymentState::Paid
            | PaymentState::Refunded
            | PaymentState::RefundFailed
            | PaymentState::OffPlatform => self.unsettled.then_some(later),
        }
    }

    /// From when on its customer has to come.
    #[must_use]
    pub fn locked_from(&self) -> Timestamp {
        plus_minutes(self.interval.start(), -i64::from(self.lock_minutes))
    }

    /// What somebody may do with it now, in the order of the table.
    #[must_use]
    pub fn allowed(&self, actor: Actor, now: Timestamp) -> Vec<Allowed> {
        let ways = TRANSITIONS
            .iter()
            .filter(|way| way.from.contains(&self.state) && way.by == actor)
            // It follows when a proposal is accepted, and is nothing to ask for.
            .filter(|way| way.action != Action::Move);
        ways.filter(|way| way.when.holds(self, now))
            .map(|way| Allowed {
                action: way.action,
                until: way.when.until(self),
            })
            .collect()
    }

    /// What it takes of which there is only so much, as long as it is tentative or was confirmed.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        self.customer
            .map(|customer| self.price.claims(self.vendor, customer))
            .unwrap_or_default()
    }

    /// As its policy looks at it.
    #[must_use]
    pub fn visit(&self) -> Visit {
        Visit {
            start: self.interval.start(),
            locked_from: self.locked_from(),
            confirmed_at: self.confirmed_at,
        }
    }

    /// What cancelling would make of what was paid, on these terms.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn shares(&self, terms: &Terms) -> Result<Shares, Refusal> {
        match self.payment {
            PaymentState::Paid => Ok(terms.shares(&self.price)?),
            PaymentState::Unpaid
            | PaymentState::Pending
            | PaymentState::RefundPending
            | PaymentState::Refunded
            | PaymentState::RefundFailed
            | PaymentState::OffPlatform => Ok(self.no_shares()),
        }
    }

    /// What cancelling would make of what was paid now.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn shares_if_cancelled(&self, by: Actor, now: Timestamp) -> Result<Shares, Refusal> {
        self.shares(&self.policy.terms(self.visit(), now, by))
    }

    /// [`Booking::apply`] for somebody who may not be the one whose change it is.
    ///
    /// # Errors
    /// As [`Booking::apply`], with what this actor may do.
    pub fn apply_by(
        &self,
        by: Actor,
        change: Change,
        now: Timestamp,
    ) -> Result<(Self, BookingEvent), Refusal> {
        if change.by() != by {
            return Err(self.invalid(by, now));
        }
        self.apply(change, now)
    }

    /// The booking after a change, and the event that tells of it.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`] where the table has no way for it, or not now; [`Refusal::HoldLapsed`]
    /// where it comes too late.
    pub fn apply(&self, change: Change, now: Timestamp) -> Result<(Self, BookingEvent), Refusal> {
        let by = change.by();
        let way = self.way(change.action(), by, now)?;
        let mut next = self.clone();
        next.updated_at = now;
        next.version = self.version.saturating_add(1);
        next.state = way.to(self.state);
        if !next.state.is_tentative() {
            next.hold_until = None;
        }
        let settled = change.settled();
        let refunds = next.take(change, self.state, now);
        next.forget_proposal();
        let event = BookingEvent {
            settled,
            other: self.other_time(&next),
            refunds,
            ..BookingEvent::of(&next, way.event, by)
        };
        Ok((next, event))
    }

    /// Whether somebody may do something now.
    ///
    /// # Errors
    /// As [`Booking::apply`].
    pub fn check(&self, action: Action, by: Actor, now: Timestamp) -> Result<(), Refusal> {
        self.way(action, by, now).map(drop)
    }

    fn way(&self, action: Action, by: Actor, now: Timestamp) -> Result<&'static Transition, Refusal> {
        let way = transition(self.state, action, by).ok_or_else(|| self.invalid(by, now))?;
        if way.when.holds(self, now) {
            Ok(way)
        } else if way.when.is_about_being_kept() && self.has_lapsed(now) {
            Err(Refusal::HoldLapsed)
        } else {
            Err(self.invalid(by, now))
        }
    }

    /// The other time that a change is about: what was proposed, or what it had before it was moved.
    fn other_time(&self, next: &Self) -> Option<OtherTime> {
        if (self.interval, &self.price) != (next.interval, &next.price) {
            return Some(OtherTime {
                interval: self.interval,
                total: self.price.total,
            });
        }
        let proposal = match (&self.proposal, &next.proposal) {
            (before, Some(after)) if before.as_ref() != Some(after) => Some(after),
            (Some(before), None) => Some(before),
            (_, Some(_)) | (None, None) => None,
        };
        proposal.map(|proposal| OtherTime {
            interval: proposal.place.interval,
            total: proposal.price.total,
        })
    }

    /// What a change brings besides the state, and the money that goes back because of it.
    fn take(&mut self, change: Change, from: BookingState, now: Timestamp) -> Vec<RefundRef> {
        match change {
            Change::HoldExtended => {
                self.hold_until = self.hold_until.map(|until| plus_minutes(until, HOLD_MINUTES));
                self.hold_extended = true;
            }
            Change::PaymentStarted => self.begin_to_pay(from, now),
            Change::PaymentDeclined => self.payment = PaymentState::Unpaid,
            Change::PaymentAbandoned => {
                if self.payment == PaymentState::Pending {
                    self.payment = PaymentState::Unpaid;
                }
                self.unsettled = false;
            }
            Change::Paid => {
                self.payment = PaymentState::Paid;
                self.confirmed_at = Some(now);
            }
            Change::PaidTooLate { refund, proposal } => {
                if self.state.is_firm() {
                    self.proposal.take_if(|own| Some(own.id) == proposal);
                    self.unsettled = true;
                } else {
                    self.payment = PaymentState::RefundPending;
                }
                return vec![refund];
            }
            Change::HoldLapsed { payment_open } => self.payment = unpaid(payment_open),
            Change::Accepted => self.accepted(now),
            Change::Declined { reason } => self.end(Actor::Vendor, Some(reason), self.no_shares(), now),
            Change::Withdrawn { reason } => self.end(Actor::Customer, reason, self.no_shares(), now),
            Change::Cancel {
                by,
                reason,
                shares,
                refunds,
                payment_open,
            } => {
                self.end(by, reason, shares, now);
                if !refunds.is_empty() {
                    self.payment = PaymentState::RefundPending;
                } else if from != BookingState::Confirmed {
                    self.payment = unpaid(payment_open);
                }
                return refunds;
            }
            Change::CheckedIn => self.checked_in_at = Some(now),
            Change::NoShow { by, reason } => self.no_show = Some(Report { at: now, by, reason }),
            Change::RefundArrived(left) | Change::RefundFailed(left) => self.hear_of_refund(left),
            Change::RequestLapsed | Change::Complete | Change::Close => {}
            Change::Proposed(proposal) => {
                if proposal.by == Actor::Customer {
                    self.asks = self.asks.saturating_add(1);
                }
                // What was requested is kept as long as there is an offer in its place.
                self.hold_until = self.hold_until.map(|until| until.max(proposal.until));
                self.proposal = Some(*proposal);
            }
            Change::ProposalAccepted { .. } => self.wait_for_payment(from, now),
            Change::ProposalDeclined { .. } | Change::ProposalWithdrawn { .. } => self.proposal = None,
            Change::ProposalLapsed { payment_open } => {
                self.proposal = None;
                self.unsettled |= payment_open;
            }
            Change::Moved { to, refunds, .. } => {
                self.moved_to(*to);
                self.unsettled |= !refunds.is_empty();
                return refunds;
            }
        }
        Vec::new()
    }

    /// The vendor's answer has come, and it can be paid.
    fn accepted(&mut self, now: Timestamp) {
        let until = plus_minutes(now, ACCEPTED_MINUTES).min(self.interval.start());
        self.hold_until = Some(until);
        // It is long enough as it is.
        self.hold_extended = true;
    }

    /// From the first attempt at the earliest the time is kept for long enough; more attempts do not keep it for ever.
    fn begin_to_pay(&mut self, from: BookingState, now: Timestamp) {
        let long_enough = plus_minutes(now, PAYMENT_MINUTES);
        if let Some(proposal) = &mut self.proposal {
            if !proposal.payment_begun {
                proposal.until = proposal.until.max(long_enough);
            }
            proposal.payment_begun = true;
            return;
        }
        if from == BookingState::Held {
            self.hold_until = self.hold_until.max(Some(long_enough));
        }
        self.payment = PaymentState::Pending;
    }

    /// A booking that is over is settled when all of it has arrived or cannot.
    fn hear_of_refund(&mut self, left: Settlement) {
        self.unsettled &= left.payments || left.refunds;
        if !self.state.is_firm() {
            self.payment = if left.refunds {
                PaymentState::RefundPending
            } else if left.failed {
                PaymentState::RefundFailed
            } else {
                PaymentState::Refunded
            };
        }
    }

    const fn no_shares(&self) -> Shares {
        Shares::none(self.price.total.currency())
    }

    fn end(&mut self, by: Actor, reason: Option<Reason>, shares: Shares, now: Timestamp) {
        self.cancellation = Some(Cancellation {
            at: now,
            by,
            reason,
            shares,
        });
    }

    fn invalid(&self, actor: Actor, now: Timestamp) -> Refusal {
        Refusal::InvalidTransition {
            from: self.state.as_str(),
            allowed: self
                .allowed(actor, now)
                .into_iter()
                .map(|a| a.action.as_str())
                .collect(),
        }
    }
}

/// When a vendor's answer is due: within the time that they gave themselves, and while the customer can still
/// plan.
fn answer_by(minutes: u32, lock_minutes: u32, start: Timestamp, now: Timestamp) -> Timestamp {
    let lock = plus_minutes(start, -i64::from(lock_minutes).max(ANSWER_MINUTES_BEFORE));
    let soonest = plus_minutes(now, HOLD_MINUTES).min(start);
    plus_minutes(now, i64::from(minutes)).min(lock).max(soonest)
}

/// What has not been paid, and may or may not be paid yet.
const fn unpaid(payment_open: bool) -> PaymentState {
    if payment_open {
        PaymentState::Pending
    } else {
        PaymentState::Unpaid
    }
}

#[cfg(test)]
pub(crate) mod tests;
