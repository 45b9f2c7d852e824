//! Lists of bookings as files: a table for spreadsheets, and a calendar.

mod csv;
mod ical;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use axum::response::{IntoResponse, Response};
use domain::booking::Booking;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::openapi::describe;
use crate::page::Listed;
use crate::problem::Problem;
use crate::reply::ok;
use crate::views::BookingView;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a line of names.
    Csv,
    /// RFC 5545.
    Calendar,
}

impl Format {
    const ALL: [Self; 2] = [Self::Csv, Self::Calendar];

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Calendar => "text/calendar",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Calendar => "text/calendar; charset=utf-8",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"bookings.csv\"",
            Self::Calendar => "attachment; filename=\"bookings.ics\"",
        }
    }

    /// Bookings as a file, in the order in which they are given.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn file(self, bookings: &[Booking]) -> Result<File, Problem> {
        let body = match self {
            Self::Csv => csv::table(bookings).map_err(|e| Problem::internal(format!("no CSV: {e}")))?,
            Self::Calendar => ical::calendar(bookings).into_bytes(),
        };
        Ok(File { format: self, body })
    }
}

/// A file to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    format: Format,
    body: Vec<u8>,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.format.content_type()));
        headers.insert(
            CONTENT_DISPOSITION,
            HeaderValue::from_static(self.format.disposition()),
        );
        response
    }
}

/// Bookings as they were asked for.
#[derive(Debug)]
pub enum BookingsReply {
    Page(Listed<BookingView>),
    File(File),
}

impl IntoResponse for BookingsReply {
    fn into_response(self) -> Response {
        match self {
            Self::Page(page) => ok(page).into_response(),
            Self::File(file) => file.into_response(),
        }
    }
}

impl aide::OperationOutput for BookingsReply {
    type Inner = Listed<BookingView>;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        let mut answer = describe::json_answer::<Listed<BookingView>>(ctx);
        answer.description = "A page of the list, or all of it in a file.".to_owned();
        for format in Format::ALL {
            answer.content.extend(describe::file(format.media_type()).content);
        }
        vec![(Some(200), answer)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::text_of;
    use domain::address::Address;
    use domain::booking::{Entered, Guest, Placing};
    use domain::cancellation::Policy;
    use domain::geo::Point;
    use domain::id::{BookingId, SpaceId, UserId, VendorId, VenueId};
    use domain::text::{City, Country, PersonName, VenueName};
    use domain::time::Interval;
    use uuid::Uuid;

    /// From eleven to one on a day on which Berlin is an hour ahead of UTC.
    pub(super) fn at(venue_name: &str) -> Booking {
        let entered = Entered {
            venue: VenueId::from_uuid(Uuid::from_u128(1)),
            venue_name: VenueName::parse(venue_name).unwrap(),
            vendor: VendorId::from_uuid(Uuid::from_u128(2)),
            space: SpaceId::from_uuid(Uuid::from_u128(3)),
            space_name: VenueName::parse("Hall").unwrap(),
            point: Point::new(52.5, 13.4).unwrap(),
            address: Address {
                street: None,
                postal_code: None,
                city: City::parse("Berlin").unwrap(),
                region: None,
                country: Country::parse("DE").unwrap(),
            },
            zone: "Europe/Berlin".parse().unwrap(),
            interval: Interval::new(
                "2027-03-01T10:00:00Z".parse().unwrap(),
                "2027-03-01T12:00:00Z".parse().unwrap(),
            )
            .unwrap(),
            guests: 4,
            layout: None,
            guest: Guest {
                name: PersonName::parse("Greta").unwrap(),
                contact: None,
            },
            policy: Policy::preset("very_flexible").unwrap(),
            terms_version: 1,
            currency: "EUR".parse().unwrap(),
        };
        let placing = Placing {
            id: BookingId::from_uuid(Uuid::from_u128(5)),
            customer: UserId::from_uuid(Uuid::from_u128(6)),
            spaces: Vec::new(),
            setup_minutes: 0,
            turnaround_minutes: 0,
        };
        Booking::entered(entered, placing, "2027-02-01T10:00:00Z".parse().unwrap()).0
    }

    #[tokio::test]
    async fn a_file_says_what_it_is_and_is_kept_under_a_name() {
        for (format, essence, name, begins) in [
            (Format::Csv, "text/csv;", "bookings.csv", "booking_id,"),
            (
                Format::Calendar,
                "text/calendar;",
                "bookings.ics",
                "BEGIN:VCALENDAR\r\n",
            ),
        ] {
            let response = format.file(&[at("The Loft")]).unwrap().into_response();
            let header = |name| response.headers()[name].to_str().unwrap().to_owned();
            assert!(header(CONTENT_TYPE).starts_with(essence));
            assert!(header(CONTENT_DISPOSITION).contains(name));
            assert!(text_of(response).await.starts_with(begins));
        }
    }
}
