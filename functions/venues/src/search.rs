//! Finding venues near a place.

use std::collections::BTreeSet;

use app::App;
use app::venues::{self, Criteria, Hit, Place};
use axum::extract::State;
use domain::geo::{Circle, RADIUS_M_MAX};
use domain::id::VenueId;
use domain::money::Money;
use domain::text::{Amenity, VenueName};
use domain::time::Interval;
use domain::venue::AMENITIES_MAX;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input::{self, Named};
use web::views::{LocationView, MoneyView};
use web::{Answer, Anyone, Listed, Paged, Parse, Problem, Problems, RawMoney, Reply, ok};

/// How far a search reaches when it does not say.
const RADIUS_M_DEFAULT: u32 = 10_000;

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenueSearch")]
#[serde(deny_unknown_fields)]
pub struct RawSearch {
    /// Degrees, WGS 84.
    lat: f64,
    /// Degrees, WGS 84.
    lng: f64,
    /// How far around the place to look, in metres: 10000 when it is not given, at most 50000.
    radius_m: Option<u32>,
    /// Free from this instant on. Comes with `end`.
    start: Option<Timestamp>,
    /// Free up to this instant. Comes with `start`.
    end: Option<Timestamp>,
    /// So many people fit.
    guests: Option<u32>,
    /// An hour costs at most this, in minor units of `currency`.
    price_max: Option<i64>,
    /// ISO 4217. Comes with `price_max`.
    currency: Option<String>,
    /// Offered by the venue. May be repeated; then all of them are.
    #[serde(default)]
    amenity: Vec<String>,
}

impl Parse for RawSearch {
    type Into = Criteria;

    fn parse(self, problems: &mut Problems) -> Option<Criteria> {
        let radius_m = self.radius_m.unwrap_or(RADIUS_M_DEFAULT);
        let centre = input::point(problems, self.lat, self.lng);
        let radius_m = input::within(problems, "radius_m", radius_m, 1, RADIUS_M_MAX);
        let interval = interval(problems, self.start, self.end);
        let guests = input::guests(problems, "guests", self.guests.unwrap_or(1));
        let price = price(problems, self.price_max, self.currency);
        let amenities = problems.each("amenity", self.amenity, AMENITIES_MAX, |here, text| {
            Amenity::parse(&text).map_err(|e| here.here(e)).ok()
        });
        Some(Criteria {
            circle: Circle::new(centre?, radius_m?).ok()?,
            interval: interval?,
            guests: guests?,
            price_per_hour_max: price?,
            amenities: amenities?.into_iter().collect(),
            limit: 0,
            after: None,
        })
    }
}

fn interval(
    problems: &mut Problems,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Option<Option<Interval>> {
    match (start, end) {
        (None, None) => Some(None),
        (Some(start), Some(end)) => {
            input::interval(problems, Named("start", start), Named("end", end)).map(Some)
        }
        (Some(_), None) => missing(problems, "end", "start"),
        (None, Some(_)) => missing(problems, "start", "end"),
    }
}

fn price(problems: &mut Problems, amount: Option<i64>, currency: Option<String>) -> Option<Option<Money>> {
    match (amount, currency) {
        (None, None) => Some(None),
        (Some(amount), Some(currency)) => {
            let money = RawMoney {
                amount,
                currency,
                exponent: None,
            }
            .parse(problems);
            let amount = input::within(problems, "price_max", amount, 0, i64::MAX);
            amount.and(money).map(Some)
        }
        (Some(_), None) => missing(problems, "currency", "price_max"),
        (None, Some(_)) => missing(problems, "price_max", "currency"),
    }
}

fn missing<T>(problems: &mut Problems, field: &str, given: &str) -> Option<T> {
    problems.add(field, format!("is missing; it comes with {given}"));
    None
}

/// A venue that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueCard")]
pub struct CardView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    name: VenueName,
    location: LocationView,
    /// From the place that was asked for.
    distance_m: u32,
    capacity: u32,
    price_per_hour: Option<MoneyView>,
    #[schemars(with = "Vec<String>")]
    amenities: BTreeSet<Amenity>,
    /// Where its first photo can be read, for some minutes.
    photo_url: Option<String>,
}

impl CardView {
    async fn of(app: &App, Hit { venue, distance_m }: Hit) -> app::Result<Self> {
        let photo_url = match venue.photos.first() {
            Some(photo) => Some(venues::photo_url(app, &photo.key).await?),
            None => None,
        };
        Ok(Self {
            venue_id: venue.id,
            name: venue.name,
            location: venue.location.into(),
            distance_m,
            capacity: venue.capacity,
            price_per_hour: venue.price_per_hour.map(MoneyView::from),
            amenities: venue.amenities,
            photo_url,
        })
    }
}

pub async fn search(
    State(app): State<App>,
    _: Anyone,
    Paged { ask, page }: Paged<RawSearch>,
) -> Answer<Reply<Listed<CardView>>> {
    let after = page
        .after()
        .map(|text| read_place(text).ok_or_else(|| Problem::internal("a cursor of another form")));
    let limit = usize::try_from(page.limit()).unwrap_or_default();
    let criteria = Criteria {
        limit,
        after: after.transpose()?,
        ..ask
    };
    let (hits, next) = venues::search(&app, &criteria).await?;
    let mut cards = Vec::with_capacity(hits.len());
    for hit in hits {
        cards.push(CardView::of(&app, hit).await?);
    }
    Ok(ok(page.of(&app, cards, next.map(write_place).as_deref())?))
}

fn write_place((distance_m, venue): Place) -> String {
    format!("{distance_m}.{venue}")
}

fn read_place(text: &str) -> Option<Place> {
    let (distance_m, venue) = text.split_once('.')?;
    Some((distance_m.parse().ok()?, venue.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> RawSearch {
        RawSearch {
            lat: 52.5,
            lng: 13.4,
            radius_m: None,
            start: None,
            end: None,
            guests: None,
            price_max: None,
            currency: None,
            amenity: Vec::new(),
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
        assert_eq!(
            criteria.circle,
            Circle::new(criteria.circle.centre(), RADIUS_M_DEFAULT).unwrap()
        );
        assert!(criteria.interval.is_none() && criteria.price_per_hour_max.is_none());
    }

    #[test]
    fn everything_wrong_with_a_search_is_told_at_once() {
        let wrong = RawSearch {
            lat: 91.0,
            lng: 181.0,
            radius_m: Some(RADIUS_M_MAX + 1),
            start: at("2027-03-01T10:00:00Z"),
            end: at("2027-03-01T10:00:00Z"),
            guests: Some(0),
            price_max: Some(-1),
            currency: Some("XXX".into()),
            amenity: vec!["wifi".into(), "Wi Fi".into()],
        };
        let expected = [
            "/lat",
            "/lng",
            "/radius_m",
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
    fn amenities_have_a_limit() {
        let so_many = |n: usize| RawSearch {
            amenity: vec!["wifi".into(); n],
            ..raw()
        };
        assert!(so_many(AMENITIES_MAX).parse(&mut Problems::new()).is_some());
        assert_eq!(pointers(so_many(AMENITIES_MAX + 1)), ["/amenity"]);
    }

    #[test]
    fn a_place_in_the_results_reads_back_as_it_was_written() {
        let place: Place = (1_234, "ven_01900000000070008000000000000001".parse().unwrap());
        assert_eq!(read_place(&write_place(place)), Some(place));
        for text in ["", "1", "1.x", "x.ven_01900000000070008000000000000001"] {
            assert_eq!(read_place(text), None, "{text}");
        }
    }
}
