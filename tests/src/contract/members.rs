//! Who works for a business: inviting, joining, changing what somebody does, leaving.

use app::access::BELIEVED_SECONDS;
use app::notifications::{self, INVITATION_MAILS};
use axum::Router;
use domain::booking::Booking;
use domain::id::{InvitationId, VendorId};
use domain::invitation::{INVITATION_SECONDS, MEMBERS_MAX};
use domain::membership::Reach;
use domain::role::MemberRole;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::access::router;
use super::ask::{Answer, all, bare, get, post, put, text};
use super::hour;

const MEMBERS: &str = "/api/v1/vendor/members";
const INVITATIONS: &str = "/api/v1/vendor/members/invitations";
const MEMBERSHIP: &str = "/api/v1/users/membership";
const MANAGE: &str = "/api/v1/vendor/venues/manage";

struct Scene {
    world: World,
    vera: Person,
    loft: Venue,
    barn: Venue,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let loft = world.live_venue(&vera, VenueBuilder::default()).await;
        let barn = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            vera,
            loft,
            barn,
        }
    }

    fn router(&self) -> Router {
        router(&self.world)
    }

    async fn get(&self, who: &Person, path: &str) -> Answer {
        get(path).by(who).of(self.router()).await
    }

    async fn delete(&self, who: &Person, path: String) -> Answer {
        super::ask::ask(http::Method::DELETE, path)
            .by(who)
            .of(self.router())
            .await
    }

    async fn invites(&self, email: &str, work: Value) -> Answer {
        let mut body = work;
        body["email"] = email.into();
        post(INVITATIONS, body).by(&self.vera).of(self.router()).await
    }

    async fn takes(&self, who: &Person, invitation: &Value) -> Answer {
        let body = json!({
            "vendor_id": self.vera.vendor(), "invitation_id": invitation["invitation_id"],
        });
        post(MEMBERSHIP, body).by(who).of(self.router()).await
    }

    fn at_the_loft(&self) -> Reach {
        Reach::Only([self.loft.id].into())
    }

    async fn book(&self, venue: &Venue, hours: i64) -> Booking {
        let carl = self.world.customer(&format!("guest{hours}")).await;
        self.world.books(&carl, venue.id, hour(hours)).await.unwrap()
    }
}

#[tokio::test]
async fn whoever_is_invited_joins_by_their_address_and_works_where_it_says() {
    let scene = Scene::new().await;
    let work = json!({"role": "front_desk", "venue_ids": [scene.loft.id]});
    let invitation = scene.invites("Fred@example.com", work).await.is(201);
    assert_eq!(
        (text(&invitation, "/email"), text(&invitation, "/role")),
        ("fred@example.com", "front_desk")
    );
    let until = domain::time::plus_seconds(scene.world.now(), INVITATION_SECONDS);
    assert_eq!(text(&invitation, "/expires_at"), until.to_string());

    // Whoever else learns of it, and whoever has not proved the address, takes nothing.
    let eve = scene.world.customer("eve").await;
    scene.takes(&eve, &invitation).await.refuses(404, "not_found");
    let newcomer = scene.world.newcomer("fred").await;
    scene
        .takes(&newcomer, &invitation)
        .await
        .refuses(403, "unverified");
    let fred = scene.world.customer("fred").await;
    scene.get(&fred, MEMBERSHIP).await.refuses(404, "not_found");
    let joined = scene.takes(&fred, &invitation).await.is(201);
    assert_eq!(joined["venue_ids"], json!([scene.loft.id]));
    scene.takes(&fred, &invitation).await.refuses(404, "not_found");
    let mine = scene.get(&fred, MEMBERSHIP).await.is(200);
    assert_eq!(
        (text(&mine, "/business_name"), &mine["approved"]),
        ("vera Ltd", &json!(true))
    );

    let staff = scene.get(&scene.vera, MEMBERS).await.is(200);
    let roles: Vec<_> = staff["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| text(m, "/role"))
        .collect();
    assert_eq!(
        (roles, &staff["invitations"]),
        (vec!["owner", "front_desk"], &json!([]))
    );
    assert_eq!(text(&staff, "/members/1/email"), "fred@example.com");
    // A member signs in as everybody does, and works at once: what was remembered of them is looked up anew.
    let venues = scene.get(&fred, MANAGE).await.is(200);
    assert_eq!(all(&venues, "venue_id"), [scene.loft.id.to_string()]);
}

#[tokio::test]
async fn a_member_sees_the_bookings_of_the_venues_that_they_work_at_and_no_others() {
    let scene = Scene::new().await;
    let fred = scene
        .world
        .works_for(&scene.vera, "fred", MemberRole::FrontDesk, scene.at_the_loft())
        .await;
    let (here, there) = (
        scene.book(&scene.loft, 48).await,
        scene.book(&scene.barn, 49).await,
    );
    let seen = scene.get(&fred, "/api/v1/vendor/bookings/history").await.is(200);
    assert_eq!(all(&seen, "booking_id"), [here.id.to_string()]);
    let whole = scene
        .get(&scene.vera, "/api/v1/vendor/bookings/history")
        .await
        .is(200);
    assert_eq!(all(&whole, "booking_id").len(), 2);
    let barn = format!("/api/v1/vendor/bookings/history?venue_id={}", scene.barn.id);
    scene.get(&fred, &barn).await.refuses(404, "not_found");
    let days = "/api/v1/vendor/bookings/calendar/days?from=2027-02-03&to=2027-02-04";
    let shown = scene.get(&fred, days).await.is(200);
    assert_eq!(all(&shown, "venue_id"), [scene.loft.id.to_string()]);
    for (booking, status) in [(here, 200), (there, 404)] {
        let path = format!("/api/v1/bookings/status/{}", booking.id);
        assert_eq!(scene.get(&fred, &path).await.status, status);
    }
}

#[tokio::test]
async fn the_front_desk_reads_what_it_may_do_and_may_do_no_more() {
    let scene = Scene::new().await;
    let fred = scene
        .world
        .works_for(&scene.vera, "fred", MemberRole::FrontDesk, Reach::Everywhere)
        .await;
    let booking = scene.world.confirms(&scene.book(&scene.loft, 48).await).await;
    let path = format!("/api/v1/bookings/status/{}", booking.id);
    let actions = |status: &Value| -> Vec<String> {
        let allowed = status["allowed"].as_array().unwrap();
        allowed
            .iter()
            .map(|allowed| text(allowed, "/action").to_owned())
            .collect()
    };
    let hers = scene.get(&scene.vera, &path).await.is(200);
    assert_eq!(actions(&hers), ["cancel", "propose"]);
    assert!(hers["refund_if_cancelled"].is_object());
    let his = scene.get(&fred, &path).await.is(200);
    assert_eq!(
        (actions(&his), &his["refund_if_cancelled"]),
        (vec![], &Value::Null)
    );
    let cancel = post(
        format!("/api/v1/bookings/{}/cancel", booking.id),
        json!({"preview_token": "x"}),
    );
    cancel
        .by(&fred)
        .key("k")
        .of(scene.router())
        .await
        .refuses(403, "forbidden");
    // A quarter of an hour before the start guests arrive.
    scene
        .world
        .clock
        .set(domain::time::plus_minutes(booking.interval.start(), -15));
    let fred = scene.world.signs_in(&fred.email).await;
    let check_in = bare(format!("/api/v1/bookings/{}/check-in", booking.id));
    check_in.by(&fred).key("k").of(scene.router()).await.is(200);
}

/// A18: a role that was taken stops working within [`BELIEVED_SECONDS`].
#[tokio::test]
async fn a18_what_somebody_does_is_changed_and_holds_within_a_minute() {
    let scene = Scene::new().await;
    let mona = scene
        .world
        .works_for(&scene.vera, "mona", MemberRole::Manager, Reach::Everywhere)
        .await;
    let path = format!("{MEMBERS}/{}", mona.caller.user);
    let name = |who: &Person, name: &str| {
        let edit = put(format!("{MANAGE}/{}", scene.loft.id), json!({"name": name}));
        edit.by(who).of(scene.router())
    };
    name(&mona, "The Loft").await.is(200);
    let set = |work: Value, tag: &str| put(&path, work).by(&scene.vera).if_match(tag).of(scene.router());
    let desk = json!({"role": "front_desk", "venue_ids": [scene.loft.id]});
    let changed = set(desk.clone(), "\"v1\"").await;
    assert_eq!(changed.header("etag"), Some("\"v2\""));
    assert_eq!(text(&changed.is(200), "/role"), "front_desk");
    set(desk, "\"v1\"").await.refuses(412, "precondition_failed");
    scene.world.clock.advance_seconds(BELIEVED_SECONDS);
    name(&mona, "The Loft").await.refuses(403, "forbidden");
    let venues = scene.get(&mona, MANAGE).await.is(200);
    assert_eq!(all(&venues, "venue_id"), [scene.loft.id.to_string()]);

    scene.delete(&scene.vera, path.clone()).await.is(204);
    scene.world.clock.advance_seconds(BELIEVED_SECONDS);
    scene.get(&mona, MANAGE).await.refuses(403, "forbidden");
    scene.get(&mona, MEMBERSHIP).await.refuses(404, "not_found");
    scene.delete(&scene.vera, path).await.refuses(404, "not_found");
    // Nothing keeps her from working for somebody else.
    let again = scene
        .invites("mona@example.com", json!({"role": "finance"}))
        .await
        .is(201);
    scene.takes(&mona, &again).await.is(201);
}

#[tokio::test]
async fn whoever_does_not_own_the_business_may_leave_it() {
    let scene = Scene::new().await;
    let fina = scene
        .world
        .works_for(&scene.vera, "fina", MemberRole::Finance, Reach::Everywhere)
        .await;
    scene.delete(&fina, MEMBERSHIP.to_owned()).await.is(204);
    scene.get(&fina, MEMBERSHIP).await.refuses(404, "not_found");
    scene
        .delete(&fina, MEMBERSHIP.to_owned())
        .await
        .refuses(404, "not_found");
    let owner = format!("{MEMBERS}/{}", scene.vera.caller.user);
    for answer in [
        scene.delete(&scene.vera, MEMBERSHIP.to_owned()).await,
        scene.delete(&scene.vera, owner.clone()).await,
        put(owner, json!({"role": "finance"}))
            .by(&scene.vera)
            .of(scene.router())
            .await,
    ] {
        answer.refuses(409, "owner_stays");
    }
}

#[tokio::test]
async fn nobody_works_for_two_businesses_by_one_account() {
    let scene = Scene::new().await;
    scene.world.vendor("otto").await;
    let invitation = scene
        .invites("otto@example.com", json!({"role": "manager"}))
        .await
        .is(201);
    let otto = scene.world.signs_in("otto@example.com").await;
    scene
        .takes(&otto, &invitation)
        .await
        .refuses(409, "already_applied");
    let fina = scene
        .world
        .works_for(&scene.vera, "fina", MemberRole::Finance, Reach::Everywhere)
        .await;
    let apply = json!({"business_name": "Fina Ltd", "contact_email": "f@example.com", "country": "DE"});
    let applied = post("/api/v1/vendor/profile/settings", apply).by(&fina);
    applied.of(scene.router()).await.refuses(409, "already_applied");
}

#[tokio::test]
async fn an_invitation_is_withdrawn_replaced_or_expires() {
    let scene = Scene::new().await;
    let fred = scene.world.customer("fred").await;
    let desk = json!({"role": "front_desk"});
    let first = scene.invites(&fred.email, desk.clone()).await.is(201);
    let second = scene.invites(&fred.email, desk.clone()).await.is(201);
    scene.takes(&fred, &first).await.refuses(404, "not_found");
    let path = format!("{INVITATIONS}/{}", text(&second, "/invitation_id"));
    scene.delete(&scene.vera, path.clone()).await.is(204);
    scene.delete(&scene.vera, path).await.refuses(404, "not_found");
    scene.takes(&fred, &second).await.refuses(404, "not_found");

    let third = scene.invites(&fred.email, desk).await.is(201);
    scene.world.clock.advance_seconds(INVITATION_SECONDS);
    let (fred, vera) = (
        scene.world.signs_in(&fred.email).await,
        scene.world.signs_in(&scene.vera.email).await,
    );
    scene.takes(&fred, &third).await.refuses(404, "not_found");
    let staff = scene.get(&vera, MEMBERS).await.is(200);
    assert_eq!(staff["invitations"], json!([]));
}

#[tokio::test]
async fn everything_wrong_with_an_invitation_is_told() {
    let scene = Scene::new().await;
    let otto = scene.world.vendor("otto").await;
    let others = scene.world.live_venue(&otto, VenueBuilder::default()).await;
    let bad = json!({"role": "manager", "venue_ids": ["x"]});
    scene
        .invites("nobody", bad)
        .await
        .points_at(&["/email", "/venue_ids/0"]);
    let owner = scene.invites("a@example.com", json!({"role": "owner"})).await;
    owner.refuses(422, "invalid");
    let strange = json!({"role": "manager", "venue_ids": [scene.loft.id, others.id]});
    let answer = scene.invites("a@example.com", strange.clone()).await;
    assert_eq!(
        text(&answer.refuses(422, "invalid"), "/errors/0/detail"),
        "is not a venue of yours"
    );
    let fred = scene
        .world
        .works_for(&scene.vera, "fred", MemberRole::FrontDesk, Reach::Everywhere)
        .await;
    let set = put(format!("{MEMBERS}/{}", fred.caller.user), strange).by(&scene.vera);
    set.of(scene.router()).await.refuses(422, "invalid");
}

#[tokio::test]
async fn so_many_people_work_for_a_business_and_no_more_invitations_counted() {
    let scene = Scene::new().await;
    for n in 0..MEMBERS_MAX - 1 {
        scene
            .invites(&format!("m{n}@example.com"), json!({"role": "finance"}))
            .await
            .is(201);
    }
    let one_more = json!({"role": "finance"});
    let refused = scene.invites("more@example.com", one_more.clone()).await;
    refused.refuses(409, "limit_reached");
    // Another of the same address takes no other place.
    scene.invites("m0@example.com", one_more.clone()).await.is(201);
    scene.world.clock.advance_seconds(INVITATION_SECONDS);
    let vera = scene.world.signs_in(&scene.vera.email).await;
    let scene = Scene { vera, ..scene };
    scene.invites("more@example.com", one_more).await.is(201);
}

#[tokio::test]
async fn an_invitation_is_mailed_to_its_address_and_no_mail_box_is_filled() {
    let scene = Scene::new().await;
    let invitation = scene
        .invites("fred@example.com", json!({"role": "manager"}))
        .await
        .is(201);
    let id: InvitationId = text(&invitation, "/invitation_id").parse().unwrap();
    let vendor: VendorId = scene.vera.vendor();
    let stored = scene
        .world
        .app
        .store()
        .invitation(vendor, id)
        .await
        .unwrap()
        .unwrap();
    let burst = usize::try_from(INVITATION_MAILS.burst).unwrap();
    for _ in 0..burst + 3 {
        notifications::invited(&scene.world.app, &stored).await.unwrap();
    }
    scene.world.settle().await;
    let mails = scene.world.mails.to("fred@example.com");
    assert_eq!(mails.len(), burst);
    assert!(mails[0].text.contains(&id.to_string()), "{}", mails[0].text);
    // One that was withdrawn is not told of any more.
    let path = format!("{INVITATIONS}/{id}");
    scene.delete(&scene.vera, path).await.is(204);
    scene.world.clock.advance_minutes(600);
    notifications::invited(&scene.world.app, &stored).await.unwrap();
    scene.world.settle().await;
    assert_eq!(scene.world.mails.to("fred@example.com").len(), burst);
}
