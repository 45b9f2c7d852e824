//! Money that goes back late, or not at all: what the provider says after it has taken a refund.

use local::journey::{Ask, Held, Scene, hold, preview, scene};
use serde_json::{Value, json};

use super::{LOOKS_MAX, Running, running, until_payment_state};

/// A booking that was paid with this card and cancelled by its customer.
async fn cancelled(running: &Running, tag: u32, card: &str) -> (Scene, Held) {
    let scene = scene(&running.client, tag).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    let token = &scene.customer.token;
    let body = json!({ "booking_id": held.booking_id, "payment_method": card });
    let pays = Ask::post("/api/v1/payments/process", body).as_person(token);
    running.client.expect(200, pays.once("pay")).await.unwrap();
    until_payment_state(&running.client, token, &held.booking_id, "paid").await;
    let preview_token = preview(&running.client, token, &held).await.unwrap();
    let path = format!("/api/v1/bookings/{}/cancel", held.booking_id);
    let cancels = Ask::post(&path, json!({ "preview_token": preview_token })).as_person(token);
    running.client.expect(200, cancels.once("cancel")).await.unwrap();
    (scene, held)
}

/// The provider's id of the one refund, as soon as it has it.
async fn refund_at_the_provider(running: &Running) -> String {
    let stripe = running.system.stand_ins().addresses.stripe;
    for _ in 0..LOOKS_MAX {
        let answer = reqwest::Client::new()
            .get(format!("http://{stripe}/v1/refunds"))
            .bearer_auth(stripe_stand_in::DEFAULT_SECRET_KEY)
            .send()
            .await
            .unwrap();
        let refunds: Value = answer.json().await.unwrap();
        if let Some(id) = refunds.pointer("/data/0/id").and_then(Value::as_str) {
            return id.to_owned();
        }
    }
    panic!("the provider never heard of a refund");
}

/// The bank of the customer has taken the money, or has not.
async fn settles(running: &Running, refund: &str, succeeds: bool) {
    let stripe = running.system.stand_ins().addresses.stripe;
    let answer = reqwest::Client::new()
        .post(format!("http://{stripe}/_stand_in/refunds/{refund}/settle"))
        .json(&json!({ "succeeds": succeeds }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_pending_is_refunded_when_the_provider_says_so() {
    let running = running().await;
    let (scene, held) = cancelled(&running, 30, "pm_card_pendingRefund").await;
    let token = &scene.customer.token;
    let refund = refund_at_the_provider(&running).await;
    settles(&running, &refund, true).await;
    until_payment_state(&running.client, token, &held.booking_id, "refunded").await;
    running
        .client
        .mail(&scene.customer.email, "Refund sent")
        .await
        .unwrap();
    running.system.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_comes_back_is_not_called_refunded() {
    let running = running().await;
    let (scene, held) = cancelled(&running, 31, "pm_card_pendingRefund").await;
    let token = &scene.customer.token;
    let refund = refund_at_the_provider(&running).await;
    settles(&running, &refund, false).await;
    until_payment_state(&running.client, token, &held.booking_id, "refund_failed").await;
    running.system.shutdown().await;
}
