//! Spaces of a venue, and what is locked with what.

use axum::Router;
use domain::time::Interval;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::{MANAGE, router};
use crate::contract::ask::{Answer, all, get, post, put, text};
use crate::contract::hour;

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

async fn add(world: &World, who: &Person, venue: &Venue, space: Value) -> Answer {
    post(format!("{MANAGE}/{}/spaces", venue.id), space)
        .by(who)
        .of(router(world))
        .await
}

async fn set(world: &World, who: &Person, venue: &Venue, space: &str, to: Value) -> Answer {
    let path = format!("{MANAGE}/{}/spaces/{space}", venue.id);
    put(path, to).by(who).of(router(world)).await
}

/// Open round the clock, for 20 euros an hour.
async fn room(world: &World, who: &Person, venue: &Venue, name: &str) -> String {
    let made = add(world, who, venue, json!({"name": name, "capacity": 10}))
        .await
        .is(201);
    let id = text(&made, "/space_id").to_owned();
    let week = (1..=7).map(|day| json!({"weekday": day, "open": "00:00", "close": "24:00"}));
    let rules = json!({"weekly": week.collect::<Vec<_>>(), "lead_minutes": 0});
    let query = format!("{}?space_id={id}", venue.id);
    put(format!("/api/v1/vendor/venues/availability/{query}"), rules)
        .by(who)
        .of(router(world))
        .await
        .is(200);
    let price = json!({"price_per_hour": {"amount": 2000, "currency": "EUR"}});
    put(format!("/api/v1/vendor/venues/pricing/{query}"), price)
        .by(who)
        .of(router(world))
        .await
        .is(200);
    id
}

fn venues_router(world: &World) -> Router {
    venues::router(world.app.clone())
}

async fn quote(world: &World, who: &Person, venue: &Venue, more: Value, time: Interval) -> Answer {
    let mut ask = json!({"venue_id": venue.id, "start": time.start(), "end": time.end(), "guests": 2});
    ask.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    post("/api/v1/venues/quotes", ask)
        .by(who)
        .of(venues_router(world))
        .await
}

async fn book(world: &World, who: &Person, quote: &Value) -> Answer {
    let ask = json!({"quote_id": text(quote, "/quote_id")});
    let ask = post("/api/v1/bookings/create", ask)
        .by(who)
        .key(text(quote, "/quote_id"));
    ask.of(bookings::router(world.app.clone())).await
}

#[tokio::test]
async fn a_venue_has_the_spaces_that_its_vendor_gives_it() {
    let (world, vera, venue) = scene().await;
    let layouts = json!([{"name": "seated", "capacity": 8}, {"name": "standing", "capacity": 12}]);
    let made = add(
        &world,
        &vera,
        &venue,
        json!({"name": "Salon", "capacity": 12, "layouts": layouts, "amenities": ["piano", "bar"]}),
    )
    .await
    .is(201);
    assert_eq!((&made["layouts"], &made["in_use"]), (&layouts, &json!(true)));
    assert_eq!(made["amenities"], json!(["bar", "piano"]));
    let list = get(format!("{MANAGE}/{}/spaces", venue.id))
        .by(&vera)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(all(&list, "name"), ["The Loft", "Salon"]);
    let id = text(&made, "/space_id");
    let renamed = set(
        &world,
        &vera,
        &venue,
        id,
        json!({"name": "Blue Salon", "capacity": 9, "in_use": false}),
    )
    .await
    .is(200);
    assert_eq!(
        (text(&renamed, "/name"), &renamed["capacity"], &renamed["layouts"]),
        ("Blue Salon", &json!(9), &json!([]))
    );
    let details = || get(format!("/api/v1/venues/details/{}", venue.id)).of(venues_router(&world));
    let shown = details().await.is(200);
    assert_eq!(
        shown["spaces"].as_array().unwrap().len(),
        1,
        "one that is not in use is not shown"
    );
    assert_eq!(text(&shown, "/main_space_id"), venue.main_space.to_string());
    // The capacity of the main space is the one that the venue is found by.
    let main = venue.main_space.to_string();
    set(
        &world,
        &vera,
        &venue,
        &main,
        json!({"name": "The Loft", "capacity": 99}),
    )
    .await
    .is(200);
    assert_eq!(details().await.is(200)["capacity"], 99);
    assert_eq!(
        world.app.store().venue(venue.id).await.unwrap().unwrap().capacity,
        99
    );
}

#[tokio::test]
async fn a_space_that_makes_no_sense_is_refused() {
    let (world, vera, venue) = scene().await;
    let unknown = json!({"name": "Salon", "capacity": 1, "colour": "red"});
    add(&world, &vera, &venue, unknown).await.points_at(&["/colour"]);
    let wrong = json!({"name": "x", "capacity": 0, "parts": ["kitchen"], "amenities": ["Flügel"]});
    add(&world, &vera, &venue, wrong)
        .await
        .points_at(&["/name", "/capacity", "/amenities/0", "/parts/0"]);
    let main = venue.main_space.to_string();
    let to = |parts: Value| json!({"name": "The Loft", "capacity": 40, "parts": parts});
    set(&world, &vera, &venue, &main, to(json!([main])))
        .await
        .points_at(&["/parts"]);
    let unknown = "spc_01900000000070008000000000000099";
    set(&world, &vera, &venue, &main, to(json!([unknown])))
        .await
        .points_at(&["/parts"]);
    set(&world, &vera, &venue, unknown, to(json!([])))
        .await
        .refuses(404, "not_found");
    let off = json!({"name": "The Loft", "capacity": 40, "in_use": false});
    set(&world, &vera, &venue, &main, off)
        .await
        .points_at(&["/in_use"]);
    for n in 1..domain::space::SPACES_MAX {
        add(
            &world,
            &vera,
            &venue,
            json!({"name": format!("Room {n}"), "capacity": 1}),
        )
        .await
        .is(201);
    }
    let one_more = add(&world, &vera, &venue, json!({"name": "Room", "capacity": 1})).await;
    one_more.refuses(409, "limit_reached");
}

#[tokio::test]
async fn as_many_guests_are_quoted_for_as_the_layout_has_room_for() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let main = venue.main_space.to_string();
    let layouts = json!([{"name": "seated", "capacity": 1}, {"name": "standing", "capacity": 40}]);
    set(
        &world,
        &vera,
        &venue,
        &main,
        json!({"name": "The Loft", "capacity": 40, "layouts": layouts}),
    )
    .await
    .is(200);
    let ask = |layout: &str| quote(&world, &carl, &venue, json!({"layout": layout}), hour(48));
    ask("seated").await.refuses(409, "capacity");
    ask("theatre").await.refuses(409, "layout");
    let quoted = ask("standing").await.is(201);
    let booked = book(&world, &carl, &quoted).await.is(201);
    assert_eq!(text(&booked, "/layout"), "standing");
}

#[tokio::test]
async fn whoever_books_a_hall_has_its_rooms_and_the_other_way_round() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let (blue, red) = (
        room(&world, &vera, &venue, "Blue").await,
        room(&world, &vera, &venue, "Red").await,
    );
    let main = venue.main_space.to_string();
    let hall = json!({"name": "The Loft", "capacity": 40, "parts": [blue, red]});
    set(&world, &vera, &venue, &main, hall).await.is(200);

    let (the_hall, the_blue, the_red) = (json!({}), json!({"space_id": blue}), json!({"space_id": red}));
    let late = quote(&world, &carl, &venue, the_hall.clone(), hour(48))
        .await
        .is(201);
    let quoted = quote(&world, &carl, &venue, the_blue.clone(), hour(48))
        .await
        .is(201);
    assert_eq!(
        (text(&quoted, "/space_id"), text(&quoted, "/space_name")),
        (blue.as_str(), "Blue")
    );
    let booked = book(&world, &carl, &quoted).await.is(201);
    assert_eq!(
        (text(&booked, "/space_name"), &booked["price"]["total"]["amount"]),
        ("Blue", &json!(2000))
    );
    // The other room is free, the hall is not.
    quote(&world, &carl, &venue, the_red.clone(), hour(48))
        .await
        .is(201);
    let refused = quote(&world, &carl, &venue, the_hall.clone(), hour(48))
        .await
        .refuses(409, "linked_space");
    assert!(!refused["alternatives"].as_array().unwrap().is_empty());
    book(&world, &carl, &late).await.refuses(409, "linked_space");

    let quoted = quote(&world, &carl, &venue, the_hall, hour(60)).await.is(201);
    let booked = book(&world, &carl, &quoted).await.is(201);
    let mut locked = vec![main, blue.clone(), red.clone()];
    let mut shown: Vec<String> = serde_json::from_value(booked["space_ids"].clone()).unwrap();
    locked.sort();
    shown.sort();
    assert_eq!(shown, locked);
    for room in [the_blue, the_red] {
        quote(&world, &carl, &venue, room, hour(60))
            .await
            .refuses(409, "linked_space");
    }
    let availability = format!(
        "/api/v1/venues/availability/{}?space_id={red}&from={}&to={}&minutes=60",
        venue.id,
        hour(60).start(),
        hour(61).end()
    );
    let shown = get(availability).of(venues_router(&world)).await.is(200);
    assert_eq!(
        shown["slots"].as_array().unwrap().len(),
        2,
        "when the hall's hour is over, and half an hour later"
    );
    assert_eq!(text(&shown, "/space_id"), red);
}

#[tokio::test]
async fn parts_of_a_space_that_is_booked_stay_as_they_are() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let blue = room(&world, &vera, &venue, "Blue").await;
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let main = venue.main_space.to_string();
    let hall = json!({"name": "The Loft", "capacity": 40, "parts": [blue]});
    let refused = set(&world, &vera, &venue, &main, hall.clone())
        .await
        .refuses(409, "bookings_in_the_way");
    assert_eq!(text(&refused, "/conflicts/0/booking_id"), booking.id.to_string());
    // The room itself may be booked; its bookings lock nothing else.
    world.clock.advance_seconds(630);
    let quoted = quote(&world, &carl, &venue, json!({"space_id": blue}), hour(48))
        .await
        .is(201);
    book(&world, &carl, &quoted).await.is(201);
    set(&world, &vera, &venue, &main, hall).await.is(200);
    quote(&world, &carl, &venue, json!({}), hour(48))
        .await
        .refuses(409, "linked_space");
}

#[tokio::test]
async fn a_block_of_a_part_holds_for_the_whole_and_of_the_whole_for_its_parts() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let (blue, red) = (
        room(&world, &vera, &venue, "Blue").await,
        room(&world, &vera, &venue, "Red").await,
    );
    let main = venue.main_space.to_string();
    let hall = json!({"name": "The Loft", "capacity": 40, "parts": [blue, red]});
    set(&world, &vera, &venue, &main, hall).await.is(200);
    let block = |space: &str, time: Interval| {
        let path = format!(
            "/api/v1/vendor/venues/availability/{}/blocks?space_id={space}",
            venue.id
        );
        post(path, json!({"once": {"start": time.start(), "end": time.end()}}))
            .by(&vera)
            .of(router(&world))
    };
    block(&blue, hour(48)).await.is(201);
    quote(&world, &carl, &venue, json!({}), hour(48))
        .await
        .refuses(409, "blocked");
    quote(&world, &carl, &venue, json!({"space_id": red}), hour(48))
        .await
        .is(201);
    block(&main, hour(60)).await.is(201);
    for room in [&blue, &red] {
        quote(&world, &carl, &venue, json!({"space_id": room}), hour(60))
            .await
            .refuses(409, "blocked");
    }
    // A booking of one room is in the way of a block of the whole.
    world.clock.advance_seconds(1);
    let quoted = quote(&world, &carl, &venue, json!({"space_id": red}), hour(70))
        .await
        .is(201);
    let booked = book(&world, &carl, &quoted).await.is(201);
    let refused = block(&main, hour(70)).await.refuses(409, "bookings_in_the_way");
    assert_eq!(refused["conflicts"][0]["booking_id"], booked["booking_id"]);
    assert_eq!(text(&refused, "/conflicts/0/space_id"), red);
    block(&blue, hour(70)).await.is(201);
}
