//! A person's own things.

use axum::Router;
use serde_json::{Value, json};
use testkit::{Person, World};

use super::ask::{Answer, all, ask, get, patch, text};

const PROFILE: &str = "/api/v1/users/profile";
const NOTIFICATIONS: &str = "/api/v1/users/notifications";

fn router(world: &World) -> Router {
    users::router(world.app.clone())
}

async fn tag(world: &World, who: &Person) -> String {
    let answer = get(PROFILE).by(who).of(router(world)).await;
    answer.header("etag").unwrap().to_owned()
}

async fn rename(world: &World, who: &Person, tag: &str, body: Value) -> Answer {
    patch(PROFILE, body).by(who).if_match(tag).of(router(world)).await
}

#[tokio::test]
async fn somebody_sees_and_changes_their_own_name() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let answer = get(PROFILE).by(&ada).of(router(&world)).await;
    let before = answer.header("etag").unwrap().to_owned();
    let profile = answer.is(200);
    assert_eq!(
        (text(&profile, "/email"), text(&profile, "/name")),
        ("ada@example.com", "ada")
    );
    assert_eq!(profile["vendor_id"], Value::Null);

    let changed = rename(&world, &ada, &before, json!({"name": " Ada L. "})).await;
    let after = changed.header("etag").unwrap().to_owned();
    assert_ne!(after, before);
    assert_eq!(text(&changed.is(200), "/name"), "Ada L.");
    let known = get(PROFILE)
        .by(&ada)
        .header("if-none-match", after)
        .of(router(&world))
        .await;
    known.is(304);
}

#[tokio::test]
async fn instants_are_told_in_whole_milliseconds_in_utc() {
    let world = World::new();
    world.clock.set("2027-02-01T10:00:00.123999999Z".parse().unwrap());
    let ada = world.customer("ada").await;
    let profile = get(PROFILE).by(&ada).of(router(&world)).await.is(200);
    for field in ["/created_at", "/updated_at", "/email_verified_at"] {
        assert_eq!(text(&profile, field), "2027-02-01T10:00:00.123Z", "{field}");
    }
}

#[tokio::test]
async fn a_merge_patch_goes_by_its_own_media_type_too() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let tag = tag(&world, &ada).await;
    let patch = ask(http::Method::PATCH, PROFILE)
        .raw(r#"{"name":"Ada"}"#)
        .by(&ada)
        .if_match(&tag);
    patch
        .header("content-type", "application/merge-patch+json")
        .of(router(&world))
        .await
        .is(200);
}

#[tokio::test]
async fn a_change_of_what_has_changed_is_refused() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let seen = tag(&world, &ada).await;
    rename(&world, &ada, &seen, json!({"name": "One"})).await.is(200);
    rename(&world, &ada, &seen, json!({"name": "Two"}))
        .await
        .refuses(412, "precondition_failed");
    let blind = patch(PROFILE, json!({"name": "Three"}))
        .by(&ada)
        .of(router(&world))
        .await;
    blind.refuses(428, "precondition_required");
    assert_eq!(
        text(&get(PROFILE).by(&ada).of(router(&world)).await.is(200), "/name"),
        "One"
    );
}

#[tokio::test]
async fn a_patch_that_makes_no_sense_changes_nothing() {
    let world = World::new();
    let ada = world.customer("ada").await;
    let tag = tag(&world, &ada).await;
    rename(&world, &ada, &tag, json!({"name": null}))
        .await
        .points_at(&["/name"]);
    rename(&world, &ada, &tag, json!({"name": "x".repeat(101)}))
        .await
        .points_at(&["/name"]);
    rename(&world, &ada, &tag, json!({})).await.points_at(&[""]);
    rename(&world, &ada, &tag, json!({"email": "eve@example.com"}))
        .await
        .points_at(&["/email"]);
}

#[tokio::test]
async fn somebody_reads_what_they_were_told_page_by_page() {
    let world = World::new();
    // Two things to be told: the business is approved, and so is its venue.
    let vera = world.vendor("vera").await;
    world.live_venue(&vera, testkit::VenueBuilder::default()).await;
    world.settle().await;
    let whole = get(NOTIFICATIONS).by(&vera).of(router(&world)).await.is(200);
    let told = all(&whole, "event_id");
    assert!(told.len() >= 2, "{whole}");
    assert!(whole["data"][0].get("mailed").is_none());

    let mut seen = Vec::new();
    let mut path = format!("{NOTIFICATIONS}?limit=1");
    loop {
        let page = get(&path).by(&vera).of(router(&world)).await.is(200);
        seen.extend(all(&page, "event_id").into_iter().map(str::to_owned));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        path = format!("{NOTIFICATIONS}?limit=1&cursor={cursor}");
        let carl = world.customer("carl").await;
        get(&path)
            .by(&carl)
            .of(router(&world))
            .await
            .points_at(&["/cursor"]);
    }
    assert_eq!(seen, told);
}

#[tokio::test]
async fn notifications_are_ones_own() {
    let world = World::new();
    world.vendor("vera").await;
    world.settle().await;
    let carl = world.customer("carl").await;
    let list = get(NOTIFICATIONS).by(&carl).of(router(&world)).await.is(200);
    assert_eq!(list, json!({"data": [], "page": {"next_cursor": null}}));
    get(format!("{NOTIFICATIONS}?limit=0"))
        .by(&carl)
        .of(router(&world))
        .await
        .points_at(&["/limit"]);
    get(format!("{NOTIFICATIONS}?user=x"))
        .by(&carl)
        .of(router(&world))
        .await
        .points_at(&["/user"]);
}
