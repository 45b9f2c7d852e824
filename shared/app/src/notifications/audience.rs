//! Who is told of what happened to a booking, and by which means.

use domain::booking::{BookingState, PaymentState};
use domain::event::{BookingEvent, EventKind};
use domain::role::Actor;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Whoever booked.
    Customer,
    /// The venue's business: its owner's notes, its contact address.
    Vendor,
}

impl Recipient {
    const fn actor(self) -> Actor {
        match self {
            Self::Customer => Actor::Customer,
            Self::Vendor => Actor::Vendor,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    Note,
    NoteAndMail,
}

/// Every line says one thing that one of them is told. A kind without a line is told to nobody: whoever
/// holds a time or begins to pay has the answer on the screen, and that nothing was paid is no news.
pub const AUDIENCE: [(EventKind, Recipient, Means); 32] = [
    (EventKind::BookingRequested, Recipient::Vendor, Means::NoteAndMail),
    (
        EventKind::BookingAccepted,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingDeclined,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingWithdrawn, Recipient::Vendor, Means::Note),
    (
        EventKind::BookingRequestExpired,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingRequestExpired, Recipient::Vendor, Means::Note),
    (EventKind::BookingNoShow, Recipient::Customer, Means::NoteAndMail),
    (EventKind::BookingNoShow, Recipient::Vendor, Means::NoteAndMail),
    (
        EventKind::BookingPaymentDeclined,
        Recipient::Customer,
        Means::Note,
    ),
    (
        EventKind::BookingConfirmed,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingConfirmed, Recipient::Vendor, Means::NoteAndMail),
    (EventKind::BookingHoldExpired, Recipient::Customer, Means::Note),
    (
        EventKind::BookingHoldExpired,
        Recipient::Vendor,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingCancelled,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingCancelled, Recipient::Vendor, Means::NoteAndMail),
    (
        EventKind::BookingPaymentCameTooLate,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingRefunded,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingRefunded, Recipient::Vendor, Means::Note),
    (
        EventKind::BookingRefundFailed,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingCompleted, Recipient::Customer, Means::Note),
    (
        EventKind::BookingChangeProposed,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingChangeProposed,
        Recipient::Vendor,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingChangeAccepted,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (EventKind::BookingChangeAccepted, Recipient::Vendor, Means::Note),
    (
        EventKind::BookingChangeDeclined,
        Recipient::Customer,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingChangeDeclined,
        Recipient::Vendor,
        Means::NoteAndMail,
    ),
    (
        EventKind::BookingChangeWithdrawn,
        Recipient::Customer,
        Means::Note,
    ),
    (EventKind::BookingChangeWithdrawn, Recipient::Vendor, Means::Note),
    (EventKind::BookingChangeLapsed, Recipient::Customer, Means::Note),
    (EventKind::BookingChangeLapsed, Recipient::Vendor, Means::Note),
    (EventKind::BookingMoved, Recipient::Customer, Means::NoteAndMail),
    (EventKind::BookingMoved, Recipient::Vendor, Means::NoteAndMail),
];

/// Who is told of this event.
pub fn told(event: &BookingEvent) -> impl Iterator<Item = (Recipient, Means)> {
    AUDIENCE
        .into_iter()
        .filter(|(kind, recipient, _)| *kind == event.kind && concerns(event, *recipient))
        .map(|(_, recipient, means)| (recipient, means))
}

/// A vendor first hears of a booking when they are asked for it or it is confirmed: what becomes of one that
/// never was is no news to them. Nor is it to either side what they said themselves about another time.
fn concerns(event: &BookingEvent, recipient: Recipient) -> bool {
    if is_said_to_the_other_side(event.kind) && event.actor == recipient.actor() {
        return false;
    }
    // Nor what they did with a booking that concerns nobody else here.
    if event.customer.is_none() && event.kind == EventKind::BookingMoved {
        return false;
    }
    match recipient {
        Recipient::Customer => true,
        Recipient::Vendor => {
            was_confirmed(event) || is_about_a_request(event.kind) || came_to_nothing_after_all(event)
        }
    }
}

fn was_confirmed(event: &BookingEvent) -> bool {
    let paid = match event.payment {
        PaymentState::Unpaid | PaymentState::Pending => false,
        PaymentState::OffPlatform
        | PaymentState::Paid
        | PaymentState::RefundPending
        | PaymentState::Refunded
        | PaymentState::RefundFailed => true,
    };
    event.state.is_firm() || (event.state.is_given_up() && event.state != BookingState::HoldExpired && paid)
}

/// A request that its vendor was asked for, and may have accepted: its time is free again.
const fn came_to_nothing_after_all(event: &BookingEvent) -> bool {
    let over = matches!(
        event.kind,
        EventKind::BookingCancelled | EventKind::BookingHoldExpired
    );
    over && event.requested
}

/// What one side tells the other.
const fn is_said_to_the_other_side(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::BookingChangeProposed
            | EventKind::BookingChangeDeclined
            | EventKind::BookingChangeWithdrawn
    )
}

/// Of these a vendor hears although nothing was confirmed: they were asked.
const fn is_about_a_request(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::BookingRequested
            | EventKind::BookingWithdrawn
            | EventKind::BookingRequestExpired
            | EventKind::BookingChangeAccepted
            | EventKind::BookingChangeDeclined
            | EventKind::BookingChangeLapsed
    )
}
