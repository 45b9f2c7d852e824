//! Finding venues in an area.

mod shown;

use app::App;
use app::venues;
use axum::extract::State;
use domain::availability::{Hours, MINUTES_PER_DAY};
use domain::geo::{Area, Bounds, Circle, Point, RADIUS_M_MAX};
use domain::money::{Currency, Money};
use domain::search::{Criteria, Sort, When};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::input::{self, Named};
use web::{Answer, Anyone, Paged, Parse, Problem, Problems, Reply, ok};

pub use shown::CardView;
use shown::ResultsView;

/// How far a search reaches when it does not say.
const RADIUS_M_DEFAULT: u32 = 10_000;

/// What is looked for: around a place or within a box, at a time, for so many minutes of a day, or whenever.
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(rename = "VenueSearch")]
#[serde(deny_unknown_fields)]
pub struct RawSearch {
    /// Degrees, WGS 84. Comes with `lng`.
    lat: Option<f64>,
    /// Degrees, WGS 84. Comes with `lat`.
    lng: Option<f64>,
    /// How far around the place to look, in metres: 10000 when it is not given, at most 50000.
    radius_m: Option<u32>,
    /// In place of `lat` and `lng`: `west,south,east,north` in degrees (RFC 7946, 5.2). A box across the 180th
    /// meridian has a west that is greater than its east. A side is at most 100000 metres.
    bbox: Option<String>,
    /// Free from this instant on. Comes with `end`.
    start: Option<Timestamp>,
    /// Free up to this instant. Comes with `start`.
    end: Option<Timestamp>,
    /// In place of `start` and `end`: free for `minutes` on this day, by the clock of each venue.
    date: Option<Date>,
    /// How long, at any time of `date`: 1 to 1440.
    minutes: Option<u32>,
    /// `HH:MM`, no earlier on `date`; 00:00 by default.
    from: Option<String>,
    /// `HH:MM`, no later; past midnight it counts on, so that 26:00 is two in the morning. 24:00 by default, and at
    /// most a day after `from`.
    to: Option<String>,
    /// So many people fit into one space.
    guests: Option<u32>,
    /// The base price of an hour is at most this, in minor units of `currency`.
    price_max: Option<i64>,
    /// The whole booking costs at most this, in minor units of `currency`. Needs a time; of a day, only times that cost
    /// no more are found.
    total_max: Option<i64>,
    /// ISO 4217. Comes with `price_max`, `total_max` or both.
    currency: Option<String>,
    /// An `Amenity` that the venue or the space offers. May be repeated; then all of them are.
    #[serde(default)]
    amenity: Vec<String>,
    /// True leaves out what is booked by asking its vendor; false does not.
    #[serde(default)]
    instant: bool,
    /// What comes first: `distance` (the nearest to the place or to the middle of the box) by default.
    #[serde(default)]
    sort: RawSort,
}

/// What comes first.
#[derive(Default, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "VenueSort")]
#[serde(rename_all = "snake_case")]
enum RawSort {
    /// The nearest.
    #[default]
    Distance,
    /// The lowest base price of an hour. Currencies are not converted: one comes after the other, by their codes.
    Price,
    /// The lowest price of a whole booking: of its first time, on a day. Needs a time. Currencies as above. Where more fits
    /// than one search looks at (`complete` is false), only the nearest are compared.
    Total,
    /// The venue that was created last.
    New,
}

impl From<RawSort> for Sort {
    fn from(sort: RawSort) -> Self {
        match sort {
            RawSort::Distance => Self::Distance,
            RawSort::Price => Self::Price,
            RawSort::Total => Self::Total,
            RawSort::New => Self::New,
        }
    }
}

impl Parse for RawSearch {
    type Into = Criteria;

    fn parse(self, problems: &mut Problems) -> Option<Criteria> {
        let area = self.area(problems);
        let when = self.when(problems);
        let guests = input::guests(problems, "guests", self.guests.unwrap_or(1));
        self.needs_a_time(problems);
        let prices = prices(problems, self.price_max, self.total_max, self.currency);
        let amenities = input::amenities(problems, "amenity", self.amenity);
        let (price_max, total_max) = prices?;
        Some(Criteria {
            area: area?,
            when: when?,
            guests: guests?,
            price_per_hour_max: price_max,
            total_max,
            amenities: amenities?,
            instant: self.instant,
            sort: self.sort.into(),
            limit: 0,
            after: None,
        })
    }
}

impl RawSearch {
    fn area(&self, problems: &mut Problems) -> Option<Area> {
        if let Some(text) = &self.bbox {
            if self.lat.is_some() || self.lng.is_some() || self.radius_m.is_some() {
                problems.add("bbox", "cannot be given together with lat, lng or radius_m");
                return None;
            }
            return problems.field("bbox", bounds(text)).map(Area::Box);
        }
        let radius_m = self.radius_m.unwrap_or(RADIUS_M_DEFAULT);
        let radius_m = input::within(problems, "radius_m", radius_m, 1, RADIUS_M_MAX);
        let centre = match (self.lat, self.lng) {
            (Some(lat), Some(lng)) => input::point(problems, lat, lng),
            (lat, lng) => {
                for (field, degrees) in [("lat", lat), ("lng", lng)] {
                    if degrees.is_none() {
                        problems.add(field, "is missing; lat and lng, or bbox, say where to look");
                    }
                }
                None
            }
        };
        Circle::new(centre?, radius_m?).ok().map(Area::Circle)
    }

    /// Without a time there is no booking, and so no price of one.
    fn needs_a_time(&self, problems: &mut Problems) {
        if self.start.is_some() || self.end.is_some() || self.date.is_some() {
            return;
        }
        let message = "needs a time: start and end, or date and minutes";
        if self.total_max.is_some() {
            problems.add("total_max", message);
        }
        if matches!(self.sort, RawSort::Total) {
            problems.add("sort", message);
        }
    }

    fn when(&self, problems: &mut Problems) -> Option<When> {
        let of_a_day = [
            ("minutes", self.minutes.is_some()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
        ];
        let Some(date) = self.date else {
            if let Some((given, _)) = of_a_day.into_iter().find(|(_, is_given)| *is_given) {
                return missing(problems, "date", given);
            }
            return interval(problems, self.start, self.end);
        };
        if self.start.is_some() || self.end.is_some() {
            problems.add("date", "cannot be given together with start or end");
            return None;
        }
        let within = hours(problems, self.from.as_deref(), self.to.as_deref());
        let minutes = match self.minutes {
            Some(minutes) => input::within(problems, "minutes", minutes, 1, MINUTES_PER_DAY),
            None => missing(problems, "minutes", "date"),
        };
        Some(When::OnDay {
            date,
            minutes: minutes?,
            within: within?,
        })
    }
}

/// `west,south,east,north`.
fn bounds(text: &str) -> Result<Bounds, String> {
    let degrees: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
    let [west, south, east, north] = degrees
        .ok()
        .and_then(|degrees| <[f64; 4]>::try_from(degrees).ok())
        .ok_or("has to be west,south,east,north in degrees")?;
    let point = |lat, lng| Point::new(lat, lng).map_err(|e| e.to_string());
    Bounds::new(point(south, west)?, point(north, east)?).map_err(|e| e.to_string())
}

fn hours(problems: &mut Problems, from: Option<&str>, to: Option<&str>) -> Option<Hours> {
    let from = Named("from", from.unwrap_or("00:00"));
    let to = Named("to", to.unwrap_or("24:00"));
    let hours = input::read_times(problems, from, to)?;
    if hours.open_minute >= MINUTES_PER_DAY {
        problems.add("from", "has to be before 24:00");
        return None;
    }
    if !hours.make_sense() {
        problems.add("to", "has to be after from, by a day at most");
        return None;
    }
    Some(hours)
}

fn interval(problems: &mut Problems, start: Option<Timestamp>, end: Option<Timestamp>) -> Option<When> {
    match (start, end) {
        (None, None) => Some(When::Whenever),
        (Some(start), Some(end)) => {
            input::interval(problems, Named("start", start), Named("end", end)).map(When::At)
        }
        (Some(_), None) => missing(problems, "end", "start"),
        (None, Some(_)) => missing(problems, "start", "end"),
    }
}

/// The dearest hour and the dearest booking, in one currency.
fn prices(
    problems: &mut Problems,
    price_max: Option<i64>,
    total_max: Option<i64>,
    currency: Option<String>,
) -> Option<(Option<Money>, Option<Money>)> {
    let limits = [("price_max", price_max), ("total_max", total_max)];
    let given = limits.into_iter().find(|(_, amount)| amount.is_some());
    let currency = match (given, currency) {
        (None, None) => return Some((None, None)),
        (Some((given, _)), None) => return missing(problems, "currency", given),
        (None, Some(_)) => return missing(problems, "price_max", "currency"),
        (Some(_), Some(currency)) => currency,
    };
    let currency = problems.field("currency", currency.parse::<Currency>());
    let mut limit = |(field, amount): (&str, Option<i64>)| match amount {
        Some(amount) => input::within(problems, field, amount, 0, i64::MAX).map(Some),
        None => Some(None),
    };
    let [price_max, total_max] = limits.map(&mut limit);
    let (price_max, total_max, currency) = (price_max?, total_max?, currency?);
    let money = |amount: Option<i64>| amount.map(|amount| Money::new(amount, currency));
    Some((money(price_max), money(total_max)))
}

fn missing<T>(problems: &mut Problems, field: &str, given: &str) -> Option<T> {
    problems.add(field, format!("is missing; it comes with {given}"));
    None
}

pub async fn search(
    State(app): State<App>,
    _: Anyone,
    Paged { ask, page }: Paged<RawSearch>,
) -> Answer<Reply<ResultsView>> {
    let after = page
        .after()
        .map(|text| {
            text.parse()
                .map_err(|_| Problem::internal("a cursor of another form"))
        })
        .transpose()?;
    let criteria = Criteria {
        limit: usize::try_from(page.limit()).unwrap_or_default(),
        after,
        ..ask
    };
    let found = venues::search(&app, &criteria).await?;
    Ok(ok(ResultsView::of(&app, &page, found).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::amenity::AMENITIES_MAX;

    fn raw() -> RawSearch {
        RawSearch {
            lat: Some(52.5),
            lng: Some(13.4),
            ..RawSearch::default()
        }
    }

    fn of_a_day() -> RawSearch {
        RawSearch {
            date: Some("2027-03-01".parse().unwrap()),
            minutes: Some(180),
            ..raw()
        }
    }

    fn boxed(bbox: &str) -> RawSearch {
        RawSearch {
            bbox: Some(bbox.to_owned()),
            ..RawSearch::default()
        }
    }

    fn pointers(raw: RawSearch) -> Vec<String> {
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_place_alone_is_enough() {
        let criteria = raw().parse(&mut Problems::new()).unwrap();
        assert_eq!(criteria.guests, 1);
        let circle = Circle::new(criteria.area.centre(), RADIUS_M_DEFAULT).unwrap();
        assert_eq!(criteria.area, Area::Circle(circle));
        assert_eq!((criteria.when, criteria.sort), (When::Whenever, Sort::Distance));
        assert!(!criteria.instant && criteria.price_per_hour_max.is_none());
    }

    #[test]
    fn a_box_is_a_place_too() {
        let criteria = boxed("179.8,-17,-179.7,-16.5")
            .parse(&mut Problems::new())
            .unwrap();
        let point = |lat, lng| Point::new(lat, lng).unwrap();
        let bounds = Bounds::new(point(-17.0, 179.8), point(-16.5, -179.7)).unwrap();
        assert_eq!(criteria.area, Area::Box(bounds));
        for wrong in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "1,2,x,4",
            "NaN,0,0.1,0.1",
            "0,-91,0.1,0.1",
            "0,0.1,0.1,0",
            "0,0,5,0.1",
        ] {
            assert_eq!(pointers(boxed(wrong)), ["/bbox"], "{wrong}");
        }
        let both = RawSearch {
            bbox: Some("13,52,13.1,52.1".to_owned()),
            ..raw()
        };
        assert_eq!(pointers(both), ["/bbox"]);
        assert_eq!(pointers(RawSearch::default()), ["/lat", "/lng"]);
    }

    #[test]
    fn a_day_is_looked_at_as_a_whole_unless_hours_are_given() {
        let criteria = of_a_day().parse(&mut Problems::new()).unwrap();
        let date = "2027-03-01".parse().unwrap();
        let whole = When::OnDay {
            date,
            minutes: 180,
            within: Hours::WHOLE_DAY,
        };
        assert_eq!(criteria.when, whole);
        let night = RawSearch {
            from: Some("20:00".to_owned()),
            to: Some("26:30".to_owned()),
            ..of_a_day()
        };
        let within = Hours {
            open_minute: 1_200,
            close_minute: 1_590,
        };
        let expected = When::OnDay {
            date,
            minutes: 180,
            within,
        };
        assert_eq!(night.parse(&mut Problems::new()).unwrap().when, expected);
    }

    #[test]
    fn hours_and_lengths_that_no_day_has_are_wrong_at_their_fields() {
        let hours = |from: &str, to: &str| RawSearch {
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
            ..of_a_day()
        };
        assert_eq!(pointers(hours("9:00", "soon")), ["/from", "/to"]);
        assert_eq!(pointers(hours("24:00", "25:00")), ["/from"]);
        assert_eq!(pointers(hours("10:00", "10:00")), ["/to"]);
        assert_eq!(pointers(hours("10:00", "34:01")), ["/to"]);
        assert!(hours("10:00", "34:00").parse(&mut Problems::new()).is_some());
        for minutes in [0, MINUTES_PER_DAY + 1] {
            let wrong = RawSearch {
                minutes: Some(minutes),
                ..of_a_day()
            };
            assert_eq!(pointers(wrong), ["/minutes"]);
        }
    }

    #[test]
    fn what_belongs_to_a_day_comes_with_one_and_not_with_another_time() {
        let no_minutes = RawSearch {
            minutes: None,
            from: Some("x".to_owned()),
            ..of_a_day()
        };
        assert_eq!(pointers(no_minutes), ["/from", "/minutes"]);
        let no_date = RawSearch {
            date: None,
            ..of_a_day()
        };
        assert_eq!(pointers(no_date), ["/date"]);
        let two_times = RawSearch {
            start: at("2027-03-01T10:00:00Z"),
            ..of_a_day()
        };
        assert_eq!(pointers(two_times), ["/date"]);
    }

    #[test]
    fn everything_wrong_with_a_search_is_told_at_once() {
        let wrong = RawSearch {
            lat: Some(91.0),
            lng: Some(181.0),
            radius_m: Some(RADIUS_M_MAX + 1),
            start: at("2027-03-01T10:00:00Z"),
            end: at("2027-03-01T10:00:00Z"),
            guests: Some(0),
            price_max: Some(-1),
            currency: Some("XXX".into()),
            amenity: vec!["wifi".into(), "Wi Fi".into()],
            ..RawSearch::default()
        };
        let expected = [
            "/radius_m",
            "/lat",
            "/lng",
            "/end",
            "/guests",
            "/currency",
            "/price_max",
            "/amenity/1",
        ];
        assert_eq!(pointers(wrong), expected);
    }

    #[test]
    fn half_of_a_time_or_of_a_price_is_none() {
        assert_eq!(
            pointers(RawSearch {
                start: at("2027-03-01T10:00:00Z"),
                ..raw()
            }),
            ["/end"]
        );
        assert_eq!(
            pointers(RawSearch {
                end: at("2027-03-01T10:00:00Z"),
                ..raw()
            }),
            ["/start"]
        );
        assert_eq!(
            pointers(RawSearch {
                price_max: Some(1),
                ..raw()
            }),
            ["/currency"]
        );
        assert_eq!(
            pointers(RawSearch {
                currency: Some("EUR".into()),
                ..raw()
            }),
            ["/price_max"]
        );
    }

    #[test]
    fn the_price_of_a_booking_needs_a_time_and_a_currency() {
        let total = |raw: RawSearch| RawSearch {
            total_max: Some(20_000),
            ..raw
        };
        assert_eq!(pointers(total(of_a_day())), ["/currency"]);
        let euros = |raw: RawSearch| RawSearch {
            currency: Some("EUR".into()),
            ..raw
        };
        let criteria = euros(total(of_a_day())).parse(&mut Problems::new()).unwrap();
        let eur = |amount| Some(Money::new(amount, "EUR".parse().unwrap()));
        assert_eq!(
            (criteria.price_per_hour_max, criteria.total_max),
            (None, eur(20_000))
        );
        let both = RawSearch {
            price_max: Some(5_000),
            sort: RawSort::Total,
            ..euros(total(of_a_day()))
        };
        let criteria = both.parse(&mut Problems::new()).unwrap();
        assert_eq!(
            (criteria.price_per_hour_max, criteria.total_max),
            (eur(5_000), eur(20_000))
        );
        assert_eq!(criteria.sort, Sort::Total);
        let whenever = RawSearch {
            sort: RawSort::Total,
            total_max: Some(-1),
            ..euros(raw())
        };
        assert_eq!(pointers(whenever), ["/total_max", "/sort", "/total_max"]);
    }

    #[test]
    fn amenities_have_a_limit() {
        let so_many = |n: usize| RawSearch {
            amenity: vec!["wifi".into(); n],
            ..raw()
        };
        assert!(so_many(AMENITIES_MAX).parse(&mut Problems::new()).is_some());
        assert_eq!(pointers(so_many(AMENITIES_MAX + 1)), ["/amenity"]);
    }
}
