//! People, and what admins decide about them.

use app::access::BELIEVED_SECONDS;
use domain::membership::Reach;
use domain::role::{AdminRole, MemberRole};
use domain::user::RestrictionKind;
use http::Method;
use serde_json::{Value, json};
use testkit::{PASSWORD, Person, VenueBuilder, World};

use super::access::router;
use super::ask::{Answer, all, ask, get, post, put, text};
use super::hour;

const USERS: &str = "/api/v1/admin/management/users";
const PROFILE: &str = "/api/v1/users/profile";

async fn restrict(world: &World, by: &Person, whom: &Person, body: Value) -> Answer {
    let path = format!("{USERS}/{}/restriction", whom.caller.user);
    put(path, body).by(by).of(router(world)).await
}

async fn reinstate(world: &World, by: &Person, whom: &Person) -> Answer {
    let path = format!("{USERS}/{}/restriction", whom.caller.user);
    ask(Method::DELETE, path).by(by).of(router(world)).await
}

async fn grant(world: &World, by: &Person, whom: &Person, role: Value) -> Answer {
    let path = format!("{USERS}/{}/admin-role", whom.caller.user);
    put(path, json!({"role": role})).by(by).of(router(world)).await
}

#[tokio::test]
async fn people_are_found_by_their_address_or_by_role_and_month() {
    let world = World::new();
    let admin = world.admin().await;
    let carl = world.customer("carl").await;
    world.vendor("vera").await;
    world.newcomer("nina").await;
    let list = async |query: &str| {
        let answer = get(format!("{USERS}?{query}"))
            .by(&admin)
            .of(router(&world))
            .await;
        let found = answer.is(200);
        all(&found, "email")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(list("email=Carl@example.com").await, ["carl@example.com"]);
    assert!(list("email=eve@example.com").await.is_empty());
    assert_eq!(list("month=2027-02").await, ["carl@example.com"]);
    assert_eq!(list("month=2027-02&role=vendor").await, ["vera@example.com"]);
    assert_eq!(list("month=2027-02&role=admin").await, ["admin@example.com"]);
    assert_eq!(list("month=2027-02&role=unverified").await, ["nina@example.com"]);
    assert!(list("month=2027-01").await.is_empty());
    let shown = get(format!("{USERS}/{}", carl.caller.user))
        .by(&admin)
        .of(router(&world))
        .await
        .is(200);
    assert_eq!(
        (&shown["roles"], &shown["admin_role"], &shown["restriction"]),
        (&json!(["customer"]), &Value::Null, &Value::Null)
    );
    let wrong = get(format!("{USERS}?email=x&month=y"))
        .by(&admin)
        .of(router(&world))
        .await;
    wrong.points_at(&["/month", "/email"]);
}

/// A18, of a suspension.
#[tokio::test]
async fn a18_whoever_is_suspended_may_look_and_cancel_and_no_more_within_a_minute() {
    let world = World::new();
    let admin = world.admin().await;
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let quote = world.quote(&carl, venue.id, hour(50)).await.unwrap();
    let told = restrict(
        &world,
        &admin,
        &carl,
        json!({"kind": "suspended", "reason": "Chargebacks."}),
    )
    .await;
    let told = told.is(200);
    assert_eq!(
        (text(&told, "/restriction/kind"), text(&told, "/restriction/by")),
        ("suspended", admin.caller.user.to_string().as_str())
    );
    world.clock.advance_seconds(BELIEVED_SECONDS);
    let books = || {
        let ask = post(
            "/api/v1/bookings/create",
            json!({"quote_id": quote.id.to_string()}),
        );
        ask.by(&carl).key("k").of(router(&world))
    };
    books().await.refuses(403, "suspended");
    let mine = get(PROFILE).by(&carl).of(router(&world)).await.is(200);
    assert_eq!(text(&mine, "/restriction/reason"), "Chargebacks.");
    let preview = get(format!("/api/v1/bookings/{}/cancellation-preview", booking.id)).by(&carl);
    let preview = preview.of(router(&world)).await.is(200);
    let cancel = post(
        format!("/api/v1/bookings/{}/cancel", booking.id),
        json!({"preview_token": preview["preview_token"]}),
    );
    cancel.by(&carl).key("c").of(router(&world)).await.is(200);
    // They sign in as before.
    let carl = world.signs_in(&carl.email).await;
    assert!(carl.caller.suspended);

    let back = reinstate(&world, &admin, &carl).await.is(200);
    assert_eq!(back["restriction"], Value::Null);
    // At once: whoever looks suspended is looked up anew.
    let ask = post(
        "/api/v1/bookings/create",
        json!({"quote_id": quote.id.to_string()}),
    );
    ask.by(&carl).key("k").of(router(&world)).await.is(201);
    reinstate(&world, &admin, &carl).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_member_who_is_suspended_acts_for_no_business_and_the_business_goes_on() {
    let world = World::new();
    let admin = world.admin().await;
    let vera = world.vendor("vera").await;
    let mona = world
        .works_for(&vera, "mona", MemberRole::Manager, Reach::Everywhere)
        .await;
    restrict(
        &world,
        &admin,
        &mona,
        json!({"kind": "suspended", "reason": "Spam."}),
    )
    .await
    .is(200);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    let venues = "/api/v1/vendor/venues/manage";
    get(venues)
        .by(&mona)
        .of(router(&world))
        .await
        .refuses(403, "suspended");
    get(venues).by(&vera).of(router(&world)).await.is(200);
}

/// A18, of a ban.
#[tokio::test]
async fn a18_whoever_is_banned_is_signed_out_within_a_minute_and_does_not_get_in_again() {
    let world = World::new();
    let admin = world.admin().await;
    let carl = world.customer("carl").await;
    restrict(
        &world,
        &admin,
        &carl,
        json!({"kind": "banned", "reason": "Fraud."}),
    )
    .await
    .is(200);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    get(PROFILE)
        .by(&carl)
        .of(router(&world))
        .await
        .refuses(401, "unauthenticated");
    let refresh = json!({"refresh_token": carl.refresh_token});
    let refreshed = post("/api/v1/auth/refresh-token", refresh)
        .of(router(&world))
        .await;
    refreshed.refuses(401, "unauthenticated");
    let login = |password: &str| {
        let body = json!({"email": carl.email, "password": password});
        post("/api/v1/auth/login", body).of(router(&world))
    };
    login(PASSWORD).await.refuses(403, "forbidden");
    // Whoever does not know the password learns nothing.
    login("not the password").await.refuses(401, "unauthenticated");
    reinstate(&world, &admin, &carl).await.is(200);
    login(PASSWORD).await.is(200);
    let old = get(PROFILE).by(&carl).of(router(&world)).await;
    old.refuses(401, "unauthenticated");
}

#[tokio::test]
async fn a_restriction_needs_a_reason_and_somebody_whom_it_can_be_put_on() {
    let world = World::new();
    let admin = world.admin().await;
    let carl = world.customer("carl").await;
    restrict(&world, &admin, &carl, json!({"kind": "banned", "reason": " "}))
        .await
        .points_at(&["/reason"]);
    let support = world.admin_of(&admin, "sue", AdminRole::Support).await;
    for whom in [&admin, &support] {
        let refused = restrict(
            &world,
            &support,
            whom,
            json!({"kind": "banned", "reason": "Coup."}),
        )
        .await;
        refused.refuses(409, "invalid_transition");
    }
    world.restricts(&admin, &carl, RestrictionKind::Suspended).await;
    grant(&world, &admin, &carl, json!("support"))
        .await
        .refuses(409, "invalid_transition");
}

#[tokio::test]
async fn a_role_of_the_platforms_own_is_given_and_taken_never_ones_own() {
    let world = World::new();
    let admin = world.admin().await;
    let (carl, nina) = (world.customer("carl").await, world.newcomer("nina").await);
    let decides = || {
        get("/api/v1/admin/management/venues")
            .by(&carl)
            .of(router(&world))
    };
    decides().await.refuses(403, "forbidden");
    let given = grant(&world, &admin, &carl, json!("moderation")).await.is(200);
    assert_eq!(
        (text(&given, "/admin_role"), &given["roles"]),
        ("moderation", &json!(["customer", "admin"]))
    );
    // At once: whoever lacks a role is looked up anew.
    decides().await.is(200);
    grant(&world, &carl, &carl, json!("super"))
        .await
        .refuses(403, "forbidden");
    grant(&world, &admin, &admin, Value::Null)
        .await
        .refuses(403, "forbidden");
    grant(&world, &admin, &nina, json!("support"))
        .await
        .refuses(403, "unverified");
    grant(&world, &admin, &carl, json!("boss"))
        .await
        .refuses(422, "invalid");
    grant(&world, &admin, &carl, Value::Null).await.is(200);
    world.clock.advance_seconds(BELIEVED_SECONDS);
    decides().await.refuses(403, "forbidden");
}

/// Two who take each other's role at once must not both succeed: nobody would be left to give one.
#[tokio::test]
async fn somebody_is_always_left_who_gives_roles() {
    for seed in 0..20 {
        let world = World::seeded(seed);
        let admin = world.admin().await;
        let other = world.admin_of(&admin, "olga", AdminRole::Super).await;
        let (one, two) = tokio::join!(
            app::users::set_admin_role(&world.app, &admin.caller, None, other.caller.user, None),
            app::users::set_admin_role(&world.app, &other.caller, None, admin.caller.user, None),
        );
        assert!(one.is_ok() != two.is_ok(), "seed {seed}: {one:?} {two:?}");
    }
}
