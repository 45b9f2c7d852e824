use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::world::{World, id, read};

const RETURN: &str = "return_url=https://shop.test/done?order%3D1";

#[tokio::test]
async fn a_challenge_that_is_passed_on_the_page_pays_and_returns_to_the_shop() {
    let world = World::new();
    for card in ["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"] {
        let intent = world.pay(2_000, card, RETURN).await.ok();
        assert_eq!(intent["status"], "requires_action");
        assert!(intent["latest_charge"].is_null());
        let action = &intent["next_action"];
        assert_eq!(action["type"], "redirect_to_url");
        let url = action["redirect_to_url"]["url"].as_str().unwrap();
        let page_path = url.strip_prefix("http://stripe.test").unwrap().to_owned();
        let page = read(
            world
                .send(Request::get(&page_path).body(Body::empty()).unwrap())
                .await,
        )
        .await
        .unwrap();
        assert!(page.text.contains("Complete authentication"));

        let done = Request::post(format!("{page_path}/complete"))
            .body(Body::empty())
            .unwrap();
        let back = read(world.send(done).await).await.unwrap();
        assert_eq!(back.status, 303);
        let target = back.headers["location"].to_str().unwrap();
        assert!(
            target.starts_with("https://shop.test/done?order=1&payment_intent=pi_"),
            "{target}"
        );
        assert!(target.ends_with("redirect_status=succeeded"));

        let paid = world
            .get(&format!("/v1/payment_intents/{}", id(&intent)))
            .await
            .ok();
        assert_eq!(
            (&paid["status"], &paid["next_action"]),
            (&json!("succeeded"), &json!(null))
        );
        let charge = world.charge_of(&paid).await;
        assert_eq!(
            charge["payment_method_details"]["card"]["three_d_secure"]["result"],
            "authenticated"
        );
    }
}

#[tokio::test]
async fn a_failed_challenge_asks_for_another_card_and_leaves_no_charge() {
    let world = World::new();
    let intent = world.pay(2_000, "pm_card_threeDSecure2Required", "").await.ok();
    assert_eq!(intent["next_action"]["type"], "use_stripe_sdk");
    let path = format!("payment_intents/{}/authenticate", id(&intent));
    let failed = world
        .switch("POST", &path, json!({ "succeeds": false }))
        .await
        .ok();
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(
        failed["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    assert!(failed["latest_charge"].is_null());
    world
        .switch("POST", &path, json!({ "succeeds": true }))
        .await
        .error(400);
    let confirm = format!("/v1/payment_intents/{}/confirm", id(&intent));
    assert_eq!(
        world.post(&confirm, "payment_method=pm_card_visa").await.ok()["status"],
        "succeeded"
    );
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds(),
        [
            "payment_intent.created",
            "payment_intent.requires_action",
            "payment_intent.payment_failed",
            "charge.succeeded",
            "payment_intent.succeeded"
        ]
    );
}

#[tokio::test]
async fn a_card_may_decline_after_its_challenge() {
    let world = World::new();
    let intent = world
        .pay(2_000, "pm_card_threeDSecureRequiredChargeDeclined", "")
        .await
        .ok();
    let path = format!("payment_intents/{}/authenticate", id(&intent));
    let declined = world
        .switch("POST", &path, json!({ "succeeds": true }))
        .await
        .ok();
    assert_eq!(declined["status"], "requires_payment_method");
    assert_eq!(declined["last_payment_error"]["decline_code"], "generic_decline");
}

#[tokio::test]
async fn off_session_a_challenge_is_a_decline() {
    let world = World::new();
    let customer = world.customer().await;
    let attached = world
        .post(
            "/v1/payment_methods/pm_card_authenticationRequired/attach",
            &format!("customer={customer}"),
        )
        .await
        .ok();
    let more = format!("customer={customer}&off_session=true");
    let error = world.pay(2_000, id(&attached), &more).await.error(402);
    assert_eq!(error["code"], "authentication_required");
    let more = format!("customer={customer}&error_on_requires_action=true");
    assert_eq!(
        world.pay(2_000, id(&attached), &more).await.error(402)["code"],
        "authentication_required"
    );
}

#[tokio::test]
async fn a_card_set_up_on_session_pays_off_session_later() {
    let world = World::new();
    let customer = world.customer().await;
    let more = format!("customer={customer}&setup_future_usage=off_session");
    let intent = world
        .pay(2_000, "pm_card_authenticationRequiredOnSetup", &more)
        .await
        .ok();
    let path = format!("payment_intents/{}/authenticate", id(&intent));
    let paid = world
        .switch("POST", &path, json!({ "succeeds": true }))
        .await
        .ok();
    let card = paid["payment_method"].as_str().unwrap();
    let later = world
        .pay(3_000, card, &format!("customer={customer}&off_session=true"))
        .await
        .ok();
    assert_eq!(later["status"], "succeeded");
}

#[tokio::test]
async fn a_challenge_is_made_when_it_is_asked_for() {
    let world = World::new();
    let card = "pm_card_threeDSecureOptional";
    assert_eq!(world.pay(2_000, card, "").await.ok()["status"], "succeeded");
    let asked = "payment_method_options[card][request_three_d_secure]=any";
    assert_eq!(
        world.pay(2_000, card, asked).await.ok()["status"],
        "requires_action"
    );
}

#[tokio::test]
async fn a_challenged_payment_can_be_cancelled() {
    let world = World::new();
    let intent = world
        .pay(2_000, "pm_card_threeDSecure2Required", RETURN)
        .await
        .ok();
    let gone = world
        .post(&format!("/v1/payment_intents/{}/cancel", id(&intent)), "")
        .await
        .ok();
    assert_eq!(
        (&gone["status"], &gone["next_action"]),
        (&json!("canceled"), &json!(null))
    );
    let path = format!("/_stand_in/3ds/{}/complete", id(&intent));
    let answer = read(world.send(Request::post(path).body(Body::empty()).unwrap()).await)
        .await
        .unwrap();
    answer.error(400);
}
