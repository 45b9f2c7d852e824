//! What is booked at a vendor's venues.

use serde_json::json;
use testkit::{VenueBuilder, World};

use super::router;
use crate::contract::ask::{all, get, post, text};
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

fn entered(venue: &domain::venue::Venue, time: domain::time::Interval) -> serde_json::Value {
    json!({
        "venue_id": venue.id, "start": time.start(), "end": time.end(), "guests": 4, "guest_name": "Greta",
        "guest_contact": "+49 30 1234567",
    })
}

const CALENDAR: &str = "/api/v1/vendor/bookings/calendar";

#[tokio::test]
async fn a_booking_from_elsewhere_takes_its_time_like_every_other() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let builder = VenueBuilder::default().rules(|rules| rules.lead_minutes = 7 * 1_440);
    let venue = world.live_venue(&vera, builder).await;
    let enter = |key: &str, body| post(CALENDAR, body).by(&vera).key(key).of(router(&world));
    let made = enter("a", entered(&venue, hour(48))).await.is(201);
    assert_eq!(
        (text(&made, "/state"), text(&made, "/payment_state")),
        ("confirmed", "off_platform")
    );
    assert_eq!(
        (text(&made, "/guest/name"), &made["customer_id"]),
        ("Greta", &json!(null))
    );
    assert_eq!(made["price"]["total"]["amount"], 0);
    assert_eq!(text(&made, "/booked_by"), vera.caller.user.to_string());
    assert_eq!(
        (&made["quote_id"], &made["confirmed_at"]),
        (&json!(null), &made["created_at"])
    );
    assert_eq!(
        enter("a", entered(&venue, hour(48))).await.is(201),
        made,
        "the same request"
    );
    let refused = enter("b", entered(&venue, hour(48)))
        .await
        .refuses(409, "slot_taken");
    assert!(!refused["alternatives"].as_array().unwrap().is_empty());
    // It is shown, published, and cancelled like others.
    let path = format!(
        "{CALENDAR}?venue_id={}&from={}&to={}",
        venue.id,
        hour(47).start(),
        hour(49).end()
    );
    let shown = get(path).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(all(&shown, "booking_id"), [text(&made, "/booking_id")]);
    world.settle().await;
    let booking = format!("/api/v1/bookings/{}", text(&made, "/booking_id"));
    let bookings = || bookings::router(world.app.clone());
    let preview = get(format!("{booking}/cancellation-preview"));
    let preview = preview.by(&vera).of(bookings()).await.is(200);
    let cancel = || {
        post(
            format!("{booking}/cancel"),
            json!({"preview_token": text(&preview, "/preview_token")}),
        )
    };
    cancel()
        .by(&carl)
        .key("k")
        .of(bookings())
        .await
        .refuses(404, "not_found");
    let cancelled = cancel().by(&vera).key("k").of(bookings()).await.is(200);
    assert_eq!(text(&cancelled, "/state"), "cancelled_by_vendor");
    world.settle().await;
    enter("c", entered(&venue, hour(48))).await.is(201);
}

#[tokio::test]
async fn what_makes_no_booking_is_not_entered() {
    let world = World::new();
    let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let enter = |who: &testkit::Person, body| post(CALENDAR, body).by(who).key("k").of(router(&world));
    enter(&otto, entered(&venue, hour(48)))
        .await
        .refuses(404, "not_found");
    let mut wrong = entered(&venue, hour(48));
    wrong["end"] = wrong["start"].clone();
    wrong["guests"] = json!(0);
    wrong["guest_name"] = json!("");
    enter(&vera, wrong)
        .await
        .points_at(&["/end", "/guests", "/guest_name"]);
    let mut many = entered(&venue, hour(48));
    many["guests"] = json!(41);
    enter(&vera, many).await.refuses(409, "capacity");
    enter(&vera, entered(&venue, hour(-48)))
        .await
        .refuses(409, "past");
}
