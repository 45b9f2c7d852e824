//! Who gets in where, cell by cell: every route, asked by everybody, about their own, others' and nothing.
//!
//! What is expected follows from the table of permissions, which the description of the API carries for each route,
//! and from whose each thing is. Beside it stands a table by hand of what would hurt most. A route that is added is asked
//! by itself; where it wants a body that `{}` is not, or is about something in another way than by its path, it fails
//! until its row is here.

use std::collections::BTreeMap;

use axum::Router;
use domain::membership::{Membership, Reach};
use domain::permission::{Permission, Scope};
use domain::role::{AdminRole, MemberRole};
use domain::user::RestrictionKind;
use http::Method;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::access::{PUBLIC, apis, router_of};
use super::ask::{Ask, ask};
use super::hour;
use super::provider::Provider;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Let in, whatever comes of it: neither 401 nor 403, nor 404.
    In,
    Unauthenticated,
    Forbidden,
    NotFound,
}

/// Ids that are asked about.
#[derive(Debug, Clone)]
struct Things {
    name: &'static str,
    vendor: String,
    venue: String,
    space: String,
    booking: String,
    quote: String,
    start: String,
    end: String,
}

/// Somebody, or nobody, who asks.
struct Asker {
    name: &'static str,
    person: Option<Person>,
}

impl Asker {
    fn member(&self) -> Option<&Membership> {
        self.person.as_ref().and_then(|person| person.caller.member())
    }

    fn admin(&self) -> Option<AdminRole> {
        self.person.as_ref().and_then(|person| person.caller.admin())
    }
}

struct Scene {
    world: World,
    askers: Vec<Asker>,
    things: Vec<Things>,
}

async fn things(world: &World, name: &'static str, owner: &Person, customer: &Person, at: i64) -> Things {
    let venue = world.live_venue(owner, VenueBuilder::default()).await;
    let booking = world.books(customer, venue.id, hour(at)).await.unwrap();
    let quote = world.quote(customer, venue.id, hour(at + 2)).await.unwrap();
    Things {
        name,
        vendor: owner.vendor().to_string(),
        venue: venue.id.to_string(),
        space: venue.main_space.to_string(),
        booking: booking.id.to_string(),
        quote: quote.id.to_string(),
        start: hour(at + 4).start().to_string(),
        end: hour(at + 4).end().to_string(),
    }
}

fn nothing() -> Things {
    let id = "01900000000070008000000000000099";
    Things {
        name: "nothing",
        vendor: format!("vnd_{id}"),
        venue: format!("ven_{id}"),
        space: format!("spc_{id}"),
        booking: format!("bkg_{id}"),
        quote: format!("quo_{}{}", id.repeat(3), "0".repeat(20)),
        start: hour(52).start().to_string(),
        end: hour(52).end().to_string(),
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let chief = world.admin().await;
        let (anna, bert) = (world.customer("anna").await, world.customer("bert").await);
        let (vera, otto) = (world.vendor("vera").await, world.vendor("otto").await);
        let first = things(&world, "vera's loft", &vera, &anna, 48).await;
        let second = things(&world, "vera's barn", &vera, &anna, 48).await;
        let others = things(&world, "otto's", &otto, &bert, 48).await;
        let at_first = Reach::Only([first.venue.parse().unwrap()].into());
        let desk = world
            .works_for(&vera, "fred", MemberRole::FrontDesk, at_first.clone())
            .await;
        let manager = world
            .works_for(&vera, "mona", MemberRole::Manager, at_first)
            .await;
        let books = world
            .works_for(&vera, "fina", MemberRole::Finance, Reach::Everywhere)
            .await;
        let suspended = world.customer("susi").await;
        world
            .restricts(&chief, &suspended, RestrictionKind::Suspended)
            .await;
        let suspended = world.signs_in(&suspended.email).await;
        let staff = |name: &'static str, role| (name, role);
        let mut askers: Vec<Asker> = [
            ("customer A", anna),
            ("customer B", bert),
            ("vendor A owner", vera),
            ("vendor A manager of the loft", manager),
            ("vendor A finance", books),
            ("vendor A front desk of the loft", desk),
            ("vendor B owner", otto),
            ("unapproved vendor", world.applicant("paul").await),
            ("newcomer", world.newcomer("nina").await),
            ("suspended", suspended),
        ]
        .into_iter()
        .map(|(name, person)| Asker {
            name,
            person: Some(person),
        })
        .collect();
        for (name, role) in [
            staff("support", AdminRole::Support),
            staff("finance", AdminRole::Finance),
            staff("moderation", AdminRole::Moderation),
        ] {
            askers.push(Asker {
                name,
                person: Some(world.admin_of(&chief, name, role).await),
            });
        }
        askers.push(Asker {
            name: "admin",
            person: Some(chief),
        });
        askers.push(Asker {
            name: "anonymous",
            person: None,
        });
        Self {
            world,
            askers,
            things: vec![first, second, others, nothing()],
        }
    }

    /// As the functions are deployed, so that payments can be begun.
    fn router(&self) -> Router {
        router_of(&Provider::behind(&self.world))
    }

    async fn signs_everybody_in_anew(&mut self) {
        for asker in &mut self.askers {
            if let Some(person) = &mut asker.person {
                *person = self.world.signs_in(&person.email).await;
            }
        }
    }

    fn asker(&self, name: &str) -> &Asker {
        self.askers.iter().find(|asker| asker.name == name).expect(name)
    }

    fn things(&self, name: &str) -> &Things {
        self.things.iter().find(|things| things.name == name).expect(name)
    }
}

/// Bodies that are understood, by route, and that change nothing or what may be changed again. `{}` otherwise.
fn body(route: &str, things: &Things) -> Value {
    let reason = "Because.";
    let time = json!({"start": things.start, "end": things.end, "reason": reason});
    match route {
        "POST /api/v1/bookings/create" => json!({"quote_id": things.quote}),
        "POST /api/v1/payments/process" | "POST /api/v1/payments/verify" => {
            json!({"booking_id": things.booking})
        }
        "POST /api/v1/bookings/{booking_id}/cancel" => json!({"preview_token": "x"}),
        "POST /api/v1/bookings/{booking_id}/decline" => json!({"reason": reason}),
        "POST /api/v1/bookings/{booking_id}/proposals"
        | "POST /api/v1/bookings/{booking_id}/proposals/preview" => time,
        "POST /api/v1/vendor/bookings/calendar" => json!({
            "venue_id": things.venue, "start": things.start, "end": things.end, "guests": 2, "guest_name": "Gus",
        }),
        "PUT /api/v1/vendor/venues/manage/{venue_id}" => json!({"name": "The Loft"}),
        "POST /api/v1/vendor/venues/manage/{venue_id}/photos" => json!({"content_type": "image/png"}),
        "POST /api/v1/vendor/venues/manage/{venue_id}/spaces"
        | "PUT /api/v1/vendor/venues/manage/{venue_id}/spaces/{space_id}" => {
            json!({"name": "Room", "capacity": 4})
        }
        "POST /api/v1/vendor/venues/availability/{venue_id}/blocks" => {
            json!({"once": {"start": things.start, "end": things.end}})
        }
        "PUT /api/v1/vendor/venues/availability/{venue_id}"
        | "POST /api/v1/vendor/venues/availability/{venue_id}/preview" => json!({"weekly": []}),
        "PUT /api/v1/vendor/venues/availability/{venue_id}/special-days"
        | "POST /api/v1/vendor/venues/availability/{venue_id}/special-days/preview" => {
            json!({"dates": ["2027-09-01"], "hours": []})
        }
        "PUT /api/v1/vendor/venues/pricing/{venue_id}" => {
            json!({"price_per_hour": {"amount": 5_000, "currency": "EUR", "exponent": 2}})
        }
        "POST /api/v1/vendor/venues/pricing/{venue_id}/preview" => {
            json!({"start": things.start, "end": things.end, "guests": 2})
        }
        "POST /api/v1/admin/management/venues/{venue_id}/decision"
        | "POST /api/v1/admin/management/vendors/{vendor_id}/decision" => json!({"approve": true}),
        "POST /api/v1/admin/management/venues/{venue_id}/transfer" => {
            json!({"vendor_id": things.vendor, "reason": reason})
        }
        "POST /api/v1/venues/availability/{venue_id}/check" => {
            json!({"start": things.start, "end": things.end, "guests": 2})
        }
        "POST /api/v1/venues/quotes" => {
            json!({"venue_id": things.venue, "start": things.start, "end": things.end, "guests": 2})
        }
        _ => json!({}),
    }
}

/// What follows the path of a route that is about something by its query.
fn query(route: &str, things: &Things) -> String {
    match route {
        "GET /api/v1/vendor/bookings/calendar" => {
            format!(
                "?venue_id={}&from=2027-02-02T00:00:00Z&to=2027-02-03T00:00:00Z",
                things.venue
            )
        }
        "GET /api/v1/vendor/bookings/calendar/days" => {
            format!("?venue_id={}&from=2027-02-02&to=2027-02-03", things.venue)
        }
        "GET /api/v1/vendor/bookings/history" => format!("?venue_id={}", things.venue),
        "GET /api/v1/venues/availability/{venue_id}" => format!("?from={}&to={}", things.start, things.end),
        "GET /api/v1/venues/details/{venue_id}/similar" => {
            format!("?start={}&end={}", things.start, things.end)
        }
        _ => String::new(),
    }
}

/// Routes about something that need not be there although the rest of the path is, so that whoever is let in may read 404.
const MAY_NAME_NOTHING: [&str; 10] = [
    "/sessions/{session_id}",
    "/blocks/{block_id}",
    "/photos/{media_id}",
    "/revision",
    "/proposals/{proposal_id}/",
    "/invitations/{invitation_id}",
    "/members/{user_id}",
    "/users/{user_id}",
    "/users/membership",
    "/policies/{name}",
];

fn fill(path: &str, things: &Things) -> String {
    let id = "01900000000070008000000000000098";
    path.replace("{venue_id}", &things.venue)
        .replace("{vendor_id}", &things.vendor)
        .replace("{booking_id}", &things.booking)
        .replace("{space_id}", &things.space)
        .replace("{quote_id}", &things.quote)
        .replace("{media_id}", &format!("med_{id}"))
        .replace("{block_id}", &format!("blk_{id}"))
        .replace("{proposal_id}", &format!("prp_{id}"))
        .replace("{user_id}", &format!("usr_{id}"))
        .replace("{session_id}", &format!("ses_{id}"))
        .replace("{invitation_id}", &format!("inv_{id}"))
        .replace("{date}", "2027-03-01")
        .replace("{code}", "SUMMER-10")
        .replace("{name}", "flexible")
}

/// Routes whose sender shows by a signature who they are, and not by who they are ([`super::payments`]).
const BY_SIGNATURE: [&str; 1] = ["POST /api/v1/payments/webhook"];

/// Routes after which somebody is not what they were.
const LEAVING: [&str; 3] = [
    "DELETE /api/v1/users/membership",
    "POST /api/v1/auth/logout",
    "DELETE /api/v1/auth/sessions",
];

/// What somebody may do although they are suspended, besides looking: leave, keep others out, and take back what is
/// theirs.
const EVEN_SUSPENDED: [&str; 6] = [
    "DELETE /api/v1/users/membership",
    "POST /api/v1/auth/logout",
    "DELETE /api/v1/auth/sessions",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "POST /api/v1/auth/password",
    "POST /api/v1/bookings/{booking_id}/cancel",
];

/// A route, as the description of the API has it.
struct Route {
    name: String,
    method: Method,
    path: String,
    needs_sign_in: bool,
    permission: Option<Permission>,
}

fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(&web::openapi::document(apis()).unwrap().to_json()).unwrap();
    let by_name: BTreeMap<&str, Permission> = Permission::ALL.into_iter().map(|p| (p.as_str(), p)).collect();
    let mut routes = Vec::new();
    for api in apis() {
        for (method, path) in api.inventory() {
            let told = &document["paths"][path][method.as_str().to_lowercase()];
            let ways = told["security"].as_array().cloned().unwrap_or_default();
            routes.push(Route {
                name: format!("{method} {path}"),
                method: method.clone(),
                path: path.to_owned(),
                needs_sign_in: !ways.is_empty() && ways.iter().all(|way| way != &json!({})),
                permission: told["x-permission"]["name"].as_str().map(|name| by_name[name]),
            });
        }
    }
    routes.retain(|route| !BY_SIGNATURE.contains(&route.name.as_str()));
    // Whoever leaves is gone for the rest.
    routes.sort_by_key(|route| LEAVING.iter().position(|leaving| *leaving == route.name));
    routes
}

impl Route {
    fn is_about(&self, what: &str) -> bool {
        self.path.contains(what) || query(&self.name, &nothing()).contains(what.trim_matches(['{', '}']))
    }

    fn ask(&self, things: &Things, key: &str) -> Ask {
        let path = format!("{}{}", fill(&self.path, things), query(&self.name, things));
        let ask = ask(self.method.clone(), path).key(key).if_match("\"v999\"");
        match self.method {
            Method::GET | Method::DELETE => ask,
            _ => ask.json(&body(&self.name, things)),
        }
    }

    /// By the table of permissions, and by whose the things are.
    fn expected(&self, asker: &Asker, things: &Things) -> Expected {
        let Some(person) = &asker.person else {
            return match self.needs_sign_in {
                true => Expected::Unauthenticated,
                false => self.expected_of_the_public(asker, things),
            };
        };
        let is_safe = self.method.is_safe();
        let even_suspended = EVEN_SUSPENDED.contains(&self.name.as_str());
        let suspended = person.caller.suspended;
        match self
            .permission
            .map(|permission| (permission, permission.policy()))
        {
            Some((permission, policy)) if self.path.starts_with("/api/v1/bookings/") => {
                if suspended && !is_safe && !even_suspended {
                    return Expected::Forbidden;
                }
                assert_eq!(policy.scope, Scope::Venue, "{}", self.name);
                self.expected_of_a_side(asker, things, permission)
            }
            Some((permission, policy)) if policy.scope == Scope::Platform => {
                match asker.admin().is_some_and(|admin| admin.may(permission)) {
                    false => Expected::Forbidden,
                    true if things.name == "nothing"
                        && (self.is_about("{venue_id}") || self.is_about("{vendor_id}")) =>
                    {
                        Expected::NotFound
                    }
                    true => Expected::In,
                }
            }
            Some((permission, _)) => match asker.member().filter(|member| member.may(permission)) {
                None => Expected::Forbidden,
                Some(_)
                    if !self.is_about("{venue_id}")
                        && !body(&self.name, things).to_string().contains("ven_") =>
                {
                    Expected::In
                }
                Some(member) => {
                    let vendor = things.vendor.parse().unwrap();
                    match things.name != "nothing" && member.works_at(vendor, things.venue.parse().unwrap()) {
                        true => Expected::In,
                        false => Expected::NotFound,
                    }
                }
            },
            None if suspended && !is_safe && self.needs_sign_in && !even_suspended => Expected::Forbidden,
            None if self.needs_sign_in => self.expected_of_the_signed_in(asker, things),
            None => self.expected_of_the_public(asker, things),
        }
    }

    /// A booking exists for its customer, for whoever of its vendor works there, and for admins who look after bookings.
    fn expected_of_a_side(&self, asker: &Asker, things: &Things, permission: Permission) -> Expected {
        let sees = Permission::SeeBookings;
        let works_there = |member: &&Membership| {
            member.works_at(things.vendor.parse().unwrap(), things.venue.parse().unwrap()) && member.may(sees)
        };
        let may = if things.name == "nothing" {
            return Expected::NotFound;
        } else if is_customers(asker, things) {
            true
        } else if let Some(member) = asker.member().filter(works_there) {
            member.may(permission)
        } else if let Some(admin) = asker.admin().filter(|admin| admin.may(sees)) {
            admin.may(permission)
        } else {
            return Expected::NotFound;
        };
        match may {
            true => Expected::In,
            false => Expected::Forbidden,
        }
    }

    /// What needs no permission is about oneself, or about something by its body.
    fn expected_of_the_signed_in(&self, asker: &Asker, things: &Things) -> Expected {
        let is_verified = asker.person.as_ref().is_some_and(|person| person.caller.verified);
        let needs_verified = [
            "POST /api/v1/bookings/create",
            "POST /api/v1/payments/process",
            "POST /api/v1/vendor/profile/settings",
            "POST /api/v1/users/membership",
        ];
        let is_customers_alone = ["/bookings/create", "/payments/process", "/payments/verify"];
        if needs_verified.contains(&self.name.as_str()) && !is_verified {
            Expected::Forbidden
        } else if is_customers_alone.iter().any(|end| self.path.ends_with(end)) {
            match is_customers(asker, things) {
                true => Expected::In,
                false => Expected::NotFound,
            }
        } else if self.name == "GET /api/v1/vendor/profile/settings" {
            match asker.member() {
                Some(_) => Expected::In,
                None => Expected::NotFound,
            }
        } else {
            Expected::In
        }
    }

    fn expected_of_the_public(&self, asker: &Asker, things: &Things) -> Expected {
        if things.name == "nothing" && (self.is_about("{venue_id}") || self.path.ends_with("/venues/quotes"))
        {
            return Expected::NotFound;
        }
        if self.path.ends_with("/quotes/{quote_id}") && !is_customers(asker, things) {
            return Expected::NotFound;
        }
        Expected::In
    }
}

fn is_customers(asker: &Asker, things: &Things) -> bool {
    match asker.name {
        "customer A" => things.name.starts_with("vera's"),
        "customer B" => things.name == "otto's",
        _ => false,
    }
}

async fn status(route: &Route, asker: &Asker, things: &Things, router: &Router) -> (u16, String) {
    let key = format!("{}-{}-{}", route.name, asker.name, things.name).replace([' ', '\''], "-");
    let ask = route.ask(things, &key);
    let ask = match &asker.person {
        Some(person) => ask.by(person),
        None => ask,
    };
    let answer = ask.of(router.clone()).await;
    (
        answer.status,
        answer.body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn fits(route: &Route, expected: Expected, status: u16) -> bool {
    let may_name_nothing = MAY_NAME_NOTHING.iter().any(|part| route.path.contains(part));
    match expected {
        Expected::In => ![401, 403].contains(&status) && (status != 404 || may_name_nothing) && status < 500,
        Expected::Unauthenticated => status == 401,
        Expected::Forbidden => status == 403,
        Expected::NotFound => status == 404,
    }
}

#[tokio::test]
async fn everybody_gets_in_where_the_table_lets_them_and_nowhere_else() {
    let mut scene = Scene::new().await;
    let router = scene.router();
    let (mut cells, mut wrong) = (0, Vec::new());
    for route in routes() {
        // Nobody asks more often than they may.
        scene.world.clock.advance_seconds(1);
        if LEAVING.contains(&route.name.as_str()) {
            scene.signs_everybody_in_anew().await;
        }
        for asker in &scene.askers {
            for things in &scene.things {
                let expected = route.expected(asker, things);
                let (status, code) = status(&route, asker, things, &router).await;
                cells += 1;
                if !fits(&route, expected, status) {
                    wrong.push(format!(
                        "{} by {} about {}: {status} {code}, expected {expected:?}",
                        route.name, asker.name, things.name
                    ));
                }
                if LEAVING.contains(&route.name.as_str()) {
                    break;
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cells > 4_000, "only {cells} cells");
}

/// By hand, and from nothing else: what would hurt most if the table were wrong.
#[tokio::test]
async fn what_would_hurt_most_is_kept_from_whoever_it_would_help() {
    const LOFT: &str = "vera's loft";
    const BARN: &str = "vera's barn";
    const OTTOS: &str = "otto's";
    let kept = [
        // A1, A2: others' bookings do not exist.
        (
            "GET /api/v1/bookings/status/{booking_id}",
            "customer B",
            LOFT,
            404,
        ),
        (
            "POST /api/v1/bookings/{booking_id}/cancel",
            "customer B",
            LOFT,
            404,
        ),
        (
            "GET /api/v1/bookings/{booking_id}/cancellation-preview",
            "vendor B owner",
            LOFT,
            404,
        ),
        (
            "POST /api/v1/bookings/{booking_id}/proposals",
            "vendor B owner",
            LOFT,
            404,
        ),
        (
            "GET /api/v1/bookings/status/{booking_id}",
            "vendor A front desk of the loft",
            BARN,
            404,
        ),
        (
            "GET /api/v1/bookings/status/{booking_id}",
            "moderation",
            LOFT,
            404,
        ),
        // What gives money back.
        (
            "POST /api/v1/bookings/{booking_id}/cancel",
            "vendor A front desk of the loft",
            LOFT,
            403,
        ),
        (
            "POST /api/v1/bookings/{booking_id}/cancel",
            "vendor A finance",
            LOFT,
            403,
        ),
        ("POST /api/v1/bookings/{booking_id}/cancel", "finance", LOFT, 403),
        (
            "POST /api/v1/bookings/{booking_id}/proposals",
            "vendor A front desk of the loft",
            LOFT,
            403,
        ),
        // A3, A4: others' venues do not exist.
        (
            "PUT /api/v1/vendor/venues/manage/{venue_id}",
            "vendor B owner",
            LOFT,
            404,
        ),
        (
            "PUT /api/v1/vendor/venues/pricing/{venue_id}",
            "vendor B owner",
            LOFT,
            404,
        ),
        (
            "PUT /api/v1/vendor/venues/pricing/{venue_id}",
            "vendor A manager of the loft",
            BARN,
            404,
        ),
        (
            "PUT /api/v1/vendor/venues/pricing/{venue_id}",
            "vendor A front desk of the loft",
            LOFT,
            403,
        ),
        (
            "PUT /api/v1/vendor/venues/pricing/{venue_id}",
            "vendor A finance",
            LOFT,
            403,
        ),
        ("GET /api/v1/vendor/bookings/history", "vendor B owner", LOFT, 404),
        (
            "GET /api/v1/vendor/bookings/calendar",
            "vendor A owner",
            OTTOS,
            404,
        ),
        // A5, A6: whoever is no vendor, or not yet.
        ("POST /api/v1/vendor/venues/manage", "customer A", LOFT, 403),
        (
            "POST /api/v1/vendor/venues/manage",
            "unapproved vendor",
            LOFT,
            403,
        ),
        (
            "POST /api/v1/vendor/venues/manage",
            "vendor A manager of the loft",
            LOFT,
            403,
        ),
        (
            "POST /api/v1/vendor/members/invitations",
            "vendor A manager of the loft",
            LOFT,
            403,
        ),
        (
            "DELETE /api/v1/vendor/members/{user_id}",
            "vendor A finance",
            LOFT,
            403,
        ),
        ("GET /api/v1/vendor/members", "suspended", LOFT, 403),
        ("POST /api/v1/bookings/create", "suspended", LOFT, 403),
        // Roles, terms, and what other people own.
        (
            "PUT /api/v1/admin/management/users/{user_id}/admin-role",
            "support",
            LOFT,
            403,
        ),
        (
            "PUT /api/v1/admin/management/users/{user_id}/admin-role",
            "vendor A owner",
            LOFT,
            403,
        ),
        (
            "PUT /api/v1/admin/management/users/{user_id}/restriction",
            "finance",
            LOFT,
            403,
        ),
        ("PUT /api/v1/admin/settings/policies/{name}", "finance", LOFT, 403),
        (
            "POST /api/v1/admin/management/venues/{venue_id}/transfer",
            "moderation",
            LOFT,
            403,
        ),
        (
            "POST /api/v1/admin/management/vendors/{vendor_id}/decision",
            "unapproved vendor",
            LOFT,
            403,
        ),
        (
            "POST /api/v1/admin/management/vendors/{vendor_id}/decision",
            "support",
            LOFT,
            403,
        ),
        ("GET /api/v1/admin/management/users", "finance", LOFT, 403),
        ("POST /api/v1/payments/process", "customer B", LOFT, 404),
        ("POST /api/v1/payments/process", "admin", LOFT, 404),
    ];
    let scene = Scene::new().await;
    let (router, routes) = (scene.router(), routes());
    for (name, asker, about, expected) in kept {
        let route = routes.iter().find(|route| route.name == name).expect(name);
        let (status, code) = status(route, scene.asker(asker), scene.things(about), &router).await;
        assert_eq!(status, expected, "{name} by {asker} about {about}: {code}");
    }
}

#[test]
fn every_permission_opens_some_route() {
    let routes = routes();
    for permission in Permission::ALL {
        assert!(
            routes.iter().any(|route| route.permission == Some(permission)),
            "{permission:?} is in the table for nothing"
        );
    }
}

#[test]
fn whatever_nobody_has_to_sign_in_for_is_listed_as_public() {
    for route in routes() {
        assert_eq!(
            !route.needs_sign_in,
            PUBLIC.contains(&route.name.as_str()),
            "{}",
            route.name
        );
    }
}
