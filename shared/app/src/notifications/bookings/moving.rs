//! Of another time for a booking, from the proposal to the move.

use domain::event::BookingEvent;

use super::REFUND_SHOWS;
use crate::notifications::audience::Recipient;
use crate::notifications::when;

/// Title and text, as for every letter.
type Told = (String, String);

pub(super) fn proposed(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let title = match to {
        Recipient::Customer => format!("{venue} asks to move your booking"),
        Recipient::Vendor => format!("A customer asks to move a booking: {venue}"),
    };
    let asks = match to {
        Recipient::Customer => format!("{venue} asks to move your booking {code}"),
        Recipient::Vendor => format!("The customer of booking {code} at {venue} asks to move it"),
    };
    let text = format!(
        "{asks} from {} to {}. {} Nothing changes unless you agree.",
        time(event),
        other_time(event),
        costs(event)
    );
    (title, text)
}

pub(super) fn accepted(event: &BookingEvent, to: Recipient) -> Told {
    let (venue, code) = (&event.venue_name, &event.code);
    let (when, other, costs) = (time(event), other_time(event), costs(event));
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
    let money = match event.other {
        Some(before) if before.total != event.total => {
            format!("It costs {} instead of {}.{back}", event.total, before.total)
        }
        Some(_) | None => format!("It costs {} as before.", event.total),
    };
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
