//! Money that comes when the hold has lapsed.

use local::journey::{Ask, Held, Scene, hold, newcomer, quote, scene};
use serde_json::{Value, json};

use super::{Running, running, text, until_payment_state};

/// Begins a payment that waits for the bank's question, and gives the provider's id of it.
async fn begin(running: &Running, scene: &Scene, held: &Held) -> String {
    let body = json!({ "booking_id": held.booking_id, "payment_method": "pm_card_threeDSecure2Required" });
    let ask = Ask::post("/api/v1/payments/process", body)
        .as_person(&scene.customer.token)
        .once("pay");
    let begun = running.client.expect(200, ask).await.unwrap();
    assert_eq!(text(&begun, "/status"), "requires_action");
    text(&begun, "/client_secret")
        .split("_secret_")
        .next()
        .unwrap()
        .to_owned()
}

/// The customer answers the bank's question.
async fn authenticate(running: &Running, intent: &str) {
    let stripe = running.system.stand_ins().addresses.stripe;
    let url = format!("http://{stripe}/_stand_in/payment_intents/{intent}/authenticate");
    let answer = reqwest::Client::new()
        .post(url)
        .json(&json!({ "succeeds": true }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

async fn status(running: &Running, scene: &Scene, held: &Held) -> Value {
    let path = format!("/api/v1/bookings/status/{}", held.booking_id);
    running
        .client
        .expect(200, Ask::get(&path).as_person(&scene.customer.token))
        .await
        .unwrap()
}

/// Longer than a hold lasts from the start of a payment, shorter than an access token plus its leeway.
const LATE_SECONDS: i64 = 16 * 60;

async fn signed_in_anew(running: &Running, scene: &mut Scene) {
    let person = local::journey::sign_in(&running.client, &scene.customer.email, "a long enough password")
        .await
        .unwrap();
    scene.customer = person;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_takes_the_hour_again_when_it_is_still_free() {
    let running = running().await;
    let mut scene = scene(&running.client, 10).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let intent = begin(&running, &scene, &held).await;
    running.system.advance_seconds(LATE_SECONDS);
    signed_in_anew(&running, &mut scene).await;
    authenticate(&running, &intent).await;
    let booking = until_payment_state(&running.client, &scene.customer.token, &held.booking_id, "paid").await;
    assert_eq!(text(&booking, "/state"), "confirmed");
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_goes_back_at_once_when_another_took_the_hour() {
    let running = running().await;
    let mut scene = scene(&running.client, 11).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let intent = begin(&running, &scene, &held).await;
    running.system.advance_seconds(LATE_SECONDS);
    signed_in_anew(&running, &mut scene).await;
    let rival = newcomer(&running.client, "rival@example.com", "Rita")
        .await
        .unwrap();
    let taken = quote(
        &running.client,
        &rival.token,
        &scene.venue_id,
        scene.start,
        scene.end,
    )
    .await
    .unwrap();
    let ask = Ask::post("/api/v1/bookings/create", json!({ "quote_id": taken }))
        .as_person(&rival.token)
        .once("book");
    running.client.expect(201, ask).await.unwrap();

    authenticate(&running, &intent).await;
    until_payment_state(
        &running.client,
        &scene.customer.token,
        &held.booking_id,
        "refunded",
    )
    .await;
    running
        .client
        .mail(&scene.customer.email, "came too late")
        .await
        .unwrap();
    let booking = status(&running, &scene, &held).await;
    assert_eq!(text(&booking, "/state"), "hold_expired");
    let kinds: Vec<&str> = booking["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| text(e, "/kind"))
        .collect();
    assert!(kinds.contains(&"BookingPaymentCameTooLate"), "{kinds:?}");
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_lets_a_lapsed_hold_expire_and_finds_a_payment_whose_webhook_was_lost() {
    let running = running().await;
    let mut scene = scene(&running.client, 12).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    running
        .system
        .stand_ins()
        .stripe
        .set_webhook_behaviour(stripe_stand_in::WebhookBehaviour {
            lose: true,
            ..stripe_stand_in::WebhookBehaviour::default()
        });
    let body = json!({ "booking_id": held.booking_id, "payment_method": "pm_card_visa" });
    let ask = Ask::post("/api/v1/payments/process", body)
        .as_person(&scene.customer.token)
        .once("pay");
    running.client.expect(200, ask).await.unwrap();
    assert_eq!(
        text(&status(&running, &scene, &held).await, "/state"),
        "payment_pending"
    );
    running.system.advance_seconds(LATE_SECONDS);
    signed_in_anew(&running, &mut scene).await;
    running.system.tick().await.unwrap();
    assert_eq!(
        text(&status(&running, &scene, &held).await, "/state"),
        "confirmed"
    );
    running.system.shutdown().await;
}
