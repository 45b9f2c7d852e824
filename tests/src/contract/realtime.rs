//! Live updates without a socket, and the way to one.

use axum::Router;
use domain::channel::Channel;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, bare, get, text};
use super::hour;

const EVENTS: &str = "/api/v1/realtime/events";

fn router(world: &World) -> Router {
    ::realtime::router(world.app.clone())
}

async fn reads(world: &World, who: Option<&Person>, query: &str) -> Answer {
    let ask = get(format!("{EVENTS}?{query}"));
    let ask = match who {
        Some(who) => ask.by(who),
        None => ask,
    };
    ask.of(router(world)).await
}

fn offsets(events: &Value) -> Vec<u64> {
    let events = events["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["offset"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_token_opens_the_socket_whose_url_comes_with_it() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let answer = bare("/api/v1/realtime/token")
        .by(&carl)
        .of(router(&world))
        .await
        .is(201);
    assert!(text(&answer, "/url").starts_with("ws://"), "{answer}");
    let frame = json!({"id": 1, "connect": {"token": text(&answer, "/token")}}).to_string();
    app::realtime::on_frame(&world.app, "c1", &frame).await.unwrap();
    let connection = world.app.store().connection("c1").await.unwrap().unwrap();
    assert_eq!(connection.user, Some(carl.caller.user));
    bare("/api/v1/realtime/token")
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
}

#[tokio::test]
async fn events_are_read_from_an_offset_on_by_whom_they_concern() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let carl = world.customer("carl").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    world.cancels(&carl, booking.id).await.unwrap();
    world.settle().await;
    let channel = Channel::Booking(booking.id);
    for who in [&carl, &vera] {
        let all = reads(&world, Some(who), &format!("channel={channel}"))
            .await
            .is(200);
        assert_eq!(offsets(&all), [1, 2]);
        assert_eq!((&all["complete"], &all["offset"]), (&json!(true), &json!(2)));
        assert_eq!(text(&all, "/events/0/data/type"), "BookingHeld");
    }
    let later = reads(&world, Some(&carl), &format!("channel={channel}&since=1"))
        .await
        .is(200);
    assert_eq!(offsets(&later), [2]);
    let public = format!("channel=venue:{}:availability", venue.id);
    assert_eq!(offsets(&reads(&world, None, &public).await.is(200)), [1, 2]);

    let dora = world.customer("dora").await;
    let query = format!("channel={channel}");
    reads(&world, Some(&dora), &query).await.refuses(404, "not_found");
    reads(&world, None, &query).await.refuses(401, "unauthenticated");
}

#[tokio::test]
async fn what_is_no_channel_or_has_no_sense_is_pointed_at() {
    let world = World::new();
    let carl = world.customer("carl").await;
    for (query, pointer) in [
        ("", "/channel"),
        ("channel=booking:*", "/channel"),
        ("channel=user:usr_1&limit=0", "/channel"),
        ("channel=nothing&x=1", "/x"),
    ] {
        let answer = reads(&world, Some(&carl), query).await;
        let problem = answer.refuses(422, "invalid");
        let pointers: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| text(error, "/pointer"))
            .collect();
        assert!(pointers.contains(&pointer), "{query}: {pointers:?}");
    }
}
