use super::*;
use crate::id::RefundId;
use crate::pricing::{QuoteId, Rates};
use crate::time::tests::{at, between};

const NOW: &str = "2027-02-01T10:00Z";

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn held() -> Booking {
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
        venue_name: VenueName::parse("Loft").unwrap(),
        zone: "Europe/Berlin".parse().unwrap(),
        vendor: VendorId::from_uuid(Uuid::from_u128(4)),
        space,
        interval,
        guests: 10,
        price: Rates {
            price_per_hour: eur(5_000),
            version: 1,
        }
        .price(interval)
        .unwrap(),
        policy: Policy::flexible(),
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
    Booking::held(&quote, placing, at(NOW)).0
}

fn refund(amount: i64) -> RefundRef {
    RefundRef {
        id: RefundId::from_uuid(Uuid::from_u128(7)),
        amount: eur(amount),
    }
}

fn in_state(state: BookingState) -> Booking {
    let hold_until =
        matches!(state, BookingState::Held | BookingState::PaymentPending).then(|| at("2027-02-01T10:10Z"));
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
        .apply(Change::PaidTooLate(refund(10_000)), at(NOW))
        .unwrap();
    assert_eq!(
        (late.state, late.payment),
        (BookingState::HoldExpired, PaymentState::RefundPending)
    );
    assert_eq!(event.refund, Some(refund(10_000)));
    let (late, _) = in_state(BookingState::CancelledByVendor)
        .apply(Change::PaidTooLate(refund(1)), at(NOW))
        .unwrap();
    assert_eq!(late.state, BookingState::CancelledByVendor);
}

const LAPSED: Change = Change::HoldLapsed { payment_open: false };

#[test]
fn a_payment_that_may_still_come_is_looked_after_until_it_cannot() {
    let cancel = |payment_open| Change::Cancel {
        by: Actor::Customer,
        reason: None,
        refund: None,
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
    let (owed, _) = late.apply(Change::PaidTooLate(refund(1)), at(NOW)).unwrap();
    assert_eq!(owed.due_at(), Some(plus_minutes(at(NOW), REFUND_MINUTES)));
    let settled = |status| owed.apply(Change::RefundSettled(status), at(NOW)).unwrap().0;
    assert_eq!(settled(RefundStatus::Succeeded).due_at(), None);
    assert_eq!(settled(RefundStatus::Failed).due_at(), None);
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
        paid.refund_if_cancelled(Actor::Customer, at(NOW)),
        Ok(eur(10_000))
    );
    assert_eq!(
        paid.refund_if_cancelled(Actor::Customer, at("2027-03-01T09:00Z")),
        Ok(eur(0))
    );
    assert_eq!(
        paid.refund_if_cancelled(Actor::Vendor, at("2027-03-01T09:00Z")),
        Ok(eur(10_000))
    );
    let cancel = Change::Cancel {
        by: Actor::Vendor,
        reason: None,
        refund: Some(refund(10_000)),
        payment_open: false,
    };
    let (cancelled, event) = paid.apply(cancel, at(NOW)).unwrap();
    assert_eq!(
        (cancelled.state, cancelled.payment),
        (BookingState::CancelledByVendor, PaymentState::RefundPending)
    );
    assert_eq!(event.actor, Actor::Vendor);
    let (settled, _) = cancelled
        .apply(Change::RefundSettled(RefundStatus::Succeeded), at(NOW))
        .unwrap();
    assert_eq!(settled.payment, PaymentState::Refunded);
}

#[test]
fn nobody_cancels_what_has_begun() {
    let confirmed = in_state(BookingState::Confirmed);
    let cancel = Change::Cancel {
        by: Actor::Customer,
        reason: None,
        refund: None,
        payment_open: false,
    };
    assert!(matches!(
        confirmed.apply(cancel, at("2027-03-01T10:00Z")),
        Err(Refusal::InvalidTransition { .. })
    ));
    assert_eq!(
        confirmed.allowed(Actor::Customer, at("2027-03-01T10:00Z")),
        Vec::<&str>::new()
    );
    assert_eq!(confirmed.allowed(Actor::Customer, at(NOW)), ["cancel"]);
}

#[test]
fn what_is_not_allowed_in_a_state_is_refused_with_what_is() {
    use BookingState as S;
    let states = [
        S::Held,
        S::PaymentPending,
        S::Confirmed,
        S::HoldExpired,
        S::CancelledByCustomer,
        S::CancelledByVendor,
        S::CancelledByAdmin,
        S::Completed,
    ];
    let now = at(NOW);
    let accepted = |change: &Change| -> Vec<S> {
        states
            .into_iter()
            .filter(|s| in_state(*s).apply(change.clone(), now).is_ok())
            .collect()
    };
    assert_eq!(accepted(&Change::PaymentStarted), [S::Held, S::PaymentPending]);
    assert_eq!(accepted(&Change::PaymentDeclined), [S::PaymentPending]);
    assert_eq!(
        accepted(&Change::Paid),
        [S::Held, S::PaymentPending, S::HoldExpired]
    );
    assert_eq!(
        accepted(&Change::PaidTooLate(refund(1))),
        [
            S::Held,
            S::PaymentPending,
            S::HoldExpired,
            S::CancelledByCustomer,
            S::CancelledByVendor,
            S::CancelledByAdmin
        ]
    );
    assert_eq!(
        accepted(&Change::Cancel {
            by: Actor::Customer,
            reason: None,
            refund: None,
            payment_open: false,
        }),
        [S::Held, S::PaymentPending, S::Confirmed]
    );
    assert_eq!(
        accepted(&Change::RefundSettled(RefundStatus::Succeeded)),
        [
            S::HoldExpired,
            S::CancelledByCustomer,
            S::CancelledByVendor,
            S::CancelledByAdmin
        ]
    );
    let refused = in_state(S::Held).apply(Change::Complete, now).unwrap_err();
    assert_eq!(
        refused,
        Refusal::InvalidTransition {
            from: "held",
            allowed: vec!["pay", "cancel"]
        }
    );
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
fn a_code_is_eight_unmistakable_characters() {
    assert_eq!(code(Uuid::from_u128(0)), "0000-0000");
    let code = code(Uuid::from_u128(u128::MAX));
    assert_eq!(code, "ZZZZ-ZZZZ");
}
