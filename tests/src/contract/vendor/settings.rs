//! Hours, rules and prices.

use serde_json::{Value, json};
use testkit::{VenueBuilder, World};

use super::{create, router, venue};
use crate::contract::ask::{get, put, text};

#[tokio::test]
async fn hours_and_rules_are_set_as_a_whole() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let path = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let set = |body: Value| put(&path, body).by(&vera).key(&body_key()).of(router(&world));
    let weekly = json!([{"weekday": 1, "open": "08:00", "close": "20:30"}]);
    let changed = set(json!({"weekly": weekly, "turnaround_minutes": 45}))
        .await
        .is(200);
    assert_eq!(
        (&changed["weekly"], &changed["turnaround_minutes"]),
        (&weekly, &json!(45))
    );
    assert_eq!(
        (text(&changed, "/zone"), &changed["lead_minutes"]),
        ("Europe/Berlin", &json!(60))
    );
    let shown = get(&path).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(
        (&shown["weekly"], &shown["turnaround_minutes"]),
        (&weekly, &json!(45))
    );
    assert_eq!(
        (&shown["blocks"], &shown["change_pending"]),
        (&json!([]), &json!(false))
    );
    set(json!({})).await.points_at(&["/weekly"]);
    set(json!({"weekly": [{"weekday": 8, "open": "22:00", "close": "02:00"}], "horizon_days": 0}))
        .await
        .points_at(&["/weekly", "/horizon_days", "/lead_minutes"]);
    set(json!({"weekly": [{"weekday": 256, "open": "x", "close": 7}]}))
        .await
        .points_at(&["/weekly/0/weekday", "/weekly/0/close"]);
    assert_eq!(get(&path).by(&vera).of(router(&world)).await.is(200), shown);
}

#[tokio::test]
async fn seasons_special_days_and_packages_are_set_and_shown_as_they_were_written() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let path = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let set = |body: Value| put(&path, body).by(&vera).key(&body_key()).of(router(&world));
    let day = json!({"weekday": 6, "open": "10:00", "close": "26:00"});
    let rules = json!({
        "weekly": [day],
        "seasons": [{
            "name": "Summer", "from": "2027-06-01", "to": "2027-08-31", "priority": 3, "weekly": [day],
            "min_minutes": 240, "lead_minutes": null,
        }],
        "special_days": [{"date": "2027-12-24", "name": "Christmas Eve", "hours": []}, {"date": "2027-12-31", "name": null, "hours": [{"open": "20:00", "close": "30:00"}]}],
        "packages": [{"name": "Half day", "weekdays": [6, 7], "start": "08:30", "end": "13:15"}],
        "start_alignment": {"every_minutes": 60, "offset_minutes": 15},
    });
    let changed = set(rules.clone()).await.is(200);
    for (name, written) in rules.as_object().unwrap() {
        assert_eq!(&changed[name], written, "{name}");
    }
    assert_eq!(changed["packages_only"], json!(false));
    let mut wrong = rules;
    wrong["seasons"][0]["name"] = json!("");
    wrong["special_days"][1]["date"] = json!("2027-02-30");
    set(wrong.clone()).await.points_at(&["/special_days/1/date"]);
    wrong["special_days"][1] =
        json!({"date": "2027-12-24", "name": "", "hours": [{"open": "9", "close": "10:00"}]});
    wrong["packages"][0]["weekdays"] = json!([]);
    wrong["start_alignment"] = json!({"every_minutes": 7});
    let told = set(wrong).await;
    told.points_at(&[
        "/seasons/0/name",
        "/special_days/1/name",
        "/special_days/1/hours/0/open",
        "/packages",
        "/start_alignment",
    ]);
}

/// A key that no request had before.
fn body_key() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[tokio::test]
async fn a_price_is_set_and_shown() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let mut free = venue();
    free.as_object_mut().unwrap().remove("price_per_hour");
    let id = text(&create(&world, &vera, free).await.is(201), "/venue_id").to_owned();
    let path = format!("/api/v1/vendor/venues/pricing/{id}");
    assert_eq!(
        get(&path).by(&vera).of(router(&world)).await.is(200)["price_per_hour"],
        Value::Null
    );
    let set = |amount: i64, currency: &str| {
        put(
            &path,
            json!({"price_per_hour": {"amount": amount, "currency": currency}}),
        )
        .by(&vera)
        .of(router(&world))
    };
    let price = set(750, "KWD").await.is(200);
    assert_eq!(price["venue_id"], id);
    assert_eq!(
        price["price_per_hour"],
        json!({"amount": 750, "currency": "KWD", "exponent": 3})
    );
    assert_eq!(get(&path).by(&vera).of(router(&world)).await.is(200), price);
    set(0, "XXX")
        .await
        .points_at(&["/price_per_hour/amount", "/price_per_hour/currency"]);
    set(10_000_001, "EUR")
        .await
        .points_at(&["/price_per_hour/amount"]);
    let fraction = put(
        &path,
        json!({"price_per_hour": {"amount": 1.5, "currency": "EUR"}}),
    )
    .by(&vera);
    fraction
        .of(router(&world))
        .await
        .points_at(&["/price_per_hour/amount"]);
}
