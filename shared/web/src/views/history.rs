//! Which of somebody's bookings are asked for, and as what.

use domain::booking::{BookingState, Filter};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::body::Parse;
use crate::export::Format;
use crate::problems::Problems;

/// Bookings that are all that is said.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "BookingHistory")]
#[serde(deny_unknown_fields)]
pub struct RawHistory {
    /// In this state. May be repeated; then in any of them.
    #[serde(default)]
    state: Vec<RawState>,
    /// Starts at this instant or later.
    from: Option<Timestamp>,
    /// Starts before this instant; after `from`.
    to: Option<Timestamp>,
    /// At this venue.
    venue_id: Option<String>,
    /// `true`: to come, and the venue's clocks will show another time than was agreed on, since its country has changed
    /// them.
    #[serde(default)]
    clocks_changed: bool,
    /// `json` are pages. `csv` (RFC 4180, in UTF-8 with a line of names) and `ical` (RFC 5545) are one file with all
    /// that is asked for, at most 1000 bookings, whatever `limit` says.
    #[serde(default)]
    format: RawFormat,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    pub filter: Filter,
    /// As a file, or in pages.
    pub file: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "BookingState")]
#[serde(rename_all = "snake_case")]
enum RawState {
    Held,
    PaymentPending,
    Requested,
    Confirmed,
    CheckedIn,
    Completed,
    Closed,
    HoldExpired,
    Declined,
    RequestExpired,
    Withdrawn,
    CancelledByCustomer,
    CancelledByVendor,
    CancelledByAdmin,
    NoShowCustomer,
    NoShowVendor,
}

impl From<RawState> for BookingState {
    fn from(state: RawState) -> Self {
        match state {
            RawState::Held => Self::Held,
            RawState::PaymentPending => Self::PaymentPending,
            RawState::Requested => Self::Requested,
            RawState::Confirmed => Self::Confirmed,
            RawState::CheckedIn => Self::CheckedIn,
            RawState::Completed => Self::Completed,
            RawState::Closed => Self::Closed,
            RawState::HoldExpired => Self::HoldExpired,
            RawState::Declined => Self::Declined,
            RawState::RequestExpired => Self::RequestExpired,
            RawState::Withdrawn => Self::Withdrawn,
            RawState::CancelledByCustomer => Self::CancelledByCustomer,
            RawState::CancelledByVendor => Self::CancelledByVendor,
            RawState::CancelledByAdmin => Self::CancelledByAdmin,
            RawState::NoShowCustomer => Self::NoShowCustomer,
            RawState::NoShowVendor => Self::NoShowVendor,
        }
    }
}

#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "BookingsFormat")]
#[serde(rename_all = "snake_case")]
enum RawFormat {
    #[default]
    Json,
    Csv,
    Ical,
}

impl Parse for RawHistory {
    type Into = History;

    fn parse(self, problems: &mut Problems) -> Option<History> {
        let venue = problems.optional("venue_id", self.venue_id, |text| text.parse());
        let is_turned = matches!((self.from, self.to), (Some(from), Some(to)) if to <= from);
        if is_turned {
            problems.add("to", "has to be after from");
        }
        let filter = Filter {
            states: self.state.into_iter().map(BookingState::from).collect(),
            from: self.from,
            to: self.to,
            venue: venue?,
            vendor: None,
            other_clocks: self.clocks_changed,
            ..Filter::default()
        };
        let file = match self.format {
            RawFormat::Json => None,
            RawFormat::Csv => Some(Format::Csv),
            RawFormat::Ical => Some(Format::Calendar),
        };
        (!is_turned).then_some(History { filter, file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Result<History, Vec<String>> {
        let raw: RawHistory = serde_json::from_value(value).unwrap();
        let mut problems = Problems::new();
        let parsed = raw.parse(&mut problems);
        let pointers = problems.into_errors().into_iter().map(|e| e.pointer);
        parsed.ok_or_else(|| pointers.collect())
    }

    #[test]
    fn a_state_goes_by_the_name_that_bookings_show() {
        let names = BookingState::ALL.map(BookingState::as_str);
        let asked = read(json!({"state": names})).unwrap();
        assert_eq!(asked.filter.states, BookingState::ALL);
    }

    #[test]
    fn nothing_said_is_everything_in_pages() {
        let everything = History {
            filter: Filter::default(),
            file: None,
        };
        assert_eq!(read(json!({})), Ok(everything));
    }

    #[test]
    fn a_file_is_asked_for_by_its_format() {
        let file = |format: &str| read(json!({"format": format})).unwrap().file;
        assert_eq!(
            (file("json"), file("csv"), file("ical")),
            (None, Some(Format::Csv), Some(Format::Calendar))
        );
    }

    #[test]
    fn a_time_that_ends_before_it_begins_and_no_venue_are_told_at_once() {
        let at = "2027-03-01T00:00:00Z";
        assert_eq!(
            read(json!({"from": at, "to": at, "venue_id": "x"})).unwrap_err(),
            ["/venue_id", "/to"]
        );
    }
}
