//! What customers and vendors read about a booking.

mod moving;

use domain::booking::{Booking, BookingState, PaymentState};
use domain::event::{BookingEvent, EventKind};
use domain::role::Actor;

use super::audience::Recipient;
use super::letter::{Block, Letter};
use super::when;

const BECAUSE_CUSTOMER: &str = "You get this mail because of a booking that you made.";
const BECAUSE_VENDOR: &str = "You get this mail because of a booking at a venue of yours.";
/// How long banks take at most to show a refund ("5-10 business days", docs.stripe.com/refunds).
const REFUND_SHOWS: &str = "Banks take up to ten working days to show it.";

/// What an event does not say and the booking does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Background {
    /// Why it was done, in the words of whoever did it.
    pub reason: Option<String>,
    /// Where it is, for whoever is told that it is confirmed.
    pub address: Option<String>,
}

impl Background {
    /// Whether a letter about such an event needs it.
    #[must_use]
    pub const fn is_needed(kind: EventKind) -> bool {
        matches!(
            kind,
            EventKind::BookingConfirmed
                | EventKind::BookingCancelled
                | EventKind::BookingDeclined
                | EventKind::BookingWithdrawn
                | EventKind::BookingNoShow
                | EventKind::BookingChangeProposed
        )
    }

    /// For a letter about such an event, from the booking as it is now.
    #[must_use]
    pub fn of(booking: &Booking, kind: EventKind) -> Self {
        let reason = if kind == EventKind::BookingChangeProposed {
            booking.proposal.as_ref().map(|proposal| &proposal.reason)
        } else if kind == EventKind::BookingConfirmed {
            // Whatever became of it since.
            None
        } else {
            let missed = booking.no_show.as_ref().map(|report| &report.reason);
            booking.cancellation.as_ref().map(|c| &c.reason).or(missed)
        };
        Self {
            reason: reason.and_then(Option::as_ref).map(ToString::to_string),
            address: booking.tells_place().then(|| booking.address.to_string()),
        }
    }
}

/// Nothing for an event that this recipient is not told of.
#[must_use]
pub fn letter(event: &BookingEvent, to: Recipient, more: &Background) -> Option<Letter> {
    match to {
        Recipient::Customer => for_customer(event, more),
        Recipient::Vendor => for_vendor(event, more),
    }
}

fn found_at(more: &Background) -> String {
    let address = more.address.as_ref();
    address
        .map(|address| format!(" You find it at {address}."))
        .unwrap_or_default()
}

fn for_customer(event: &BookingEvent, more: &Background) -> Option<Letter> {
    let (venue, code, total) = (&event.venue_name, &event.code, event.total);
    let when = when::span(event.interval, &event.zone);
    let back = event
        .settled
        .map_or_else(|| "Your money".to_owned(), |amount| amount.to_string());
    let (title, text) = match event.kind {
        EventKind::BookingHeld
        | EventKind::BookingEntered
        | EventKind::BookingRequested
        | EventKind::BookingWithdrawn
        | EventKind::BookingHoldExtended
        | EventKind::BookingPaymentStarted
        | EventKind::BookingPaymentAbandoned
        | EventKind::BookingCheckedIn
        | EventKind::BookingClosed => {
            return None;
        }
        EventKind::BookingAccepted => (
            format!("Your request was accepted: {venue}"),
            format!(
                "{venue} is kept for you, {when}. Pay {total} within a day, and before it begins, or it will be free \
                 again."
            ),
        ),
        EventKind::BookingDeclined => (
            format!("Your request was declined: {venue}"),
            format!("{venue} cannot have you, {when}. Nothing was charged."),
        ),
        EventKind::BookingRequestExpired => (
            format!("Your request was not answered: {venue}"),
            format!(
                "{venue} did not answer in time, {when}. Nothing was charged, and the time is free again."
            ),
        ),
        EventKind::BookingNoShow => (
            format!("Reported as missed: {venue}"),
            match event.actor {
                Actor::Customer => format!(
                    "You told us that nobody let you in at {venue}, {when}. We will look into it and write to you."
                ),
                Actor::Vendor | Actor::Admin | Actor::System => format!(
                    "{venue} says that you did not come, {when} (booking {code}). If that is wrong, tell us within a \
                     day."
                ),
            },
        ),
        EventKind::BookingPaymentDeclined => (
            format!("Payment declined: {venue}"),
            format!(
                "Your payment of {total} for {venue}, {when}, was declined. Try another card before your \
                 hold runs out."
            ),
        ),
        EventKind::BookingConfirmed => (
            format!("Booking confirmed: {venue}"),
            format!("{venue} is yours: {when}.{} You paid {total}.", found_at(more)),
        ),
        EventKind::BookingHoldExpired => (
            format!("Your hold has run out: {venue}"),
            format!(
                "{venue}, {when}, is no longer held for you, because it was not paid in time. Should a payment \
                 still arrive, you get the booking if the time is free, and otherwise all of your money back."
            ),
        ),
        EventKind::BookingCancelled => (
            format!("Booking cancelled: {venue}"),
            format!(
                "{} booking {code} at {venue}, {when}. {}",
                match event.actor {
                    Actor::Customer => "You cancelled your",
                    Actor::Vendor => "The venue cancelled your",
                    Actor::Admin | Actor::System => "We cancelled your",
                },
                money_after_cancelling(event)
            ),
        ),
        EventKind::BookingPaymentCameTooLate if event.state.is_firm() => moving::paid_too_late(event),
        EventKind::BookingPaymentCameTooLate => (
            format!("Your payment came too late: {venue}"),
            format!(
                "Your payment for {venue}, {when}, came after {}. All of it, {}, goes back to where you paid \
                 from. {REFUND_SHOWS}",
                if event.state == BookingState::HoldExpired {
                    "your hold had run out and the time was no longer free"
                } else {
                    "the booking had been cancelled"
                },
                event.refund().unwrap_or(total)
            ),
        ),
        EventKind::BookingRefunded => (
            format!("Refund sent: {venue}"),
            format!("{back} for booking {code} at {venue} went back to where you paid from. {REFUND_SHOWS}"),
        ),
        EventKind::BookingRefundFailed => (
            format!("Your refund did not arrive: {venue}"),
            format!(
                "{back} for booking {code} at {venue} could not be sent back to where you paid from. You are \
                 still owed it, and we will look for another way."
            ),
        ),
        EventKind::BookingChangeProposed => moving::proposed(event, Recipient::Customer),
        EventKind::BookingChangeAccepted => moving::accepted(event, Recipient::Customer),
        EventKind::BookingMoved => moving::moved(event, Recipient::Customer),
        EventKind::BookingChangeDeclined => moving::stays(event, Recipient::Customer, "not agreed to"),
        EventKind::BookingChangeWithdrawn => moving::stays(event, Recipient::Customer, "taken back"),
        EventKind::BookingChangeLapsed => {
            moving::stays(event, Recipient::Customer, "not answered or not paid for in time")
        }
        EventKind::BookingCompleted => (
            format!("Booking completed: {venue}"),
            format!("Your time at {venue}, {when}, is over. Thank you for booking."),
        ),
    };
    Some(assembled(title, text, event, more, BECAUSE_CUSTOMER))
}

fn for_vendor(event: &BookingEvent, more: &Background) -> Option<Letter> {
    let (venue, code, total) = (&event.venue_name, &event.code, event.total);
    let when = when::span(event.interval, &event.zone);
    let (title, text) = match event.kind {
        EventKind::BookingConfirmed => (
            format!("New booking: {venue}"),
            format!("Booking {code} at {venue} is paid and confirmed: {when}. The customer paid {total}."),
        ),
        EventKind::BookingCancelled => (
            format!("Booking cancelled: {venue}"),
            format!(
                "{} booking {code} at {venue}, {when}. The time is free again. {}",
                match event.actor {
                    Actor::Customer => "The customer cancelled",
                    Actor::Vendor => "You cancelled",
                    Actor::Admin | Actor::System => "We cancelled",
                },
                match (event.refund(), event.payment) {
                    (Some(back), _) => format!("{back} of {total} goes back to the customer."),
                    (None, PaymentState::Unpaid | PaymentState::Pending) => "It was not paid yet.".to_owned(),
                    (
                        None,
                        PaymentState::Paid
                        | PaymentState::RefundPending
                        | PaymentState::Refunded
                        | PaymentState::RefundFailed
                        | PaymentState::OffPlatform,
                    ) => "Nothing goes back to the customer.".to_owned(),
                }
            ),
        ),
        EventKind::BookingHoldExpired => (
            format!("Request not paid: {venue}"),
            format!(
                "You accepted the request {code} for {venue}, {when}, and it was not paid in time. The time is free \
                 again."
            ),
        ),
        EventKind::BookingRefunded => (
            format!("Refund sent: {venue}"),
            event.settled.map_or_else(
                || format!("The refund for booking {code} at {venue} went to the customer."),
                |amount| format!("{amount} for booking {code} at {venue} went back to the customer."),
            ),
        ),
        EventKind::BookingRequested => (
            format!("A request for {venue}"),
            format!(
                "Somebody asks for {venue}, {when}, for {total}. Answer before it lapses: booking {code}."
            ),
        ),
        EventKind::BookingWithdrawn => (
            format!("Request taken back: {venue}"),
            format!("The request {code} for {venue}, {when}, was taken back. The time is free again."),
        ),
        EventKind::BookingRequestExpired => (
            format!("Request not answered: {venue}"),
            format!(
                "You did not answer the request {code} for {venue}, {when}, in time. The time is free again."
            ),
        ),
        EventKind::BookingNoShow => (
            format!("Reported as missed: {venue}"),
            match event.actor {
                Actor::Vendor => {
                    format!("You told us that nobody came to booking {code} at {venue}, {when}.")
                }
                Actor::Customer | Actor::Admin | Actor::System => format!(
                    "The customer of booking {code} says that nobody let them in at {venue}, {when}. If that is \
                     wrong, tell us within a day."
                ),
            },
        ),
        EventKind::BookingChangeProposed => moving::proposed(event, Recipient::Vendor),
        EventKind::BookingChangeAccepted => moving::accepted(event, Recipient::Vendor),
        EventKind::BookingMoved => moving::moved(event, Recipient::Vendor),
        EventKind::BookingChangeDeclined => moving::stays(event, Recipient::Vendor, "not agreed to"),
        EventKind::BookingChangeWithdrawn => moving::stays(event, Recipient::Vendor, "taken back"),
        EventKind::BookingChangeLapsed => {
            moving::stays(event, Recipient::Vendor, "not answered or not paid for in time")
        }
        EventKind::BookingHeld
        | EventKind::BookingEntered
        | EventKind::BookingAccepted
        | EventKind::BookingDeclined
        | EventKind::BookingHoldExtended
        | EventKind::BookingCheckedIn
        | EventKind::BookingClosed
        | EventKind::BookingPaymentStarted
        | EventKind::BookingPaymentDeclined
        | EventKind::BookingPaymentCameTooLate
        | EventKind::BookingPaymentAbandoned
        | EventKind::BookingRefundFailed
        | EventKind::BookingCompleted => return None,
    };
    Some(assembled(title, text, event, more, BECAUSE_VENDOR))
}

fn money_after_cancelling(event: &BookingEvent) -> String {
    let total = event.total;
    match (event.refund(), event.payment) {
        (Some(back), _) if back == total => {
            format!("All you paid, {total}, goes back to where you paid from. {REFUND_SHOWS}")
        }
        (Some(back), _) => {
            format!("{back} of {total} goes back to where you paid from. {REFUND_SHOWS}")
        }
        (None, PaymentState::Unpaid | PaymentState::OffPlatform) => {
            "You had not paid, and nothing is charged.".to_owned()
        }
        (None, PaymentState::Pending) => "Should a payment still arrive, all of it goes back.".to_owned(),
        (
            None,
            PaymentState::Paid
            | PaymentState::RefundPending
            | PaymentState::Refunded
            | PaymentState::RefundFailed,
        ) => format!("By the terms that you booked with, nothing of {total} goes back."),
    }
}

fn assembled(
    title: String,
    text: String,
    event: &BookingEvent,
    more: &Background,
    because: &'static str,
) -> Letter {
    let mut facts = vec![
        ("Booking", event.code.to_string()),
        ("Venue", event.venue_name.to_string()),
        ("Time", when::span(event.interval, &event.zone)),
        ("Price", event.total.to_string()),
    ];
    if let Some(refund) = event.refund() {
        facts.push(("Refund", refund.to_string()));
    }
    let mut blocks = Vec::new();
    if let Some(reason) = &more.reason {
        blocks.push(Block::Paragraph("The reason that was given:".to_owned()));
        blocks.push(Block::Quote(reason.clone()));
    }
    blocks.push(Block::Facts(facts));
    Letter {
        title,
        text,
        blocks,
        because,
    }
}

#[cfg(test)]
mod tests;
