//! What a change of hours would do.

use app::venues::FORESEEN_DAYS;
use serde_json::{Value, json};
use testkit::{VenueBuilder, World};

use super::router;
use crate::contract::ask::{get, post, put, text};
use crate::contract::hour;

/// Open every day from one time to another.
fn rules(open: &str, close: &str) -> Value {
    let week = (1..=7).map(|day| json!({"weekday": day, "open": open, "close": close}));
    json!({"weekly": week.collect::<Vec<_>>()})
}

#[tokio::test]
async fn hours_are_tried_without_being_set() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let builder = VenueBuilder::default().rules(|rules| {
        for opening in &mut rules.weekly {
            (opening.open_minute, opening.close_minute) = (10 * 60, 20 * 60);
        }
    });
    let venue = world.live_venue(&vera, builder).await;
    let path = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let tries = |rules: Value| {
        post(format!("{path}/preview"), rules)
            .by(&vera)
            .of(router(&world))
    };
    let before = get(&path).by(&vera).of(router(&world)).await.is(200);
    let foreseen = tries(rules("11:00", "21:00")).await.is(200);
    assert_eq!(
        (&foreseen["conflicts"], text(&foreseen, "/zone")),
        (&json!([]), "Europe/Berlin")
    );
    let space = &foreseen["spaces"][0];
    assert_eq!(text(space, "/space_id"), venue.main_space.to_string());
    let days = space["days"].as_array().unwrap();
    assert_eq!(days.len(), FORESEEN_DAYS);
    let time = |start: &str, end: &str, start_local: &str, end_local: &str| json!([{"start": start, "end": end, "start_local": start_local, "end_local": end_local}]);
    // It is eleven o'clock in Berlin: what is over today neither opens nor closes.
    let opened = time(
        "2027-02-01T19:00:00Z",
        "2027-02-01T20:00:00Z",
        "2027-02-01T20:00:00+01:00",
        "2027-02-01T21:00:00+01:00",
    );
    assert_eq!(
        days[0],
        json!({"date": "2027-02-01", "opened": opened, "closed": []})
    );
    // Behind the shift of the clock.
    let summer = days.iter().find(|day| day["date"] == "2027-03-29").unwrap();
    let closed = time(
        "2027-03-29T08:00:00Z",
        "2027-03-29T09:00:00Z",
        "2027-03-29T10:00:00+02:00",
        "2027-03-29T11:00:00+02:00",
    );
    assert_eq!(summer["closed"], closed);
    // 11:00 in Berlin on a Wednesday.
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let foreseen = tries(rules("12:00", "20:00")).await.is(200);
    let refused = put(&path, rules("12:00", "20:00"))
        .by(&vera)
        .of(router(&world))
        .await;
    let refused = refused.refuses(409, "bookings_in_the_way");
    assert_eq!(text(&foreseen, "/conflicts/0/booking_id"), booking.id.to_string());
    assert_eq!(foreseen["conflicts"], refused["conflicts"]);
    let closed = &foreseen["spaces"][0]["days"][2]["closed"];
    assert_eq!(
        text(closed, "/0/end_local"),
        "2027-02-03T11:00:00+01:00",
        "what is booked was not bookable"
    );
    assert_eq!(tries(before_as_rules(&before)).await.is(200)["spaces"], json!([]));
    tries(json!({"weekly": [], "min_minutes": 0}))
        .await
        .points_at(&["/min_minutes"]);
    assert_eq!(
        get(&path).by(&vera).of(router(&world)).await.is(200),
        before,
        "nothing was set"
    );
}

/// What is shown, as far as it can be set.
fn before_as_rules(shown: &Value) -> Value {
    let mut rules = shown.clone();
    let fields = rules.as_object_mut().unwrap();
    for shown_alone in ["space_id", "zone", "blocks", "change_pending"] {
        fields.remove(shown_alone);
    }
    rules
}

#[tokio::test]
async fn special_days_are_tried_without_being_set() {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let booking = world.books(&carl, venue.id, hour(48)).await.unwrap();
    let path = format!("/api/v1/vendor/venues/availability/{}", venue.id);
    let tries = |body: Value| {
        post(format!("{path}/special-days/preview"), body)
            .by(&vera)
            .of(router(&world))
    };
    let closed = json!({"dates": ["2027-02-03", "2027-02-05", "2028-01-01"], "hours": []});
    let foreseen = tries(closed).await.is(200);
    assert_eq!(text(&foreseen, "/conflicts/0/booking_id"), booking.id.to_string());
    let days = foreseen["spaces"][0]["days"].as_array().unwrap();
    let dates: Vec<&str> = days.iter().map(|day| text(day, "/date")).collect();
    assert_eq!(dates, ["2027-02-03", "2027-02-05"], "sixty days are looked at");
    let spans = days[0]["closed"].as_array().unwrap();
    assert_eq!(spans.len(), 2, "before and after what is booked");
    tries(json!({"dates": [], "hours": []}))
        .await
        .points_at(&["/dates"]);
    let shown = get(&path).by(&vera).of(router(&world)).await.is(200);
    assert_eq!(shown["special_days"], json!([]), "nothing was set");
}
