use uuid::Uuid;

use super::*;
use crate::address::tests::address;
use crate::id::{ProposalId, RefundId};
use crate::pricing::tests::order;
use crate::pricing::{Counted, DiscountKind, Item, Line, QuoteId, Rates};
use crate::time::tests::{at, between};
use std::collections::BTreeSet;

pub(crate) const NOW: &str = "2027-02-01T10:00Z";

pub(crate) fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn held() -> Booking {
    placed(None)
}

pub(crate) fn placed(answer_minutes: Option<u32>) -> Booking {
    let space = SpaceId::from_uuid(Uuid::from_u128(1));
    let interval = between("2027-03-01T10:00Z", "2027-03-01T12:00Z");
    let quote = Quote {
        id: QuoteId::new(
            Uuid::from_u128(2),
            VenueId::from_uuid(Uuid::from_u128(3)),
            space,
            interval,
            0,
            0,
        )
        .unwrap(),
        venue: VenueId::from_uuid(Uuid::from_u128(3)),
        space_name: VenueName::parse("The Loft").unwrap(),
        layout: None,
        answer_minutes,
        lock_minutes: 0,
        venue_name: VenueName::parse("Loft").unwrap(),
        point: Point::new(52.5, 13.4).unwrap(),
        address: address(),
        zone: "Europe/Berlin".parse().unwrap(),
        vendor: VendorId::from_uuid(Uuid::from_u128(4)),
        space,
        interval,
        guests: 10,
        price: Rates::flat(eur(5_000)).price(&order(interval)).unwrap(),
        policy: Policy::preset("very_flexible").unwrap(),
        terms_version: 1,
        customer: None,
        created_at: at(NOW),
        expires_at: at("2027-02-01T10:15Z"),
    };
    let placing = Placing {
        id: BookingId::from_uuid(Uuid::from_u128(5)),
        customer: UserId::from_uuid(Uuid::from_u128(6)),
        spaces: vec![space],
        setup_minutes: 0,
        turnaround_minutes: 0,
    };
    Booking::placed(&quote, placing, at(NOW)).0
}

pub(crate) fn refund(amount: i64) -> RefundRef {
    RefundRef {
        id: RefundId::from_uuid(Uuid::from_u128(7)),
        amount: eur(amount),
    }
}

fn too_late(amount: i64) -> Change {
    Change::PaidTooLate {
        refund: refund(amount),
        proposal: None,
    }
}

/// The day after, kept for ten minutes.
pub(crate) fn proposal(by: Actor) -> Proposal {
    let interval = between("2027-03-02T10:00Z", "2027-03-02T13:00Z");
    Proposal {
        id: ProposalId::from_uuid(Uuid::from_u128(8)),
        at: at(NOW),
        by,
        reason: None,
        place: Place {
            spaces: vec![SpaceId::from_uuid(Uuid::from_u128(1))],
            interval,
            setup_minutes: 15,
            turnaround_minutes: 30,
        },
        price: Rates::flat(eur(5_000)).price(&order(interval)).unwrap(),
        until: at("2027-02-01T10:10Z"),
        accepted_at: None,
        payment_begun: false,
    }
}

pub(crate) fn confirmed() -> Booking {
    Booking {
        payment: PaymentState::Paid,
        ..in_state(BookingState::Confirmed)
    }
}

fn in_state(state: BookingState) -> Booking {
    let hold_until = state.is_tentative().then(|| at("2027-02-01T10:10Z"));
    Booking {
        state,
        hold_until,
        ..held()
    }
}

#[test]
fn a_hold_lasts_ten_minutes_and_fifteen_from_the_start_of_a_payment() {
    let booking = held();
    assert_eq!(booking.hold_until, Some(at("2027-02-01T10:10Z")));
    let (paying, event) = booking
        .apply(Change::PaymentStarted, at("2027-02-01T10:09Z"))
        .unwrap();
    assert_eq!(paying.hold_until, Some(at("2027-02-01T10:24Z")));
    assert_eq!((event.number, event.kind), (2, EventKind::BookingPaymentStarted));
    let (again, _) = paying
        .apply(Change::PaymentStarted, at("2027-02-01T10:20Z"))
        .unwrap();
    assert_eq!(
        again.hold_until,
        Some(at("2027-02-01T10:24Z")),
        "a second card does not keep it longer"
    );
    assert_eq!(
        booking
            .apply(Change::PaymentStarted, at("2027-02-01T10:10Z"))
            .unwrap_err(),
        Refusal::HoldLapsed
    );
}

#[test]
fn a_time_is_kept_until_the_last_moment_of_its_hold_and_not_once_it_is_firm() {
    let booking = held();
    assert!(booking.is_kept(at("2027-02-01T10:09:59Z")));
    assert!(!booking.is_kept(at("2027-02-01T10:10Z")));
    assert!(!booking.is_kept(at("2027-02-01T10:11Z")));
    assert!(!confirmed().is_kept(at(NOW)));
}

#[test]
fn a_booking_takes_a_promo_code_and_a_first_booking_that_its_price_has() {
    let customer = UserId::from_uuid(Uuid::from_u128(6));
    let mut booking = held();
    assert_eq!(booking.claims(), []);
    booking.price.lines.push(Line {
        item: Item::Discount {
            reason: DiscountKind::FirstBooking,
            bps: 1_000,
            floored: false,
        },
        ..booking.price.lines[0].clone()
    });
    let counted =
        |booking: &Booking| -> Vec<Counted> { booking.claims().into_iter().map(|claim| claim.on).collect() };
    assert_eq!(counted(&booking), [Counted::Bookings(booking.vendor, customer)]);
    booking.customer = None;
    assert_eq!(counted(&booking), []);
}

#[test]
fn a_change_is_made_by_the_one_whose_it_is() {
    let accept = || Change::Accepted;
    let requested = placed(Some(60));
    assert!(requested.apply_by(Actor::Vendor, accept(), at(NOW)).is_ok());
    let allowed = requested.allowed(Actor::Customer, at(NOW));
    assert_eq!(
        requested
            .apply_by(Actor::Customer, accept(), at(NOW))
            .unwrap_err(),
        Refusal::InvalidTransition {
            from: "requested",
            allowed: allowed.iter().map(|way| way.action.as_str()).collect()
        }
    );
}

#[test]
fn a_paid_booking_is_confirmed_also_when_its_hold_has_expired() {
    for state in [
        BookingState::Held,
        BookingState::PaymentPending,
        BookingState::HoldExpired,
    ] {
        let (paid, _) = in_state(state).apply(Change::Paid, at(NOW)).unwrap();
        assert_eq!(
            (paid.state, paid.payment, paid.hold_until),
            (BookingState::Confirmed, PaymentState::Paid, None)
        );
    }
}

#[test]
fn a_payment_that_came_too_late_goes_back_and_leaves_a_cancelled_booking_cancelled() {
    let (late, event) = in_state(BookingState::HoldExpired)
        .apply(too_late(10_000), at(NOW))
        .unwrap();
    assert_eq!(
        (late.state, late.payment),
        (BookingState::HoldExpired, PaymentState::RefundPending)
    );
    assert_eq!(event.refunds, [refund(10_000)]);
    let (late, _) = in_state(BookingState::CancelledByVendor)
        .apply(too_late(1), at(NOW))
        .unwrap();
    assert_eq!(late.state, BookingState::CancelledByVendor);
}

/// Nothing is on its way any more.
pub(crate) fn all() -> Settlement {
    Settlement {
        amount: eur(500),
        payments: false,
        refunds: false,
        failed: false,
    }
}

fn failed() -> Settlement {
    Settlement {
        failed: true,
        ..all()
    }
}

const LAPSED: Change = Change::HoldLapsed { payment_open: false };

#[test]
fn a_payment_that_may_still_come_is_looked_after_until_it_cannot() {
    let cancel = |payment_open| Change::Cancel {
        by: Actor::Customer,
        reason: None,
        shares: Shares::none(eur(0).currency()),
        refunds: Vec::new(),
        payment_open,
    };
    let (paying, _) = held().apply(Change::PaymentStarted, at(NOW)).unwrap();
    let lapse = |payment_open| Change::HoldLapsed { payment_open };
    let late = at("2027-02-01T12:00Z");
    for (ends, now) in [(cancel as fn(bool) -> Change, at(NOW)), (lapse, late)] {
        let (open, _) = paying.apply(ends(true), now).unwrap();
        assert_eq!((open.payment, open.due_at()), (PaymentState::Pending, Some(now)));
        let (over, event) = open.apply(Change::PaymentAbandoned, now).unwrap();
        assert_eq!((over.payment, over.due_at()), (PaymentState::Unpaid, None));
        assert_eq!(event.kind, EventKind::BookingPaymentAbandoned);
        assert!(
            over.apply(Change::PaymentAbandoned, now).is_err(),
            "it was not open"
        );

        let (closed, _) = paying.apply(ends(false), now).unwrap();
        assert_eq!((closed.payment, closed.due_at()), (PaymentState::Unpaid, None));
    }
}

#[test]
fn a_refund_is_asked_for_when_it_takes_long() {
    let late = in_state(BookingState::HoldExpired);
    let (owed, _) = late.apply(too_late(1), at(NOW)).unwrap();
    assert_eq!(owed.due_at(), Some(plus_minutes(at(NOW), REFUND_MINUTES)));
    for change in [Change::RefundArrived(all()), Change::RefundFailed(failed())] {
        let (settled, event) = owed.apply(change, at(NOW)).unwrap();
        assert_eq!(settled.due_at(), None);
        assert_eq!(event.settled, Some(all().amount));
    }
    let (_, event) = late.apply(too_late(1), at(NOW)).unwrap();
    assert_eq!((event.settled, event.refunds), (None, vec![refund(1)]));
}

#[test]
fn a_timer_that_fires_early_changes_nothing() {
    let booking = held();
    assert!(booking.apply(LAPSED, at("2027-02-01T10:09:59Z")).is_err());
    assert_eq!(
        booking.apply(LAPSED, at("2027-02-01T10:10Z")).unwrap().0.state,
        BookingState::HoldExpired
    );
    let confirmed = in_state(BookingState::Confirmed);
    assert!(
        confirmed
            .apply(Change::Complete, at("2027-03-01T11:59Z"))
            .is_err()
    );
    assert_eq!(
        confirmed
            .apply(Change::Complete, at("2027-03-01T12:00Z"))
            .unwrap()
            .0
            .state,
        BookingState::Completed
    );
}

#[test]
fn a_cancelled_booking_says_by_whom_and_what_goes_back() {
    let paid = Booking {
        payment: PaymentState::Paid,
        ..in_state(BookingState::Confirmed)
    };
    assert_eq!(
        paid.shares_if_cancelled(Actor::Customer, at(NOW)).unwrap().refund,
        eur(10_000)
    );
    assert_eq!(
        paid.shares_if_cancelled(Actor::Customer, at("2027-03-01T09:00Z"))
            .unwrap()
            .refund,
        eur(0)
    );
    assert_eq!(
        paid.shares_if_cancelled(Actor::Vendor, at("2027-03-01T09:00Z"))
            .unwrap()
            .refund,
        eur(10_000)
    );
    let cancel = Change::Cancel {
        by: Actor::Vendor,
        reason: None,
        shares: paid.shares_if_cancelled(Actor::Vendor, at(NOW)).unwrap(),
        refunds: vec![refund(10_000)],
        payment_open: false,
    };
    let (cancelled, event) = paid.apply(cancel, at(NOW)).unwrap();
    assert_eq!(
        (cancelled.state, cancelled.payment),
        (BookingState::CancelledByVendor, PaymentState::RefundPending)
    );
    assert_eq!(event.actor, Actor::Vendor);
    let (settled, _) = cancelled.apply(Change::RefundArrived(all()), at(NOW)).unwrap();
    assert_eq!(settled.payment, PaymentState::Refunded);
}

#[test]
fn nobody_cancels_what_has_begun() {
    let confirmed = in_state(BookingState::Confirmed);
    let cancel = change(Action::Cancel, Actor::Customer);
    assert!(matches!(
        confirmed.apply(cancel, at("2027-03-01T10:00Z")),
        Err(Refusal::InvalidTransition { .. })
    ));
    let by_vendor = change(Action::Cancel, Actor::Vendor);
    assert!(
        confirmed
            .apply(by_vendor.clone(), at("2027-03-01T09:59:59Z"))
            .is_ok()
    );
    assert!(confirmed.apply(by_vendor, at("2027-03-01T10:00Z")).is_err());
    let there = |now: &str| confirmed.apply(Change::CheckedIn, at(now)).is_ok();
    assert!(there("2027-03-01T11:59:59Z") && !there("2027-03-01T12:00Z"));
    // A request that nobody answered is not cancelled either; that it has lapsed is not why.
    let cancel_request = change(Action::Cancel, Actor::Admin);
    assert!(matches!(
        in_state(BookingState::Requested).apply(cancel_request, at("2027-03-01T10:00Z")),
        Err(Refusal::InvalidTransition { .. })
    ));
    let allowed = |now: &str| confirmed.allowed(Actor::Customer, at(now));
    assert_eq!(allowed("2027-03-01T10:00Z"), []);
    let cancel = Allowed {
        action: Action::Cancel,
        until: Some(at("2027-03-01T10:00Z")),
    };
    assert_eq!(allowed(NOW).first(), Some(&cancel));
}

/// Written by hand, and not from the table: who may do what in which state, and what becomes of it.
const CELLS: &str = "
held customer: extend_hold>held pay>payment_pending cancel>cancelled_by_customer
held vendor: cancel>cancelled_by_vendor
held admin: cancel>cancelled_by_admin
held system: confirm>confirmed return_payment>hold_expired lapse_hold>hold_expired
payment_pending customer: pay>payment_pending cancel>cancelled_by_customer
payment_pending vendor: cancel>cancelled_by_vendor
payment_pending admin: cancel>cancelled_by_admin
payment_pending system: decline_payment>payment_pending confirm>confirmed return_payment>hold_expired lapse_hold>hold_expired
requested customer: withdraw>withdrawn accept_proposal>held decline_proposal>requested
requested vendor: accept>held decline>declined propose>requested withdraw_proposal>requested
requested admin: cancel>cancelled_by_admin
requested system: expire_request>request_expired lapse_proposal>requested
confirmed customer: cancel>cancelled_by_customer report_no_show>no_show_vendor propose>confirmed accept_proposal>confirmed decline_proposal>confirmed withdraw_proposal>confirmed pay>confirmed move>confirmed
confirmed vendor: cancel>cancelled_by_vendor check_in>checked_in report_no_show>no_show_customer propose>confirmed accept_proposal>confirmed decline_proposal>confirmed withdraw_proposal>confirmed move>confirmed
confirmed admin: cancel>cancelled_by_admin
confirmed system: complete>completed lapse_proposal>confirmed move>confirmed return_payment>confirmed abandon_payment>confirmed arrive_refund>confirmed fail_refund>confirmed
checked_in customer: report_no_show>no_show_vendor
checked_in system: complete>completed return_payment>checked_in abandon_payment>checked_in arrive_refund>checked_in fail_refund>checked_in
completed customer: report_no_show>no_show_vendor
completed vendor: report_no_show>no_show_customer
completed system: close>closed return_payment>completed abandon_payment>completed arrive_refund>completed fail_refund>completed
closed system: return_payment>closed abandon_payment>closed arrive_refund>closed fail_refund>closed
no_show_customer system: close>closed return_payment>no_show_customer abandon_payment>no_show_customer arrive_refund>no_show_customer fail_refund>no_show_customer
no_show_vendor system: close>closed return_payment>no_show_vendor abandon_payment>no_show_vendor arrive_refund>no_show_vendor fail_refund>no_show_vendor
hold_expired system: confirm>confirmed return_payment>hold_expired abandon_payment>hold_expired arrive_refund>hold_expired fail_refund>hold_expired
cancelled_by_customer system: return_payment>cancelled_by_customer abandon_payment>cancelled_by_customer arrive_refund>cancelled_by_customer fail_refund>cancelled_by_customer
cancelled_by_vendor system: return_payment>cancelled_by_vendor abandon_payment>cancelled_by_vendor arrive_refund>cancelled_by_vendor fail_refund>cancelled_by_vendor
cancelled_by_admin system: return_payment>cancelled_by_admin abandon_payment>cancelled_by_admin arrive_refund>cancelled_by_admin fail_refund>cancelled_by_admin
";

/// What a cell of [`CELLS`] leads to.
fn expected(state: BookingState, actor: Actor, action: Action) -> Option<&'static str> {
    let actor = match actor {
        Actor::Customer => "customer",
        Actor::Vendor => "vendor",
        Actor::Admin => "admin",
        Actor::System => "system",
    };
    let row = format!("{} {actor}: ", state.as_str());
    let cells = CELLS.lines().find_map(|line| line.strip_prefix(&row))?;
    cells
        .split(' ')
        .find_map(|cell| cell.strip_prefix(action.as_str())?.strip_prefix('>'))
}

const ACTORS: [Actor; 4] = [Actor::Customer, Actor::Vendor, Actor::Admin, Actor::System];

fn change(action: Action, by: Actor) -> Change {
    let reason = Reason::parse("so it is").unwrap();
    match action {
        Action::ExtendHold => Change::HoldExtended,
        Action::Pay => Change::PaymentStarted,
        Action::DeclinePayment => Change::PaymentDeclined,
        Action::Confirm => Change::Paid,
        Action::ReturnPayment => too_late(1),
        Action::AbandonPayment => Change::PaymentAbandoned,
        Action::ArriveRefund => Change::RefundArrived(all()),
        Action::FailRefund => Change::RefundFailed(failed()),
        Action::LapseHold => LAPSED,
        Action::Accept => Change::Accepted,
        Action::Decline => Change::Declined { reason },
        Action::Withdraw => Change::Withdrawn { reason: None },
        Action::ExpireRequest => Change::RequestLapsed,
        Action::Cancel => Change::Cancel {
            by,
            reason: None,
            shares: Shares::none(eur(0).currency()),
            refunds: Vec::new(),
            payment_open: false,
        },
        Action::CheckIn => Change::CheckedIn,
        Action::ReportNoShow => Change::NoShow { by, reason: None },
        Action::Complete => Change::Complete,
        Action::Close => Change::Close,
        Action::Propose => Change::Proposed(Box::new(proposal(by))),
        Action::AcceptProposal => Change::ProposalAccepted { by },
        Action::DeclineProposal => Change::ProposalDeclined { by },
        Action::WithdrawProposal => Change::ProposalWithdrawn { by },
        Action::LapseProposal => Change::ProposalLapsed { payment_open: false },
        Action::Move => Change::Moved {
            by,
            to: Box::new(proposal(by)),
            refunds: Vec::new(),
        },
    }
}

#[test]
fn c_t1_every_cell_of_state_actor_and_action_is_as_it_was_written_down() {
    // While the time is kept, after that, around the start, after the end, long after.
    let moments = [
        NOW,
        "2027-02-01T10:10Z",
        "2027-03-01T10:20Z",
        "2027-03-01T12:00Z",
        "2027-03-03T12:00Z",
    ]
    .map(at);
    let mut ways = 0;
    for state in BookingState::ALL {
        for actor in ACTORS {
            for action in Action::ALL {
                let cell = format!("{} {actor:?} {}", state.as_str(), action.as_str());
                let wanted = expected(state, actor, action);
                let way = transition(state, action, actor);
                assert_eq!(way.map(|way| way.to(state).as_str()), wanted, "{cell}");
                ways += usize::from(way.is_some());
                let change = change(action, actor);
                if change.by() != actor {
                    assert_eq!(way, None, "{cell} can be done by nobody");
                    continue;
                }
                let mut ever = false;
                for booking in with_proposals(state) {
                    for now in moments {
                        let may = way.is_some_and(|way| way.when.holds(&booking, now));
                        ever |= may;
                        check_cell(&cell, wanted.filter(|_| may), &booking, change.clone(), now);
                    }
                }
                assert_eq!(ever, wanted.is_some(), "{cell} at none of the moments");
            }
        }
    }
    let from = TRANSITIONS.iter().map(|way| way.from.len());
    assert_eq!(ways, from.sum::<usize>(), "a way stands there twice");
    assert_eq!(ways, CELLS.matches('>').count());
}

/// In this state: with no other time asked for, asked for by either side, and accepted.
fn with_proposals(state: BookingState) -> Vec<Booking> {
    let plain = Booking {
        payment: PaymentState::Pending,
        ..in_state(state)
    };
    if !state.has_proposals() {
        return vec![plain];
    }
    let accepted = Proposal {
        accepted_at: Some(at(NOW)),
        ..proposal(Actor::Customer)
    };
    let asked = [Actor::Customer, Actor::Vendor].map(proposal);
    let with = |proposal| Booking {
        proposal: Some(proposal),
        ..plain.clone()
    };
    let mut bookings = vec![plain.clone()];
    bookings.extend(asked.into_iter().chain([accepted]).map(with));
    bookings
}

fn check_cell(cell: &str, to: Option<&str>, booking: &Booking, change: Change, now: Timestamp) {
    let actor = change.by();
    let checked = booking.check(change.action(), actor, now);
    let applied = booking.apply(change, now);
    assert_eq!(checked.as_ref().err(), applied.as_ref().err(), "{cell}");
    match (applied, to) {
        (Ok((next, event)), Some(to)) => {
            assert_eq!(next.state.as_str(), to, "{cell}");
            assert_eq!(
                (next.version, event.number),
                (booking.version + 1, booking.version + 1)
            );
            assert_eq!((event.state, event.actor), (next.state, actor), "{cell}");
            assert_eq!(next.hold_until.is_some(), next.state.is_tentative(), "{cell}");
            assert!(next.proposal.is_none() || next.state.has_proposals(), "{cell}");
        }
        (Err(Refusal::HoldLapsed), None) => assert!(booking.has_lapsed(now), "{cell}"),
        (Err(refused), None) => {
            let names = booking.allowed(actor, now).into_iter();
            let allowed = names.map(|a| a.action.as_str()).collect();
            let from = booking.state.as_str();
            assert_eq!(refused, Refusal::InvalidTransition { from, allowed }, "{cell}");
        }
        (applied, to) => panic!("{cell} at {now}: {applied:?} instead of {to:?}"),
    }
}

#[test]
fn a_time_is_occupied_from_the_hold_to_the_end_and_not_once_it_is_over_otherwise() {
    let those = |that: fn(BookingState) -> bool| -> String {
        let states = BookingState::ALL.into_iter().filter(|state| that(*state));
        states.map(BookingState::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        those(BookingState::occupies),
        "held payment_pending requested confirmed checked_in completed closed no_show_customer no_show_vendor"
    );
    // Money may still come for these.
    assert_eq!(
        those(BookingState::is_given_up),
        "hold_expired cancelled_by_customer cancelled_by_vendor cancelled_by_admin"
    );
}

#[test]
fn a_booking_is_closed_two_days_after_its_end() {
    let over = in_state(BookingState::Completed);
    assert_eq!(over.due_at(), Some(at("2027-03-03T12:00Z")));
    assert!(over.apply(Change::Close, at("2027-03-03T11:59Z")).is_err());
    let (closed, _) = over.apply(Change::Close, at("2027-03-03T12:00Z")).unwrap();
    assert_eq!(closed.due_at(), None);
}

#[test]
fn a_hold_is_extended_once() {
    let (longer, event) = held()
        .apply(Change::HoldExtended, at("2027-02-01T10:09Z"))
        .unwrap();
    assert_eq!(longer.hold_until, Some(at("2027-02-01T10:20Z")));
    assert_eq!(event.kind, EventKind::BookingHoldExtended);
    let twice = longer.apply(Change::HoldExtended, at("2027-02-01T10:15Z"));
    assert!(matches!(twice, Err(Refusal::InvalidTransition { .. })));
    let late = held().apply(Change::HoldExtended, at("2027-02-01T10:10Z"));
    assert_eq!(late.unwrap_err(), Refusal::HoldLapsed);
}

#[test]
fn a_request_is_kept_until_its_answer_is_due_and_paid_within_a_day() {
    let request = placed(Some(600));
    assert_eq!(
        (request.state, request.hold_until),
        (BookingState::Requested, Some(at("2027-02-01T20:00Z")))
    );
    let (accepted, _) = request.apply(Change::Accepted, at("2027-02-01T19:00Z")).unwrap();
    assert_eq!(
        (accepted.state, accepted.hold_until),
        (BookingState::Held, Some(at("2027-02-02T19:00Z")))
    );
    assert!(
        accepted
            .apply(Change::HoldExtended, at("2027-02-01T19:00Z"))
            .is_err(),
        "a day is long enough"
    );
    assert_eq!(
        request
            .apply(Change::Accepted, at("2027-02-01T20:00Z"))
            .unwrap_err(),
        Refusal::HoldLapsed
    );
    let reason = Reason::parse("a wedding").unwrap();
    let (declined, _) = request
        .apply(
            Change::Declined {
                reason: reason.clone(),
            },
            at(NOW),
        )
        .unwrap();
    let said = declined.cancellation.unwrap();
    assert_eq!(
        (said.by, said.reason, said.shares.refund),
        (Actor::Vendor, Some(reason), eur(0))
    );
}

#[test]
fn an_answer_is_due_an_hour_before_the_start_and_never_at_once() {
    let start = at("2027-03-01T10:00Z");
    let due = |minutes, now: &str| answer_by(minutes, 0, start, at(now));
    assert_eq!(due(600, "2027-03-01T00:00Z"), at("2027-03-01T09:00Z"));
    assert_eq!(due(60, "2027-03-01T00:00Z"), at("2027-03-01T01:00Z"));
    assert_eq!(due(60, "2027-03-01T09:30Z"), at("2027-03-01T09:40Z"));
    assert_eq!(due(60, "2027-03-01T09:55Z"), start);
    // Where customers can no longer cancel even earlier, before that.
    let locked = |lock_minutes, now: &str| answer_by(600, lock_minutes, start, at(now));
    assert_eq!(locked(59, "2027-03-01T00:00Z"), at("2027-03-01T09:00Z"));
    assert_eq!(locked(61, "2027-03-01T00:00Z"), at("2027-03-01T08:59Z"));
    assert_eq!(locked(480, "2027-03-01T00:00Z"), at("2027-03-01T02:00Z"));
    assert_eq!(locked(480, "2027-03-01T05:00Z"), at("2027-03-01T05:10Z"));
}

#[test]
fn who_was_checked_in_has_come() {
    let confirmed = in_state(BookingState::Confirmed);
    let early = confirmed.apply(Change::CheckedIn, at("2027-03-01T08:59Z"));
    assert!(matches!(early, Err(Refusal::InvalidTransition { .. })));
    let (there, _) = confirmed
        .apply(Change::CheckedIn, at("2027-03-01T09:00Z"))
        .unwrap();
    let (over, _) = there.apply(Change::Complete, at("2027-03-01T12:00Z")).unwrap();
    let report = Change::NoShow {
        by: Actor::Vendor,
        reason: None,
    };
    assert!(over.apply(report.clone(), at("2027-03-01T12:00Z")).is_err());
    let (nobody, _) = confirmed.apply(report.clone(), at("2027-03-01T10:15Z")).unwrap();
    assert_eq!(nobody.state, BookingState::NoShowCustomer);
    assert!(confirmed.apply(report.clone(), at("2027-03-01T10:14Z")).is_err());
    assert!(confirmed.apply(report, at("2027-03-02T12:00Z")).is_err());
}

/// Whoever did not open may still say that somebody came.
#[test]
fn a_customer_who_stands_before_a_closed_door_says_so_whoever_was_checked_in() {
    let report = Change::NoShow {
        by: Actor::Customer,
        reason: None,
    };
    let confirmed = in_state(BookingState::Confirmed);
    let (there, _) = confirmed
        .apply(Change::CheckedIn, at("2027-03-01T09:00Z"))
        .unwrap();
    let (over, _) = there.apply(Change::Complete, at("2027-03-01T12:00Z")).unwrap();
    for (booking, now) in [(&there, "2027-03-01T10:15Z"), (&over, "2027-03-02T11:59Z")] {
        let (alone, _) = booking.apply(report.clone(), at(now)).unwrap();
        assert_eq!(alone.state, BookingState::NoShowVendor);
        assert_eq!(alone.no_show.unwrap().by, Actor::Customer);
    }
    assert!(there.apply(report.clone(), at("2027-03-01T10:14Z")).is_err());
    assert!(over.apply(report, at("2027-03-02T12:00Z")).is_err());
}

#[test]
fn events_are_numbered_without_gaps_and_stand_alone() {
    let booking = held();
    let (paying, second) = booking.apply(Change::PaymentStarted, at(NOW)).unwrap();
    let (_, third) = paying.apply(Change::Paid, at(NOW)).unwrap();
    assert_eq!((second.number, third.number), (2, 3));
    assert_eq!(third.id(), format!("{}.3", booking.id));
    assert_eq!(
        (third.customer, third.vendor, third.total),
        (booking.customer, booking.vendor, eur(10_000))
    );
}

#[test]
fn a_booking_that_was_entered_is_firm_and_costs_nothing_here() {
    let model = held();
    let guest = Guest {
        name: PersonName::parse("Greta").unwrap(),
        contact: None,
    };
    let entered = Entered {
        venue: model.venue,
        venue_name: model.venue_name.clone(),
        vendor: model.vendor,
        space: model.space,
        space_name: model.space_name.clone(),
        point: Point::new(52.5, 13.4).unwrap(),
        address: address(),
        zone: model.zone.clone(),
        interval: model.interval,
        guests: 4,
        layout: None,
        guest: guest.clone(),
        policy: Policy::preset("very_flexible").unwrap(),
        terms_version: 1,
        currency: eur(0).currency(),
    };
    let placing = Placing {
        id: model.id,
        customer: UserId::from_uuid(Uuid::from_u128(6)),
        spaces: model.spaces.clone(),
        setup_minutes: 0,
        turnaround_minutes: 0,
    };
    let by = placing.customer;
    let (booking, event) = Booking::entered(entered, placing, at(NOW));
    assert_eq!(
        (booking.state, booking.payment),
        (BookingState::Confirmed, PaymentState::OffPlatform)
    );
    assert_eq!(
        (booking.customer, booking.guest.as_ref(), booking.booked_by),
        (None, Some(&guest), by)
    );
    assert_eq!(
        (event.kind, event.actor, event.number),
        (EventKind::BookingEntered, Actor::Vendor, 1)
    );
    assert_eq!(
        booking
            .shares_if_cancelled(Actor::Vendor, at(NOW))
            .unwrap()
            .refund,
        eur(0)
    );
    assert_eq!(booking.entry().hold_until, None);
}

#[test]
fn a_filter_admits_what_is_all_that_it_says() {
    let booking = held();
    let start = booking.interval.start();
    let other = VenueId::from_uuid(Uuid::from_u128(99));
    let second = |seconds| Some(crate::time::plus_seconds(start, seconds));
    let all = Filter {
        states: vec![BookingState::Confirmed, BookingState::Held],
        from: second(0),
        to: second(1),
        venue: Some(booking.venue),
        venues: Some(BTreeSet::from([other, booking.venue])),
        vendor: Some(booking.vendor),
        other_clocks: false,
    };
    assert!(Filter::default().admits(&booking) && all.admits(&booking));
    assert!(Filter::in_state(BookingState::Held).admits(&booking));
    let misses = [
        Filter::in_state(BookingState::Confirmed),
        Filter {
            from: second(1),
            ..all.clone()
        },
        Filter {
            to: second(0),
            ..all.clone()
        },
        Filter {
            venue: Some(other),
            ..all.clone()
        },
        Filter {
            venues: Some(BTreeSet::from([other])),
            ..all.clone()
        },
        Filter {
            vendor: Some(VendorId::from_uuid(Uuid::from_u128(99))),
            ..all
        },
    ];
    assert!(misses.iter().all(|filter| !filter.admits(&booking)), "{misses:?}");
}

/// As if the rules of the zone were others when it was booked.
#[test]
fn a_booking_at_which_clocks_will_show_another_time_is_found_while_it_is_to_come() {
    let others = Filter {
        other_clocks: true,
        ..Filter::default()
    };
    let booking = held();
    assert!(!booking.has_other_clocks() && !others.admits(&booking));
    let mut shifted = confirmed();
    shifted.clocks.start = shifted.clocks.start.saturating_sub(jiff::Span::new().hours(1));
    assert!(shifted.has_other_clocks() && others.admits(&shifted));
    for state in [
        BookingState::CheckedIn,
        BookingState::Completed,
        BookingState::CancelledByVendor,
    ] {
        let over = Booking {
            state,
            ..shifted.clone()
        };
        assert!(!others.admits(&over), "{state:?}");
    }
    // What its two sides agree on is agreed on by the clocks of today.
    let moved = Change::Moved {
        by: Actor::Customer,
        to: Box::new(proposal(Actor::Vendor)),
        refunds: Vec::new(),
    };
    let asked = Change::Proposed(Box::new(proposal(Actor::Vendor)));
    let (asked, _) = shifted.apply(asked, at(NOW)).unwrap();
    let (moved, _) = asked.apply(moved, at(NOW)).unwrap();
    assert!(!moved.has_other_clocks());
}
