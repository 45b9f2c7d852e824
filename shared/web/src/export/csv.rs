//! Bookings as a table (RFC 4180), in UTF-8, without a byte order mark.

use csv::{Terminator, WriterBuilder};
use domain::booking::Booking;
use domain::money::Money;

use crate::views::local;

/// The first line. Amounts are in the major unit of `currency`; a local time carries its offset from UTC.
const NAMES: [&str; 25] = [
    "booking_id",
    "code",
    "state",
    "payment_state",
    "venue_id",
    "venue_name",
    "space_id",
    "space_name",
    "customer_id",
    "guest_name",
    "guest_contact",
    "guests",
    "layout",
    "start_utc",
    "end_utc",
    "start_local",
    "end_local",
    "zone",
    "total",
    "tax",
    "deposit",
    "refund",
    "currency",
    "created_at_utc",
    "updated_at_utc",
];

/// # Errors
/// None that is known: it is written to memory.
pub(super) fn table(bookings: &[Booking]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(NAMES)?;
    for booking in bookings {
        writer.write_record(line(booking).map(cell))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn line(booking: &Booking) -> [String; NAMES.len()] {
    let (start, end) = (booking.interval.start(), booking.interval.end());
    let guest = booking.guest.as_ref();
    let refund = booking.cancellation.as_ref().map(|c| c.shares.refund);
    [
        booking.id.to_string(),
        booking.code.to_string(),
        booking.state.as_str().to_owned(),
        booking.payment.as_str().to_owned(),
        booking.venue.to_string(),
        booking.venue_name.to_string(),
        booking.space.to_string(),
        booking.space_name.to_string(),
        text(booking.customer.as_ref()),
        text(guest.map(|guest| &guest.name)),
        text(guest.and_then(|guest| guest.contact.as_ref())),
        booking.guests.to_string(),
        text(booking.layout.as_ref()),
        start.to_string(),
        end.to_string(),
        local(start, &booking.zone),
        local(end, &booking.zone),
        booking.zone.name().to_owned(),
        booking.price.total.decimal(),
        booking.price.tax.decimal(),
        booking.price.deposit.map(Money::decimal).unwrap_or_default(),
        refund.map(Money::decimal).unwrap_or_default(),
        booking.price.total.currency().code().to_owned(),
        booking.created_at.to_string(),
        booking.updated_at.to_string(),
    ]
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// A spreadsheet takes a cell that begins like this for a formula and computes it; an apostrophe before it makes it a
/// text (OWASP, CSV Injection).
fn cell(text: String) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::at;
    use super::*;
    use std::collections::HashMap;

    fn read(bytes: &[u8]) -> Vec<HashMap<String, String>> {
        csv::Reader::from_reader(bytes)
            .deserialize()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn a_line_has_both_times_and_decimal_amounts() {
        let mut booking = at("The Loft");
        booking.price.total = Money::new(1_205, "EUR".parse().unwrap());
        booking.price.deposit = Some(Money::new(5, "EUR".parse().unwrap()));
        let table = table(&[booking.clone()]).unwrap();
        let lines = read(&table);
        let expected = [
            ("booking_id", booking.id.to_string()),
            ("state", "confirmed".into()),
            ("venue_name", "The Loft".into()),
            ("customer_id", String::new()),
            ("guest_name", "Greta".into()),
            ("start_utc", "2027-03-01T10:00:00Z".into()),
            ("start_local", "2027-03-01T11:00:00+01:00".into()),
            ("end_local", "2027-03-01T13:00:00+01:00".into()),
            ("zone", "Europe/Berlin".into()),
            ("total", "12.05".into()),
            ("deposit", "0.05".into()),
            ("refund", String::new()),
            ("currency", "EUR".into()),
        ];
        for (name, value) in expected {
            assert_eq!(lines[0][name], value, "{name}");
        }
    }

    #[test]
    fn lines_end_as_the_rfc_has_it_and_an_empty_table_has_its_names() {
        assert_eq!(
            table(&[]).unwrap(),
            format!("{}\r\n", NAMES.join(",")).into_bytes()
        );
        let two = String::from_utf8(table(&[at("A b"), at("C d")]).unwrap()).unwrap();
        assert_eq!((two.matches("\r\n").count(), two.matches('\n').count()), (3, 3));
    }

    #[test]
    fn names_with_commas_quotes_and_other_letters_read_back() {
        let name = "Bär, \"Löwe\"; \\ & Söhne 𝄞";
        assert_eq!(read(&table(&[at(name)]).unwrap())[0]["venue_name"], name);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in [
            "=1+1",
            "+49 30",
            "-2+3",
            "@SUM(A1)",
            "=HYPERLINK(\"http://x\",\"y\")",
        ] {
            let shown = &read(&table(&[at(formula)]).unwrap())[0]["venue_name"];
            assert_eq!(*shown, format!("'{formula}"));
        }
        for (text, shown) in [("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("a=1", "a=1"), ("", "")] {
            assert_eq!(cell(text.to_owned()), shown);
        }
    }
}
