use std::collections::BTreeSet;

use domain::event::RefundRef;
use domain::id::{BookingId, RefundId, SpaceId, UserId, VendorId, VenueId};
use domain::text::VenueName;
use domain::time::Interval;
use uuid::Uuid;

use super::super::audience::{AUDIENCE, told};
use super::*;

const ALL: [EventKind; 21] = [
    EventKind::BookingHeld,
    EventKind::BookingEntered,
    EventKind::BookingRequested,
    EventKind::BookingAccepted,
    EventKind::BookingDeclined,
    EventKind::BookingWithdrawn,
    EventKind::BookingRequestExpired,
    EventKind::BookingCheckedIn,
    EventKind::BookingNoShow,
    EventKind::BookingClosed,
    EventKind::BookingHoldExtended,
    EventKind::BookingPaymentStarted,
    EventKind::BookingPaymentDeclined,
    EventKind::BookingConfirmed,
    EventKind::BookingHoldExpired,
    EventKind::BookingCancelled,
    EventKind::BookingPaymentCameTooLate,
    EventKind::BookingPaymentAbandoned,
    EventKind::BookingRefunded,
    EventKind::BookingRefundFailed,
    EventKind::BookingCompleted,
];

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn event(kind: EventKind) -> BookingEvent {
    let id = Uuid::from_u128(7);
    BookingEvent {
        v: domain::event::EVENT_VERSION,
        kind,
        number: 3,
        at: "2027-03-01T09:00:00Z".parse().unwrap(),
        actor: Actor::System,
        booking: BookingId::from_uuid(id),
        code: "7KQ2-M9XD".to_owned(),
        venue: VenueId::from_uuid(id),
        venue_name: VenueName::parse("Tom & Jerry's").unwrap(),
        vendor: VendorId::from_uuid(id),
        customer: Some(UserId::from_uuid(id)),
        space: SpaceId::from_uuid(id),
        interval: Interval::new(
            "2027-03-26T17:00:00Z".parse().unwrap(),
            "2027-03-26T21:00:00Z".parse().unwrap(),
        )
        .unwrap(),
        zone: "Europe/Berlin".parse().unwrap(),
        state: BookingState::Confirmed,
        payment: PaymentState::Paid,
        total: eur(12_000),
        refund: None,
    }
}

fn cancelled(actor: Actor, refund: Option<i64>) -> BookingEvent {
    BookingEvent {
        actor,
        state: match actor {
            Actor::Customer => BookingState::CancelledByCustomer,
            Actor::Vendor => BookingState::CancelledByVendor,
            Actor::Admin | Actor::System => BookingState::CancelledByAdmin,
        },
        payment: refund.map_or(PaymentState::Paid, |_| PaymentState::RefundPending),
        refund: refund.map(|amount| RefundRef {
            id: RefundId::from_uuid(Uuid::from_u128(8)),
            amount: eur(amount),
        }),
        ..event(EventKind::BookingCancelled)
    }
}

fn read(event: &BookingEvent, to: Recipient) -> Letter {
    letter(event, to, &Background::default()).unwrap()
}

#[test]
fn whoever_is_told_of_an_event_has_something_to_read_and_nobody_else_has() {
    for kind in ALL {
        for to in [Recipient::Customer, Recipient::Vendor] {
            let is_told = AUDIENCE.iter().any(|(k, r, _)| (*k, *r) == (kind, to));
            let text = letter(&event(kind), to, &Background::default());
            assert_eq!(text.is_some(), is_told, "{kind:?} to {to:?}");
        }
    }
}

#[test]
fn nobody_is_told_the_same_by_two_lines_of_the_table() {
    let lines: BTreeSet<String> = AUDIENCE.iter().map(|(k, r, _)| format!("{k:?} {r:?}")).collect();
    assert_eq!(lines.len(), AUDIENCE.len());
}

#[test]
fn a_confirmation_names_the_time_in_the_venues_zone_and_the_price() {
    let letter = read(&event(EventKind::BookingConfirmed), Recipient::Customer);
    assert_eq!(letter.title, "Booking confirmed: Tom & Jerry's");
    assert_eq!(
        letter.text,
        "Tom & Jerry's is yours: Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00). \
         You paid EUR 120.00."
    );
    assert_eq!(
        letter.blocks,
        [Block::Facts(vec![
            ("Booking", "7KQ2-M9XD".to_owned()),
            ("Venue", "Tom & Jerry's".to_owned()),
            (
                "Time",
                "Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00)".to_owned()
            ),
            ("Price", "EUR 120.00".to_owned()),
        ])]
    );
}

#[test]
fn the_vendor_reads_of_a_booking_by_its_code() {
    let letter = read(&event(EventKind::BookingConfirmed), Recipient::Vendor);
    assert_eq!(letter.title, "New booking: Tom & Jerry's");
    assert!(
        letter
            .text
            .starts_with("Booking 7KQ2-M9XD at Tom & Jerry's is paid and confirmed:")
    );
}

#[test]
fn a_cancellation_says_who_cancelled_and_what_goes_back() {
    let text = |event: &BookingEvent, to| read(event, to).text;
    let part = cancelled(Actor::Customer, Some(6_000));
    let customer = text(&part, Recipient::Customer);
    assert!(
        customer.starts_with("You cancelled your booking 7KQ2-M9XD at"),
        "{customer}"
    );
    assert!(
        customer.contains("EUR 60.00 of EUR 120.00 goes back"),
        "{customer}"
    );
    let vendor = text(&part, Recipient::Vendor);
    assert!(
        vendor.starts_with("The customer cancelled booking 7KQ2-M9XD at"),
        "{vendor}"
    );
    assert!(
        vendor.contains("EUR 60.00 of EUR 120.00 goes back to the customer."),
        "{vendor}"
    );

    let all = text(&cancelled(Actor::Vendor, Some(12_000)), Recipient::Customer);
    assert!(all.starts_with("The venue cancelled your booking"), "{all}");
    assert!(all.contains("All you paid, EUR 120.00, goes back"), "{all}");

    let none = text(&cancelled(Actor::Customer, None), Recipient::Customer);
    assert!(none.contains("nothing of EUR 120.00 goes back"), "{none}");

    let unpaid = BookingEvent {
        payment: PaymentState::Unpaid,
        ..cancelled(Actor::Admin, None)
    };
    let unpaid = text(&unpaid, Recipient::Customer);
    assert!(unpaid.starts_with("We cancelled your booking"), "{unpaid}");
    assert!(unpaid.contains("nothing is charged"), "{unpaid}");
}

#[test]
fn the_reason_of_a_cancellation_is_quoted() {
    let more = Background {
        reason: Some("A burst pipe.\nSorry.".to_owned()),
        refund: None,
    };
    let letter = letter(
        &cancelled(Actor::Vendor, Some(12_000)),
        Recipient::Customer,
        &more,
    )
    .unwrap();
    assert!(
        letter
            .blocks
            .contains(&Block::Quote("A burst pipe.\nSorry.".to_owned()))
    );
}

#[test]
fn a_refund_says_how_much_when_it_is_known() {
    let known = Background {
        reason: None,
        refund: Some(eur(6_000)),
    };
    let refunded = event(EventKind::BookingRefunded);
    let customer = letter(&refunded, Recipient::Customer, &known).unwrap().text;
    assert!(
        customer.starts_with("EUR 60.00 for booking 7KQ2-M9XD"),
        "{customer}"
    );
    let vendor = letter(&refunded, Recipient::Vendor, &known).unwrap().text;
    assert_eq!(
        vendor,
        "EUR 60.00 for booking 7KQ2-M9XD at Tom & Jerry's went back to the customer."
    );
    let unknown = read(&refunded, Recipient::Customer).text;
    assert!(unknown.starts_with("Your money for booking"), "{unknown}");
}

#[test]
fn a_late_payment_is_told_with_what_made_it_late() {
    let late = |state| {
        let event = BookingEvent {
            state,
            ..event(EventKind::BookingPaymentCameTooLate)
        };
        read(&event, Recipient::Customer).text
    };
    assert!(late(BookingState::HoldExpired).contains("your hold had run out"));
    assert!(late(BookingState::CancelledByCustomer).contains("the booking had been cancelled"));
    assert!(late(BookingState::HoldExpired).contains("All of it, EUR 120.00, goes back"));
}

#[test]
fn a_vendor_hears_nothing_of_a_booking_that_never_was_confirmed() {
    let vendor_is_told = |event: &BookingEvent| told(event).any(|(to, _)| to == Recipient::Vendor);
    assert!(vendor_is_told(&event(EventKind::BookingConfirmed)));
    assert!(vendor_is_told(&cancelled(Actor::Customer, None)));
    for payment in [PaymentState::Unpaid, PaymentState::Pending] {
        let hold = BookingEvent {
            payment,
            ..cancelled(Actor::Customer, None)
        };
        assert!(!vendor_is_told(&hold));
        assert!(told(&hold).any(|(to, _)| to == Recipient::Customer));
    }
    let late = BookingEvent {
        state: BookingState::HoldExpired,
        payment: PaymentState::Refunded,
        ..event(EventKind::BookingRefunded)
    };
    assert!(!vendor_is_told(&late));
}
