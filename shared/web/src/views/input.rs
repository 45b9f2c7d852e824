//! Values that several inputs hold, each problem at the field that it is about.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use domain::amenity::{AMENITIES_MAX, Amenity, NoAmenity};
use domain::availability::{Hours, MINUTES_PER_DAY, WINDOW_DAYS_MAX};
use domain::geo::Point;
use domain::pricing::{ADD_ON_QUANTITY_MAX, ADD_ONS_MAX, Chosen};
use domain::space::GUESTS_MAX;
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::problems::Problems;

/// A field with its name.
#[derive(Debug, Clone, Copy)]
pub struct Named<T>(pub &'static str, pub T);

/// A time; the problem is where it ends.
pub fn interval(problems: &mut Problems, start: Named<Timestamp>, end: Named<Timestamp>) -> Option<Interval> {
    let what = format!("has to be after {}", start.0);
    problems.field(end.0, Interval::new(start.1, end.1).map_err(|_| what))
}

/// A time of at most [`WINDOW_DAYS_MAX`] days, from `from` to `to`.
pub fn window(problems: &mut Problems, from: Timestamp, to: Timestamp) -> Option<Interval> {
    let window = interval(problems, Named("from", from), Named("to", to))?;
    let minutes_max = i64::from(WINDOW_DAYS_MAX) * i64::from(MINUTES_PER_DAY);
    if to > plus_minutes(from, minutes_max) {
        problems.add(
            "to",
            format!("has to be at most {WINDOW_DAYS_MAX} days after from"),
        );
        return None;
    }
    Some(window)
}

/// From one time of a day to another, each in its field.
pub fn read_times(problems: &mut Problems, from: Named<&str>, to: Named<&str>) -> Option<Hours> {
    let open_minute = problems.field(from.0, minute(from.1));
    let close_minute = problems.field(to.0, minute(to.1));
    Some(Hours {
        open_minute: open_minute?,
        close_minute: close_minute?,
    })
}

/// What is offered or looked for, each by its id.
pub fn amenities(
    problems: &mut Problems,
    field: &'static str,
    ids: Vec<String>,
) -> Option<BTreeSet<Amenity>> {
    let amenities = problems.each(field, ids, AMENITIES_MAX, |here, id| {
        id.parse().map_err(|e: NoAmenity| here.here(e)).ok()
    });
    Some(amenities?.into_iter().collect())
}

/// Minutes since midnight, up to 999:59; how late it may be is for others to say.
fn minute(text: &str) -> Result<u32, &'static str> {
    let parsed = || {
        let (hours, minutes) = text.split_once(':')?;
        let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
            let fine = lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            fine.then(|| part.parse().ok())?
        };
        let (hours, minutes): (u32, u32) = (digits(hours, 2..=3)?, digits(minutes, 2..=2)?);
        (minutes < 60).then_some(hours * 60 + minutes)
    };
    parsed().ok_or("has to be a time such as 09:30, or 26:00 for two in the morning")
}

/// A place from `lat` and `lng`.
pub fn point(problems: &mut Problems, lat: f64, lng: f64) -> Option<Point> {
    let is_lat = problems.field("lat", Point::new(lat, 0.0));
    let is_lng = problems.field("lng", Point::new(0.0, lng));
    is_lat.and(is_lng)?;
    Point::new(lat, lng).ok()
}

/// A number of people: 1 to [`GUESTS_MAX`].
pub fn guests(problems: &mut Problems, field: &str, guests: u32) -> Option<u32> {
    within(problems, field, guests, 1, GUESTS_MAX)
}

/// A number from one bound to another.
pub fn within<T: PartialOrd + Display>(
    problems: &mut Problems,
    field: &str,
    number: T,
    least: T,
    most: T,
) -> Option<T> {
    if least <= number && number <= most {
        Some(number)
    } else {
        problems.add(field, format!("has to be from {least} to {most}"));
        None
    }
}

/// An id that is sent in a body or a query.
pub fn id<T: FromStr<Err: Display>>(problems: &mut Problems, field: &str, text: &str) -> Option<T> {
    problems.field(field, text.parse())
}

/// An add-on by its name.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ChosenAddOn")]
#[serde(deny_unknown_fields)]
pub struct RawChosen {
    name: String,
    /// 1 by default.
    quantity: Option<u32>,
}

/// Add-ons of a booking, each of them once.
pub fn add_ons(problems: &mut Problems, raw: Vec<RawChosen>) -> Option<Vec<Chosen>> {
    let mut names = BTreeSet::new();
    problems.each("add_ons", raw, ADD_ONS_MAX, |here, raw| {
        let name = here.field("name", Label::parse(&raw.name));
        let quantity = within(
            here,
            "quantity",
            raw.quantity.unwrap_or(1),
            1,
            ADD_ON_QUANTITY_MAX,
        );
        let name = name?;
        if !names.insert(name.clone()) {
            here.add("name", "has to stand there once");
            return None;
        }
        Some(Chosen {
            name,
            quantity: quantity?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::VenueId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn pointers(look: impl FnOnce(&mut Problems) -> bool) -> Vec<String> {
        let mut problems = Problems::new();
        assert!(!look(&mut problems), "it was accepted");
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_time_that_ends_before_it_starts_is_wrong_at_its_end() {
        for end in ["2027-03-01T10:00:00Z", "2027-03-01T09:00:00Z"] {
            let (start, end) = (Named("start", at("2027-03-01T10:00:00Z")), Named("end", at(end)));
            assert_eq!(pointers(|p| interval(p, start, end).is_some()), ["/end"]);
        }
    }

    #[test]
    fn a_window_is_92_days_long_at_most() {
        assert_eq!(WINDOW_DAYS_MAX, 92);
        let from = at("2027-01-01T00:00:00Z");
        let mut problems = Problems::new();
        assert!(window(&mut problems, from, at("2027-04-03T00:00:00Z")).is_some());
        let too_long = at("2027-04-03T00:00:01Z");
        assert_eq!(pointers(|p| window(p, from, too_long).is_some()), ["/to"]);
        assert_eq!(pointers(|p| window(p, from, Timestamp::MAX).is_some()), ["/to"]);
    }

    #[test]
    fn both_numbers_of_a_place_are_looked_at() {
        assert_eq!(pointers(|p| point(p, 91.0, 181.0).is_some()), ["/lat", "/lng"]);
        assert_eq!(pointers(|p| point(p, f64::NAN, 0.0).is_some()), ["/lat"]);
        assert!(point(&mut Problems::new(), -90.0, 180.0).is_some());
    }

    #[test]
    fn nobody_and_too_many_people_are_refused() {
        assert_eq!(
            guests(&mut Problems::new(), "guests", GUESTS_MAX),
            Some(GUESTS_MAX)
        );
        for wrong in [0, GUESTS_MAX + 1] {
            assert_eq!(
                pointers(|p| guests(p, "capacity", wrong).is_some()),
                ["/capacity"]
            );
        }
    }

    #[test]
    fn an_id_of_another_kind_is_wrong_at_its_field() {
        let booking = "bkg_01900000000070008000000000000001";
        assert_eq!(
            pointers(|p| id::<VenueId>(p, "venue_id", booking).is_some()),
            ["/venue_id"]
        );
    }

    #[test]
    fn add_ons_are_named_once_and_counted() {
        let chosen = |name: &str, quantity| RawChosen {
            name: name.to_owned(),
            quantity,
        };
        let some = add_ons(
            &mut Problems::new(),
            vec![chosen("Chairs", None), chosen("Bar", Some(2))],
        );
        let quantities: Vec<u32> = some.unwrap().iter().map(|chosen| chosen.quantity).collect();
        assert_eq!(quantities, [1, 2]);
        let wrong = vec![
            chosen("Chairs", Some(0)),
            chosen("Chairs", Some(ADD_ON_QUANTITY_MAX + 1)),
            chosen("", None),
        ];
        assert_eq!(
            pointers(|p| add_ons(p, wrong).is_some()),
            [
                "/add_ons/0/quantity",
                "/add_ons/1/quantity",
                "/add_ons/1/name",
                "/add_ons/2/name"
            ]
        );
        let many = (0..=ADD_ONS_MAX).map(|n| chosen(&n.to_string(), None)).collect();
        assert_eq!(pointers(|p| add_ons(p, many).is_some()), ["/add_ons"]);
    }
}
