//! Venues by the name that they have on the market.

use app::venues::{self as use_cases, VenueEdit, Verdict};
use axum::Router;
use domain::text::VenueName;
use domain::venue::Venue;
use futures_util::future::join_all;
use serde_json::Value;
use testkit::{Person, VenueBuilder, World, venue_edit};

use super::ask::{Answer, get, text};
use crate::law::under_a_virtual_clock;

const DETAILS: &str = "/api/v1/venues/details";

fn router(world: &World) -> Router {
    venues::router(world.app.clone())
}

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

async fn details(world: &World, handle: &str) -> Answer {
    get(format!("{DETAILS}/{handle}")).of(router(world)).await
}

/// Where a handle leads to.
async fn leads_to(world: &World, handle: &str) -> String {
    let answer = details(world, handle).await;
    assert_eq!(answer.status, 308);
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    answer.header("location").unwrap().to_owned()
}

async fn renames(world: &World, vera: &Person, venue: &Venue, name: &str) {
    let edit = VenueEdit {
        name: VenueName::parse(name).unwrap(),
        ..venue_edit(venue)
    };
    let edited = use_cases::edit(&world.app, vera.member(), None, venue.id, &edit, None).await;
    let seen = edited.unwrap().value.open().unwrap().version;
    use_cases::decide_revision(&world.app, None, venue.id, seen, Verdict::Approve)
        .await
        .unwrap();
}

fn slug(venue: &Venue) -> &str {
    venue.slug.as_ref().unwrap().as_str()
}

#[tokio::test]
async fn a_venue_on_the_market_is_shown_by_its_name() {
    let (world, _, venue) = scene().await;
    let by_name = details(&world, "the-loft").await;
    let tag = by_name.header("etag").unwrap().to_owned();
    let by_name: Value = by_name.is(200);
    assert_eq!(by_name, details(&world, &venue.id.to_string()).await.is(200));
    assert_eq!(
        (text(&by_name, "/slug"), text(&by_name, "/venue_id")),
        ("the-loft", venue.id.to_string().as_str())
    );
    get(format!("{DETAILS}/the-loft"))
        .header("if-none-match", tag)
        .of(router(&world))
        .await
        .is(304);
    let found = get("/api/v1/venues/search?lat=52.52&lng=13.405").of(router(&world));
    assert_eq!(text(&found.await.is(200), "/data/0/slug"), "the-loft");

    for nobody in ["the-attic", "The-Loft", "the--loft", "-", "the_loft"] {
        details(&world, nobody).await.refuses(404, "not_found");
    }
}

#[tokio::test]
async fn a_draft_has_no_slug_and_one_that_is_off_the_market_shows_itself_to_nobody_else() {
    let (world, vera, venue) = scene().await;
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let managed = get(format!("/api/v1/vendor/venues/manage/{}", draft.id))
        .by(&vera)
        .of(vendor::router(world.app.clone()));
    assert_eq!(managed.await.is(200)["slug"], Value::Null);

    renames(&world, &vera, &venue, "The Attic").await;
    use_cases::pause(&world.app, vera.member(), None, venue.id)
        .await
        .unwrap();
    for handle in ["the-attic", "the-loft"] {
        details(&world, handle).await.refuses(404, "not_found");
    }
    let own = get(format!("{DETAILS}/the-attic")).by(&vera).of(router(&world));
    assert_eq!(text(&own.await.is(200), "/slug"), "the-attic");
}

#[tokio::test]
async fn an_old_name_leads_to_the_new_one_and_back_when_it_is_given_again() {
    let (world, vera, venue) = scene().await;
    renames(&world, &vera, &venue, "The Attic").await;
    assert_eq!(leads_to(&world, "the-loft").await, "the-attic");
    let main = venue.main_space;
    let asked = format!("the-loft?space_id={main}");
    assert_eq!(
        leads_to(&world, &asked).await,
        format!("the-attic?space_id={main}")
    );
    for query in [
        String::new(),
        "?start=2027-02-05T10:00:00Z".to_owned(),
        format!("?space_id={main}&start=2027-02-05T10:00:00Z"),
    ] {
        let asked = format!("the-loft{query}");
        assert_eq!(leads_to(&world, &asked).await, format!("the-attic{query}"));
    }
    let renamed = details(&world, "the-attic").await.is(200);
    assert_eq!(text(&renamed, "/name"), "The Attic");

    renames(&world, &vera, &venue, "The Cellar").await;
    assert_eq!(leads_to(&world, "the-loft").await, "the-cellar");
    assert_eq!(leads_to(&world, "the-attic").await, "the-cellar");

    renames(&world, &vera, &venue, "The Loft").await;
    assert_eq!(
        text(&details(&world, "the-loft").await.is(200), "/slug"),
        "the-loft"
    );
    assert_eq!(leads_to(&world, "the-attic").await, "the-loft");
}

#[tokio::test]
async fn another_venue_of_a_name_has_another_slug_and_never_one_that_was_given() {
    let (world, vera, venue) = scene().await;
    renames(&world, &vera, &venue, "The Attic").await;
    let second = world.live_venue(&vera, VenueBuilder::default()).await;
    assert_eq!(slug(&second), "the-loft-berlin", "the first leads to the attic");
    let third = world.live_venue(&vera, VenueBuilder::default()).await;
    assert_eq!(
        slug(&third),
        format!("the-loft-berlin-{}", third.id.uuid().simple())
    );
    assert_eq!(leads_to(&world, "the-loft").await, "the-attic");
}

#[test]
fn venues_of_one_name_that_are_approved_at_once_share_no_slug() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let mut waiting = Vec::new();
        for _ in 0..5 {
            let draft = world.draft(&vera, VenueBuilder::default()).await;
            use_cases::submit(&world.app, vera.member(), None, draft.id)
                .await
                .unwrap();
            waiting.push(draft.id);
        }
        world.faults.by_chance(7, &[(testkit::Fault::Conflict, 200)]);
        let approved = waiting
            .iter()
            .map(|id| use_cases::decide(&world.app, None, *id, Verdict::Approve));
        let approved = join_all(approved).await;
        world.faults.heal();
        let mut slugs = std::collections::BTreeSet::new();
        for venue in approved {
            let venue = venue.unwrap().value;
            assert_eq!(
                world
                    .app
                    .store()
                    .venue_of_slug(venue.slug.as_ref().unwrap())
                    .await,
                Ok(Some(venue.id))
            );
            slugs.insert(slug(&venue).to_owned());
        }
        assert_eq!(slugs.len(), waiting.len());
        assert!(
            slugs.contains("the-loft") && slugs.contains("the-loft-berlin"),
            "{slugs:?}"
        );
    });
}
