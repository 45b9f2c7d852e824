//! The cancellation policies that vendors choose from, as admins keep them.

use axum::Router;
use domain::cancellation::PRESETS_MAX;
use serde_json::{Value, json};
use store::policies::PRESET_VERSIONS_READ_MAX;
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, get, post, put, text};
use super::hour;

const POLICIES: &str = "/api/v1/admin/settings/policies";
const MANAGE: &str = "/api/v1/vendor/venues/manage";

fn router(world: &World) -> Router {
    let app = &world.app;
    ::admin::router(app.clone())
        .merge(::vendor::router(app.clone()))
        .merge(::venues::router(app.clone()))
        .merge(::bookings::router(app.clone()))
}

async fn sets(world: &World, admin: &Person, name: &str, to: Value) -> Answer {
    put(format!("{POLICIES}/{name}"), to)
        .by(admin)
        .of(router(world))
        .await
}

async fn saves(world: &World, vera: &Person, venue: &str, policy: &str) -> Answer {
    let said = json!({"name": "The Loft", "description": "High ceilings.", "cancellation_policy": policy});
    put(format!("{MANAGE}/{venue}"), said)
        .by(vera)
        .of(router(world))
        .await
}

/// Half of it comes back up to two days before the start.
fn strict() -> Value {
    json!({
        "tiers": [{"hours_before": 48, "refund_bps": 5000, "fees_refundable": false}],
        "grace": {"hours_after_confirmation": 1, "hours_before_start": 72},
        "notes": {"DE": "Ein Widerrufsrecht besteht nicht."},
    })
}

#[tokio::test]
async fn an_admin_sets_what_a_policy_brings_and_sees_who_set_it_before() {
    let world = World::new();
    let admin = world.admin().await;
    let list = get(POLICIES).by(&admin).of(router(&world)).await.is(200);
    let built_in = ["very_flexible", "flexible", "standard_30_day", "standard_90_day"];
    assert_eq!(all(&list, "name"), built_in);
    assert_eq!(
        (&list["data"][1]["version"], &list["data"][1]["set_at"]),
        (&json!(1), &Value::Null)
    );

    let made = sets(&world, &admin, "strict", strict()).await;
    assert_eq!(made.header("etag"), Some("\"v1\""));
    let made = made.is(200);
    assert_eq!((&made["version"], &made["offered"]), (&json!(1), &json!(true)));
    assert_eq!(made["notes"], strict()["notes"]);
    world.clock.advance_minutes(1);
    let milder = json!({"tiers": [{"hours_before": 24, "refund_bps": 5000, "fees_refundable": true}]});
    let next = put(format!("{POLICIES}/flexible"), milder.clone())
        .if_match("\"v1\"")
        .by(&admin);
    let next = next.key("once").of(router(&world)).await.is(200);
    assert_eq!((&next["version"], &next["grace"]), (&json!(2), &Value::Null));
    let late = put(format!("{POLICIES}/flexible"), milder.clone())
        .if_match("\"v1\"")
        .by(&admin);
    late.of(router(&world)).await.refuses(412, "precondition_failed");
    let again = put(format!("{POLICIES}/flexible"), milder)
        .if_match("\"v1\"")
        .by(&admin);
    assert_eq!(
        again.key("once").of(router(&world)).await.is(200),
        next,
        "the same request"
    );

    let list = get(POLICIES).by(&admin).of(router(&world)).await.is(200);
    assert_eq!(all(&list, "name"), [&built_in[..], &["strict"]].concat());
    assert_eq!(list["data"][1], next);
    let versions = get(format!("{POLICIES}/flexible"))
        .by(&admin)
        .of(router(&world))
        .await
        .is(200);
    let told: Vec<_> = versions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["version"].clone())
        .collect();
    assert_eq!(told, [json!(2), json!(1)]);
    assert_eq!(versions["data"][0]["set_by"], json!(admin.caller.user));
    assert_eq!(versions["data"][0]["set_at"], json!(world.now()));
    get(format!("{POLICIES}/lenient"))
        .by(&admin)
        .of(router(&world))
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_refused() {
    let world = World::new();
    let admin = world.admin().await;
    let tier =
        |hours: u32, bps: u32| json!({"hours_before": hours, "refund_bps": bps, "fees_refundable": false});
    let tiers = |tiers: &[Value]| sets(&world, &admin, "strict", json!({"tiers": tiers}));
    tiers(&[tier(48, 5_000), tier(72, 4_000), tier(0, 1)])
        .await
        .points_at(&["/tiers/1", "/tiers/2"]);
    let wrong = json!({"tiers": [], "grace": {"hours_after_confirmation": 0, "hours_before_start": 1}, "notes": {"Germany": "x"}});
    let answer = sets(&world, &admin, "strict", wrong).await;
    answer.points_at(&["/grace/hours_after_confirmation", "/notes/Germany"]);
    sets(&world, &admin, "Very-Strict", strict())
        .await
        .refuses(404, "not_found");
    for n in 4..PRESETS_MAX {
        tiers_of(&world, &admin, n).await.is(200);
    }
    tiers_of(&world, &admin, PRESETS_MAX)
        .await
        .refuses(409, "limit_reached");
    sets(&world, &admin, "flexible", json!({"tiers": []}))
        .await
        .is(200);
}

#[tokio::test]
async fn of_many_versions_the_newest_are_told() {
    let world = World::new();
    let admin = world.admin().await;
    let told = async || {
        let path = format!("{POLICIES}/flexible");
        let versions = get(path).by(&admin).of(router(&world)).await.is(200);
        let all = versions["data"].as_array().unwrap().iter();
        all.map(|one| one["version"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let most = i64::from(PRESET_VERSIONS_READ_MAX);
    for _ in 1..most {
        sets(&world, &admin, "flexible", json!({"tiers": []}))
            .await
            .is(200);
    }
    assert_eq!(told().await, (1..=most).rev().collect::<Vec<_>>());
    for _ in 0..2 {
        sets(&world, &admin, "flexible", json!({"tiers": []}))
            .await
            .is(200);
    }
    assert_eq!(told().await, (3..=most + 2).rev().collect::<Vec<_>>());
}

async fn tiers_of(world: &World, admin: &Person, n: usize) -> Answer {
    sets(world, admin, &format!("policy_{n}"), json!({"tiers": []})).await
}

#[tokio::test]
async fn a_venue_keeps_its_version_until_its_vendor_saves_it_and_a_booking_for_good() {
    let world = World::new();
    let (admin, vera) = (world.admin().await, world.vendor("vera").await);
    let carl = world.customer("carl").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let id = venue.id.to_string();
    sets(&world, &admin, "strict", strict()).await.is(200);
    let chosen = saves(&world, &vera, &id, "strict").await.is(200);
    assert_eq!(
        text(&chosen, "/cancellation_policy/note"),
        "Ein Widerrufsrecht besteht nicht."
    );
    let booking = world.books(&carl, venue.id, hour(100)).await.unwrap();

    sets(&world, &admin, "strict", json!({"tiers": []})).await.is(200);
    let shown = async || {
        let details = get(format!("/api/v1/venues/details/{id}"))
            .of(router(&world))
            .await
            .is(200);
        (
            details["cancellation_policy"]["version"].clone(),
            details["terms_version"].clone(),
        )
    };
    assert_eq!(shown().await, (json!(1), json!(2)));
    assert_eq!(
        saves(&world, &vera, &id, "strict").await.is(200)["cancellation_policy"]["text"],
        json!(["Whenever the booking is cancelled, nothing comes back."])
    );
    assert_eq!(shown().await, (json!(2), json!(3)));

    let status = get(format!("/api/v1/bookings/status/{}", booking.id))
        .by(&carl)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(status["cancellation_policy"]["version"], 1);
    assert_eq!(status["cancellation_policy"]["tiers"][0]["refund_bps"], 5_000);
    assert_eq!(
        text(&status, "/cancellation_policy/note"),
        "Ein Widerrufsrecht besteht nicht."
    );
}

#[tokio::test]
async fn a_policy_that_is_offered_no_more_is_kept_and_not_chosen() {
    let world = World::new();
    let (admin, vera) = (world.admin().await, world.vendor("vera").await);
    let [has, other] = [(); 2].map(|()| VenueBuilder::default());
    let has = world.draft(&vera, has).await.id.to_string();
    let other = world.draft(&vera, other).await.id.to_string();
    saves(&world, &vera, &has, "flexible").await.is(200);
    let withdrawn = json!({"tiers": [], "offered": false});
    sets(&world, &admin, "flexible", withdrawn).await.is(200);

    let kept = saves(&world, &vera, &has, "flexible").await.is(200);
    assert_eq!(kept["cancellation_policy"]["version"], 1);
    let refused = saves(&world, &vera, &other, "flexible").await;
    assert!(
        refused
            .body
            .to_string()
            .contains("very_flexible, standard_30_day, standard_90_day"),
        "{}",
        refused.body
    );
    refused.points_at(&["/cancellation_policy"]);
    saves(&world, &vera, &other, "lenient")
        .await
        .points_at(&["/cancellation_policy"]);
    let new = json!({
        "name": "The Attic", "capacity": 4, "cancellation_policy": "flexible",
        "location": {"address": {"city": "Berlin", "country": "DE"}, "lat": 52.5, "lng": 13.4},
    });
    post(MANAGE, new)
        .by(&vera)
        .of(router(&world))
        .await
        .points_at(&["/cancellation_policy"]);

    let public = get("/api/v1/venues/policies").of(router(&world)).await.is(200);
    assert_eq!(
        all(&public, "name"),
        ["very_flexible", "standard_30_day", "standard_90_day"]
    );
    assert_eq!(public["data"][0]["tiers"][0]["until"], Value::Null);
    // It can be offered again.
    let again = json!({"tiers": [], "offered": true});
    assert_eq!(
        sets(&world, &admin, "flexible", again).await.is(200)["version"],
        3
    );
    assert_eq!(
        saves(&world, &vera, &other, "flexible").await.is(200)["cancellation_policy"]["version"],
        3
    );
}
