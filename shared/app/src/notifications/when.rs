//! Times as people read them: in the venue's zone, with its name.

use domain::time::{Interval, Zone};
use jiff::Zoned;

const DAY_AND_TIME: &str = "%A, %-d %B %Y, %H:%M";
const TIME: &str = "%H:%M";

/// `Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00)`. Where the clocks change in
/// between, each end says its own offset.
#[must_use]
pub fn span(interval: Interval, zone: &Zone) -> String {
    let start = interval.start().to_zoned(zone.rules().clone());
    let end = interval.end().to_zoned(zone.rules().clone());
    let from = start.strftime(DAY_AND_TIME);
    let to = if start.date() == end.date() {
        end.strftime(TIME)
    } else {
        end.strftime(DAY_AND_TIME)
    };
    let zone = zone.name();
    if start.offset() == end.offset() {
        format!("{from} to {to} ({zone}, {})", offset(&start))
    } else {
        format!("{from} ({}) to {to} ({}), {zone}", offset(&start), offset(&end))
    }
}

fn offset(at: &Zoned) -> String {
    format!("UTC{}", at.strftime("%:z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(start: &str, end: &str, zone: &str) -> String {
        let interval = Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
        span(interval, &zone.parse().unwrap())
    }

    #[test]
    fn a_time_is_told_in_the_venues_zone_with_its_name() {
        assert_eq!(
            shown("2027-03-26T17:00Z", "2027-03-26T21:00Z", "Europe/Berlin"),
            "Friday, 26 March 2027, 18:00 to 22:00 (Europe/Berlin, UTC+01:00)"
        );
        assert_eq!(
            shown("2027-03-26T17:00Z", "2027-03-26T18:30Z", "Asia/Kolkata"),
            "Friday, 26 March 2027, 22:30 to Saturday, 27 March 2027, 00:00 (Asia/Kolkata, UTC+05:30)"
        );
    }

    #[test]
    fn a_night_in_which_the_clocks_change_shows_both_offsets() {
        assert_eq!(
            shown("2027-10-31T00:30Z", "2027-10-31T01:30Z", "Europe/Berlin"),
            "Sunday, 31 October 2027, 02:30 (UTC+02:00) to 02:30 (UTC+01:00), Europe/Berlin"
        );
    }
}
