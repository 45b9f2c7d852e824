//! What is booked at a vendor's venues.

use serde_json::json;
use testkit::{VenueBuilder, World};

use super::router;
use crate::contract::ask::{all, get};
use crate::contract::hour;

#[tokio::test]
async fn the_calendar_shows_what_occupies_a_venue() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let held = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let later = world.books(&carl, venue.id, hour(480)).await.unwrap();
    let calendar = |from: &str, to: &str| {
        let path = format!(
            "/api/v1/vendor/bookings/calendar?venue_id={}&from={from}&to={to}",
            venue.id
        );
        get(path).by(&vera).of(router(&world))
    };
    let (from, to) = (hour(47).start().to_string(), hour(49).end().to_string());
    let shown = calendar(&from, &to).await.is(200);
    assert_eq!(all(&shown, "booking_id"), [held.id.to_string()]);
    assert_eq!(shown["more"], false);
    let month = calendar(&from, &hour(481).end().to_string()).await.is(200);
    assert_eq!(
        all(&month, "booking_id"),
        [held.id.to_string(), later.id.to_string()]
    );
    world.clock.advance_minutes(domain::booking::HOLD_MINUTES);
    let vera = world.signs_in(&vera.email).await;
    let path = format!(
        "/api/v1/vendor/bookings/calendar?venue_id={}&from={from}&to={to}",
        venue.id
    );
    let lapsed = get(path).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        lapsed["data"],
        json!([]),
        "a hold that has lapsed keeps nobody out"
    );
}

#[tokio::test]
async fn a_window_of_the_calendar_has_limits() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let ask = |query: &str| {
        get(format!("/api/v1/vendor/bookings/calendar?{query}"))
            .by(&vera)
            .of(router(&world))
    };
    ask("").await.points_at(&["/venue_id", "/from", "/to"]);
    ask("venue_id=x&from=2027-03-01T00:00:00Z&to=2027-06-02T00:00:00Z")
        .await
        .points_at(&["/venue_id", "/to"]);
}

#[tokio::test]
async fn a_vendors_bookings_are_listed_by_state() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let mut expected = Vec::new();
    for hours in [48, 72, 96] {
        expected.insert(
            0,
            world
                .books(&carl, venue.id, hour(hours))
                .await
                .unwrap()
                .id
                .to_string(),
        );
    }
    let ask = |query: String| {
        get(format!("/api/v1/vendor/bookings/history?{query}"))
            .by(&vera)
            .of(router(&world))
    };
    let mut seen = Vec::new();
    let mut query = "state=held&limit=2".to_owned();
    loop {
        let page = ask(query).await.is(200);
        seen.extend(all(&page, "booking_id").into_iter().map(str::to_owned));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        query = format!("state=held&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    assert_eq!(
        ask(String::new()).await.is(200)["data"],
        json!([]),
        "nothing is confirmed"
    );
    ask("state=lost".into()).await.points_at(&["/state"]);
}
