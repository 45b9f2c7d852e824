//! Asking for another time, and answering.

use domain::booking::Booking;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::{Scene, actions, scene};
use crate::contract::ask::{Answer, bare, post, text};
use crate::contract::hour;

/// From an hour after another on, for so many hours.
fn time(hours_ahead: i64, length: i64) -> Value {
    let start = hour(hours_ahead).start();
    json!({"start": start, "end": domain::time::plus_minutes(start, length * 60)})
}

fn path(booking: &Booking, end: &str) -> String {
    format!("/api/v1/bookings/{}/proposals{end}", booking.id)
}

async fn confirmed(scene: &Scene) -> Booking {
    let held = scene.held(48).await;
    scene.world.confirms(&held).await
}

async fn proposes(scene: &Scene, who: &Person, booking: &Booking, body: Value, key: &str) -> Answer {
    post(path(booking, ""), body)
        .by(who)
        .key(key)
        .of(scene.router())
        .await
}

async fn answers(scene: &Scene, who: &Person, booking: &Booking, proposed: &Value, answer: &str) -> Answer {
    let id = text(proposed, "/proposal/proposal_id");
    let ask = bare(path(booking, &format!("/{id}/{answer}")));
    ask.by(who).key(answer).of(scene.router()).await
}

#[tokio::test]
async fn a_preview_says_what_another_time_would_cost_and_keeps_nothing() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let preview = |who, body| {
        let ask = post(path(&booking, "/preview"), body).by(who);
        async { ask.of(scene.router()).await }
    };
    let longer = preview(&scene.carl, time(72, 3)).await.is(200);
    assert_eq!(longer["price"]["total"]["amount"], 15_000);
    assert_eq!(longer["to_pay"]["amount"], 10_000);
    assert_eq!(longer["to_return"]["amount"], 0);
    assert_eq!(
        (&longer["accepted"], text(&longer, "/by")),
        (&json!(false), "customer")
    );
    let status = scene.status(&scene.carl, &booking).await.is(200);
    assert_eq!(status["proposal"], Value::Null);
    // A difference has to be worth charging, and the time to be another one.
    preview(&scene.carl, time(48, 1)).await.points_at(&["/start"]);
    preview(
        &scene.carl,
        json!({"start": hour(72).end(), "end": hour(72).start()}),
    )
    .await
    .points_at(&["/end"]);
    let olga = scene.world.customer("olga").await;
    preview(&olga, time(72, 3)).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_proposal_is_shown_to_both_sides_with_what_each_may_do() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let mut body = time(72, 1);
    body["reason"] = json!("The band is late.");
    let proposed = proposes(&scene, &scene.carl, &booking, body.clone(), "k")
        .await
        .is(200);
    let proposal = &proposed["proposal"];
    assert_eq!(text(proposal, "/start"), hour(72).start().to_string());
    assert_eq!(text(proposal, "/reason"), "The band is late.");
    assert_eq!(text(&proposed, "/start"), hour(48).start().to_string());
    let again = proposes(&scene, &scene.carl, &booking, body, "k").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let of = |status: Value| {
        actions(&status)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let carl = of(scene.status(&scene.carl, &booking).await.is(200));
    assert_eq!(carl, ["cancel", "withdraw_proposal"]);
    let vera = of(scene.status(&scene.vera, &booking).await.is(200));
    assert_eq!(vera, ["cancel", "accept_proposal", "decline_proposal"]);
    let second = proposes(&scene, &scene.vera, &booking, time(96, 1), "v").await;
    let refused = second.refuses(409, "invalid_transition");
    assert_eq!(
        refused["allowed_transitions"],
        json!(["cancel", "accept_proposal", "decline_proposal"])
    );
}

#[tokio::test]
async fn whoever_is_asked_agrees_and_the_booking_moves() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let proposed = proposes(&scene, &scene.carl, &booking, time(72, 1), "k")
        .await
        .is(200);
    answers(&scene, &scene.carl, &booking, &proposed, "accept")
        .await
        .refuses(409, "invalid_transition");
    let moved = answers(&scene, &scene.vera, &booking, &proposed, "accept")
        .await
        .is(200);
    assert_eq!(text(&moved, "/start"), hour(72).start().to_string());
    assert_eq!(moved["proposal"], Value::Null);
    let status = scene.status(&scene.carl, &booking).await.is(200);
    let last = status["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (text(last, "/kind"), text(last, "/actor")),
        ("BookingMoved", "vendor")
    );
    assert_eq!(text(last, "/other/start"), hour(48).start().to_string());
    answers(&scene, &scene.vera, &booking, &proposed, "decline")
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn more_is_to_be_paid_before_a_booking_moves() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let proposed = proposes(&scene, &scene.vera, &booking, time(72, 3), "k")
        .await
        .is(200);
    let accepted = answers(&scene, &scene.carl, &booking, &proposed, "accept")
        .await
        .is(200);
    assert_eq!(text(&accepted, "/start"), hour(48).start().to_string());
    assert_eq!(accepted["proposal"]["accepted"], true);
    assert_eq!(accepted["proposal"]["to_pay"]["amount"], 10_000);
    let status = scene.status(&scene.carl, &booking).await.is(200);
    assert_eq!(actions(&status), ["cancel", "withdraw_proposal", "pay"]);
}

#[tokio::test]
async fn a_proposal_is_declined_by_the_one_and_taken_back_by_the_other() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let proposed = proposes(&scene, &scene.carl, &booking, time(72, 1), "one")
        .await
        .is(200);
    let declined = answers(&scene, &scene.vera, &booking, &proposed, "decline")
        .await
        .is(200);
    assert_eq!(declined["proposal"], Value::Null);
    let proposed = proposes(&scene, &scene.carl, &booking, time(96, 1), "two")
        .await
        .is(200);
    let withdrawn = answers(&scene, &scene.carl, &booking, &proposed, "withdraw")
        .await
        .is(200);
    assert_eq!(withdrawn["proposal"], Value::Null);
    assert_eq!(text(&withdrawn, "/start"), hour(48).start().to_string());
}

#[tokio::test]
async fn a_time_that_cannot_be_had_is_refused_with_others_that_can() {
    let scene = scene().await;
    let booking = confirmed(&scene).await;
    let olga = scene.world.customer("olga").await;
    scene.world.books(&olga, scene.venue.id, hour(72)).await.unwrap();
    let refused = proposes(&scene, &scene.carl, &booking, time(72, 1), "k").await;
    let refused = refused.refuses(409, "slot_taken");
    assert_eq!(refused["alternatives"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_vendor_answers_a_request_with_an_offer_and_the_customer_takes_it() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let builder = VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(120));
    let venue = world.live_venue(&vera, builder).await;
    let carl = world.customer("carl").await;
    let scene = Scene {
        world,
        vera,
        carl,
        venue,
    };
    let request = scene.held(48).await;
    let status = scene.status(&scene.vera, &request).await.is(200);
    assert_eq!(actions(&status), ["accept", "decline", "propose"]);
    let mut body = time(50, 2);
    for (off, points_at) in [
        (json!({"amount": 0, "currency": "EUR"}), "/special_offer/amount"),
        (json!({"amount": 1, "currency": "JPY"}), "/special_offer/currency"),
    ] {
        body["special_offer"] = off;
        let refused = proposes(&scene, &scene.vera, &request, body.clone(), points_at).await;
        refused.points_at(&[points_at]);
    }
    body["special_offer"] = json!({"amount": 10_001, "currency": "EUR"});
    let refused = proposes(&scene, &scene.vera, &request, body.clone(), "much").await;
    refused.refuses(409, "special_offer");
    body["special_offer"] = json!({"amount": 1_000, "currency": "EUR"});
    body["reason"] = json!("The hall is larger then.");
    let offered = proposes(&scene, &scene.vera, &request, body, "offer")
        .await
        .is(200);
    let offer = &offered["proposal"];
    assert_eq!(
        (&offer["to_pay"]["amount"], &offer["to_return"]["amount"]),
        (&json!(9_000), &json!(0))
    );
    let line = offer["price"]["lines"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (text(line, "/kind"), &line["amount"]["amount"]),
        ("special_offer", &json!(-1_000))
    );
    assert_eq!(offered["hold_until"], offer["until"]);
    let status = scene.status(&scene.carl, &request).await.is(200);
    assert_eq!(
        actions(&status),
        ["withdraw", "accept_proposal", "decline_proposal"]
    );
    let taken = answers(&scene, &scene.carl, &request, &offered, "accept")
        .await
        .is(200);
    assert_eq!(
        (text(&taken, "/state"), &taken["proposal"]),
        ("held", &Value::Null)
    );
    assert_eq!(text(&taken, "/start"), hour(50).start().to_string());
    assert_eq!(taken["price"]["total"]["amount"], 9_000);
    let status = scene.status(&scene.carl, &request).await.is(200);
    assert_eq!(actions(&status), ["pay", "cancel"]);
}
