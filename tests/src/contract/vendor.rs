//! What a vendor does.

mod blocks;
mod bookings;
mod calendar;
mod foreseen;
mod holidays;
mod location;
mod pricing;
mod revisions;
mod settings;
mod spaces;
mod tabs;

use axum::Router;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, ask, bare, get, post, put, text};
use super::hour;

const SETTINGS: &str = "/api/v1/vendor/profile/settings";
const MANAGE: &str = "/api/v1/vendor/venues/manage";

fn router(world: &World) -> Router {
    vendor::router(world.app.clone())
}

fn application() -> Value {
    json!({"business_name": "Vera's Rooms", "contact_email": "rooms@example.com", "country": "DE"})
}

fn venue() -> Value {
    json!({
        "name": "The Loft",
        "description": "High ceilings.",
        "location": {
            "address": {"street": "Torstr. 1", "postal_code": "10119", "city": "Berlin", "country": "DE"},
            "lat": 52.52, "lng": 13.405, "zone": "europe/berlin",
        },
        "capacity": 40,
        "amenities": ["wifi", "stage"],
        "other_amenities": ["An ice machine"],
        "cancellation_policy": "flexible",
        "rules": {"weekly": [{"weekday": 6, "open": "22:00", "close": "26:00"}]},
        "price_per_hour": {"amount": 5000, "currency": "EUR"},
    })
}

async fn apply(world: &World, who: &Person) -> Answer {
    post(SETTINGS, application()).by(who).of(router(world)).await
}

async fn create(world: &World, who: &Person, body: Value) -> Answer {
    post(MANAGE, body).by(who).of(router(world)).await
}

async fn step(world: &World, who: &Person, venue: &Venue, step: &str) -> Answer {
    bare(format!("{MANAGE}/{}/{step}", venue.id))
        .by(who)
        .of(router(world))
        .await
}

#[tokio::test]
async fn somebody_applies_once_and_sees_what_becomes_of_it() {
    let world = World::new();
    let carl = world.customer("carl").await;
    get(SETTINGS)
        .by(&carl)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    let applied = apply(&world, &carl).await.is(201);
    assert_eq!(
        (text(&applied, "/state"), &applied["reason"]),
        ("applied", &Value::Null)
    );
    // With the token from before, at once.
    assert_eq!(get(SETTINGS).by(&carl).of(router(&world)).await.is(200), applied);
    apply(&world, &carl).await.refuses(409, "already_applied");
}

#[tokio::test]
async fn an_application_that_is_sent_again_is_the_same() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let ask = post(SETTINGS, application()).by(&carl).key("k");
    let first = ask.clone().of(router(&world)).await.is(201);
    let again = ask.of(router(&world)).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(201), first);
}

#[tokio::test]
async fn an_application_that_is_not_right_is_refused() {
    let world = World::new();
    let (carl, nina) = (world.customer("carl").await, world.newcomer("nina").await);
    apply(&world, &nina).await.refuses(403, "unverified");
    let wrong = json!({"business_name": "x", "contact_email": "x", "country": "DEU"});
    let answer = post(SETTINGS, wrong).by(&carl).of(router(&world)).await;
    answer.points_at(&["/business_name", "/contact_email", "/country"]);
}

#[tokio::test]
async fn a_vendor_sets_a_venue_up() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let made = create(&world, &vera, venue()).await.is(201);
    assert_eq!(
        (text(&made, "/state"), text(&made, "/location/zone")),
        ("draft", "Europe/Berlin")
    );
    assert_eq!(made["amenities"], json!(["stage", "wifi"]));
    assert_eq!(made["other_amenities"], json!(["An ice machine"]));
    assert_eq!(text(&made, "/cancellation_policy/name"), "flexible");
    let id = text(&made, "/venue_id");
    let mut shown = get(format!("{MANAGE}/{id}"))
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    let mut more = |name| shown.as_object_mut().unwrap().remove(name);
    assert_eq!(
        (more("missing"), more("revision")),
        (Some(json!(["photo"])), Some(Value::Null))
    );
    assert_eq!(shown, made);
    let list = get(MANAGE).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(all(&list, "venue_id"), [id]);
    let rules = get(format!("/api/v1/vendor/venues/availability/{id}"))
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(
        rules["weekly"],
        json!([{"weekday": 6, "open": "22:00", "close": "26:00"}])
    );
    assert_eq!(
        (text(&rules, "/zone"), &rules["min_minutes"]),
        ("Europe/Berlin", &json!(60))
    );
}

#[tokio::test]
async fn a_venue_that_is_sent_again_is_the_same() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let ask = post(MANAGE, venue()).by(&vera).key("k");
    assert_eq!(
        ask.clone().of(router(&world)).await.is(201),
        ask.of(router(&world)).await.is(201)
    );
    let list = get(MANAGE).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(all(&list, "venue_id").len(), 1);
}

#[tokio::test]
async fn everything_wrong_with_a_venue_is_told_at_once() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let mut wrong = venue();
    wrong["name"] = json!("x");
    wrong["location"]["lat"] = json!(91);
    wrong["location"]["zone"] = json!("Mars/Olympus");
    wrong["capacity"] = json!(0);
    wrong["amenities"] = json!(["Wi Fi"]);
    wrong["cancellation_policy"] = json!("Lenient");
    wrong["rules"] = json!({"weekly": [{"weekday": 1, "open": "9", "close": "17:00"}], "step_minutes": 7});
    wrong["price_per_hour"]["amount"] = json!(10_000_001);
    create(&world, &vera, wrong).await.points_at(&[
        "/name",
        "/location/lat",
        "/location/zone",
        "/capacity",
        "/amenities/0",
        "/cancellation_policy",
        "/rules/weekly/0/open",
        "/rules/step_minutes",
        "/price_per_hour/amount",
    ]);
    create(
        &world,
        &vera,
        json!({"name": 7, "location": {"lat": "x"}, "owner": "me"}),
    )
    .await
    .points_at(&[
        "/name",
        "/location/address",
        "/location/lat",
        "/location/lng",
        "/capacity",
        "/owner",
    ]);
}

/// One that names nothing.
fn block_id() -> &'static str {
    "blk_01900000000070008000000000000099"
}

#[tokio::test]
async fn another_vendors_venue_does_not_exist() {
    let world = World::new();
    let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
    let live = world.live_venue(&vera, VenueBuilder::default()).await;
    let (id, media) = (live.id, live.photos[0].id);
    let time = hour(48);
    let rules = json!({"weekly": []});
    let price = json!({"price_per_hour": {"amount": 1, "currency": "EUR"}});
    let words = json!({"name": "The Loft"});
    let asks = [
        get(format!("{MANAGE}/{id}")),
        put(format!("{MANAGE}/{id}"), words),
        ask(http::Method::DELETE, format!("{MANAGE}/{id}/revision")),
        bare(format!("{MANAGE}/{id}/submit")),
        bare(format!("{MANAGE}/{id}/pause")),
        bare(format!("{MANAGE}/{id}/resume")),
        bare(format!("{MANAGE}/{id}/archive")),
        post(
            format!("{MANAGE}/{id}/photos"),
            json!({"content_type": "image/png"}),
        ),
        bare(format!("{MANAGE}/{id}/photos/{media}")),
        get(format!("/api/v1/vendor/venues/availability/{id}")),
        put(format!("/api/v1/vendor/venues/availability/{id}"), rules),
        post(
            format!("/api/v1/vendor/venues/availability/{id}/preview"),
            json!({"weekly": []}),
        ),
        post(
            format!("/api/v1/vendor/venues/availability/{id}/special-days/preview"),
            json!({"dates": ["2027-03-01"], "hours": []}),
        ),
        put(
            format!("/api/v1/vendor/venues/availability/{id}/special-days"),
            json!({"dates": ["2027-03-01"], "hours": []}),
        ),
        ask(
            http::Method::DELETE,
            format!("/api/v1/vendor/venues/availability/{id}/special-days/2027-03-01"),
        ),
        post(
            format!("/api/v1/vendor/venues/availability/{id}/blocks"),
            json!({"days": {"from": "2027-03-01", "to": "2027-03-01"}}),
        ),
        ask(
            http::Method::DELETE,
            format!("/api/v1/vendor/venues/availability/{id}/blocks/{}", block_id()),
        ),
        get(format!("{MANAGE}/{id}/spaces")),
        post(
            format!("{MANAGE}/{id}/spaces"),
            json!({"name": "Hall", "capacity": 9}),
        ),
        put(
            format!("{MANAGE}/{id}/spaces/{}", live.main_space),
            json!({"name": "Hall", "capacity": 9}),
        ),
        get(format!("/api/v1/vendor/venues/pricing/{id}")),
        put(format!("/api/v1/vendor/venues/pricing/{id}"), price),
        get(format!(
            "/api/v1/vendor/bookings/calendar?venue_id={id}&from={}&to={}",
            time.start(),
            time.end()
        )),
    ];
    for ask in asks {
        ask.by(&otto).of(router(&world)).await.refuses(404, "not_found");
    }
    let list = get(MANAGE).by(&otto).of(router(&world)).await.is(200);
    assert_eq!(list["data"], json!([]));
    assert_eq!(world.app.store().venue(id).await.unwrap(), Some(live));
}

#[tokio::test]
async fn what_is_said_of_a_draft_changes_and_bookings_keep_the_terms_they_were_made_under() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let live = world.live_venue(&vera, VenueBuilder::default()).await;
    let booked = world.books(&carl, live.id, hour(48)).await.unwrap();
    let path = format!("{MANAGE}/{}", live.id);
    let said = json!({
        "name": "The Attic", "description": "Low ceilings.", "amenities": ["stage"],
        "cancellation_policy": "standard_90_day",
    });
    let edited = put(&path, said.clone())
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(
        (
            text(&edited, "/cancellation_policy/name"),
            text(&edited, "/state")
        ),
        ("standard_90_day", "live")
    );
    let shown = get(&path).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(text(&shown, "/cancellation_policy/name"), "standard_90_day");
    assert_eq!(shown["missing"], json!([]));
    let kept = world.app.store().booking(booked.id).await.unwrap().unwrap();
    assert_eq!(
        (&kept.venue_name, &kept.policy),
        (&booked.venue_name, &booked.policy)
    );

    // An admin has looked at where it is, and its hours are in its zone.
    let elsewhere = |zone: &str| {
        let mut said = said.clone();
        said["location"] = json!({
            "address": {"city": "Elsewhere", "country": "DE"}, "lat": 48.1, "lng": 11.6, "zone": zone,
        });
        said
    };
    put(&path, elsewhere("Europe/Berlin"))
        .by(&vera)
        .of(router(&world))
        .await
        .points_at(&["/location"]);
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let path = format!("{MANAGE}/{}", draft.id);
    let change = |said: Value| put(&path, said).by(&vera).of(router(&world));
    let moved = change(elsewhere("Europe/Berlin")).await.is(200);
    assert_eq!(
        (
            text(&moved, "/location/address/text"),
            text(&moved, "/name"),
            text(&moved, "/description"),
            &moved["revision"]
        ),
        ("Elsewhere, DE", "The Attic", "Low ceilings.", &Value::Null)
    );
    change(elsewhere("Europe/Paris"))
        .await
        .points_at(&["/location/zone"]);
    change(json!({"name": "", "amenities": ["WIFI"], "cancellation_policy": "Lenient", "house_rules": ""}))
        .await
        .points_at(&["/name", "/amenities/0", "/cancellation_policy", "/house_rules"]);
    step(&world, &vera, &draft, "submit").await.is(200);
    change(said.clone()).await.refuses(409, "invalid_transition");
}

#[tokio::test]
async fn a_venue_goes_its_way_to_the_market_and_off_it() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let bare_draft = create(
        &world,
        &vera,
        json!({
            "name": "Empty", "location": venue()["location"], "capacity": 1,
        }),
    );
    let id = text(&bare_draft.await.is(201), "/venue_id").to_owned();
    let shown = get(format!("{MANAGE}/{id}"))
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(
        shown["missing"],
        json!(["opening_hours", "price_per_hour", "photo"])
    );
    let incomplete = bare(format!("{MANAGE}/{id}/submit"))
        .by(&vera)
        .of(router(&world))
        .await;
    let missing = incomplete.refuses(409, "incomplete");
    assert_eq!(
        missing["missing"],
        json!(["opening_hours", "price_per_hour", "photo"])
    );

    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let refused = step(&world, &vera, &draft, "pause")
        .await
        .refuses(409, "invalid_transition");
    assert_eq!(refused["allowed_transitions"], json!(["submit", "archive"]));
    assert_eq!(
        text(&step(&world, &vera, &draft, "submit").await.is(200), "/state"),
        "submitted"
    );
    app::venues::decide(&world.app, None, draft.id, app::venues::Verdict::Approve)
        .await
        .unwrap();
    assert_eq!(
        text(&step(&world, &vera, &draft, "pause").await.is(200), "/state"),
        "paused"
    );
    step(&world, &vera, &draft, "pause")
        .await
        .refuses(409, "invalid_transition");
    assert_eq!(
        text(&step(&world, &vera, &draft, "resume").await.is(200), "/state"),
        "live"
    );
}

#[tokio::test]
async fn a_venue_is_given_up_when_nobody_is_still_to_come() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let live = world.live_venue(&vera, VenueBuilder::default()).await;
    let booking = world.books(&carl, live.id, hour(48)).await.unwrap();
    step(&world, &vera, &live, "archive")
        .await
        .refuses(409, "invalid_transition");
    step(&world, &vera, &live, "pause").await.is(200);
    let refused = step(&world, &vera, &live, "archive")
        .await
        .refuses(409, "bookings_in_the_way");
    assert_eq!(text(&refused, "/conflicts/0/booking_id"), booking.id.to_string());
    world.clock.advance_seconds(630);
    let archived = step(&world, &vera, &live, "archive").await.is(200);
    assert_eq!(text(&archived, "/state"), "archived");
    step(&world, &vera, &live, "resume")
        .await
        .refuses(409, "invalid_transition");
    let shown = get(format!("{MANAGE}/{}", live.id))
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(
        text(&shown, "/state"),
        "archived",
        "and is still there for its vendor"
    );
}

#[tokio::test]
async fn a_photo_is_uploaded_and_taken_over() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let id = text(&create(&world, &vera, venue()).await.is(201), "/venue_id").to_owned();
    let photos = format!("{MANAGE}/{id}/photos");
    let begin = |content_type: &str| {
        post(&photos, json!({"content_type": content_type}))
            .by(&vera)
            .of(router(&world))
    };
    let form = begin("image/png").await.is(201);
    assert_eq!(form["bytes_max"], 10 * 1024 * 1024);
    let key = form["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == "key")
        .unwrap();
    let taken = format!("{photos}/{}", text(&form, "/media_id"));
    bare(&taken)
        .by(&vera)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
    world.blobs.put(text(key, "/value"), "image/png", b"<svg xmlns=");
    bare(&taken)
        .by(&vera)
        .of(router(&world))
        .await
        .points_at(&["/media_id"]);
    world
        .blobs
        .put(text(key, "/value"), "image/png", b"\x89PNG\r\n\x1a\n0000");
    let shown = bare(&taken).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(shown["photos"][0]["media_id"], form["media_id"]);
    assert!(text(&shown, "/photos/0/url").contains(text(&form, "/media_id")));
    let again = bare(&taken).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(again["photos"].as_array().unwrap().len(), 1);
    begin("image/svg+xml").await.points_at(&["/content_type"]);
}

#[tokio::test]
async fn a_method_that_is_not_possible_is_told_in_the_same_form() {
    let world = World::new();
    let answer = ask(http::Method::DELETE, SETTINGS).of(router(&world)).await;
    answer.refuses(405, "method_not_allowed");
}
