//! Booking a time, following it, cancelling it.

use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::booking::Booking;
use domain::text::PolicyName;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::ask::{Answer, all, get, post, put, text};
use super::hour;

mod history;
mod proposals;
mod steps;

const CREATE: &str = "/api/v1/bookings/create";

struct Scene {
    world: World,
    vera: Person,
    carl: Person,
    venue: Venue,
}

async fn scene() -> Scene {
    scene_at(VenueBuilder::default()).await
}

async fn scene_at(builder: VenueBuilder) -> Scene {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, builder).await;
    let carl = world.customer("carl").await;
    Scene {
        world,
        vera,
        carl,
        venue,
    }
}

impl Scene {
    fn router(&self) -> Router {
        bookings::router(self.world.app.clone())
    }

    async fn quote(&self, who: &Person, hours_ahead: i64) -> String {
        self.world
            .quote(who, self.venue.id, hour(hours_ahead))
            .await
            .unwrap()
            .id
            .to_string()
    }

    async fn book(&self, who: &Person, quote_id: &str, key: &str) -> Answer {
        post(CREATE, json!({"quote_id": quote_id}))
            .by(who)
            .key(key)
            .of(self.router())
            .await
    }

    async fn held(&self, hours_ahead: i64) -> Booking {
        self.world
            .books(&self.carl, self.venue.id, hour(hours_ahead))
            .await
            .unwrap()
    }

    async fn status(&self, who: &Person, booking: &Booking) -> Answer {
        get(format!("/api/v1/bookings/status/{}", booking.id))
            .by(who)
            .of(self.router())
            .await
    }

    /// The token of a preview.
    async fn preview(&self, who: &Person, booking: &Booking) -> String {
        let path = format!("/api/v1/bookings/{}/cancellation-preview", booking.id);
        let shown = get(path).by(who).of(self.router()).await.is(200);
        text(&shown, "/preview_token").to_owned()
    }

    async fn cancel(&self, who: &Person, booking: &Booking, key: &str, body: Value) -> Answer {
        post(format!("/api/v1/bookings/{}/cancel", booking.id), body)
            .by(who)
            .key(key)
            .of(self.router())
            .await
    }
}

#[tokio::test]
async fn a_booking_holds_the_time_of_a_quote_at_its_price() {
    let scene = scene().await;
    let quote = scene.quote(&scene.carl, 48).await;
    let booking = scene.book(&scene.carl, &quote, "k").await.is(201);
    assert_eq!(
        (text(&booking, "/state"), text(&booking, "/payment_state")),
        ("held", "unpaid")
    );
    assert_eq!(
        text(&booking, "/cancellation_policy/text/1"),
        "After that, nothing comes back."
    );
    assert_eq!(text(&booking, "/start"), hour(48).start().to_string());
    assert_eq!(booking["price"]["total"]["amount"], 5_000);
    let until = domain::time::plus_minutes(scene.world.now(), 10).to_string();
    assert_eq!(text(&booking, "/hold_until"), until);
    assert_eq!(
        booking["allowed"],
        json!([
            {"action": "extend_hold", "until": until},
            {"action": "pay", "until": until},
            {"action": "cancel", "until": hour(48).start()},
        ])
    );
    assert_eq!(
        (&booking["cancellation"], &booking["confirmed_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(text(&booking, "/code").len(), 9);
    assert_eq!(text(&booking, "/quote_id"), quote);
    assert_eq!(text(&booking, "/booked_by"), text(&booking, "/customer_id"));
    assert_eq!(
        (&booking["space_ids"], &booking["minutes"]),
        (&json!([scene.venue.main_space]), &json!(60))
    );
}

#[tokio::test]
async fn a_booking_is_made_under_the_terms_of_its_quote_and_keeps_them() {
    let scene = scene().await;
    let says = async |rules: &str, policy: &str| {
        let body = json!({"name": "The Loft", "house_rules": rules, "cancellation_policy": policy});
        let path = format!("/api/v1/vendor/venues/manage/{}", scene.venue.id);
        let said = put(path, body).by(&scene.vera);
        said.of(vendor::router(scene.world.app.clone())).await.is(200)
    };
    let details = async || {
        let path = format!("/api/v1/venues/details/{}", scene.venue.id);
        let shown = get(path)
            .of(venues::router(scene.world.app.clone()))
            .await
            .is(200);
        (shown["terms_version"].clone(), shown["house_rules"].clone())
    };
    assert_eq!(details().await, (json!(1), Value::Null));
    says("No music after ten.", "flexible").await;
    assert_eq!(details().await, (json!(2), json!("No music after ten.")));
    let ask = json!({
        "venue_id": scene.venue.id, "start": hour(48).start(), "end": hour(48).end(), "guests": 2,
    });
    let quote = post("/api/v1/venues/quotes", ask).by(&scene.carl);
    let quote = quote.of(venues::router(scene.world.app.clone())).await.is(201);
    assert_eq!(quote["terms_version"], 2);
    // The same words make no new terms.
    assert_eq!(says("No music after ten.", "flexible").await["terms_version"], 2);
    says("No music.", "standard_90_day").await;
    assert_eq!(details().await, (json!(3), json!("No music.")));
    let booking = scene
        .book(&scene.carl, text(&quote, "/quote_id"), "k")
        .await
        .is(201);
    assert_eq!(text(&booking, "/cancellation_policy/name"), "flexible");
    let path = format!("/api/v1/bookings/status/{}", text(&booking, "/booking_id"));
    let status = get(path).by(&scene.carl).of(scene.router()).await.is(200);
    assert_eq!(
        (&status["terms"]["version"], text(&status, "/terms/house_rules")),
        (&json!(2), "No music after ten.")
    );
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_the_same_booking() {
    let scene = scene().await;
    let quote = scene.quote(&scene.carl, 48).await;
    let first = scene.book(&scene.carl, &quote, "k").await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = scene.book(&scene.carl, &quote, "k").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.is(201), again.is(201));
    let other = scene.quote(&scene.carl, 72).await;
    scene
        .book(&scene.carl, &other, "k")
        .await
        .refuses(422, "idempotency_key_reused");
    scene
        .book(&scene.carl, &quote, "l")
        .await
        .refuses(409, "slot_taken");
}

#[tokio::test]
async fn a_booking_needs_a_key_that_is_one() {
    let scene = scene().await;
    let quote = scene.quote(&scene.carl, 48).await;
    let ask = post(CREATE, json!({"quote_id": quote})).by(&scene.carl);
    ask.clone()
        .of(scene.router())
        .await
        .refuses(400, "idempotency_key_missing");
    ask.key("a b")
        .of(scene.router())
        .await
        .refuses(400, "idempotency_key_invalid");
}

#[tokio::test]
async fn a_time_that_is_taken_is_refused_with_others_that_are_free() {
    let scene = scene().await;
    let dora = scene.world.customer("dora").await;
    let (his, hers) = (scene.quote(&scene.carl, 48).await, scene.quote(&dora, 48).await);
    scene.book(&scene.carl, &his, "k").await.is(201);
    let refused = scene.book(&dora, &hers, "k").await.refuses(409, "slot_taken");
    let other = &refused["alternatives"][0];
    let start: jiff::Timestamp = text(other, "/start").parse().unwrap();
    let hours = domain::time::minutes_between(scene.world.now(), start) / 60;
    assert_eq!(hour(hours).start(), start);
    let free = scene.quote(&dora, hours).await;
    scene.book(&dora, &free, "l").await.is(201);
}

#[tokio::test]
async fn a_quote_is_for_whoever_asked_and_for_a_while() {
    let scene = scene().await;
    let dora = scene.world.customer("dora").await;
    let quote = scene.quote(&scene.carl, 48).await;
    scene.book(&dora, &quote, "k").await.refuses(404, "not_found");
    let nothing = format!("quo_{}", "0".repeat(116));
    scene
        .book(&scene.carl, &nothing, "k")
        .await
        .refuses(404, "not_found");
    scene
        .book(&scene.carl, "quo_1", "k")
        .await
        .points_at(&["/quote_id"]);
    scene.world.clock.advance_minutes(15);
    // Access tokens do not last as long.
    let carl = scene.world.signs_in(&scene.carl.email).await;
    scene.book(&carl, &quote, "k").await.refuses(409, "quote_expired");
}

#[tokio::test]
async fn whoever_has_not_proved_their_address_books_nothing() {
    let scene = scene().await;
    let nina = scene.world.newcomer("nina").await;
    let quote = scene.quote(&nina, 48).await;
    scene.book(&nina, &quote, "k").await.refuses(403, "unverified");
}

/// What the asker may do.
fn actions(status: &Value) -> Vec<&str> {
    let allowed = status["allowed"].as_array().unwrap();
    allowed.iter().map(|allowed| text(allowed, "/action")).collect()
}

#[tokio::test]
async fn each_side_sees_what_it_may_do() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let admin = scene.world.admin().await;
    // 85 % of 50 euros; customers are not told.
    let payout = json!({"amount": 4_250, "currency": "EUR", "exponent": 2});
    let cases = [
        (
            &scene.carl,
            "customer",
            &["extend_hold", "pay", "cancel"][..],
            &Value::Null,
        ),
        (&scene.vera, "vendor", &["cancel"], &payout),
        (&admin, "admin", &["cancel"], &payout),
    ];
    for (who, role, allowed, payout) in cases {
        let status = scene.status(who, &booking).await.is(200);
        assert_eq!(
            (text(&status, "/role"), actions(&status)),
            (role, allowed.to_vec())
        );
        assert_eq!(&status["payout"], payout, "{role}");
        assert_eq!(
            status["refund_if_cancelled"],
            json!({"amount": 0, "currency": "EUR", "exponent": 2})
        );
        assert_eq!(text(&status, "/timeline/0/kind"), "BookingHeld");
        assert_eq!(text(&status, "/timeline/0/state"), "held");
    }
}

#[tokio::test]
async fn a_booking_does_not_exist_for_strangers() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let (dora, otto) = (
        scene.world.customer("dora").await,
        scene.world.vendor("otto").await,
    );
    for stranger in [&dora, &otto] {
        scene.status(stranger, &booking).await.refuses(404, "not_found");
        scene
            .cancel(stranger, &booking, "k", json!({"preview_token": "x"}))
            .await
            .refuses(404, "not_found");
    }
    let path = "/api/v1/bookings/status/ven_01900000000070008000000000000099";
    get(path)
        .by(&scene.carl)
        .of(scene.router())
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_booking_is_found_by_its_code_as_people_type_it_by_whoever_may_see_it() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let by_id = scene.status(&scene.carl, &booking).await.is(200);
    let code = booking.code.to_string();
    let ask = |who, code: &str| {
        get(format!("/api/v1/bookings/status/{code}"))
            .by(who)
            .of(scene.router())
    };
    for typed in [code.clone(), code.to_lowercase().replace('-', "")] {
        assert_eq!(ask(&scene.carl, &typed).await.is(200), by_id);
    }
    let seen = ask(&scene.vera, &code).await.is(200);
    assert_eq!(seen["booking_id"], by_id["booking_id"]);
    let dora = scene.world.customer("dora").await;
    ask(&dora, &code).await.refuses(404, "not_found");
    ask(&scene.carl, "0000-0000").await.refuses(404, "not_found");
    ask(&scene.carl, "0000-000").await.refuses(404, "not_found");
}

#[tokio::test]
async fn ones_own_bookings_are_listed_the_latest_start_first() {
    let scene = scene().await;
    let dora = scene.world.customer("dora").await;
    let mut expected = Vec::new();
    for hours in [48, 96, 72] {
        expected.push((hours, scene.held(hours).await.id.to_string()));
    }
    scene.world.books(&dora, scene.venue.id, hour(60)).await.unwrap();
    expected.sort_by_key(|(hours, _)| std::cmp::Reverse(*hours));
    let mut seen = Vec::new();
    let mut path = "/api/v1/bookings/history?limit=2".to_owned();
    loop {
        let page = get(&path).by(&scene.carl).of(scene.router()).await.is(200);
        seen.extend(all(&page, "booking_id").into_iter().map(str::to_owned));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/bookings/history?limit=2&cursor={cursor}");
        get(&path)
            .by(&dora)
            .of(scene.router())
            .await
            .points_at(&["/cursor"]);
    }
    assert_eq!(seen, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cancelled_booking_frees_its_time_once() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let preview_token = scene.preview(&scene.carl, &booking).await;
    let reason = json!({"preview_token": preview_token, "reason": "The party is off."});
    let first = scene.cancel(&scene.carl, &booking, "c", reason.clone()).await;
    let again = scene.cancel(&scene.carl, &booking, "c", reason).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let cancelled = first.is(200);
    assert_eq!(cancelled, again.is(200));
    assert_eq!(text(&cancelled, "/state"), "cancelled_by_customer");
    assert_eq!(text(&cancelled, "/cancellation/reason"), "The party is off.");
    assert_eq!(cancelled["hold_until"], Value::Null);
    let over = scene
        .cancel(
            &scene.carl,
            &booking,
            "d",
            json!({"preview_token": preview_token}),
        )
        .await
        .refuses(409, "invalid_transition");
    assert_eq!(
        over.get("allowed_transitions"),
        None,
        "nothing is possible any more"
    );
    scene.held(48).await;
}

#[tokio::test]
async fn a_vendor_may_let_a_customer_down_and_it_shows() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let token = scene.preview(&scene.vera, &booking).await;
    let body = json!({"preview_token": token});
    let cancelled = scene.cancel(&scene.vera, &booking, "c", body).await.is(200);
    assert_eq!(text(&cancelled, "/state"), "cancelled_by_vendor");
    assert_eq!(text(&cancelled, "/cancellation/by"), "vendor");
}

#[tokio::test]
async fn a_cancellation_that_is_not_right_cancels_nothing() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let long = json!({"preview_token": "x", "reason": "x".repeat(1_001)});
    scene
        .cancel(&scene.carl, &booking, "c", long)
        .await
        .points_at(&["/reason"]);
    let path = format!("/api/v1/bookings/{}/cancel", booking.id);
    let keyless = post(path, json!({})).by(&scene.carl).of(scene.router()).await;
    keyless.refuses(400, "idempotency_key_missing");
    // No token, one that nobody gave, another's, another booking's.
    let other = scene.held(60).await;
    scene
        .cancel(&scene.carl, &booking, "c", json!({}))
        .await
        .points_at(&["/preview_token"]);
    let tokens = [
        String::new(),
        "A".repeat(app::bookings::PREVIEW_TOKEN_LENGTH_MAX + 1),
        scene.preview(&scene.vera, &booking).await,
        scene.preview(&scene.carl, &other).await,
    ];
    for token in tokens {
        let refused = scene
            .cancel(&scene.carl, &booking, "c", json!({"preview_token": token}))
            .await;
        refused.points_at(&["/preview_token"]);
    }
    let status = scene.status(&scene.carl, &booking).await.is(200);
    assert_eq!(text(&status, "/state"), "held");
}

/// By the policy all of it comes back up to a day before the start, which is two days too late here.
#[tokio::test]
async fn nothing_is_promised_for_a_time_at_which_a_booking_can_no_longer_be_cancelled() {
    let builder = VenueBuilder::default().rules(|rules| rules.cancellation_lock_minutes = 3 * 1_440);
    let scene = scene_at(builder).await;
    let held = scene.held(24 * 6).await;
    let booking = scene.world.confirms(&held).await;
    let eur = |amount: i64| json!({"amount": amount, "currency": "EUR", "exponent": 2});
    let status = scene.status(&scene.carl, &booking).await.is(200);
    let locked = &status["locked_from"];
    assert_eq!(status["refund_if_cancelled"], eur(5_000));
    assert_eq!(&status["cancellation_policy"]["tiers"][0]["until"], locked);
    let said = status["cancellation_policy"]["text"].as_array().unwrap();
    assert_eq!(
        said.last().unwrap(),
        "From 3 days before the start on, the booking can no longer be cancelled."
    );
    let path = format!("/api/v1/bookings/{}/cancellation-preview", booking.id);
    let preview = get(&path).by(&scene.carl).of(scene.router()).await.is(200);
    let timeline = json!([{"refund": eur(5_000), "payout": null, "because": "tier", "until": locked}]);
    assert_eq!(preview["timeline"], timeline);

    scene.world.clock.set(booking.locked_from());
    let carl = scene.world.signs_in(&scene.carl.email).await;
    let status = scene.status(&carl, &booking).await.is(200);
    assert_eq!(status["refund_if_cancelled"], Value::Null);
    get(&path)
        .by(&carl)
        .of(scene.router())
        .await
        .refuses(409, "invalid_transition");
    // The vendor, who lets the customer down, can still cancel, and all of it goes back.
    let vera = scene.world.signs_in(&scene.vera.email).await;
    let status = scene.status(&vera, &booking).await.is(200);
    assert_eq!(status["refund_if_cancelled"], eur(5_000));
}

#[tokio::test]
async fn a_preview_shows_what_each_hour_brings_and_is_honoured_for_ten_minutes() {
    let mut builder = VenueBuilder::default();
    builder.venue.policy = PolicyName::parse("flexible").unwrap();
    let scene = scene_at(builder).await;
    let booking = scene.held(24 * 7 + 30).await;
    scene.world.confirms(&booking).await;
    // Seven days before the start are a minute away; the grace is over.
    let tier_ends = domain::time::plus_minutes(booking.interval.start(), -7 * 1_440);
    scene.world.clock.set(domain::time::plus_minutes(tier_ends, -1));
    let carl = scene.world.signs_in(&scene.carl.email).await;
    let path = format!("/api/v1/bookings/{}/cancellation-preview", booking.id);
    let preview = || get(&path).by(&carl).of(scene.router());
    let shown = preview().await.is(200);
    let eur = |amount: i64| json!({"amount": amount, "currency": "EUR", "exponent": 2});
    assert_eq!(
        (&shown["refund"], &shown["kept"], text(&shown, "/because")),
        (&eur(5_000), &eur(0), "tier")
    );
    let last_day = domain::time::plus_minutes(booking.interval.start(), -1_440);
    let timeline = json!([
        {"refund": eur(5_000), "payout": null, "because": "tier", "until": tier_ends},
        {"refund": eur(2_500), "payout": null, "because": "tier", "until": last_day},
        {"refund": eur(0), "payout": null, "because": "too_late", "until": null},
    ]);
    assert_eq!(shown["timeline"], timeline);
    scene.world.clock.advance_minutes(2);
    let later = preview().await.is(200);
    assert_eq!((&later["refund"], &later["kept"]), (&eur(2_500), &eur(2_500)));
    // Whoever lets the customer down is paid nothing.
    let vera = scene.world.signs_in(&scene.vera.email).await;
    let vendors = get(&path).by(&vera).of(scene.router()).await.is(200);
    assert_eq!(
        (&vendors["refund"], &vendors["payout"], text(&vendors, "/because")),
        (&eur(5_000), &eur(0), "let_down")
    );
    let promised = text(&shown, "/preview_token").to_owned();
    // What the vendor gets is not to be found in it either.
    let token = URL_SAFE_NO_PAD.decode(&promised).unwrap();
    let token = String::from_utf8_lossy(&token).into_owned();
    assert!(
        token.contains("refund_bps") && !token.contains("payout"),
        "{token}"
    );
    scene.world.clock.advance_minutes(9);
    let carl = scene.world.signs_in(&carl.email).await;
    let body = json!({"preview_token": promised});
    let outdated = scene.cancel(&carl, &booking, "c", body).await;
    outdated.refuses(409, "preview_outdated");
    // A booking that changed needs another preview.
    let held = scene.held(24 * 20).await;
    let before = scene.preview(&carl, &held).await;
    scene.world.confirms(&held).await;
    let outdated = scene
        .cancel(&carl, &held, "d", json!({"preview_token": before}))
        .await;
    outdated.refuses(409, "preview_outdated");
    get(format!("/api/v1/bookings/{}/cancellation-preview", held.id))
        .by(&scene.world.customer("olga").await)
        .of(scene.router())
        .await
        .refuses(404, "not_found");
}
