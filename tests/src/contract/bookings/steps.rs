//! Keeping a time longer, asking for one and being answered, coming and not coming.

use domain::booking::{ACCEPTED_MINUTES, Booking};
use domain::time::plus_minutes;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder};

use super::{Scene, actions, scene, scene_at};
use crate::contract::ask::{Answer, Ask, all, bare, get, post, text};
use crate::contract::hour;

/// At a venue that answers within two hours.
async fn asking() -> Scene {
    scene_at(VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(120))).await
}

fn path(booking: &Booking, step: &str) -> String {
    format!("/api/v1/bookings/{}/{step}", booking.id)
}

async fn by(scene: &Scene, who: &Person, ask: Ask, key: &str) -> Answer {
    // Whoever waits for long signs in again.
    let who = scene.world.signs_in(&who.email).await;
    ask.by(&who).key(key).of(scene.router()).await
}

async fn step(scene: &Scene, who: &Person, booking: &Booking, step: &str) -> Answer {
    by(scene, who, bare(path(booking, step)), step).await
}

async fn says(scene: &Scene, who: &Person, booking: &Booking, step: &str, body: Value) -> Answer {
    by(scene, who, post(path(booking, step), body), step).await
}

async fn allowed(scene: &Scene, who: &Person, booking: &Booking) -> Vec<String> {
    let who = scene.world.signs_in(&who.email).await;
    let status = scene.status(&who, booking).await.is(200);
    actions(&status).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_hold_is_made_longer_once_and_so_is_its_place_in_the_calendar() {
    let scene = scene().await;
    let booking = scene.held(48).await;
    let longer = step(&scene, &scene.carl, &booking, "extend-hold").await.is(200);
    let until = plus_minutes(booking.hold_until.unwrap(), 10);
    assert_eq!(text(&longer, "/hold_until"), until.to_string());
    let again = by(&scene, &scene.carl, bare(path(&booking, "extend-hold")), "again").await;
    let refused = again.refuses(409, "invalid_transition");
    assert_eq!(refused["allowed_transitions"], json!(["pay", "cancel"]));
    let stranger = step(&scene, &scene.vera, &booking, "extend-hold").await;
    stranger.refuses(409, "invalid_transition");
    // It keeps others out for all of that time.
    let olga = scene.world.customer("olga").await;
    scene.world.clock.advance_seconds(1_199);
    assert!(scene.world.books(&olga, scene.venue.id, hour(48)).await.is_err());
    scene.world.clock.advance_seconds(1);
    scene.world.books(&olga, scene.venue.id, hour(48)).await.unwrap();
    let late = by(&scene, &scene.carl, bare(path(&booking, "extend-hold")), "late").await;
    late.refuses(409, "hold_lapsed");
}

#[tokio::test]
async fn a_request_keeps_its_time_until_it_is_accepted_and_paid() {
    let scene = asking().await;
    let request = scene.held(48).await;
    assert_eq!(request.state.as_str(), "requested");
    assert_eq!(request.hold_until, Some(plus_minutes(scene.world.now(), 120)));
    let olga = scene.world.customer("olga").await;
    assert!(
        scene.world.books(&olga, scene.venue.id, hour(48)).await.is_err(),
        "it occupies the calendar"
    );
    assert_eq!(allowed(&scene, &scene.carl, &request).await, ["withdraw"]);
    assert_eq!(
        allowed(&scene, &scene.vera, &request).await,
        ["accept", "decline", "propose"]
    );

    let inbox = || {
        get("/api/v1/vendor/bookings/requests")
            .by(&scene.vera)
            .of(vendor::router(scene.world.app.clone()))
    };
    let asked = inbox().await.is(200);
    assert_eq!(all(&asked, "booking_id"), [request.id.to_string()]);
    // By when to answer, and what it brings: fifteen of a hundred are the platform's.
    let asked = &asked["data"][0];
    assert_eq!(asked["hold_until"], json!(request.hold_until));
    assert_eq!(asked["payout"]["amount"], 4_250);
    step(&scene, &scene.carl, &request, "accept")
        .await
        .refuses(409, "invalid_transition");
    let accepted = step(&scene, &scene.vera, &request, "accept").await.is(200);
    let until = plus_minutes(scene.world.now(), ACCEPTED_MINUTES);
    assert_eq!(
        (text(&accepted, "/state"), text(&accepted, "/hold_until")),
        ("held", until.to_string().as_str())
    );
    assert!(all(&inbox().await.is(200), "booking_id").is_empty());
    let status = scene.status(&scene.carl, &request).await.is(200);
    let told = json!({"data": status["timeline"]});
    assert_eq!(all(&told, "kind"), ["BookingRequested", "BookingAccepted"]);
    assert_eq!(all(&told, "actor"), ["customer", "vendor"]);
    assert_eq!(allowed(&scene, &scene.carl, &request).await, ["pay", "cancel"]);
    scene.world.clock.advance_minutes(ACCEPTED_MINUTES - 1);
    assert!(
        scene.world.books(&olga, scene.venue.id, hour(48)).await.is_err(),
        "for a day"
    );
}

#[tokio::test]
async fn a_declined_request_is_free_at_once_and_says_why() {
    let scene = asking().await;
    let request = scene.held(48).await;
    let shown = scene.status(&scene.carl, &request).await.is(200);
    assert_eq!(
        shown["refund_if_cancelled"],
        Value::Null,
        "it is taken back, not cancelled"
    );
    let decline = |body: Value| says(&scene, &scene.vera, &request, "decline", body);
    decline(json!({})).await.points_at(&["/reason"]);
    decline(json!({"reason": " "})).await.points_at(&["/reason"]);
    let declined = decline(json!({"reason": "A wedding"})).await.is(200);
    assert_eq!(
        (text(&declined, "/state"), text(&declined, "/cancellation/reason")),
        ("declined", "A wedding")
    );
    assert!(allowed(&scene, &scene.carl, &request).await.is_empty());
    let olga = scene.world.customer("olga").await;
    scene.world.books(&olga, scene.venue.id, hour(48)).await.unwrap();
}

#[tokio::test]
async fn a_request_is_taken_back_as_long_as_nobody_answered() {
    let scene = asking().await;
    let request = scene.held(48).await;
    let withdrawn = says(&scene, &scene.carl, &request, "withdraw", json!({"reason": null}))
        .await
        .is(200);
    assert_eq!(text(&withdrawn, "/state"), "withdrawn");
    let late = step(&scene, &scene.vera, &request, "accept").await;
    late.refuses(409, "invalid_transition");
    let olga = scene.world.customer("olga").await;
    scene.world.books(&olga, scene.venue.id, hour(48)).await.unwrap();
}

#[tokio::test]
async fn who_was_checked_in_was_there_and_who_was_not_may_be_reported() {
    let scene = scene().await;
    let (there, missed, locked) = (scene.held(48).await, scene.held(50).await, scene.held(52).await);
    for booking in [&there, &missed, &locked] {
        scene.world.confirms(booking).await;
    }
    step(&scene, &scene.vera, &there, "check-in")
        .await
        .refuses(409, "invalid_transition");
    scene.world.clock.set(there.interval.start());
    assert_eq!(allowed(&scene, &scene.vera, &there).await, ["check_in"]);
    let checked_in = step(&scene, &scene.vera, &there, "check-in").await.is(200);
    assert_eq!(
        text(&checked_in, "/checked_in_at"),
        there.interval.start().to_string()
    );
    step(&scene, &scene.carl, &missed, "check-in")
        .await
        .refuses(409, "invalid_transition");

    scene.world.clock.set(plus_minutes(missed.interval.start(), 14));
    let early = says(&scene, &scene.vera, &missed, "no-show", json!({"reason": null})).await;
    early.refuses(409, "invalid_transition");
    scene.world.clock.advance_minutes(1);
    let reported = says(
        &scene,
        &scene.vera,
        &missed,
        "no-show",
        json!({"reason": "Nobody came"}),
    )
    .await
    .is(200);
    assert_eq!(text(&reported, "/state"), "no_show_customer");
    assert_eq!(
        (text(&reported, "/no_show/by"), text(&reported, "/no_show/reason")),
        ("vendor", "Nobody came")
    );
    assert_eq!(text(&reported, "/payment_state"), "paid", "no money moves by it");
    scene.world.clock.set(locked.interval.end());
    let reported = says(&scene, &scene.carl, &locked, "no-show", json!({"reason": null}))
        .await
        .is(200);
    assert_eq!(text(&reported, "/state"), "no_show_vendor");
}

#[tokio::test]
async fn a_step_is_nobody_elses_and_is_done_once() {
    let scene = asking().await;
    let request = scene.held(48).await;
    let olga = scene.world.customer("olga").await;
    let otto = scene.world.vendor("otto").await;
    for who in [&olga, &otto] {
        for name in ["extend-hold", "accept", "check-in"] {
            step(&scene, who, &request, name).await.refuses(404, "not_found");
        }
        for name in ["withdraw", "no-show"] {
            says(&scene, who, &request, name, json!({"reason": null}))
                .await
                .refuses(404, "not_found");
        }
        says(&scene, who, &request, "decline", json!({"reason": "no"}))
            .await
            .refuses(404, "not_found");
    }
    let accept = bare(path(&request, "accept")).by(&scene.vera);
    accept
        .clone()
        .of(scene.router())
        .await
        .refuses(400, "idempotency_key_missing");
    let first = accept.clone().key("k").of(scene.router()).await.is(200);
    let again = accept.key("k").of(scene.router()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(200), first);
}
