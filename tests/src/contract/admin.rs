//! What whoever runs the platform decides.

use axum::Router;
use domain::venue::VenueState;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, get, post, text};

const VENDORS: &str = "/api/v1/admin/management/vendors";
const VENUES: &str = "/api/v1/admin/management/venues";

fn router(world: &World) -> Router {
    admin::router(world.app.clone())
}

async fn decide(world: &World, who: &Person, of: &str, id: &str, body: Value) -> Answer {
    post(format!("{of}/{id}/decision"), body)
        .by(who)
        .of(router(world))
        .await
}

async fn listed(world: &World, who: &Person, path: &str, name: &str) -> Vec<String> {
    let list = get(path).by(who).of(router(world)).await.is(200);
    all(&list, name).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn an_application_is_approved_and_counts_at_once() {
    let world = World::new();
    let (admin, anna) = (world.admin().await, world.applicant("anna").await);
    let id = anna.vendor().to_string();
    assert_eq!(listed(&world, &admin, VENDORS, "vendor_id").await, [id.as_str()]);
    let approved = decide(&world, &admin, VENDORS, &id, json!({"approve": true}))
        .await
        .is(200);
    assert_eq!(text(&approved, "/state"), "approved");
    assert!(listed(&world, &admin, VENDORS, "vendor_id").await.is_empty());
    assert_eq!(
        listed(&world, &admin, &format!("{VENDORS}?state=approved"), "vendor_id").await,
        [id.as_str()]
    );
    // With the token from before.
    let venues = get("/api/v1/vendor/venues/manage")
        .by(&anna)
        .of(vendor::router(world.app.clone()))
        .await;
    venues.is(200);
    decide(&world, &admin, VENDORS, &id, json!({"approve": true}))
        .await
        .refuses(409, "invalid_transition");
}

#[tokio::test]
async fn a_no_says_why() {
    let world = World::new();
    let (admin, anna) = (world.admin().await, world.applicant("anna").await);
    let id = anna.vendor().to_string();
    for wrong in [
        json!({"approve": false}),
        json!({"approve": true, "reason": "x"}),
        json!({"approve": false, "reason": ""}),
    ] {
        decide(&world, &admin, VENDORS, &id, wrong)
            .await
            .points_at(&["/reason"]);
    }
    decide(&world, &admin, VENDORS, &id, json!({"approve": "yes"}))
        .await
        .points_at(&["/approve"]);
    let no = json!({"approve": false, "reason": "No trade licence."});
    let rejected = decide(&world, &admin, VENDORS, &id, no).await.is(200);
    assert_eq!(
        (text(&rejected, "/state"), text(&rejected, "/reason")),
        ("rejected", "No trade licence.")
    );
    let nobody = "vnd_01900000000070008000000000000099";
    decide(&world, &admin, VENDORS, nobody, json!({"approve": true}))
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_decision_that_is_sent_again_is_the_same() {
    let world = World::new();
    let (admin, anna) = (world.admin().await, world.applicant("anna").await);
    let ask = post(
        format!("{VENDORS}/{}/decision", anna.vendor()),
        json!({"approve": true}),
    )
    .by(&admin)
    .key("k");
    let first = ask.clone().of(router(&world)).await.is(200);
    let again = ask.of(router(&world)).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(200), first);
}

#[tokio::test]
async fn a_venue_is_approved_and_can_be_found() {
    let world = World::new();
    let (admin, vera) = (world.admin().await, world.vendor("vera").await);
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let id = draft.id.to_string();
    assert!(listed(&world, &admin, VENUES, "venue_id").await.is_empty());
    decide(&world, &admin, VENUES, &id, json!({"approve": true}))
        .await
        .refuses(409, "invalid_transition");
    app::venues::submit(&world.app, vera.member(), None, draft.id)
        .await
        .unwrap();
    assert_eq!(listed(&world, &admin, VENUES, "venue_id").await, [id.as_str()]);
    let live = decide(&world, &admin, VENUES, &id, json!({"approve": true}))
        .await
        .is(200);
    assert_eq!(text(&live, "/state"), "live");
    assert_eq!(live["photos"].as_array().unwrap().len(), 1);
    let found = get("/api/v1/venues/search?lat=52.52&lng=13.405")
        .of(venues::router(world.app.clone()))
        .await;
    assert_eq!(all(&found.is(200), "venue_id"), [id.as_str()]);
}

#[tokio::test]
async fn a_venue_goes_back_to_its_vendor_with_what_has_to_change() {
    let world = World::new();
    let (admin, vera) = (world.admin().await, world.vendor("vera").await);
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    app::venues::submit(&world.app, vera.member(), None, draft.id)
        .await
        .unwrap();
    let changes = json!({"approve": false, "reason": "The photo shows another place."});
    let back = decide(&world, &admin, VENUES, &draft.id.to_string(), changes)
        .await
        .is(200);
    assert_eq!(
        (text(&back, "/state"), text(&back, "/reason")),
        ("draft", "The photo shows another place.")
    );
    let stored = world.app.store().venue(draft.id).await.unwrap().unwrap();
    assert_eq!(stored.state, VenueState::Draft);
}

#[tokio::test]
async fn what_waits_is_listed_page_by_page_the_longest_first() {
    let world = World::new();
    let admin = world.admin().await;
    let mut expected = Vec::new();
    for name in ["anna", "bert", "cleo"] {
        expected.push(world.applicant(name).await.vendor().to_string());
        world.clock.advance_seconds(1);
    }
    let mut seen = Vec::new();
    let mut path = format!("{VENDORS}?limit=2");
    loop {
        let page = get(&path).by(&admin).of(router(&world)).await.is(200);
        seen.extend(all(&page, "vendor_id").into_iter().map(str::to_owned));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        path = format!("{VENDORS}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    for path in [VENDORS, VENUES] {
        get(format!("{path}?state=lost"))
            .by(&admin)
            .of(router(&world))
            .await
            .points_at(&["/state"]);
    }
}
