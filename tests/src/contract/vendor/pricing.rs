//! What a space costs, promo codes, and what customers are quoted because of it.

use axum::Router;
use domain::time::Interval;
use domain::venue::Venue;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::router;
use crate::contract::ask::{Answer, get, post, put, text};

const PROMOS: &str = "/api/v1/vendor/promo-codes";

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR", "exponent": 2})
}

/// A Wednesday, 17:00 to 20:00 in Berlin.
fn evening() -> Interval {
    Interval::new(
        "2027-02-03T16:00:00Z".parse().unwrap(),
        "2027-02-03T19:00:00Z".parse().unwrap(),
    )
    .unwrap()
}

/// Dearer from 18:00 on, with something of everything.
fn rates() -> Value {
    json!({
        "price_per_hour": eur(10_000),
        "rules": [{
            "name": "Evening",
            "priority": 1,
            "when": {"weekdays": [3], "hours": {"open": "18:00", "close": "26:00"}},
            "percent_bps": 2_500,
        }],
        "minimum_spend": eur(36_000),
        "cleaning_fee": eur(4_000),
        "add_ons": [{"name": "Chairs", "price": eur(200), "per": "guest", "quantity_max": 2}],
        "discounts": [{"kind": "long_duration", "minutes": 180, "bps": 1_000}],
        "floor_per_hour": eur(5_000),
        "tax": {"bps": 1_900, "included": true},
        "deposit": eur(50_000),
    })
}

struct Scene {
    world: World,
    vera: Person,
    venue: Venue,
    carl: Person,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let carl = world.customer("carl").await;
        Self {
            world,
            vera,
            venue,
            carl,
        }
    }

    fn pricing(&self) -> String {
        format!("/api/v1/vendor/venues/pricing/{}", self.venue.id)
    }

    async fn set(&self, who: &Person, rates: Value) -> Answer {
        put(self.pricing(), rates).by(who).of(router(&self.world)).await
    }

    async fn preview(&self, who: &Person, more: Value) -> Answer {
        let mut ask = json!({"start": evening().start(), "end": evening().end(), "guests": 10});
        ask.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        post(format!("{}/preview", self.pricing()), ask)
            .by(who)
            .of(router(&self.world))
            .await
    }

    async fn quote(&self, who: Option<&Person>, more: Value) -> Answer {
        let mut ask = json!({
            "venue_id": self.venue.id, "start": evening().start(), "end": evening().end(), "guests": 10,
        });
        ask.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let ask = post("/api/v1/venues/quotes", ask);
        let ask = match who {
            Some(who) => ask.by(who),
            None => ask,
        };
        ask.of(venues_router(&self.world)).await
    }

    async fn set_promo(&self, who: &Person, code: &str, terms: Value) -> Answer {
        put(format!("{PROMOS}/{code}"), terms)
            .by(who)
            .of(router(&self.world))
            .await
    }
}

fn venues_router(world: &World) -> Router {
    venues::router(world.app.clone())
}

fn amounts(price: &Value) -> Vec<(&str, i64)> {
    let lines = price["lines"].as_array().unwrap();
    lines
        .iter()
        .map(|line| (text(line, "/kind"), line["amount"]["amount"].as_i64().unwrap()))
        .collect()
}

#[tokio::test]
async fn rates_are_set_as_a_whole_and_shown_as_they_were_set() {
    let scene = Scene::new().await;
    let set = scene.set(&scene.vera, rates()).await.is(200);
    assert_eq!(set["version"], 2);
    for (field, value) in rates().as_object().unwrap() {
        if !["rules", "add_ons"].contains(&field.as_str()) {
            assert_eq!(&set[field], value, "{field}");
        }
    }
    let rule = &set["rules"][0];
    assert_eq!(
        (text(rule, "/name"), &rule["percent_bps"], &rule["set"]),
        ("Evening", &json!(2_500), &Value::Null)
    );
    assert_eq!(rule["when"]["hours"], json!({"open": "18:00", "close": "26:00"}));
    assert_eq!(
        set["add_ons"],
        json!([{"name": "Chairs", "price": eur(200), "per": "guest", "quantity_max": 2, "tax": null}])
    );
    let shown = get(scene.pricing())
        .by(&scene.vera)
        .of(router(&scene.world))
        .await;
    assert_eq!(shown.is(200), set);
    // What is left out is not there any more.
    let plain = scene
        .set(&scene.vera, json!({"price_per_hour": eur(1)}))
        .await
        .is(200);
    assert_eq!((&plain["rules"], &plain["deposit"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn rates_of_anothers_venue_do_not_exist() {
    let scene = Scene::new().await;
    let rival = scene.world.vendor("rival").await;
    scene.set(&rival, rates()).await.refuses(404, "not_found");
    scene.preview(&rival, json!({})).await.refuses(404, "not_found");
    get(scene.pricing())
        .by(&rival)
        .of(router(&scene.world))
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn rates_that_make_no_sense_are_told_by_their_fields() {
    let scene = Scene::new().await;
    let mut wrong = rates();
    wrong["rules"][0]["percent_bps"] = json!(90_001);
    wrong["tax"]["bps"] = json!(5_001);
    wrong["deposit"] = json!({"amount": 1, "currency": "USD"});
    scene
        .set(&scene.vera, wrong)
        .await
        .points_at(&["/deposit", "/tax", "/rules"]);
}

#[tokio::test]
async fn rates_can_be_tried_before_they_are_set() {
    let scene = Scene::new().await;
    let tried = scene
        .preview(
            &scene.vera,
            json!({"rates": rates(), "add_ons": [{"name": "Chairs", "quantity": 2}]}),
        )
        .await
        .is(200);
    // An hour at 100 and two at 125; 10 to the minimum; two chairs for each guest; a tenth of the time off.
    assert_eq!(
        amounts(&tried["price"]),
        [
            ("space", 10_000),
            ("space", 25_000),
            ("minimum_spend", 1_000),
            ("add_on", 4_000),
            ("cleaning_fee", 4_000),
            ("discount", -3_500),
        ]
    );
    assert_eq!(tried["price"]["total"], eur(40_500));
    assert_eq!(tried["price"]["deposit"], eur(50_000));
    let of = |field: &str| tried[field]["amount"].as_i64().unwrap();
    let tax = tried["price"]["tax"]["amount"].as_i64().unwrap();
    assert_eq!(of("payout") + of("platform_fee") + tax, 40_500);
    // Nothing was kept: the usual price is that of before.
    let now = scene.preview(&scene.vera, json!({})).await.is(200);
    assert_eq!(now["price"]["total"], eur(15_000));
    scene
        .preview(&scene.vera, json!({"add_ons": [{"name": "Chairs"}]}))
        .await
        .refuses(409, "add_on");
    scene
        .preview(
            &scene.vera,
            json!({"guests": 0, "rates": {"price_per_hour": eur(0)}}),
        )
        .await
        .points_at(&["/guests", "/rates/price_per_hour/amount"]);
}

#[tokio::test]
async fn a_quote_explains_every_line() {
    let scene = Scene::new().await;
    scene.set(&scene.vera, rates()).await.is(200);
    let quote = scene
        .quote(None, json!({"add_ons": [{"name": "Chairs"}]}))
        .await
        .is(201);
    assert_eq!(quote["rates_version"], 2);
    let lines = quote["price"]["lines"].as_array().unwrap();
    assert_eq!(
        lines[1]["trace"],
        json!([
            "base EUR 100.00 an hour",
            "Evening: +25 %, makes EUR 125.00 an hour",
            "120 minutes at EUR 125.00 an hour, from 2027-02-03T17:00:00Z to 2027-02-03T19:00:00Z",
            "tax of 19 % is in it: EUR 39.92",
        ])
    );
    assert!(
        lines
            .iter()
            .all(|line| !line["trace"].as_array().unwrap().is_empty())
    );
    assert_eq!(lines[3]["name"], "Chairs");
    let other = scene.quote(None, json!({"add_ons": [{"name": "Tables"}]})).await;
    other.refuses(409, "add_on");
    let twice = json!({"add_ons": [{"name": "Chairs"}, {"name": "Chairs"}]});
    scene.quote(None, twice).await.points_at(&["/add_ons/1/name"]);
}

/// Each by its own bounds: none of them would hold by those of another.
#[tokio::test]
async fn every_kind_of_rule_and_discount_is_shown_as_it_was_set_and_named_where_it_counts() {
    let scene = Scene::new().await;
    // Two days and six hours ahead, for three hours, for ten guests.
    let kinds = [
        (
            "Date",
            json!({"dates": {"from": "2027-02-03", "to": "2027-02-04"}}),
        ),
        ("Notice", json!({"lead_minutes": {"min": 2_880, "max": 4_320}})),
        ("Length", json!({"minutes": {"min": 180, "max": 240}})),
        ("Company", json!({"guests": {"min": 10, "max": 12}})),
        (
            "Other date",
            json!({"dates": {"from": "2027-02-04", "to": "2027-02-05"}}),
        ),
        (
            "Short notice",
            json!({"lead_minutes": {"min": null, "max": 2_880}}),
        ),
        ("Longer", json!({"minutes": {"min": 240, "max": null}})),
        ("Crowd", json!({"guests": {"min": 12, "max": 20}})),
    ];
    let rule = |(priority, (name, when)): (usize, &(&str, Value))| {
        let mut rule = json!({"name": name, "priority": priority, "when": when});
        let effect = [
            ("set", eur(8_000)),
            ("add", eur(500)),
            ("percent_bps", json!(1_000)),
        ];
        let (kind, value) = &effect[priority % 3];
        rule[*kind] = value.clone();
        rule
    };
    let rules: Vec<Value> = kinds.iter().enumerate().map(rule).collect();
    let discounts = json!([
        {"kind": "long_duration", "minutes": 180, "bps": 400},
        {"kind": "early_bird", "minutes": 2_880, "bps": 300},
        {"kind": "last_minute", "minutes": 4_320, "bps": 200},
        {"kind": "first_booking", "minutes": null, "bps": 100},
    ]);
    let rates = json!({"price_per_hour": eur(10_000), "rules": rules, "discounts": discounts});
    let set = scene.set(&scene.vera, rates).await.is(200);
    assert_eq!(set["discounts"], discounts);
    for (sent, shown) in rules.iter().zip(set["rules"].as_array().unwrap()) {
        for field in ["name", "priority", "set", "add", "percent_bps"] {
            assert_eq!(
                shown[field],
                sent.get(field).cloned().unwrap_or_default(),
                "{sent}"
            );
        }
        for (what, bounds) in shown["when"].as_object().unwrap() {
            let nothing = if what == "weekdays" {
                json!([])
            } else {
                Value::Null
            };
            assert_eq!(
                bounds,
                sent["when"].get(what).unwrap_or(&nothing),
                "{what} of {sent}"
            );
        }
    }
    let quote = scene.quote(Some(&scene.carl), json!({})).await.is(201);
    let lines = quote["price"]["lines"].as_array().unwrap();
    assert_eq!(
        lines[0]["trace"],
        json!([
            "base EUR 100.00 an hour",
            "Date: set to EUR 80.00, makes EUR 80.00 an hour",
            "Notice: +EUR 5.00, makes EUR 85.00 an hour",
            "Length: +10 %, makes EUR 93.50 an hour",
            "Company: set to EUR 80.00, makes EUR 80.00 an hour",
            "180 minutes at EUR 80.00 an hour, from 2027-02-03T16:00:00Z to 2027-02-03T19:00:00Z",
        ])
    );
    // Of 240 euros, in the declared order.
    let off = [960, 720, 480, 240].map(|amount| ("discount", -amount));
    assert_eq!(amounts(&quote["price"])[1..5], off);
}

#[tokio::test]
async fn a_promo_code_makes_a_quote_cheaper_and_its_uses_are_counted() {
    let scene = Scene::new().await;
    let terms = json!({
        "percent_bps": 1_000, "uses_max": 5, "uses_per_customer_max": 1,
        "minimum_spend": eur(10_000), "venue_ids": [scene.venue.id],
        "from": "2027-01-01T00:00:00Z", "until": "2027-12-31T00:00:00Z",
    });
    let set = scene
        .set_promo(&scene.vera, "loft-10", terms.clone())
        .await
        .is(200);
    assert_eq!(set["code"], "LOFT-10");
    for (field, value) in terms.as_object().unwrap() {
        assert_eq!(&set[field], value, "{field}");
    }
    let with = json!({"promo_code": "Loft-10"});
    let quote = scene.quote(Some(&scene.carl), with).await.is(201);
    assert_eq!(
        amounts(&quote["price"]),
        [("space", 15_000), ("promo_code", -1_500)]
    );
    assert_eq!(quote["price"]["lines"][1]["name"], "LOFT-10");
    let uses = || async {
        let list = get(PROMOS).by(&scene.vera).of(router(&scene.world)).await.is(200);
        list["promo_codes"][0]["uses"].as_i64().unwrap()
    };
    assert_eq!(uses().await, 0);
    let create = json!({"quote_id": quote["quote_id"]});
    let booked = post("/api/v1/bookings/create", create)
        .key("k")
        .by(&scene.carl)
        .of(bookings::router(scene.world.app.clone()))
        .await
        .is(201);
    assert_eq!(booked["price"]["total"], eur(13_500));
    assert_eq!(uses().await, 1);
    let later = json!({
        "promo_code": "LOFT-10", "start": "2027-02-04T16:00:00Z", "end": "2027-02-04T19:00:00Z",
    });
    scene
        .quote(Some(&scene.carl), later)
        .await
        .refuses(409, "promo_code");
}

#[tokio::test]
async fn a_promo_code_that_does_not_help_is_refused_with_the_reason() {
    let scene = Scene::new().await;
    let reason = |answer: Answer| text(&answer.refuses(409, "promo_code"), "/detail").to_owned();
    let try_code = async |code: &str| {
        let with = json!({"promo_code": code});
        reason(scene.quote(Some(&scene.carl), with).await)
    };
    assert!(try_code("UNKNOWN").await.contains("not known"));
    // Another vendor's.
    let rival = scene.world.vendor("rival").await;
    scene
        .set_promo(&rival, "RIVAL", json!({"percent_bps": 1}))
        .await
        .is(200);
    assert!(try_code("RIVAL").await.contains("not known"));
    for (code, more, told) in [
        ("EARLY", json!({"from": "2027-02-03T00:00:00Z"}), "not hold yet"),
        ("LATE", json!({"until": "2026-12-31T00:00:00Z"}), "no longer"),
        ("MORE", json!({"minimum_spend": eur(15_001)}), "cost more"),
    ] {
        let mut terms = json!({"percent_bps": 1});
        terms
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        scene.set_promo(&scene.vera, code, terms).await.is(200);
        let heard = try_code(code).await;
        assert!(heard.contains(told), "{code}: {heard}");
    }
    let dollars = json!({"amount": {"amount": 1, "currency": "USD"}});
    scene.set_promo(&scene.vera, "DOLLARS", dollars).await.is(200);
    assert!(try_code("DOLLARS").await.contains("currency"));
    // Nobody tries codes without a name.
    scene
        .quote(None, json!({"promo_code": "LATE"}))
        .await
        .refuses(401, "unauthenticated");
    scene
        .quote(Some(&scene.carl), json!({"promo_code": "?"}))
        .await
        .points_at(&["/promo_code"]);
}

#[tokio::test]
async fn a_promo_codes_terms_have_to_make_sense() {
    let scene = Scene::new().await;
    let rival = scene.world.vendor("rival").await;
    let theirs = scene.world.live_venue(&rival, VenueBuilder::default()).await;
    let set = |code: &'static str, terms: Value| scene.set_promo(&scene.vera, code, terms);
    set("CODE", json!({"percent_bps": 0}))
        .await
        .points_at(&["/percent_bps"]);
    set(
        "CODE",
        json!({"percent_bps": 1, "venue_ids": [scene.venue.id, theirs.id]}),
    )
    .await
    .points_at(&["/venue_ids/1"]);
    set("A", json!({"percent_bps": 1}))
        .await
        .refuses(404, "not_found");
    // Terms change, uses go on.
    set("CODE", json!({"percent_bps": 1})).await.is(200);
    let changed = set("code", json!({"amount": eur(500)})).await.is(200);
    assert_eq!(
        (&changed["percent_bps"], &changed["amount"]),
        (&Value::Null, &eur(500))
    );
}

#[tokio::test]
async fn a_vendor_has_so_many_promo_codes() {
    let scene = Scene::new().await;
    let terms = json!({"percent_bps": 1});
    for n in 0..domain::pricing::PROMOS_MAX {
        scene
            .set_promo(&scene.vera, &format!("CODE-{n}"), terms.clone())
            .await
            .is(200);
    }
    scene
        .set_promo(&scene.vera, "ONE-MORE", terms.clone())
        .await
        .refuses(409, "limit_reached");
    // One that there is may still be changed.
    scene.set_promo(&scene.vera, "CODE-7", terms).await.is(200);
    let list = get(PROMOS).by(&scene.vera).of(router(&scene.world)).await.is(200);
    assert_eq!(list["promo_codes"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn rates_that_were_changed_meanwhile_are_not_overwritten() {
    let scene = Scene::new().await;
    let tag = || async {
        let shown = get(scene.pricing())
            .by(&scene.vera)
            .of(router(&scene.world))
            .await;
        shown.header("etag").unwrap().to_owned()
    };
    let set = |tag: &str, amount: i64| {
        let rates = json!({"price_per_hour": eur(amount)});
        put(scene.pricing(), rates)
            .by(&scene.vera)
            .key(&format!("key-{amount}"))
            .if_match(tag)
            .of(router(&scene.world))
    };
    let seen = tag().await;
    let (one, other) = futures_util::join!(set(&seen, 6_000), set(&seen, 7_000));
    let (first, second) = match one.status {
        200 => (one, other),
        _ => (other, one),
    };
    assert_eq!(first.header("etag").unwrap(), tag().await);
    let set_first = first.is(200);
    second.refuses(412, "precondition_failed");
    let stored = get(scene.pricing())
        .by(&scene.vera)
        .of(router(&scene.world))
        .await
        .is(200);
    assert_eq!(stored["price_per_hour"], set_first["price_per_hour"]);
    // The same request again is answered as it was, though its tag is stale by now.
    let amount = set_first["price_per_hour"]["amount"].as_i64().unwrap();
    assert_eq!(set(&seen, amount).await.is(200), set_first);
    set(&tag().await, 8_000).await.is(200);
    set("\"8\"", 9_000).await.refuses(412, "precondition_failed");
    // Without a tag the last one holds.
    scene
        .set(&scene.vera, json!({"price_per_hour": eur(9_000)}))
        .await
        .is(200);
}

#[tokio::test]
async fn a_space_without_rates_has_a_version_too() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let mut builder = VenueBuilder::default();
    builder.venue.price_per_hour = None;
    let draft = world.draft(&vera, builder).await;
    let path = format!("/api/v1/vendor/venues/pricing/{}", draft.id);
    let shown = get(&path).by(&vera).of(router(&world)).await;
    let none = shown.header("etag").unwrap().to_owned();
    let set = || {
        let rates = json!({"price_per_hour": eur(5_000)});
        put(&path, rates).by(&vera).if_match(&none).of(router(&world))
    };
    assert_eq!(set().await.is(200)["version"], 1);
    set().await.refuses(412, "precondition_failed");
}

#[tokio::test]
async fn terms_of_a_promo_code_that_were_changed_meanwhile_are_not_overwritten() {
    let scene = Scene::new().await;
    let set = |tag: &str, bps: u32| {
        put(format!("{PROMOS}/LOFT"), json!({"percent_bps": bps}))
            .by(&scene.vera)
            .if_match(tag)
            .of(router(&scene.world))
    };
    set("\"v1\"", 100).await.refuses(412, "precondition_failed");
    let made = set("\"v0\"", 100).await;
    assert_eq!(made.header("etag"), Some("\"v1\""));
    assert_eq!(made.is(200)["version"], 1);
    set("\"v0\"", 200).await.refuses(412, "precondition_failed");
    set("\"v1\"", 300).await.is(200);
    let list = get(PROMOS).by(&scene.vera).of(router(&scene.world)).await.is(200);
    let code = &list["promo_codes"][0];
    assert_eq!((&code["percent_bps"], &code["version"]), (&json!(300), &json!(2)));
}

#[tokio::test]
async fn a_rule_names_a_season_that_the_space_has() {
    let scene = Scene::new().await;
    let rule = |name: &str, season: Option<&str>| json!({"name": name, "percent_bps": 1_000, "when": {"season": season}});
    let rates = json!({
        "price_per_hour": eur(5_000),
        "rules": [rule("Always", None), rule("Hot", Some("Summer")), rule("Cold", Some("Winter"))],
    });
    let wrong = scene.set(&scene.vera, rates.clone()).await;
    wrong.points_at(&["/rules/1/when/season", "/rules/2/when/season"]);
    let tried = scene.preview(&scene.vera, json!({"rates": rates})).await;
    tried.points_at(&["/rates/rules/1/when/season", "/rates/rules/2/when/season"]);
    let season = |name: &str, priority: u16| json!({"name": name, "from": "2027-06-01", "to": "2027-08-31", "priority": priority, "weekly": []});
    let rules = json!({"weekly": [], "seasons": [season("Summer", 0), season("Winter", 1)]});
    let hours = format!("/api/v1/vendor/venues/availability/{}", scene.venue.id);
    put(hours, rules)
        .by(&scene.vera)
        .of(router(&scene.world))
        .await
        .is(200);
    scene.preview(&scene.vera, json!({"rates": rates})).await.is(200);
    scene.set(&scene.vera, rates).await.is(200);
}
