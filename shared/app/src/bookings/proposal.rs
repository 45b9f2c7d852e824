//! Another time for a confirmed booking: earlier, later, longer or shorter. One side proposes it, the other agrees,
//! and the difference in price is paid or goes back. To a request a vendor makes a counter-offer in the same way; the
//! customer who agrees to it pays for that instead. Either may be the same time for less.
//!
//! The time is kept in the calendar from the proposal on, beside the one that the booking has. The booking moves in
//! one transaction, when the other side agrees or, where there is more to pay, when the money has come; until then,
//! and whatever fails, it keeps the time that it has.

use domain::Refusal;
use domain::availability::{Booker, Request};
use domain::booking::{Action, Booking, Change, PROPOSAL_MINUTES, PaymentState, Place, Proposal};
use domain::calendar::Calendar;
use domain::id::{BookingId, ProposalId};
use domain::money::Money;
use domain::payment::Payment;
use domain::permission::Permission;
use domain::pricing::{Order, Price, Promo, Wishes};
use domain::refund::RefundReason;
use domain::role::Actor;
use domain::text::Reason;
use domain::time::{Interval, plus_minutes};
use futures_util::future::try_join;
use jiff::Timestamp;
use store::Transaction;
use store::transaction::ACTIONS_MAX;
use store::venues::Offer;

use super::{holdings_follow, side_that_may};
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::payments::give_back;
use crate::venues::alternatives;
use crate::{App, Error, FieldError, Result};

/// What one side asks the other for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub interval: Interval,
    pub reason: Option<Reason>,
    /// What the vendor takes off what it costs by their rates.
    pub special_offer: Option<Money>,
}

/// What proposing a time would bring, and the booking that it would change. Nothing is kept.
///
/// # Errors
/// As [`propose`].
pub async fn preview_proposal(
    app: &App,
    me: &Caller,
    id: BookingId,
    ask: Ask,
) -> Result<(Proposal, Booking)> {
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    let by = side_that_may(me, &booking, Permission::ChangeBookings)?;
    let (proposal, _) = proposal(app, &booking, by, ask, app.now()).await?;
    Ok((proposal, booking))
}

/// Asks the other side for another time, at what it costs by the rates of today, and keeps it until they answer. A
/// booking that was made elsewhere has no other side: it moves at once.
///
/// # Errors
/// [`Error::NotFound`] for a stranger; [`Refusal::InvalidTransition`] when it cannot be changed now, or is being
/// changed; [`Error::Invalid`] for the time that it has at the price that it has, and for an offer that is not the
/// vendor's to make; the rules' refusal of the time, with others that are free;
/// [`Refusal::NotBookable`], [`Refusal::NoPrice`], [`Refusal::Capacity`], [`Refusal::Layout`];
/// [`Refusal::HoldLapsed`] for a request; [`Refusal::AmountTooSmall`] for a difference that cannot be charged; those of
/// [`domain::pricing::Rates::price`].
pub async fn propose(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    ask: Ask,
) -> Result<Outcome<Booking>> {
    let ask = &ask;
    once::write(app, Some(once), |now| async move {
        let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
        let by = side_that_may(me, &booking, Permission::ChangeBookings)?;
        let (proposal, offer) = proposal(app, &booking, by, ask.clone(), now).await?;
        let to = Box::new(proposal);
        let change = if booking.payment == PaymentState::OffPlatform {
            let refunds = Vec::new();
            Change::Moved { by, to, refunds }
        } else {
            Change::Proposed(to)
        };
        let mut transaction = Transaction::new();
        transaction.check_space(&offer.space);
        transaction.check_rules(&offer.space, &offer.book);
        changed(app, transaction, booking, change, now).await
    })
    .await
}

/// Agrees to what the other side proposed. The booking moves at once, unless there is more to pay: then the customer
/// has a day to pay the difference, as they paid for the booking. What was offered in place of a request is held for
/// the customer as an accepted request is.
///
/// # Errors
/// [`Error::NotFound`] for a stranger, and for a proposal that is not there any more;
/// [`Refusal::InvalidTransition`].
pub async fn accept_proposal(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    proposal: ProposalId,
) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        let (booking, by, proposal) = proposed(app, me, id, proposal).await?;
        booking.check(Action::AcceptProposal, by, now)?;
        let difference = proposal.difference(&booking).map_err(Refusal::from)?;
        let mut transaction = Transaction::new();
        let change = if difference.amount() > 0 {
            Change::ProposalAccepted { by }
        } else {
            let back = Money::zero(difference.currency())
                .minus(difference)
                .map_err(Refusal::from)?;
            let payments = app.store().payments_of(id).await?;
            let refunds = give_back(
                app,
                &mut transaction,
                id,
                payments,
                back,
                RefundReason::Moved,
                now,
            )?;
            let to = Box::new(proposal);
            Change::Moved { by, to, refunds }
        };
        changed(app, transaction, booking, change, now).await
    })
    .await
}

/// Says no to what the other side proposed; the booking stays as it is.
///
/// # Errors
/// As [`accept_proposal`].
pub async fn decline_proposal(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    proposal: ProposalId,
) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        let (booking, by, _) = proposed(app, me, id, proposal).await?;
        changed(
            app,
            Transaction::new(),
            booking,
            Change::ProposalDeclined { by },
            now,
        )
        .await
    })
    .await
}

/// Takes back what one proposed.
///
/// # Errors
/// As [`accept_proposal`].
pub async fn withdraw_proposal(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    proposal: ProposalId,
) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        let (booking, by, _) = proposed(app, me, id, proposal).await?;
        changed(
            app,
            Transaction::new(),
            booking,
            Change::ProposalWithdrawn { by },
            now,
        )
        .await
    })
    .await
}

/// The booking with the proposal that the caller has seen.
async fn proposed(
    app: &App,
    me: &Caller,
    id: BookingId,
    proposal: ProposalId,
) -> Result<(Booking, Actor, Proposal)> {
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    let by = side_that_may(me, &booking, Permission::ChangeBookings)?;
    let seen = booking.proposal.clone().filter(|own| own.id == proposal);
    Ok((booking, by, seen.ok_or(Error::NotFound)?))
}

async fn changed(
    app: &App,
    mut transaction: Transaction,
    booking: Booking,
    change: Change,
    now: Timestamp,
) -> Result<(Transaction, Booking)> {
    let (next, event) = booking.apply(change, now)?;
    holdings_follow(app, &mut transaction, &booking, &next, now).await?;
    transaction.put_booking(&next);
    transaction.put_event(&event);
    Ok((transaction, next))
}

/// Another time for a booking, decided on by the same rules as a new one, with what it was decided on.
async fn proposal(
    app: &App,
    booking: &Booking,
    by: Actor,
    ask: Ask,
    now: Timestamp,
) -> Result<(Proposal, Offer)> {
    booking.check_asks(by)?;
    booking.check(Action::Propose, by, now)?;
    ask.check(booking, by)?;
    let Ask {
        interval,
        reason,
        special_offer,
    } = ask;
    let offer = app
        .store()
        .offer(booking.venue, Some(booking.space))
        .await?
        .ok_or(Error::NotFound)?;
    if !offer.space.live {
        return Err(Refusal::NotBookable.into());
    }
    offer.space.admits(booking.guests, booking.layout.as_ref())?;
    let spaces = &offer.space.locked();
    let request = Request {
        by: if by == Actor::Vendor {
            Booker::Vendor
        } else {
            Booker::Moving {
                start: booking.interval.start(),
            }
        },
        except: Some(booking.id),
        ..offer.book.request(spaces, now)
    };
    let (pricing, payments) = try_join(Pricing::of(app, booking, &offer, special_offer), async {
        Ok(app.store().payments_of(booking.id).await?)
    })
    .await?;
    let rules = &offer.book.rules;
    let id = ProposalId::from_uuid(app.ids().uuid());
    let unpriced = |interval| Proposal {
        id,
        at: now,
        by,
        reason: reason.clone(),
        place: Place {
            spaces: spaces.clone(),
            interval,
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
        },
        price: booking.price.clone(),
        until: answer_by(booking, by, interval, now),
        accepted_at: None,
        payment_begun: false,
    };
    let is_small_enough = |interval| {
        let (from, to) = (booking.entry(), unpriced(interval).entry(booking));
        let days = Calendar::check_move((&booking.spaces, &from), (spaces, &to))?;
        may_be_given_back(&payments, days)
    };
    let priced = |interval| {
        let proposal = unpriced(interval);
        if !proposal.is_kept(now) {
            // It begins before anybody could answer.
            return Err(Refusal::Past);
        }
        let price = pricing.price(interval)?;
        let proposal = Proposal { price, ..proposal };
        proposal.check(booking)?;
        Ok(proposal)
    };
    // Without the calendar first, so that a time of any length costs no more than a legal one.
    let mut decided = request
        .decide(&Calendar::default(), interval)
        .and_then(|()| is_small_enough(interval));
    if decided.is_ok() {
        let span = unpriced(interval).entry(booking).span();
        let calendar = app.store().calendar(spaces, span).await?;
        decided = request.decide(&calendar, interval);
    }
    let proposal = match decided.and_then(|()| priced(interval)) {
        Ok(proposal) => proposal,
        Err(refusal) => {
            let is_possible =
                |time| time != booking.interval && is_small_enough(time).is_ok() && priced(time).is_ok();
            return Err(alternatives(app, request, interval, refusal, is_possible).await);
        }
    };
    Ok((proposal, offer))
}

impl Ask {
    /// A time and nothing besides.
    #[must_use]
    pub const fn plain(interval: Interval) -> Self {
        Self {
            interval,
            reason: None,
            special_offer: None,
        }
    }

    /// Whether there is something to answer, and whether this side may offer it.
    fn check(&self, booking: &Booking, by: Actor) -> Result<()> {
        let invalid = |pointer: &str, message: &str| {
            let error = FieldError::new(pointer, message);
            Err(Error::Invalid(vec![error]))
        };
        match self.special_offer {
            Some(_) if by != Actor::Vendor => invalid("/special_offer", "is the vendor's to make"),
            Some(_) if booking.payment == PaymentState::OffPlatform => invalid(
                "/special_offer",
                "is nothing here: the booking was made elsewhere",
            ),
            Some(off) if off.currency() != booking.price.total.currency() => {
                invalid("/special_offer/currency", "is not that of the booking")
            }
            None if self.interval == booking.interval => {
                invalid("/start", "is the time that the booking has already")
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What all of the booking costs at another time, by the rates of today. It was made when it was made: what came
/// early stays early, a first booking stays the first, and its promo code holds on.
struct Pricing<'a> {
    booking: &'a Booking,
    offer: &'a Offer,
    wishes: &'a Wishes,
    promo: Option<Promo>,
    special_offer: Option<Money>,
}

impl<'a> Pricing<'a> {
    async fn of(
        app: &App,
        booking: &'a Booking,
        offer: &'a Offer,
        special_offer: Option<Money>,
    ) -> Result<Self> {
        let wishes = &booking.wishes;
        let promo = match &wishes.promo_code {
            Some(code) => app.store().promo(booking.vendor, code).await?,
            None => None,
        };
        Ok(Self {
            booking,
            offer,
            wishes,
            promo,
            special_offer,
        })
    }

    fn price(&self, interval: Interval) -> std::result::Result<Price, Refusal> {
        if self.booking.payment == PaymentState::OffPlatform {
            return Ok(self.booking.price.clone());
        }
        let rates = self.offer.rates.as_ref().ok_or(Refusal::NoPrice)?;
        let order = Order {
            interval,
            guests: self.booking.guests,
            add_ons: &self.wishes.add_ons,
            promo: self.promo.as_ref(),
            special_offer: self.special_offer,
            first_booking: self.wishes.first_booking,
            space: &self.offer.book.rules,
            fees: self.booking.price.fees,
            now: self.booking.created_at,
        };
        match rates.price(&order) {
            // The other time is too short or too cheap for the code.
            Err(Refusal::Promo { .. }) => rates.price(&Order { promo: None, ..order }),
            priced => priced,
        }
    }
}

/// Whether one transaction could still cancel a booking of so many days and send all of its payments back after one
/// more.
fn may_be_given_back(payments: &[Payment], days: usize) -> std::result::Result<(), Refusal> {
    let has_money = |payment: &&Payment| payment.left().is_ok_and(|left| left.amount() > 0);
    let with_money = payments.iter().filter(has_money).count();
    // Each payment is written with a refund of its own; the others are the booking, its event, the idempotency record.
    let actions = days + 2 * (with_money + 1) + 3;
    if actions > ACTIONS_MAX {
        return Err(Refusal::LimitReached { limit: ACTIONS_MAX });
    }
    Ok(())
}

/// Within a day, and while both sides can still plan.
fn answer_by(booking: &Booking, by: Actor, interval: Interval, now: Timestamp) -> Timestamp {
    plus_minutes(now, PROPOSAL_MINUTES)
        .min(booking.changes_until(by))
        .min(interval.start())
}
