//! Where a venue is, and that its clock follows from it.

use serde_json::{Value, json};
use testkit::{Person, World};

use super::super::ask::{Answer, get, post, put, text};
use super::{MANAGE, router, venue};

/// A venue there, whose vendor says this of its zone.
fn at(lat: f64, lng: f64, zone: &Value) -> Value {
    let mut body = venue();
    body["location"]["lat"] = json!(lat);
    body["location"]["lng"] = json!(lng);
    body["location"]["zone"] = zone.clone();
    body
}

async fn create(world: &World, vera: &Person, body: Value) -> Answer {
    post(MANAGE, body).by(vera).of(router(world)).await
}

/// What is said of the one field that is wrong.
#[track_caller]
fn wrong(answer: Answer, pointer: &str) -> String {
    let body = answer.refuses(422, "invalid");
    assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{body}");
    assert_eq!(text(&body, "/errors/0/pointer"), pointer);
    text(&body, "/errors/0/detail").to_owned()
}

#[tokio::test]
async fn a_venue_goes_by_the_clock_of_its_place_without_being_told() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    for (lat, lng, zone) in [
        (52.52, 13.405, "Europe/Berlin"),
        (40.71, -74.0, "America/New_York"),
        (22.57, 88.36, "Asia/Kolkata"),
    ] {
        let made = create(&world, &vera, at(lat, lng, &Value::Null)).await.is(201);
        assert_eq!(text(&made, "/location/zone"), zone);
        let hours = format!("/api/v1/vendor/venues/availability/{}", text(&made, "/venue_id"));
        let hours = get(hours).by(&vera).of(router(&world)).await.is(200);
        assert_eq!(text(&hours, "/zone"), zone);
    }
}

#[tokio::test]
async fn a_zone_that_is_said_has_to_hold_there() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    // The border of Arizona and Utah is the 37th parallel.
    for (lat, lng, said, pinned) in [
        (52.52, 13.405, "europe/berlin", "Europe/Berlin"),
        (22.57, 88.36, "Asia/Calcutta", "Asia/Kolkata"),
        (43.82, 87.6, "Asia/Urumqi", "Asia/Urumqi"),
        (36.999, -112.5, "America/Phoenix", "America/Phoenix"),
        (36.999, -112.5, "America/Denver", "America/Denver"),
    ] {
        let made = create(&world, &vera, at(lat, lng, &json!(said))).await.is(201);
        assert_eq!(text(&made, "/location/zone"), pinned);
    }
    for (lat, lng, said, there) in [
        (52.52, 13.405, "Europe/Paris", "Europe/Berlin"),
        (52.52, 13.405, "America/New_York", "Europe/Berlin"),
        (36.99, -112.5, "America/Denver", "America/Phoenix"),
    ] {
        let refused = create(&world, &vera, at(lat, lng, &json!(said))).await;
        assert!(wrong(refused, "/location/zone").contains(there), "{said}");
    }
}

#[tokio::test]
async fn nobody_runs_a_venue_out_at_sea() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    for zone in [Value::Null, json!("Etc/GMT+3")] {
        let refused = create(&world, &vera, at(30.0, -40.0, &zone)).await;
        refused.points_at(&["/location"]);
    }
}

#[tokio::test]
async fn a_draft_is_moved_no_further_than_its_zone_reaches() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let made = create(&world, &vera, venue()).await.is(201);
    let path = format!("{MANAGE}/{}", text(&made, "/venue_id"));
    let moves = async |lat: f64, lng: f64, zone: Value| {
        let mut said = json!({"name": "The Loft"});
        said["location"] = at(lat, lng, &zone)["location"].clone();
        put(&path, said).by(&vera).of(router(&world)).await
    };
    let munich = moves(48.1, 11.6, Value::Null).await.is(200);
    assert_eq!(munich["location"]["lat"], 48.1);
    assert_eq!(text(&munich, "/location/zone"), "Europe/Berlin");
    moves(48.1, 11.6, json!("Europe/Paris"))
        .await
        .points_at(&["/location/zone"]);
    let said = wrong(moves(48.86, 2.35, Value::Null).await, "/location");
    assert!(
        said.contains("Europe/Paris") && said.contains("Europe/Berlin"),
        "{said}"
    );
    moves(30.0, -40.0, Value::Null).await.points_at(&["/location"]);
}
