//! Who learns where a venue is: everybody about where, its vendor, admins and whoever has a booking exactly.

use app::venues::QuoteRequest;
use domain::address::Address;
use domain::geo::Point;
use domain::pricing::QuoteId;
use domain::text::{PostalCode, Street};
use domain::time::Interval;
use domain::venue::Venue;
use fastrand::Rng;
use serde_json::{Value, json};
use testkit::{VenueBuilder, World};

use super::access::{PUBLIC, router};
use super::ask::{Ask, ask, get, post, text};
use super::hour;

const STREET: &str = "Secret Lane 77";
const POSTAL_CODE: &str = "10999";
/// Not in the middle of its cell, and with more digits than the middle of any has.
const EXACT: (f64, f64) = (52.523_417, 13.411_283);
const SEARCHES: u32 = 60;

fn hidden() -> VenueBuilder {
    let mut builder = VenueBuilder::default().at(EXACT.0, EXACT.1);
    let location = &mut builder.venue.location;
    location.address = Address {
        street: Some(Street::parse(STREET).unwrap()),
        postal_code: Some(PostalCode::parse(POSTAL_CODE).unwrap()),
        ..location.address.clone()
    };
    builder
}

fn tells_place(answer: &Value) -> bool {
    let answer = answer.to_string();
    [STREET, POSTAL_CODE, "52.5234", "13.4112", "52523417", "13411283"]
        .iter()
        .any(|secret| answer.contains(secret))
}

/// What somebody whom nobody knows could ask there about a venue, and would be answered.
fn asked(route: &str, venue: &Venue, quote: QuoteId, time: Interval) -> Vec<Ask> {
    let (id, start, end) = (venue.id, time.start(), time.end());
    let wanted = json!({"start": start, "end": end, "guests": 2});
    let (lat, lng) = EXACT;
    match route {
        "GET /api/v1/venues/search" => {
            let here = format!("/api/v1/venues/search?lat={lat}&lng={lng}&radius_m=3000");
            ["", "&sort=price", "&sort=new"]
                .map(|more| get(format!("{here}{more}")))
                .into()
        }
        "GET /api/v1/venues/availability/{venue_id}" => vec![get(format!(
            "/api/v1/venues/availability/{id}?from={start}&to={end}&minutes=60"
        ))],
        "GET /api/v1/venues/details/{venue_id}" => vec![get(format!("/api/v1/venues/details/{id}"))],
        "GET /api/v1/venues/details/{venue_id}/similar" => vec![get(format!(
            "/api/v1/venues/details/{id}/similar?start={start}&end={end}&guests=2"
        ))],
        "GET /api/v1/venues/policies" => vec![get("/api/v1/venues/policies")],
        "POST /api/v1/venues/quotes" => {
            let mut wanted = wanted;
            wanted["venue_id"] = json!(id);
            vec![post("/api/v1/venues/quotes", wanted)]
        }
        "GET /api/v1/venues/quotes/{quote_id}" => vec![get(format!("/api/v1/venues/quotes/{quote}"))],
        "POST /api/v1/venues/availability/{venue_id}/check" => {
            vec![post(format!("/api/v1/venues/availability/{id}/check"), wanted)]
        }
        "GET /api/v1/realtime/events" => vec![get(format!(
            "/api/v1/realtime/events?channel=venue:{id}:availability"
        ))],
        // About people, keys and payments: no venue is named.
        "POST /api/v1/auth/register"
        | "POST /api/v1/auth/verify-email"
        | "POST /api/v1/auth/login"
        | "POST /api/v1/auth/refresh-token"
        | "POST /api/v1/auth/email/confirm"
        | "POST /api/v1/auth/password-reset"
        | "POST /api/v1/auth/password-reset/confirm"
        | "GET /.well-known/jwks.json"
        | "POST /api/v1/payments/webhook" => {
            let (method, path) = route.split_once(' ').unwrap();
            vec![ask(method.parse().unwrap(), path).json(&json!({"venue_id": id}))]
        }
        other => panic!("what does {other} tell of a venue's place?"),
    }
}

#[tokio::test]
async fn no_answer_to_somebody_unknown_has_a_venues_street_or_its_exact_point() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, hidden()).await;
    // One that is as good, so that one is found in place of the other.
    world.live_venue(&vera, hidden()).await;
    let held = world.books(&carl, venue.id, hour(48)).await.unwrap();
    world.confirms(&held).await;
    world.settle().await;
    let plain = QuoteRequest::plain(venue.id, None, hour(60), 2);
    let quoted = app::venues::quote(&world.app, None, None, plain).await.unwrap();
    for route in PUBLIC {
        for ask in asked(route, &venue, quoted.value.id, hour(60)) {
            let answer = ask.of(router(&world)).await;
            let is_about_venues = route.contains("/venues/") || route.contains("/realtime/");
            assert!(
                !is_about_venues || [200, 201].contains(&answer.status),
                "{route}: {}",
                answer.body
            );
            assert!(!tells_place(&answer.body), "{route}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn two_venues_of_one_cell_are_never_told_apart_by_where_they_are() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let (lat, lng) = EXACT;
    let centre = Point::new(lat, lng).unwrap().blurred();
    let mut ids = Vec::new();
    for (north, east) in [(0.001_3, 0.002), (-0.001_3, -0.002)] {
        let (lat, lng) = (centre.lat() + north, centre.lng() + east);
        let venue = world.live_venue(&vera, hidden().at(lat, lng)).await;
        assert_eq!(venue.location.public_point(), centre);
        ids.push(venue.id.to_string());
    }
    let public = async |query: String| {
        let path = format!("/api/v1/venues/search?{query}");
        let answer = get(path).of(router(&world)).await.is(200);
        let mut shown: Vec<Value> = answer["data"].as_array().unwrap().clone();
        for venue in &mut shown {
            let card = venue.as_object_mut().unwrap();
            assert!(ids.contains(&text(&card["venue_id"], "").to_owned()));
            for own in ["venue_id", "slug", "photo_url", "spaces"] {
                card.remove(own);
            }
        }
        shown
    };
    let mut random = Rng::with_seed(5);
    let mut around = |centre: f64| centre + (random.f64() - 0.5) / 50.0;
    let (mut found, mut missed) = (0, 0);
    for n in 0..SEARCHES {
        let (lat, lng) = (around(centre.lat()), around(centre.lng()));
        let query = if n % 2 == 0 {
            let away = Point::new(lat, lng).unwrap().distance_m(centre);
            // Right around where it would show.
            format!(
                "lat={lat}&lng={lng}&radius_m={}",
                (away + 150).saturating_sub(n * 5).max(1)
            )
        } else {
            let (north, east) = (around(centre.lat()), around(centre.lng()));
            let (south, north) = (lat.min(north), lat.max(north));
            let (west, east) = (lng.min(east), lng.max(east));
            format!("bbox={west},{south},{east},{north}")
        };
        match public(query.clone()).await.as_slice() {
            [] => missed += 1,
            [one, other] => {
                assert_eq!(one, other, "{query}");
                found += 1;
            }
            apart => panic!("{query} tells them apart: {apart:?}"),
        }
    }
    assert!(found > 10 && missed > 10, "{found} and {missed}");
}

#[tokio::test]
async fn whoever_has_a_confirmed_booking_is_told_the_place_from_then_on() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, hidden()).await;
    let held = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let status = format!("/api/v1/bookings/status/{}", held.id);
    let shown = async |who| {
        let answer = get(&status).by(who).of(router(&world)).await.is(200);
        assert_eq!(tells_place(&answer), !answer["place"].is_null());
        answer["place"].clone()
    };
    assert_eq!(shown(&carl).await, Value::Null);
    world.confirms(&held).await;
    world.settle().await;
    let place = json!({
        "address": {
            "street": STREET, "postal_code": POSTAL_CODE, "city": "Berlin", "region": null, "country": "DE",
            "text": "Secret Lane 77, 10999 Berlin, DE",
        },
        "lat": EXACT.0, "lng": EXACT.1,
    });
    assert_eq!(shown(&carl).await, place);
    assert_eq!(shown(&vera).await, place);
    let mails = world.mails.to(&carl.email);
    let told: Vec<_> = mails.iter().filter(|mail| mail.text.contains(STREET)).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].subject.starts_with("Booking confirmed"));

    world.cancels(&carl, held.id).await.unwrap();
    assert_eq!(shown(&carl).await, place);
}

#[tokio::test]
async fn a_vendor_and_an_admin_see_where_a_venue_is() {
    let world = World::new();
    let (vera, admin) = (world.vendor("vera").await, world.admin().await);
    let venue = world.live_venue(&vera, hidden()).await;
    for (who, path) in [
        (&vera, format!("/api/v1/vendor/venues/manage/{}", venue.id)),
        (&admin, format!("/api/v1/admin/management/venues/{}", venue.id)),
    ] {
        let shown = get(path).by(who).of(router(&world)).await.is(200);
        assert_eq!(
            text(&shown, "/location/address/text"),
            "Secret Lane 77, 10999 Berlin, DE"
        );
        assert_eq!(
            (&shown["location"]["lat"], &shown["location"]["lng"]),
            (&json!(EXACT.0), &json!(EXACT.1))
        );
    }
}
