//! Of another time for a booking, from the proposal to the move.

use domain::booking::BookingState;
use domain::event::BookingEvent;

use super::REFUND_SHOWS;
use crate::notifications::audience::Recipient;
use crate::notifications::when;

/// Title and text, as for every letter.
type Told = (String, String);

pub(super) fn proposed(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let same_time = event.other.is_some_and(|other| other.interval == event.interval);
    let (title, asks) = match to {
        Recipient::Customer if event.state == BookingState::Requested => (
            format!("{venue} makes you an offer"),
            format!("{venue} answers your request {code} with an offer:"),
        ),
        Recipient::Customer if same_time => (
            format!("{venue} makes you an offer"),
            format!("{venue} offers you another price for your booking {code}:"),
        ),
        Recipient::Customer => (
            format!("{venue} asks to move your booking"),
            format!("{venue} asks to move your booking {code} from"),
        ),
        Recipient::Vendor => (
            format!("A customer asks to move a booking: {venue}"),
            format!("The customer of booking {code} at {venue} asks to move it from"),
        ),
    };
    let times = match (same_time, event.state) {
        (true, _) => time(event),
        (false, BookingState::Requested) => format!("{} instead of {}", other_time(event), time(event)),
        (false, _) => format!("{} to {}", time(event), other_time(event)),
    };
    let text = format!(
        "{asks} {times}. {} Nothing changes unless you agree.",
        costs(event)
    );
    (title, text)
}

pub(super) fn accepted(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let (when, other, costs) = (time(event), other_time(event), costs(event));
    if event.state.is_tentative() {
        return offer_taken(event, to);
    }
    match to {
        Recipient::Customer => (
            format!("Pay to move your booking: {venue}"),
            format!(
                "Your booking {code} at {venue}, {when}, can move to {other}. {costs} Pay the difference within a day, and \
                 an hour before the earlier of the two begins; if you do not, it stays as it is."
            ),
        ),
        Recipient::Vendor => (
            format!("A booking is about to move: {venue}"),
            format!(
                "Booking {code} at {venue}, {when}, moves to {other} when its customer has paid the difference. {costs}"
            ),
        ),
    }
}

/// What was offered in place of a request is kept for its customer.
fn offer_taken(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code, total, when) = (&event.venue_name, &event.code, event.total, time(event));
    match to {
        Recipient::Customer => (
            format!("Pay for what you were offered: {venue}"),
            format!(
                "{venue} is kept for you, {when}. Pay {total} within a day, and before it begins, or it will be free \
                 again."
            ),
        ),
        Recipient::Vendor => (
            format!("Your offer was taken: {venue}"),
            format!(
                "The customer of request {code} takes what you offered: {venue}, {when}, for {total}. It is kept for \
                 them until they have paid, within a day."
            ),
        ),
    }
}

pub(super) fn moved(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let booking = match to {
        Recipient::Customer => "Your booking",
        Recipient::Vendor => "Booking",
    };
    let back = event
        .refund()
        .map(|back| format!(" {back} goes back to where it was paid from. {REFUND_SHOWS}"))
        .unwrap_or_default();
    let same_time = event
        .other
        .is_some_and(|before| before.interval == event.interval);
    let money = match event.other {
        Some(before) if before.total != event.total => {
            format!("It costs {} instead of {}.{back}", event.total, before.total)
        }
        Some(_) | None => format!("It costs {} as before.", event.total),
    };
    if same_time {
        let text = format!("{booking} {code} at {venue} stays {}. {money}", time(event));
        return (format!("Booking changed: {venue}"), text);
    }
    let text = format!(
        "{booking} {code} at {venue} is now {}, and no longer {}. {money}",
        time(event),
        other_time(event)
    );
    (format!("Booking moved: {venue}"), text)
}

/// Money for another time that could not be had any more.
pub(super) fn paid_too_late(event: &BookingEvent) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let back = event.refund().map_or_else(
        || "All of it".to_owned(),
        |amount| format!("All of it, {amount},"),
    );
    let text = format!(
        "Your payment came too late to move your booking {code} at {venue}, which stays {}. {back} goes back to where \
         you paid from. {REFUND_SHOWS}",
        time(event)
    );
    (
        format!("Your payment came too late, your booking stays: {venue}"),
        text,
    )
}

/// `because` says what became of the other time.
pub(super) fn stays(event: &BookingEvent, to: Recipient, because: &str) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    if event.state == BookingState::Requested {
        return request_stays(event, to, because);
    }
    let (title, booking) = match to {
        Recipient::Customer => ("Your booking stays as it is", "Your booking"),
        Recipient::Vendor => ("A booking stays as it is", "Booking"),
    };
    let text = format!(
        "{booking} {code} at {venue} stays {}: the other time, {}, was {because}.",
        time(event),
        other_time(event)
    );
    (format!("{title}: {venue}"), text)
}

fn request_stays(event: &BookingEvent, to: Recipient, because: &str) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let (title, still) = match to {
        Recipient::Customer => (
            "Your request stands",
            format!("Your request {code} for {venue} stands, and is still to be answered"),
        ),
        Recipient::Vendor => (
            "A request is still to be answered",
            format!("The request {code} for {venue} is still to be answered"),
        ),
    };
    let text = format!(
        "{still}: {}. What was offered instead was {because}.",
        time(event)
    );
    (format!("{title}: {venue}"), text)
}

fn time(event: &BookingEvent) -> String {
    when::span(event.interval, &event.zone)
}

fn other_time(event: &BookingEvent) -> String {
    let other = event.other.map(|other| when::span(other.interval, &event.zone));
    other.unwrap_or_else(|| "another one".to_owned())
}

fn costs(event: &BookingEvent) -> String {
    match event.other {
        Some(other) if other.total != event.total => {
            format!("It would cost {} instead of {}.", other.total, event.total)
        }
        Some(_) | None => format!("It costs {} as before.", event.total),
    }
}
