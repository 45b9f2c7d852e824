//! Who gets in where: every route of every function, asked by nobody, by the wrong people, and with
//! bodies that nobody understands.

use app::App;
use axum::Router;
use serde_json::json;
use testkit::{Person, World};
use web::Api;

use super::ask::{Ask, ask};

/// Routes for which nobody has to sign in.
pub(super) const PUBLIC: [&str; 18] = [
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh-token",
    "POST /api/v1/auth/email/confirm",
    "POST /api/v1/auth/password-reset",
    "POST /api/v1/auth/password-reset/confirm",
    "GET /.well-known/jwks.json",
    "GET /api/v1/venues/search",
    "GET /api/v1/venues/availability/{venue_id}",
    "GET /api/v1/venues/details/{venue_id}",
    "GET /api/v1/venues/details/{venue_id}/similar",
    "GET /api/v1/venues/policies",
    "POST /api/v1/venues/quotes",
    "GET /api/v1/venues/quotes/{quote_id}",
    "POST /api/v1/venues/availability/{venue_id}/check",
    "POST /api/v1/payments/webhook",
    "GET /api/v1/realtime/events",
];

/// Routes under a role's prefix that are open to others.
const APPLICANTS: &str = "/api/v1/vendor/profile/settings";

pub(super) fn apis() -> [Api; 8] {
    [
        ::auth::routes(),
        ::users::routes(),
        ::venues::routes(),
        ::bookings::routes(),
        ::payments::routes(),
        ::vendor::routes(),
        ::admin::routes(),
        ::realtime::routes(),
    ]
}

pub(super) fn router(world: &World) -> Router {
    router_of(&world.app)
}

pub(super) fn router_of(app: &App) -> Router {
    apis()
        .into_iter()
        .fold(Router::new(), |all, api| all.merge(api.into_router(app.clone())))
}

/// Every route with ids that name nothing in its path.
fn routes() -> Vec<(String, Ask)> {
    let id = "01900000000070008000000000000099";
    let fill = |path: &str| {
        path.replace("{venue_id}", &format!("ven_{id}"))
            .replace("{vendor_id}", &format!("vnd_{id}"))
            .replace("{booking_id}", &format!("bkg_{id}"))
            .replace("{media_id}", &format!("med_{id}"))
            .replace("{user_id}", &format!("usr_{id}"))
            .replace("{session_id}", &format!("ses_{id}"))
            .replace("{invitation_id}", &format!("inv_{id}"))
            .replace("{space_id}", &format!("spc_{id}"))
            .replace("{quote_id}", &format!("quo_{}{}", id.repeat(3), "0".repeat(20)))
            .replace("{block_id}", &format!("blk_{id}"))
            .replace("{proposal_id}", &format!("prp_{id}"))
            .replace("{date}", "2027-03-01")
            .replace("{code}", "SUMMER-10")
            .replace("{name}", "flexible")
    };
    let mut routes = Vec::new();
    for api in apis() {
        for (method, path) in api.inventory() {
            let filled = fill(path);
            assert!(
                !filled.contains('{'),
                "{path} has a placeholder that is not filled here"
            );
            routes.push((format!("{method} {path}"), ask(method.clone(), filled)));
        }
    }
    routes
}

#[test]
fn the_public_routes_are_routes() {
    let names: Vec<_> = routes().into_iter().map(|(name, _)| name).collect();
    for public in PUBLIC {
        assert!(names.iter().any(|name| name == public), "{public}");
    }
}

#[tokio::test]
async fn nobody_gets_in_where_one_has_to_sign_in() {
    let router = router(&World::new());
    for (name, ask) in routes()
        .into_iter()
        .filter(|(name, _)| !PUBLIC.contains(&name.as_str()))
    {
        let answer = ask
            .key("k")
            .if_match("\"v1\"")
            .json(&json!({}))
            .of(router.clone())
            .await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
        answer.refuses(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_token_that_is_no_good_opens_nothing() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let router = router(&world);
    let (head, _) = carl.access_token.rsplit_once('.').unwrap();
    for (name, ask) in routes()
        .into_iter()
        .filter(|(name, _)| !PUBLIC.contains(&name.as_str()))
    {
        let forged = ask
            .header("authorization", format!("Bearer {head}.AAAA"))
            .json(&json!({}));
        assert_eq!(forged.of(router.clone()).await.status, 401, "{name}");
    }
}

async fn is_kept_out(world: &World, who: &Person, prefix: &str) {
    let router = router(world);
    let kept = routes()
        .into_iter()
        .filter(|(name, _)| name.contains(prefix) && !name.ends_with(APPLICANTS));
    let mut count = 0;
    for (_, ask) in kept {
        ask.key("k")
            .by(who)
            .json(&json!({}))
            .of(router.clone())
            .await
            .refuses(403, "forbidden");
        count += 1;
    }
    assert!(count > 3, "{prefix} has only {count} routes");
}

#[tokio::test]
async fn vendors_routes_are_for_vendors() {
    let world = World::new();
    is_kept_out(&world, &world.customer("carl").await, "/api/v1/vendor/").await;
    is_kept_out(&world, &world.admin().await, "/api/v1/vendor/").await;
    // Who applied is no vendor yet.
    is_kept_out(&world, &world.applicant("anna").await, "/api/v1/vendor/").await;
}

#[tokio::test]
async fn admins_routes_are_for_admins() {
    let world = World::new();
    is_kept_out(&world, &world.customer("carl").await, "/api/v1/admin/").await;
    is_kept_out(&world, &world.vendor("vera").await, "/api/v1/admin/").await;
}

#[tokio::test]
async fn a_body_that_nobody_understands_is_told_apart_from_one_that_is_wrong() {
    let world = World::new();
    let router = router(&world);
    let (carl, vera, admin) = (
        world.customer("carl").await,
        world.vendor("vera").await,
        world.admin().await,
    );
    // Routes that read no body.
    let silent = [
        "/logout",
        "/extend-hold",
        "/accept",
        "/check-in",
        "/{proposal_id}/decline",
        "/{proposal_id}/withdraw",
        "/realtime/token",
        "/webhook",
        "/submit",
        "/pause",
        "/resume",
        "/archive",
        "/photos/{media_id}",
    ];
    let reads_none = |name: &str| name.starts_with("GET") || name.starts_with("DELETE");
    let writes = |name: &str| !reads_none(name) && !silent.iter().any(|end| name.ends_with(end));
    let mut count = 0;
    for (name, ask) in routes().into_iter().filter(|(name, _)| writes(name)) {
        let who = match () {
            () if name.contains("/admin/") => &admin,
            () if name.contains("/vendor/") && !name.ends_with(APPLICANTS) => &vera,
            () => &carl,
        };
        let ask = ask.key("k").if_match("\"v1\"").by(who);
        let unknown = ask.clone().json(&json!({"nonsense": 1})).of(router.clone()).await;
        let body = unknown.refuses(422, "invalid");
        let errors = body["errors"].as_array().unwrap();
        assert!(
            errors.iter().any(|e| e["pointer"] == "/nonsense"),
            "{name}: {body}"
        );
        for broken in ["", "{", "[]", "null", "\"\u{0}\""] {
            let ask = ask.clone().raw(broken).header("content-type", "application/json");
            ask.of(router.clone()).await.refuses(422, "invalid");
        }
        let as_text = ask.clone().raw("{}").header("content-type", "text/plain");
        as_text
            .of(router.clone())
            .await
            .refuses(415, "unsupported_media_type");
        let large = ask.json(&json!({"nonsense": "x".repeat(256 * 1024)}));
        large.of(router.clone()).await.refuses(413, "too_large");
        count += 1;
    }
    assert!(count > 12, "only {count} routes read a body");
}
