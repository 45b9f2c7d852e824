use super::super::tests::{NOW, all, confirmed, eur, placed, proposal, refund};
use super::super::{Allowed, Booking, Change, Settlement};
use super::*;
use crate::Refusal;
use crate::booking::{Action, REFUND_MINUTES};
use crate::event::{BookingEvent, EventKind};
use crate::id::PaymentId;
use crate::time::tests::{at, between};
use uuid::Uuid;

fn proposed_by(by: Actor) -> Booking {
    let proposal = Proposal {
        until: at("2027-02-02T10:00Z"),
        ..proposal(by)
    };
    confirmed()
        .apply(Change::Proposed(Box::new(proposal)), at(NOW))
        .unwrap()
        .0
}

fn actions(booking: &Booking, by: Actor, now: &str) -> Vec<Action> {
    let allowed = booking.allowed(by, at(now)).into_iter();
    allowed.map(|allowed| allowed.action).collect()
}

#[test]
fn one_side_proposes_and_the_other_answers() {
    let booking = proposed_by(Actor::Customer);
    assert_eq!(
        actions(&booking, Actor::Customer, NOW),
        [Action::Cancel, Action::WithdrawProposal]
    );
    assert_eq!(
        actions(&booking, Actor::Vendor, NOW),
        [Action::Cancel, Action::AcceptProposal, Action::DeclineProposal]
    );
    let until = booking.allowed(Actor::Vendor, at(NOW)).last().unwrap().until;
    assert_eq!(until, Some(at("2027-02-02T10:00Z")));
    // With the instant that it names it has lapsed, and it is told of before there is another one.
    let lapsed = "2027-02-02T10:00Z";
    assert_eq!(actions(&booking, Actor::Vendor, lapsed), [Action::Cancel]);
    assert_eq!(booking.due_at(), Some(at(lapsed)));
    let change = Change::ProposalLapsed { payment_open: false };
    let (after, event) = booking.apply(change, at(lapsed)).unwrap();
    assert_eq!(
        (after.proposal.as_ref(), event.kind),
        (None, EventKind::BookingChangeLapsed)
    );
    assert_eq!(
        event.other.map(|other| other.interval),
        Some(proposal(Actor::Customer).place.interval)
    );
    assert_eq!(after.interval, confirmed().interval);
}

#[test]
fn a_difference_is_nothing_or_goes_back_or_can_be_charged() {
    let booking = confirmed();
    let check = |more: i64| {
        let mut asked = proposal(Actor::Customer);
        asked.price = booking.price.clone();
        asked.price.total = asked.price.total.plus(eur(more)).unwrap();
        assert_eq!(asked.difference(&booking), Ok(eur(more)));
        asked.check(&booking).map_err(|refusal| refusal.code())
    };
    for fine in [-5_000, -1, 0, 50, 5_000] {
        assert_eq!(check(fine), Ok(()), "{fine}");
    }
    for little in [1, 49] {
        assert!(check(little).is_err(), "{little}");
    }
}

#[test]
fn a_payment_is_waited_for_while_its_own_proposal_is_kept() {
    let accepted = |booking: Booking| {
        let accept = Change::ProposalAccepted { by: Actor::Vendor };
        booking.apply(accept, at(NOW)).unwrap().0
    };
    let asked = proposed_by(Actor::Customer);
    let own = asked.proposal.as_ref().unwrap().id;
    let payment = |proposal| Payment {
        proposal,
        ..Payment::new(
            PaymentId::from_uuid(Uuid::from_u128(9)),
            asked.id,
            asked.booked_by,
            asked.vendor,
            eur(500),
            at(NOW),
        )
    };
    let other = ProposalId::from_uuid(Uuid::from_u128(10));
    assert!(
        !asked.waits_for(&payment(Some(own)), at(NOW)),
        "nobody has agreed"
    );
    let agreed = accepted(asked.clone());
    let until = agreed.proposal.as_ref().unwrap().until;
    assert!(agreed.waits_for(&payment(Some(own)), at(NOW)));
    assert!(!agreed.waits_for(&payment(Some(own)), until));
    assert!(!agreed.waits_for(&payment(Some(other)), at(NOW)));
    assert!(
        !agreed.waits_for(&payment(None), at(NOW)),
        "what it cost at first"
    );
    assert!(!agreed.has_lapsed_proposal(at(NOW)) && agreed.has_lapsed_proposal(until));
    assert!(!confirmed().has_lapsed_proposal(until));
}

/// Each keeps a second time from others.
#[test]
fn a_customer_asks_so_often_for_another_time_and_a_vendor_as_often_as_they_like() {
    let asks = |booking: &Booking, by: Actor| {
        let asked = booking.apply(Change::Proposed(Box::new(proposal(by))), at(NOW));
        let (asked, _) = asked?;
        let (back, _) = asked.apply(Change::ProposalWithdrawn { by }, at(NOW))?;
        Ok::<_, Refusal>(back)
    };
    let mut booking = confirmed();
    for _ in 0..ASKS_MAX {
        booking = asks(&booking, Actor::Customer).unwrap();
        booking = asks(&booking, Actor::Vendor).unwrap();
    }
    assert_eq!(
        booking.check_asks(Actor::Customer),
        Err(Refusal::LimitReached {
            limit: ASKS_MAX as usize
        })
    );
    assert_eq!(actions(&booking, Actor::Customer, NOW), [Action::Cancel]);
    assert!(asks(&booking, Actor::Customer).is_err());
    // The vendor goes along with another one, and it may be asked for others again.
    let asked = Change::Proposed(Box::new(proposal(Actor::Vendor)));
    let (asked, _) = booking.apply(asked, at(NOW)).unwrap();
    let moved = Change::Moved {
        by: Actor::Customer,
        to: Box::new(proposal(Actor::Vendor)),
        refunds: Vec::new(),
    };
    let (moved, _) = asked.apply(moved, at(NOW)).unwrap();
    assert!(asks(&moved, Actor::Customer).is_ok());
}

/// A letter names the time that an event names.
#[test]
fn an_event_names_the_other_time_only_where_it_is_about_it() {
    let other = |(_, event): (Booking, BookingEvent)| event.other.map(|other| other.interval);
    let asked = proposal(Actor::Customer).place.interval;
    let propose = Change::Proposed(Box::new(proposal(Actor::Customer)));
    assert_eq!(other(confirmed().apply(propose, at(NOW)).unwrap()), Some(asked));
    let booking = Booking {
        unsettled: true,
        ..proposed_by(Actor::Customer)
    };
    let accept = Change::ProposalAccepted { by: Actor::Vendor };
    assert_eq!(other(booking.apply(accept, at(NOW)).unwrap()), Some(asked));
    let refund_of_another_move = Change::RefundArrived(all());
    assert_eq!(
        other(booking.apply(refund_of_another_move, at(NOW)).unwrap()),
        None
    );
}

#[test]
fn what_was_proposed_is_taken_beside_what_is_booked() {
    let booking = proposed_by(Actor::Vendor);
    let standings = booking.standings();
    let entries: Vec<_> = standings
        .iter()
        .map(|s| (s.entry.interval, s.entry.hold_until, s.entry.proposed))
        .collect();
    let other = proposal(Actor::Vendor).place.interval;
    assert_eq!(
        entries,
        [
            (booking.interval, None, false),
            (other, Some(at("2027-02-02T10:00Z")), true)
        ]
    );
}

#[test]
fn a_moved_booking_has_the_time_the_buffers_and_the_price_of_the_proposal() {
    let booking = proposed_by(Actor::Vendor);
    let to = booking.proposal.clone().unwrap();
    assert_eq!(to.difference(&booking), Ok(eur(5_000)));
    let change = Change::Moved {
        by: Actor::Customer,
        to: Box::new(to.clone()),
        refunds: Vec::new(),
    };
    let (moved, event) = booking.apply(change, at(NOW)).unwrap();
    assert_eq!(
        (moved.interval, moved.setup_minutes, moved.turnaround_minutes),
        (to.place.interval, 15, 30)
    );
    assert_eq!((&moved.price, moved.proposal.as_ref()), (&to.price, None));
    assert_eq!((moved.state, moved.payment), (booking.state, booking.payment));
    assert_eq!(moved.standings().len(), 1);
    let was = event.other.unwrap();
    assert_eq!((was.interval, was.total), (booking.interval, eur(10_000)));
    assert_eq!((event.interval, event.total), (to.place.interval, eur(15_000)));
}

#[test]
fn who_accepts_has_a_day_to_pay_and_a_quarter_of_an_hour_from_the_first_attempt() {
    let booking = proposed_by(Actor::Vendor);
    let accept = Change::ProposalAccepted { by: Actor::Customer };
    let (accepted, _) = booking.apply(accept.clone(), at("2027-02-01T12:00Z")).unwrap();
    assert_eq!(accepted.to_be_paid().unwrap().until, at("2027-02-02T12:00Z"));
    assert_eq!(
        accepted.payment,
        PaymentState::Paid,
        "what it costs now stays paid"
    );
    let (paying, _) = accepted
        .apply(Change::PaymentStarted, at("2027-02-02T11:59Z"))
        .unwrap();
    assert_eq!(paying.to_be_paid().unwrap().until, at("2027-02-02T12:14Z"));
    let (again, _) = paying
        .apply(Change::PaymentStarted, at("2027-02-02T12:10Z"))
        .unwrap();
    assert_eq!(again.to_be_paid().unwrap().until, at("2027-02-02T12:14Z"));
    assert_eq!(again.payment, PaymentState::Paid);
    assert!(
        paying
            .apply(Change::PaymentStarted, at("2027-02-02T12:14Z"))
            .is_err()
    );
    // Nobody pays for what nobody has agreed to.
    assert!(booking.apply(Change::PaymentStarted, at(NOW)).is_err());
}

#[test]
fn a_difference_is_paid_an_hour_before_the_earlier_start_and_a_quarter_of_an_hour_after_the_answer() {
    let until = |start: &str, now: &str| {
        let mut booking = proposed_by(Actor::Vendor);
        if let Some(proposal) = &mut booking.proposal {
            proposal.place.interval = between(start, "2027-03-02T13:00Z");
        }
        let accept = Change::ProposalAccepted { by: Actor::Customer };
        let (accepted, _) = booking.apply(accept, at(now)).unwrap();
        accepted.to_be_paid().unwrap().until
    };
    let now = "2027-02-02T09:00Z";
    assert_eq!(until("2027-02-03T09:30Z", now), at("2027-02-03T08:30Z"));
    assert_eq!(until("2027-02-03T10:01Z", now), at("2027-02-03T09:00Z"));
    assert_eq!(until("2027-02-02T10:01Z", now), at("2027-02-02T09:15Z"));
}

#[test]
fn who_is_about_to_pay_cannot_take_it_back_and_who_has_only_agreed_can() {
    let accept = Change::ProposalAccepted { by: Actor::Vendor };
    let (accepted, _) = proposed_by(Actor::Customer).apply(accept, at(NOW)).unwrap();
    assert!(actions(&accepted, Actor::Customer, NOW).contains(&Action::WithdrawProposal));
    assert!(!actions(&accepted, Actor::Vendor, NOW).contains(&Action::DeclineProposal));
    let (paying, _) = accepted.apply(Change::PaymentStarted, at(NOW)).unwrap();
    assert!(!actions(&paying, Actor::Customer, NOW).contains(&Action::WithdrawProposal));

    let accept = Change::ProposalAccepted { by: Actor::Customer };
    let (accepted, _) = proposed_by(Actor::Vendor).apply(accept, at(NOW)).unwrap();
    assert!(!actions(&accepted, Actor::Vendor, NOW).contains(&Action::WithdrawProposal));
    assert!(actions(&accepted, Actor::Customer, NOW).contains(&Action::WithdrawProposal));
}

#[test]
fn a_booking_that_is_over_has_no_other_time_and_its_money_is_looked_after() {
    let accept = Change::ProposalAccepted { by: Actor::Vendor };
    let (accepted, _) = proposed_by(Actor::Customer).apply(accept, at(NOW)).unwrap();
    let (paying, _) = accepted.apply(Change::PaymentStarted, at(NOW)).unwrap();
    for (booking, unsettled) in [(accepted, false), (paying, true)] {
        let ended = booking.interval.end();
        let (over, _) = booking.apply(Change::Complete, ended).unwrap();
        assert_eq!(
            (over.proposal.as_ref(), over.unsettled),
            (None, unsettled),
            "{booking:?}"
        );
        let money = unsettled.then(|| plus_minutes(ended, REFUND_MINUTES));
        assert_eq!(over.money_due_at(), money);
    }
}

#[test]
fn a_difference_on_its_way_leaves_the_booking_as_it_is() {
    let change = Change::Moved {
        by: Actor::Vendor,
        to: Box::new(proposal(Actor::Customer)),
        refunds: vec![refund(500)],
    };
    let (moved, event) = proposed_by(Actor::Customer).apply(change, at(NOW)).unwrap();
    assert_eq!(event.refund(), Some(eur(500)));
    assert_eq!((moved.payment, moved.unsettled), (PaymentState::Paid, true));
    assert_eq!(moved.money_due_at(), Some(plus_minutes(at(NOW), REFUND_MINUTES)));
    let left = Settlement {
        payments: true,
        ..all()
    };
    let (waiting, _) = moved.apply(Change::RefundArrived(left), at(NOW)).unwrap();
    assert!(waiting.unsettled);
    let (settled, event) = moved.apply(Change::RefundArrived(all()), at(NOW)).unwrap();
    assert_eq!((settled.payment, settled.unsettled), (PaymentState::Paid, false));
    assert_eq!(event.kind, EventKind::BookingRefunded);
    assert_eq!(settled.money_due_at(), None);
}

#[test]
fn money_that_may_still_come_for_a_lapsed_time_is_looked_after_beside_what_already_was() {
    let late = at("2027-02-02T10:00Z");
    for (was, payment_open, is) in [
        (false, false, false),
        (false, true, true),
        (true, false, true),
        (true, true, true),
    ] {
        let booking = Booking {
            unsettled: was,
            ..proposed_by(Actor::Customer)
        };
        let (after, _) = booking
            .apply(Change::ProposalLapsed { payment_open }, late)
            .unwrap();
        assert_eq!(after.unsettled, is, "{was} {payment_open}");
    }
}

#[test]
fn money_for_a_time_that_is_gone_ends_the_proposal_that_it_was_for_and_no_other() {
    let booking = proposed_by(Actor::Customer);
    let late = |id: u128| Change::PaidTooLate {
        refund: refund(500),
        proposal: Some(ProposalId::from_uuid(uuid::Uuid::from_u128(id))),
    };
    let (after, _) = booking.apply(late(8), at(NOW)).unwrap();
    assert_eq!((after.proposal, after.payment), (None, PaymentState::Paid));
    assert!(after.unsettled);
    let (after, _) = booking.apply(late(9), at(NOW)).unwrap();
    assert_eq!(after.proposal, booking.proposal);
}

#[test]
fn near_its_start_a_booking_is_no_longer_changed_nor_cancelled_by_its_customer() {
    let locked = Booking {
        lock_minutes: 48 * 60,
        ..confirmed()
    };
    let last = "2027-02-27T09:59:59Z";
    let lock = "2027-02-27T10:00Z";
    let allowed = |booking: &Booking, by, now: &str| actions(booking, by, now);
    assert_eq!(
        locked.allowed(Actor::Customer, at(last)),
        [Action::Cancel, Action::Propose].map(|action| Allowed {
            action,
            until: Some(at(lock))
        })
    );
    assert_eq!(allowed(&locked, Actor::Customer, lock), []);
    // The venue may up to an hour before, and ask the customer.
    let hour_before = "2027-03-01T09:00Z";
    assert_eq!(
        allowed(&locked, Actor::Vendor, "2027-03-01T08:59:59Z"),
        [Action::Cancel, Action::Propose]
    );
    assert!(!allowed(&locked, Actor::Vendor, hour_before).contains(&Action::Propose));
    // Whom nothing is said to has that hour, too.
    assert!(!allowed(&confirmed(), Actor::Customer, hour_before).contains(&Action::Propose));
}

#[test]
fn its_vendor_moves_a_booking_that_was_made_elsewhere_and_no_other() {
    let entered = Booking {
        customer: None,
        payment: PaymentState::OffPlatform,
        ..confirmed()
    };
    let moves = |booking: &Booking, by| {
        let change = Change::Moved {
            by,
            to: Box::new(proposal(by)),
            refunds: Vec::new(),
        };
        booking.apply(change, at(NOW))
    };
    assert!(moves(&entered, Actor::Vendor).is_ok());
    for by in [Actor::Customer, Actor::Vendor, Actor::System, Actor::Admin] {
        assert!(
            matches!(moves(&confirmed(), by), Err(Refusal::InvalidTransition { .. })),
            "{by:?}"
        );
    }
    // Who asked cannot be the one who agrees.
    assert!(moves(&proposed_by(Actor::Vendor), Actor::Vendor).is_err());
    assert!(moves(&proposed_by(Actor::Vendor), Actor::Customer).is_ok());
}

#[test]
fn a_shorter_time_costs_less() {
    let booking = confirmed();
    let short = between("2027-03-01T10:00Z", "2027-03-01T11:00Z");
    let rates = crate::pricing::Rates::flat(eur(5_000));
    let proposal = Proposal {
        price: rates.price(&crate::pricing::tests::order(short)).unwrap(),
        ..proposal(Actor::Customer)
    };
    assert_eq!(proposal.difference(&booking), Ok(eur(-5_000)));
}

fn requested() -> Booking {
    Booking {
        asks: 2,
        ..placed(Some(600))
    }
}

fn offered() -> Booking {
    let offer = Proposal {
        until: at("2027-02-02T10:00Z"),
        ..proposal(Actor::Vendor)
    };
    let offered = requested().apply(Change::Proposed(Box::new(offer)), at(NOW));
    offered.unwrap().0
}

#[test]
fn a_vendor_answers_a_request_with_an_offer_and_the_request_is_kept_as_long() {
    let request = requested();
    let propose = request.allowed(Actor::Vendor, at(NOW)).pop().unwrap();
    assert_eq!(
        propose,
        Allowed {
            action: Action::Propose,
            until: request.hold_until
        }
    );
    assert!(!actions(&request, Actor::Customer, NOW).contains(&Action::Propose));
    assert_eq!(
        request
            .check(Action::Propose, Actor::Vendor, at("2027-02-01T20:00Z"))
            .unwrap_err(),
        Refusal::HoldLapsed
    );
    let offered = offered();
    assert_eq!(offered.state, BookingState::Requested);
    assert_eq!(offered.hold_until, Some(at("2027-02-02T10:00Z")));
    assert_eq!(offered.standings().len(), 2);
    assert_eq!(
        actions(&offered, Actor::Customer, NOW),
        [Action::Withdraw, Action::AcceptProposal, Action::DeclineProposal]
    );
    assert_eq!(
        actions(&offered, Actor::Vendor, NOW),
        [Action::Accept, Action::Decline, Action::WithdrawProposal]
    );
    // An answer that is due later than the offer stays due then.
    let long = Booking {
        hold_until: Some(at("2027-02-03T10:00Z")),
        ..requested()
    };
    let offer = Change::Proposed(Box::new(offered.proposal.unwrap()));
    let (offered, _) = long.apply(offer, at(NOW)).unwrap();
    assert_eq!(offered.hold_until, long.hold_until);
    assert_eq!(
        offered.due_at(),
        Some(at("2027-02-02T10:00Z")),
        "the offer lapses first"
    );
}

#[test]
fn who_takes_an_offer_has_its_time_at_its_price_and_a_day_to_pay_all_of_it() {
    let offered = offered();
    let offer = offered.proposal.clone().unwrap();
    let take = Change::ProposalAccepted { by: Actor::Customer };
    let (taken, event) = offered.apply(take, at("2027-02-01T12:00Z")).unwrap();
    assert_eq!(
        (taken.state, taken.payment, taken.hold_until),
        (
            BookingState::Held,
            PaymentState::Unpaid,
            Some(at("2027-02-02T12:00Z"))
        )
    );
    assert_eq!(
        (taken.interval, &taken.price),
        (offer.place.interval, &offer.price)
    );
    assert_eq!((taken.proposal.as_ref(), taken.asks), (None, 0));
    assert_eq!(taken.standings().len(), 1);
    assert!(taken.hold_extended, "a day is long enough");
    let was = event.other.unwrap();
    assert_eq!((was.interval, was.total), (offered.interval, offered.price.total));
    let (paying, _) = taken
        .apply(Change::PaymentStarted, at("2027-02-01T12:00Z"))
        .unwrap();
    assert_eq!(paying.state, BookingState::PaymentPending);
}

#[test]
fn a_request_whose_offer_comes_to_nothing_is_still_to_be_answered() {
    let lapse = Change::ProposalLapsed { payment_open: false };
    let until = at("2027-02-02T10:00Z");
    let long = Booking {
        hold_until: Some(at("2027-02-03T10:00Z")),
        ..offered()
    };
    for (change, now) in [
        (Change::ProposalDeclined { by: Actor::Customer }, at(NOW)),
        (Change::ProposalWithdrawn { by: Actor::Vendor }, at(NOW)),
        (lapse, until),
    ] {
        let (after, _) = long.apply(change, now).unwrap();
        assert_eq!((after.state, after.proposal), (BookingState::Requested, None));
        assert_eq!(after.interval, long.interval);
    }
    // The vendor takes the request as it was, and the offer is no more.
    let (accepted, event) = offered().apply(Change::Accepted, at(NOW)).unwrap();
    assert_eq!((accepted.state, accepted.proposal), (BookingState::Held, None));
    assert_eq!(
        (accepted.interval, event.kind),
        (requested().interval, EventKind::BookingAccepted)
    );
    let (over, _) = offered().apply(Change::RequestLapsed, until).unwrap();
    assert_eq!((&over.proposal, over.standings()), (&None, Vec::new()));
}

#[test]
fn an_offer_is_charged_as_a_whole_and_so_may_cost_a_little_more() {
    let mut offer = proposal(Actor::Vendor);
    offer.price.total = requested().price.total.plus(eur(1)).unwrap();
    assert_eq!(offer.difference(&requested()), Ok(offer.price.total));
    assert_eq!(offer.check(&requested()), Ok(()));
    assert!(offer.check(&confirmed()).is_err());
}

/// What a letter says of the money before and after.
#[test]
fn the_same_time_for_less_is_a_change_with_the_price_that_it_had() {
    let booking = confirmed();
    let mut to = proposal(Actor::Vendor);
    to.place.interval = booking.interval;
    to.price.total = eur(9_000);
    let (asked, _) = booking
        .apply(Change::Proposed(Box::new(to.clone())), at(NOW))
        .unwrap();
    let change = Change::Moved {
        by: Actor::Customer,
        to: Box::new(to),
        refunds: vec![refund(1_000)],
    };
    let (_, event) = asked.apply(change, at(NOW)).unwrap();
    let was = event.other.unwrap();
    assert_eq!(
        (was.interval, was.total, event.total),
        (booking.interval, eur(10_000), eur(9_000))
    );
}
