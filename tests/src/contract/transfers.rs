//! A venue that an admin hands over to another business.

use axum::Router;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, bare, get, post, text};
use super::hour;

const VENUES: &str = "/api/v1/admin/management/venues";
const MANAGE: &str = "/api/v1/vendor/venues/manage";

struct Scene {
    world: World,
    admin: Person,
    vera: Person,
    otto: Person,
    venue: Venue,
}

impl Scene {
    /// Vera's live venue.
    async fn new() -> Self {
        let world = World::new();
        let admin = world.admin().await;
        let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            admin,
            vera,
            otto,
            venue,
        }
    }

    fn router(&self) -> Router {
        admin::router(self.world.app.clone())
    }

    fn path(&self, end: &str) -> String {
        format!("{VENUES}/{}/{end}", self.venue.id)
    }

    fn to_otto(&self) -> Value {
        json!({"vendor_id": self.otto.vendor(), "reason": "Sold with the house."})
    }

    async fn transfer(&self, order: Value) -> Answer {
        post(self.path("transfer"), order)
            .by(&self.admin)
            .of(self.router())
            .await
    }

    async fn transfers(&self) -> Value {
        get(self.path("transfers"))
            .by(&self.admin)
            .of(self.router())
            .await
            .is(200)
    }

    async fn managed_by(&self, who: &Person) -> Answer {
        get(format!("{MANAGE}/{}", self.venue.id))
            .by(who)
            .of(vendor::router(self.world.app.clone()))
            .await
    }

    async fn steps(&self, who: &Person, step: &str) -> Answer {
        bare(format!("{MANAGE}/{}/{step}", self.venue.id))
            .by(who)
            .of(vendor::router(self.world.app.clone()))
            .await
    }
}

#[tokio::test]
async fn a_paused_venue_goes_to_another_business_and_admins_read_how() {
    let scene = Scene::new().await;
    scene.steps(&scene.vera, "pause").await.is(200);
    assert_eq!(scene.transfers().await["data"], json!([]));
    scene.world.clock.advance_minutes(1);
    let gone = scene.transfer(scene.to_otto()).await.is(200);
    let otto = scene.otto.vendor().to_string();
    assert_eq!(
        (text(&gone, "/vendor_id"), text(&gone, "/state")),
        (otto.as_str(), "paused")
    );
    assert_eq!(gone["photos"].as_array().unwrap().len(), 1);
    let kept = json!([{
        "from_vendor_id": scene.vera.vendor(), "to_vendor_id": scene.otto.vendor(),
        "by": scene.admin.caller.user, "reason": "Sold with the house.", "at": scene.world.now(),
    }]);
    assert_eq!(scene.transfers().await["data"], kept);
    scene.managed_by(&scene.vera).await.refuses(404, "not_found");
    let managed = scene.managed_by(&scene.otto).await.is(200);
    assert_eq!(managed["vendor_id"], gone["vendor_id"]);
    // Why is for admins alone.
    assert!(!managed.to_string().contains("Sold"), "{managed}");
    scene.steps(&scene.vera, "resume").await.refuses(404, "not_found");
    scene.steps(&scene.otto, "resume").await.is(200);
    let shown = get(format!("/api/v1/venues/details/{}", scene.venue.id))
        .of(venues::router(scene.world.app.clone()))
        .await;
    shown.is(200);
}

#[tokio::test]
async fn transfers_are_listed_page_by_page_the_latest_first() {
    let scene = Scene::new().await;
    scene.steps(&scene.vera, "pause").await.is(200);
    for (to, reason) in [(&scene.otto, "1"), (&scene.vera, "2"), (&scene.otto, "3")] {
        let order = json!({"vendor_id": to.vendor(), "reason": reason});
        scene.transfer(order).await.is(200);
    }
    let page = |query: String| {
        let list = get(scene.path(&format!("transfers?limit=2{query}")));
        list.by(&scene.admin).of(scene.router())
    };
    let first = page(String::new()).await.is(200);
    assert_eq!(all(&first, "reason"), ["3", "2"]);
    let cursor = text(&first, "/page/next_cursor");
    let last = page(format!("&cursor={cursor}")).await.is(200);
    assert_eq!(all(&last, "reason"), ["1"]);
    assert_eq!(last["page"]["next_cursor"], Value::Null);
    let nowhere = format!("{VENUES}/ven_01900000000070008000000000000099/transfers");
    get(nowhere)
        .by(&scene.admin)
        .of(scene.router())
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_venue_is_not_handed_over_while_somebody_is_to_come() {
    let scene = Scene::new().await;
    let carl = scene.world.customer("carl").await;
    let booking = scene.world.books(&carl, scene.venue.id, hour(48)).await.unwrap();
    let refused = scene.transfer(scene.to_otto()).await;
    let refused = refused.refuses(409, "invalid_transition");
    assert_eq!(refused["allowed_transitions"], json!(["pause"]));
    scene.steps(&scene.vera, "pause").await.is(200);
    let refused = scene.transfer(scene.to_otto()).await;
    let refused = refused.refuses(409, "bookings_in_the_way");
    let conflict = json!([{
        "booking_id": booking.id, "space_id": scene.venue.main_space,
        "start": booking.interval.start(), "end": booking.interval.end(),
    }]);
    assert_eq!(refused["conflicts"], conflict);
    scene.managed_by(&scene.vera).await.is(200);
    assert_eq!(scene.transfers().await["data"], json!([]));
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_told_by_its_fields() {
    let scene = Scene::new().await;
    scene.steps(&scene.vera, "pause").await.is(200);
    let anna = scene.world.applicant("anna").await;
    let order = |vendor: Value| json!({"vendor_id": vendor, "reason": "Sold."});
    let wrong = [
        order(json!(scene.vera.vendor())),
        order(json!(anna.vendor())),
        order(json!("vnd_01900000000070008000000000000099")),
        order(json!(scene.venue.id)),
        order(json!(7)),
    ];
    for order in wrong {
        scene.transfer(order).await.points_at(&["/vendor_id"]);
    }
    for reason in ["", " \n", "a\u{0}b"] {
        let order = json!({"vendor_id": scene.otto.vendor(), "reason": reason});
        scene.transfer(order).await.points_at(&["/reason"]);
    }
    let both = json!({"vendor_id": "otto", "reason": ""});
    scene.transfer(both).await.points_at(&["/vendor_id", "/reason"]);
    let nowhere = format!("{VENUES}/ven_01900000000070008000000000000099/transfer");
    post(nowhere, scene.to_otto())
        .by(&scene.admin)
        .of(scene.router())
        .await
        .refuses(404, "not_found");
    scene.managed_by(&scene.vera).await.is(200);
}

#[tokio::test]
async fn a_transfer_that_is_sent_again_is_the_same() {
    let scene = Scene::new().await;
    scene.steps(&scene.vera, "pause").await.is(200);
    let ask = |order| post(scene.path("transfer"), order).by(&scene.admin).key("k");
    let first = ask(scene.to_otto()).of(scene.router()).await.is(200);
    let again = ask(scene.to_otto()).of(scene.router()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(200), first);
    assert_eq!(scene.transfers().await["data"].as_array().unwrap().len(), 1);
    let other = json!({"vendor_id": scene.vera.vendor(), "reason": "Back."});
    ask(other)
        .of(scene.router())
        .await
        .refuses(422, "idempotency_key_reused");
    scene.transfer(scene.to_otto()).await.points_at(&["/vendor_id"]);
}

#[tokio::test]
async fn a_quote_of_the_business_before_is_refused_by_its_own_code() {
    let scene = Scene::new().await;
    let carl = scene.world.customer("carl").await;
    let quote = scene.world.quote(&carl, scene.venue.id, hour(48)).await.unwrap();
    scene.steps(&scene.vera, "pause").await.is(200);
    scene.transfer(scene.to_otto()).await.is(200);
    scene.steps(&scene.otto, "resume").await.is(200);
    post("/api/v1/bookings/create", json!({"quote_id": quote.id}))
        .by(&carl)
        .key("k")
        .of(bookings::router(scene.world.app.clone()))
        .await
        .refuses(409, "quote_outdated");
}
