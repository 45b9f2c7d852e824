//! What is to be said of an approved venue, before an admin has looked at it and after.

use domain::text::ALT_TEXT_LENGTH_MAX;
use domain::venue::{PHOTOS_MAX, Venue};
use http::Method;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::{MANAGE, router, step};
use crate::contract::ask::{Answer, all, ask, get, post, put, text};

const DECIDE: &str = "/api/v1/admin/management/venues";

struct Scene {
    world: World,
    admin: Person,
    vera: Person,
    venue: Venue,
}

impl Scene {
    /// A live venue, The Loft.
    async fn new() -> Self {
        let world = World::new();
        let (admin, vera) = (world.admin().await, world.vendor("vera").await);
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            admin,
            vera,
            venue,
        }
    }

    fn path(&self) -> String {
        format!("{MANAGE}/{}", self.venue.id)
    }

    async fn edits(&self, said: Value) -> Answer {
        put(self.path(), said)
            .by(&self.vera)
            .of(router(&self.world))
            .await
    }

    /// Asks for another name; the number of the revision.
    async fn renames(&self, name: &str) -> u64 {
        let said = json!({"name": name, "description": "High ceilings."});
        let edited = self.edits(said).await.is(200);
        edited["revision"]["revision"].as_u64().unwrap()
    }

    async fn managed(&self) -> Value {
        get(self.path())
            .by(&self.vera)
            .of(router(&self.world))
            .await
            .is(200)
    }

    async fn withdraws(&self) -> Answer {
        ask(Method::DELETE, format!("{}/revision", self.path()))
            .by(&self.vera)
            .of(router(&self.world))
            .await
    }

    async fn decides(&self, decision: Value) -> Answer {
        post(format!("{DECIDE}/{}/decision", self.venue.id), decision)
            .by(&self.admin)
            .of(admin::router(self.world.app.clone()))
            .await
    }

    /// The venues with a revision that waits, as admins see them.
    async fn waiting(&self) -> Value {
        get(format!("{DECIDE}?state=revised"))
            .by(&self.admin)
            .of(admin::router(self.world.app.clone()))
            .await
            .is(200)
    }

    /// The venue and its revision, as admins see them.
    async fn reviewed(&self) -> Value {
        get(format!("{DECIDE}/{}", self.venue.id))
            .by(&self.admin)
            .of(admin::router(self.world.app.clone()))
            .await
            .is(200)
    }

    async fn approves(&self, seen: u64) -> Value {
        self.decides(json!({"approve": true, "revision": seen}))
            .await
            .is(200)
    }

    async fn details(&self) -> Answer {
        get(format!("/api/v1/venues/details/{}", self.venue.id))
            .of(venues::router(self.world.app.clone()))
            .await
    }

    async fn public(&self) -> Value {
        self.details().await.is(200)
    }

    async fn public_name(&self) -> String {
        text(&self.public().await, "/name").to_owned()
    }
}

#[tokio::test]
async fn the_public_sees_what_was_approved_until_an_admin_has_looked_at_what_is_new() {
    let scene = Scene::new().await;
    let said = json!({"name": "The Attic", "description": "Low ceilings.", "amenities": ["stage"]});
    let edited = scene.edits(said).await.is(200);
    assert_eq!(
        (text(&edited, "/name"), text(&edited, "/revision/name")),
        ("The Loft", "The Attic")
    );
    let managed = scene.managed().await;
    assert_eq!(managed["revision"], edited["revision"]);
    assert_eq!(text(&managed, "/revision/state"), "pending");
    assert_eq!(
        managed["revision"]["changes"],
        json!(["name", "description", "amenities"])
    );
    assert_eq!(scene.public_name().await, "The Loft");
    let found = get("/api/v1/venues/search?lat=52.52&lng=13.405")
        .of(venues::router(scene.world.app.clone()))
        .await
        .is(200);
    assert_eq!(all(&found, "name"), ["The Loft"]);

    let waiting = scene.waiting().await;
    assert_eq!(all(&waiting, "venue_id"), [scene.venue.id.to_string()]);
    let waits = &waiting["data"][0]["revision"];
    for told in ["revision", "state", "changes", "asked_at"] {
        assert_eq!(waits[told], edited["revision"][told], "{told}");
    }
    let tag = |answer: &Answer| answer.header("etag").unwrap().to_owned();
    let before = tag(&scene.details().await);
    let approved = scene.approves(waits["revision"].as_u64().unwrap()).await;
    assert_eq!(
        (text(&approved, "/name"), &approved["revision"]),
        ("The Attic", &Value::Null)
    );
    assert_eq!(scene.waiting().await["data"], json!([]));
    assert_ne!(
        tag(&scene.details().await),
        before,
        "whoever has the old one reads it anew"
    );
    let public = scene.public().await;
    assert_eq!(
        (
            text(&public, "/name"),
            text(&public, "/description"),
            &public["amenities"]
        ),
        ("The Attic", "Low ceilings.", &json!(["stage"]))
    );
}

#[tokio::test]
async fn an_admin_sees_what_was_approved_beside_what_shall_be() {
    let scene = Scene::new().await;
    assert_eq!(scene.reviewed().await["revision"], Value::Null);
    let said = json!({"name": "The Loft", "description": "Low ceilings."});
    let edited = scene.edits(said).await.is(200);
    let reviewed = scene.reviewed().await;
    assert_eq!(
        (
            text(&reviewed, "/description"),
            text(&reviewed, "/revision/description")
        ),
        ("High ceilings.", "Low ceilings.")
    );
    assert_eq!(reviewed["revision"]["changes"], json!(["description"]));
    assert_eq!(reviewed, edited);
    get(format!("{DECIDE}/ven_01900000000070008000000000000099"))
        .by(&scene.admin)
        .of(admin::router(scene.world.app.clone()))
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn terms_of_a_live_venue_hold_at_once_and_need_no_look() {
    let scene = Scene::new().await;
    let said = json!({
        "name": "The Loft", "description": "High ceilings.", "cancellation_policy": "standard_90_day",
    });
    let edited = scene.edits(said).await.is(200);
    assert_eq!(
        (text(&edited, "/cancellation_policy/name"), &edited["revision"]),
        ("standard_90_day", &Value::Null)
    );
    assert_eq!(
        text(&scene.public().await, "/cancellation_policy/name"),
        "standard_90_day"
    );
    assert_eq!(scene.waiting().await["data"], json!([]));
}

#[tokio::test]
async fn a_vendor_reads_why_and_asks_again_or_lets_it_be() {
    let scene = Scene::new().await;
    let seen = scene.renames("THE LOFT!!!").await;
    for wrong in [
        json!({"approve": false, "revision": seen}),
        json!({"approve": true, "reason": "x", "revision": seen}),
    ] {
        scene.decides(wrong).await.points_at(&["/reason"]);
    }
    let no = json!({"approve": false, "reason": "No shouting.", "revision": seen});
    let refused = scene.decides(no).await.is(200);
    assert_eq!(text(&refused, "/name"), "The Loft");
    let managed = scene.managed().await;
    assert_eq!(
        (
            text(&managed, "/revision/state"),
            text(&managed, "/revision/reason"),
            text(&managed, "/revision/name")
        ),
        ("refused", "No shouting.", "THE LOFT!!!")
    );
    assert_eq!(scene.waiting().await["data"], json!([]));
    scene.renames("The Loft!").await;
    assert_eq!(text(&scene.managed().await, "/revision/state"), "pending");
    let left = scene.withdraws().await.is(200);
    assert_eq!(
        (text(&left, "/name"), &left["revision"]),
        ("The Loft", &Value::Null)
    );
    scene.withdraws().await.refuses(404, "not_found");
    assert_eq!(scene.waiting().await["data"], json!([]));
}

#[tokio::test]
async fn an_admin_decides_only_about_what_they_saw() {
    let scene = Scene::new().await;
    let about = |seen: u64| json!({"approve": true, "revision": seen});
    scene.decides(about(1)).await.refuses(409, "revision_outdated");
    let first = scene.renames("The Attic").await;
    let second = scene.renames("The Cellar").await;
    scene
        .decides(about(first))
        .await
        .refuses(409, "revision_outdated");
    scene
        .decides(json!({"approve": true}))
        .await
        .refuses(409, "invalid_transition");
    assert_eq!(scene.public_name().await, "The Loft");
    let no = json!({"approve": false, "reason": "No cellar.", "revision": second});
    scene.decides(no).await.is(200);
    scene
        .decides(about(second))
        .await
        .refuses(409, "revision_outdated");
    scene.renames("The Attic").await;
    scene.withdraws().await.is(200);
    let third = scene.renames("The Attic").await;
    assert!(third > second && second > first);
    scene.approves(third).await;
    scene
        .decides(about(third))
        .await
        .refuses(409, "revision_outdated");
    assert_eq!(scene.public_name().await, "The Attic");
}

#[tokio::test]
async fn an_edit_that_is_sent_again_asks_for_no_other_look() {
    let scene = Scene::new().await;
    let first = scene.renames("The Attic").await;
    assert_eq!(scene.renames("The Attic").await, first);
    let said = json!({"name": "The Loft", "description": "High ceilings."});
    let back = scene.edits(said).await.is(200);
    assert_eq!(back["revision"], Value::Null, "everything is as it was approved");
}

#[tokio::test]
async fn a_photo_of_an_approved_venue_waits_with_the_rest() {
    let scene = Scene::new().await;
    scene.renames("The Attic").await;
    let media = scene.world.photo(&scene.vera, scene.venue.id).await;
    let managed = scene.managed().await;
    assert_eq!(managed["photos"].as_array().unwrap().len(), 1);
    assert_eq!(managed["revision"]["changes"], json!(["name", "photos"]));
    assert_eq!(text(&managed, "/revision/photos/1/media_id"), media.to_string());
    assert_eq!(scene.public().await["photos"].as_array().unwrap().len(), 1);
    // What is said otherwise leaves the photos that wait.
    let seen = scene.renames("The Cellar").await;
    scene.approves(seen).await;
    let public = scene.public().await;
    assert_eq!(text(&public, "/photos/1/media_id"), media.to_string());
    assert_eq!(text(&public, "/name"), "The Cellar");
}

/// Of a venue, or of its revision.
fn photos(shown: &Value, of: &str) -> Vec<String> {
    let photos = shown.pointer(of).unwrap().as_array().unwrap();
    let ids = photos.iter().map(|photo| text(photo, "/media_id").to_owned());
    ids.collect()
}

#[tokio::test]
async fn photos_are_put_into_an_order_and_taken_away_once_an_admin_has_looked() {
    let scene = Scene::new().await;
    let old = scene.venue.photos[0].id.to_string();
    let new = scene.world.photo(&scene.vera, scene.venue.id).await.to_string();
    let showing = |ids: &[&String]| {
        let photos: Vec<_> = ids.iter().map(|id| json!({"media_id": id})).collect();
        json!({"name": "The Loft", "description": "High ceilings.", "photos": photos})
    };
    let turned = scene.edits(showing(&[&new, &old])).await.is(200);
    assert_eq!(photos(&turned, "/revision/photos"), [new.clone(), old.clone()]);
    let without = scene.edits(showing(&[&new])).await.is(200);
    assert_eq!(photos(&without, "/revision/photos"), [new.as_str()]);
    assert_eq!(photos(&scene.public().await, "/photos"), [old.as_str()]);

    // What was refused need not be uploaded again.
    let seen = without["revision"]["revision"].as_u64().unwrap();
    let no = json!({"approve": false, "reason": "Too dark.", "revision": seen});
    scene.decides(no).await.is(200);
    let again = scene.edits(showing(&[&new])).await.is(200);
    scene
        .approves(again["revision"]["revision"].as_u64().unwrap())
        .await;
    assert_eq!(photos(&scene.public().await, "/photos"), [new.as_str()]);
    // What an admin agreed to take away is gone.
    scene
        .edits(showing(&[&new, &old]))
        .await
        .points_at(&["/photos/1/media_id"]);
}

#[tokio::test]
async fn a_photo_says_what_is_to_be_seen_in_it_once_an_admin_has_looked() {
    let scene = Scene::new().await;
    let id = scene.venue.photos[0].id;
    let saying = |alt: Value| {
        let photos = json!([{"media_id": id, "alt": alt}]);
        scene.edits(json!({"name": "The Loft", "description": "High ceilings.", "photos": photos}))
    };
    saying(json!("x".repeat(ALT_TEXT_LENGTH_MAX + 1)))
        .await
        .points_at(&["/photos/0/alt"]);
    let asked = saying(json!("A bare hall with arched windows.")).await.is(200);
    assert_eq!(asked["revision"]["changes"], json!(["photos"]));
    assert_eq!(scene.public().await["photos"][0]["alt"], Value::Null);
    scene
        .approves(asked["revision"]["revision"].as_u64().unwrap())
        .await;
    let public = scene.public().await;
    assert_eq!(public["photos"][0]["alt"], "A bare hall with arched windows.");
    assert_eq!(
        saying(json!(null)).await.is(200)["revision"]["photos"][0]["alt"],
        Value::Null
    );
}

#[tokio::test]
async fn photos_that_a_venue_has_not_got_are_told_and_it_keeps_one() {
    let scene = Scene::new().await;
    let own = scene.venue.photos[0].id.to_string();
    let others = scene.world.live_venue(&scene.vera, VenueBuilder::default()).await;
    let others = others.photos[0].id.to_string();
    let show = |ids: &[&str]| {
        let photos: Vec<_> = ids.iter().map(|id| json!({"media_id": id})).collect();
        scene.edits(json!({"name": "The Attic", "photos": photos}))
    };
    for other in [&others, &own, "dusk"] {
        show(&[&own, other]).await.points_at(&["/photos/1/media_id"]);
    }
    show(&[own.as_str(); PHOTOS_MAX + 1])
        .await
        .points_at(&["/photos"]);
    show(&[]).await.refuses(409, "incomplete");
    assert_eq!(scene.managed().await["revision"], Value::Null);

    let draft = scene.world.draft(&scene.vera, VenueBuilder::default()).await;
    let bare = put(
        format!("{MANAGE}/{}", draft.id),
        json!({"name": "The Attic", "photos": []}),
    );
    let bare = bare.by(&scene.vera).of(router(&scene.world)).await.is(200);
    assert_eq!((&bare["photos"], &bare["revision"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn a_photo_is_not_taken_over_while_an_admin_looks_at_the_venue() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let media = draft.photos[0].id;
    step(&world, &vera, &draft, "submit").await.is(200);
    let photos = format!("{MANAGE}/{}/photos", draft.id);
    let form = post(&photos, json!({"content_type": "image/png"}))
        .by(&vera)
        .of(router(&world))
        .await
        .is(201);
    let fields = form["fields"].as_array().unwrap();
    let key = fields.iter().find(|field| field["name"] == "key").unwrap();
    world
        .blobs
        .put(text(key, "/value"), "image/png", b"\x89PNG\r\n\x1a\n0000");
    let take = |media: &str| {
        ask(Method::POST, format!("{photos}/{media}"))
            .by(&vera)
            .of(router(&world))
    };
    take(text(&form, "/media_id"))
        .await
        .refuses(409, "invalid_transition");
    let again = take(&media.to_string()).await.is(200);
    assert_eq!(again["photos"].as_array().unwrap().len(), 1, "one that it has");
}

#[tokio::test]
async fn a_paused_venue_is_looked_at_too_and_one_that_is_given_up_no_more() {
    let scene = Scene::new().await;
    step(&scene.world, &scene.vera, &scene.venue, "pause")
        .await
        .is(200);
    let seen = scene.renames("The Attic").await;
    let approved = scene.approves(seen).await;
    assert_eq!(
        (text(&approved, "/name"), text(&approved, "/state")),
        ("The Attic", "paused")
    );
    let seen = scene.renames("The Cellar").await;
    step(&scene.world, &scene.vera, &scene.venue, "archive")
        .await
        .is(200);
    assert_eq!(scene.waiting().await["data"], json!([]));
    scene
        .decides(json!({"approve": true, "revision": seen}))
        .await
        .refuses(409, "revision_outdated");
    assert_eq!(text(&scene.managed().await, "/name"), "The Attic");
}

#[tokio::test]
async fn a_booking_keeps_the_name_it_was_made_under() {
    let scene = Scene::new().await;
    let carl = scene.world.customer("carl").await;
    let booked = scene
        .world
        .books(&carl, scene.venue.id, crate::contract::hour(48))
        .await
        .unwrap();
    let seen = scene.renames("The Attic").await;
    scene.approves(seen).await;
    let kept = scene.world.app.store().booking(booked.id).await.unwrap().unwrap();
    assert_eq!(kept.venue_name.as_str(), "The Loft");
}

#[tokio::test]
async fn revisions_that_wait_are_listed_page_by_page_the_longest_first() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let other = world.live_venue(&scene.vera, VenueBuilder::default()).await;
    let edit = |venue: &Venue, name: &str| {
        put(format!("{MANAGE}/{}", venue.id), json!({ "name": name }))
            .by(&scene.vera)
            .of(router(world))
    };
    edit(&other, "The Cellar").await.is(200);
    world.clock.advance_seconds(1);
    edit(&scene.venue, "The Attic").await.is(200);
    let list = |query: String| {
        get(format!("{DECIDE}?{query}"))
            .by(&scene.admin)
            .of(admin::router(world.app.clone()))
    };
    let first = list("state=revised&limit=1".into()).await.is(200);
    assert_eq!(all(&first, "venue_id"), [other.id.to_string()]);
    let cursor = text(&first, "/page/next_cursor");
    let second = list(format!("state=revised&limit=1&cursor={cursor}"))
        .await
        .is(200);
    assert_eq!(all(&second, "venue_id"), [scene.venue.id.to_string()]);
    // Among those in a state they stand with what waits.
    let live = list("state=live".into()).await.is(200);
    let names: Vec<_> = live["data"].as_array().unwrap().iter().collect();
    assert!(
        names
            .iter()
            .all(|venue| venue["name"] == "The Loft" && venue["revision"]["state"] == "pending"),
        "{names:?}"
    );
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn a_decision_about_a_revision_that_is_sent_again_is_the_same() {
    let scene = Scene::new().await;
    let seen = scene.renames("The Attic").await;
    let decision = json!({"approve": true, "revision": seen});
    let ask = post(format!("{DECIDE}/{}/decision", scene.venue.id), decision)
        .by(&scene.admin)
        .key("k");
    let router = || admin::router(scene.world.app.clone());
    let first = ask.clone().of(router()).await.is(200);
    let again = ask.of(router()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(200), first);
}
