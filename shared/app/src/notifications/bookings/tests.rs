use std::collections::BTreeSet;

use domain::event::{OtherTime, RefundRef};
use domain::id::{BookingId, RefundId, SpaceId, UserId, VendorId, VenueId};
use domain::money::Money;
use domain::text::VenueName;
use domain::time::Interval;
use uuid::Uuid;

use super::super::audience::{AUDIENCE, told};
use super::*;

const ALL: [EventKind; 27] = [
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
    EventKind::BookingChangeProposed,
    EventKind::BookingChangeAccepted,
    EventKind::BookingChangeDeclined,
    EventKind::BookingChangeWithdrawn,
    EventKind::BookingChangeLapsed,
    EventKind::BookingMoved,
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
        code: "7KQ2-M9XD".parse().unwrap(),
        venue: VenueId::from_uuid(id),
        venue_name: VenueName::parse("Tom & Jerry's").unwrap(),
        vendor: VendorId::from_uuid(id),
        customer: Some(UserId::from_uuid(id)),
        requested: false,
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
        other: None,
        refunds: Vec::new(),
        settled: None,
    }
}

fn refund_of(amount: i64) -> RefundRef {
    RefundRef {
        id: RefundId::from_uuid(Uuid::from_u128(8)),
        amount: eur(amount),
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
        refunds: refund.map(refund_of).into_iter().collect(),
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
fn a_confirmation_names_the_time_in_the_venues_zone_the_place_and_the_price() {
    let more = Background {
        address: Some("Torstr. 1, 10119 Berlin, DE".to_owned()),
        ..Background::default()
    };
    let letter = letter(&event(EventKind::BookingConfirmed), Recipient::Customer, &more).unwrap();
    assert_eq!(letter.title, "Booking confirmed: Tom & Jerry's");
    assert_eq!(
        letter.text,
        "Tom & Jerry's is yours: Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00). \
         You find it at Torstr. 1, 10119 Berlin, DE. You paid EUR 120.00."
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
fn a_vendor_hears_that_a_request_came_to_nothing_after_all() {
    let vendor_is_told = |event: &BookingEvent| told(event).any(|(to, _)| to == Recipient::Vendor);
    let given_up = BookingEvent {
        payment: PaymentState::Unpaid,
        ..cancelled(Actor::Customer, None)
    };
    let never_paid = BookingEvent {
        state: BookingState::HoldExpired,
        payment: PaymentState::Unpaid,
        ..event(EventKind::BookingHoldExpired)
    };
    for instant in [given_up, never_paid] {
        assert!(!vendor_is_told(&instant));
        let asked = BookingEvent {
            requested: true,
            ..instant
        };
        assert!(vendor_is_told(&asked));
        let text = read(&asked, Recipient::Vendor).text;
        assert!(
            text.contains("The time is free again.") && text.contains("not paid"),
            "{text}"
        );
    }
}

#[test]
fn a_reason_is_quoted_to_the_other_side() {
    let kinds = [
        EventKind::BookingDeclined,
        EventKind::BookingWithdrawn,
        EventKind::BookingNoShow,
        EventKind::BookingCancelled,
        EventKind::BookingChangeProposed,
    ];
    let more = Background {
        reason: Some("A wedding.".to_owned()),
        ..Background::default()
    };
    for kind in kinds {
        assert!(Background::is_needed(kind));
        let letters = [Recipient::Customer, Recipient::Vendor].map(|to| letter(&event(kind), to, &more));
        let quoted = Block::Quote("A wedding.".to_owned());
        let mut read = letters.iter().flatten();
        assert!(read.clone().count() > 0 && read.all(|letter| letter.blocks.contains(&quoted)));
    }
}

#[test]
fn the_reason_of_a_cancellation_is_quoted() {
    let more = Background {
        reason: Some("A burst pipe.\nSorry.".to_owned()),
        ..Background::default()
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
    let refunded = BookingEvent {
        settled: Some(eur(6_000)),
        ..event(EventKind::BookingRefunded)
    };
    let customer = read(&refunded, Recipient::Customer).text;
    assert!(
        customer.starts_with("EUR 60.00 for booking 7KQ2-M9XD"),
        "{customer}"
    );
    let vendor = read(&refunded, Recipient::Vendor).text;
    assert_eq!(
        vendor,
        "EUR 60.00 for booking 7KQ2-M9XD at Tom & Jerry's went back to the customer."
    );
    let unknown = read(&event(EventKind::BookingRefunded), Recipient::Customer).text;
    assert!(unknown.starts_with("Your money for booking"), "{unknown}");
}

/// From the evening to the noon of the same day.
fn about_noon(kind: EventKind, actor: Actor, total: i64) -> BookingEvent {
    let noon = Interval::new(
        "2027-03-26T11:00:00Z".parse().unwrap(),
        "2027-03-26T13:00:00Z".parse().unwrap(),
    );
    BookingEvent {
        actor,
        other: Some(OtherTime {
            interval: noon.unwrap(),
            total: eur(total),
        }),
        ..event(kind)
    }
}

#[test]
fn another_time_is_told_to_the_side_that_is_asked() {
    let proposed = about_noon(EventKind::BookingChangeProposed, Actor::Customer, 9_000);
    let recipients: Vec<_> = told(&proposed).map(|(to, _)| to).collect();
    assert_eq!(recipients, [Recipient::Vendor]);
    let letter = read(&proposed, Recipient::Vendor);
    assert_eq!(letter.title, "A customer asks to move a booking: Tom & Jerry's");
    assert_eq!(
        letter.text,
        "The customer of booking 7KQ2-M9XD at Tom & Jerry's asks to move it from Friday, 26 March 2027, 18:00 to \
         22:00 (Europe/Berlin, UTC+01:00) to Friday, 26 March 2027, 12:00 to 14:00 (Europe/Berlin, UTC+01:00). It \
         would cost EUR 90.00 instead of EUR 120.00. Nothing changes unless you agree."
    );
    let declined = about_noon(EventKind::BookingChangeDeclined, Actor::Vendor, 9_000);
    let recipients: Vec<_> = told(&declined).map(|(to, _)| to).collect();
    assert_eq!(recipients, [Recipient::Customer]);
    let text = read(&declined, Recipient::Customer).text;
    assert!(
        text.ends_with("12:00 to 14:00 (Europe/Berlin, UTC+01:00), was not agreed to."),
        "{text}"
    );
    // What nobody said is told to both.
    let lapsed = about_noon(EventKind::BookingChangeLapsed, Actor::System, 9_000);
    assert_eq!(told(&lapsed).count(), 2);
}

#[test]
fn an_offer_in_place_of_a_request_is_told_from_the_offer_to_the_answer() {
    let of_request = |kind, actor, state| BookingEvent {
        state,
        payment: PaymentState::Unpaid,
        ..about_noon(kind, actor, 9_000)
    };
    let requested = BookingState::Requested;
    let offered = of_request(EventKind::BookingChangeProposed, Actor::Vendor, requested);
    let recipients = |event: &BookingEvent| told(event).map(|(to, _)| to).collect::<Vec<_>>();
    assert_eq!(recipients(&offered), [Recipient::Customer]);
    assert_eq!(
        read(&offered, Recipient::Customer).text,
        "Tom & Jerry's answers your request 7KQ2-M9XD with an offer: Friday, 26 March 2027, 12:00 to 14:00 \
         (Europe/Berlin, UTC+01:00) instead of Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00). It \
         would cost EUR 90.00 instead of EUR 120.00. Nothing changes unless you agree."
    );
    let declined = of_request(EventKind::BookingChangeDeclined, Actor::Customer, requested);
    assert_eq!(recipients(&declined), [Recipient::Vendor]);
    assert_eq!(
        read(&declined, Recipient::Vendor).text,
        "The request 7KQ2-M9XD for Tom & Jerry's is still to be answered: Friday, 26 March 2027, 18:00 to 22:00 \
         (Europe/Berlin, UTC+01:00). What was offered instead was not agreed to."
    );
    let lapsed = of_request(EventKind::BookingChangeLapsed, Actor::System, requested);
    assert_eq!(recipients(&lapsed), [Recipient::Customer, Recipient::Vendor]);
    let back = of_request(EventKind::BookingChangeWithdrawn, Actor::Vendor, requested);
    assert!(
        read(&back, Recipient::Customer)
            .text
            .starts_with("Your request 7KQ2-M9XD for Tom & Jerry's stands, and is still to be answered")
    );
    let taken = of_request(
        EventKind::BookingChangeAccepted,
        Actor::Customer,
        BookingState::Held,
    );
    assert_eq!(recipients(&taken), [Recipient::Customer, Recipient::Vendor]);
    let text = |to| read(&taken, to).text;
    assert!(text(Recipient::Customer).contains("Pay EUR 120.00 within a day"));
    assert!(text(Recipient::Vendor).contains("takes what you offered"));
}

#[test]
fn the_same_time_for_less_is_told_as_a_price_and_not_as_a_move() {
    let cheaper = |kind, total| {
        let event = about_noon(kind, Actor::Vendor, total);
        let other = OtherTime {
            interval: event.interval,
            total: eur(total),
        };
        BookingEvent {
            other: Some(other),
            ..event
        }
    };
    let offered = read(
        &cheaper(EventKind::BookingChangeProposed, 9_000),
        Recipient::Customer,
    );
    assert_eq!(offered.title, "Tom & Jerry's makes you an offer");
    assert_eq!(
        offered.text,
        "Tom & Jerry's offers you another price for your booking 7KQ2-M9XD: Friday, 26 March 2027, 18:00 to 22:00 \
         (Europe/Berlin, UTC+01:00). It would cost EUR 90.00 instead of EUR 120.00. Nothing changes unless you agree."
    );
    let done = read(&cheaper(EventKind::BookingMoved, 15_000), Recipient::Customer);
    assert_eq!(done.title, "Booking changed: Tom & Jerry's");
    assert!(
        done.text
            .ends_with("(Europe/Berlin, UTC+01:00). It costs EUR 120.00 instead of EUR 150.00."),
        "{}",
        done.text
    );
}

#[test]
fn both_sides_read_where_a_booking_moved_and_what_it_costs() {
    let moved = about_noon(EventKind::BookingMoved, Actor::Vendor, 15_000);
    let cheaper = BookingEvent {
        refunds: vec![refund_of(3_000)],
        ..moved.clone()
    };
    let text = read(&cheaper, Recipient::Customer).text;
    assert!(
        text.contains(
            "is now Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00), and no longer Friday"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "It costs EUR 120.00 instead of EUR 150.00. EUR 30.00 goes back to where it was paid from."
        ),
        "{text}"
    );
    let same = about_noon(EventKind::BookingMoved, Actor::Vendor, 12_000);
    assert!(
        read(&same, Recipient::Vendor)
            .text
            .ends_with("It costs EUR 120.00 as before.")
    );
    assert_eq!(told(&moved).count(), 2);
    // Whoever moved a booking that they had entered themselves knows.
    let entered = BookingEvent {
        customer: None,
        ..moved
    };
    assert!(told(&entered).all(|(to, _)| to != Recipient::Vendor));
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
fn a_late_payment_for_another_time_leaves_the_booking_standing() {
    for state in [BookingState::Confirmed, BookingState::Completed] {
        let late = BookingEvent {
            state,
            refunds: vec![refund_of(3_000)],
            ..event(EventKind::BookingPaymentCameTooLate)
        };
        let text = read(&late, Recipient::Customer).text;
        assert!(text.contains("which stays Friday, 26 March 2027"), "{text}");
        assert!(text.contains("All of it, EUR 30.00, goes back"), "{text}");
        assert!(!text.contains("cancelled"), "{text}");
    }
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
