//! Bookings as a calendar (RFC 5545). Written by hand: a dozen properties, of which only texts need care.

use domain::booking::{Booking, BookingState};
use jiff::Timestamp;

/// RFC 5545, 3.1: octets of a line, without its end.
const LINE_OCTETS_MAX: usize = 75;
/// RFC 5545, 3.6: a calendar has at least one component, so that one without bookings says at least what UTC is.
const NOTHING: [&str; 9] = [
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZNAME:UTC",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
];

pub(super) fn calendar(bookings: &[Booking]) -> String {
    let mut lines = Lines::default();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//TOFIMOTIA//Bookings//EN",
        "CALSCALE:GREGORIAN",
    ] {
        lines.push(line);
    }
    if bookings.is_empty() {
        NOTHING.iter().for_each(|line| lines.push(line));
    }
    bookings.iter().for_each(|booking| event(&mut lines, booking));
    lines.push("END:VCALENDAR");
    lines.0
}

fn event(lines: &mut Lines, booking: &Booking) {
    let venue = escaped(booking.venue_name.as_str());
    let what = match booking.space_name == booking.venue_name {
        true => venue.clone(),
        false => format!("{venue}: {}", escaped(booking.space_name.as_str())),
    };
    lines.push("BEGIN:VEVENT");
    lines.push(&format!("UID:{}", booking.id));
    // RFC 5545, 3.8.7.2: without a METHOD, when what it says was last changed.
    lines.push(&format!("DTSTAMP:{}", utc(booking.updated_at)));
    lines.push(&format!("DTSTART:{}", utc(booking.interval.start())));
    lines.push(&format!("DTEND:{}", utc(booking.interval.end())));
    lines.push(&format!("SUMMARY:{what} ({})", escaped(booking.code.as_str())));
    lines.push(&format!("LOCATION:{venue}"));
    lines.push(&format!("STATUS:{}", status(booking.state)));
    lines.push(&format!("SEQUENCE:{}", booking.version));
    lines.push("END:VEVENT");
}

/// What did not come about, or was called off, is cancelled; what nobody came to was still to be.
const fn status(state: BookingState) -> &'static str {
    match state {
        BookingState::Held | BookingState::PaymentPending | BookingState::Requested => "TENTATIVE",
        BookingState::Confirmed
        | BookingState::CheckedIn
        | BookingState::Completed
        | BookingState::Closed
        | BookingState::NoShowCustomer
        | BookingState::NoShowVendor => "CONFIRMED",
        BookingState::HoldExpired
        | BookingState::Declined
        | BookingState::RequestExpired
        | BookingState::Withdrawn
        | BookingState::CancelledByCustomer
        | BookingState::CancelledByVendor
        | BookingState::CancelledByAdmin => "CANCELLED",
    }
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545, 3.3.11. Other control characters are not possible in a text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Lines as they are written: folded, each with its end.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A longer line goes on in the next one after a space, never in the middle of a character.
    fn push(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::at;
    use super::*;

    /// RFC 5545, 3.1.
    fn unfolded(text: &str) -> Vec<String> {
        let text = text.strip_suffix("\r\n").unwrap().replace("\r\n ", "");
        text.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_event_says_what_when_and_where() {
        let booking = at("The Loft");
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//TOFIMOTIA//Bookings//EN",
            "CALSCALE:GREGORIAN",
            "BEGIN:VEVENT",
            &format!("UID:{}", booking.id),
            "DTSTAMP:20270201T100000Z",
            "DTSTART:20270301T100000Z",
            "DTEND:20270301T120000Z",
            &format!("SUMMARY:The Loft: Hall ({})", booking.code),
            "LOCATION:The Loft",
            "STATUS:CONFIRMED",
            "SEQUENCE:1",
            "END:VEVENT",
            "END:VCALENDAR",
        ];
        assert_eq!(unfolded(&calendar(&[booking])), expected);
    }

    #[test]
    fn a_space_that_is_called_like_its_venue_is_named_once() {
        let text = calendar(&[at("Hall")]);
        assert!(text.contains("SUMMARY:Hall ("), "{text}");
    }

    #[test]
    fn each_state_has_the_status_that_calendars_know() {
        let of = |status_wanted: &str| -> Vec<&str> {
            let all = BookingState::ALL.into_iter();
            all.filter(|state| status(*state) == status_wanted)
                .map(BookingState::as_str)
                .collect()
        };
        assert_eq!(of("TENTATIVE"), ["held", "payment_pending", "requested"]);
        for state in BookingState::ALL {
            assert_eq!(
                state.occupies(),
                status(state) != "CANCELLED",
                "{}",
                state.as_str()
            );
        }
    }

    #[test]
    fn lines_are_folded_at_75_octets_between_characters() {
        assert_eq!(LINE_OCTETS_MAX, 75);
        // Two octets each, so that the limit falls into a character.
        let name = "ä".repeat(120);
        let text = calendar(&[at(&name)]);
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{} octets", line.len());
        }
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        assert!(unfolded(&text).contains(&format!("LOCATION:{name}")));
        let mut lines = Lines::default();
        lines.push(&"x".repeat(75));
        lines.push(&"x".repeat(76));
        assert_eq!(lines.0, format!("{0}\r\n{0}\r\n x\r\n", "x".repeat(75)));
    }

    #[test]
    fn a_name_cannot_end_its_line_or_its_value() {
        let text = calendar(&[at("A\\b; c, \"d\": e")]);
        assert!(unfolded(&text).contains(&r#"LOCATION:A\\b\; c\, "d": e"#.to_owned()));
        assert_eq!(escaped("a\r\nEND:VEVENT\u{7}\tb"), "a\\nEND:VEVENT\tb");
    }

    #[test]
    fn a_calendar_without_bookings_is_still_one() {
        let lines = unfolded(&calendar(&[]));
        assert_eq!(lines.iter().filter(|line| line.starts_with("BEGIN:V")).count(), 2);
        assert!(!lines.contains(&"BEGIN:VEVENT".to_owned()));
    }
}
