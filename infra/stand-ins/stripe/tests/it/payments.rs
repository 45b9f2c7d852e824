use serde_json::json;

use crate::world::{CARDS_ONLY, START_MS, World, id};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn an_intent_waits_for_a_method_then_for_confirmation_then_succeeds() {
    let world = World::new();
    let form = format!("amount=1500&currency=eur&metadata[booking]=b1&description=Room&{CARDS_ONLY}");
    let intent = world.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["status"], "requires_payment_method");
    assert!(
        intent["client_secret"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{}_secret_", id(&intent)))
    );
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let error = world.post(&format!("{path}/confirm"), "").await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");

    let updated = world
        .post(&path, "payment_method=pm_card_visa&amount=1600")
        .await
        .ok();
    assert_eq!(
        (&updated["status"], &updated["amount"]),
        (&json!("requires_confirmation"), &json!(1_600))
    );
    let paid = world.post(&format!("{path}/confirm"), "").await.ok();
    assert_eq!(
        (&paid["status"], &paid["amount_received"]),
        (&json!("succeeded"), &json!(1_600))
    );
    let charge = world.charge_of(&paid).await;
    assert_eq!(charge["amount_captured"], 1_600);
    assert_eq!(charge["metadata"], json!({ "booking": "b1" }));
    assert_eq!(charge["description"], "Room");

    let error = world.post(&format!("{path}/confirm"), "").await.error(400);
    assert_eq!(error["payment_intent"]["status"], "succeeded");
    world.post(&format!("{path}/cancel"), "").await.error(400);
    world.post(&path, "amount=1700").await.error(400);
    assert_eq!(
        world.post(&path, "metadata[late]=1").await.ok()["metadata"]["late"],
        "1"
    );
}

#[tokio::test]
async fn a_confirmation_that_may_redirect_must_say_where_to_return() {
    let world = World::new();
    let form = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa";
    let error = world.post("/v1/payment_intents", form).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("you must provide a `return_url`")
    );
    world
        .post(
            "/v1/payment_intents",
            &format!("{form}&return_url=https://shop.test/done"),
        )
        .await
        .ok();
    world
        .post(
            "/v1/payment_intents",
            &format!("{form}&payment_method_types[]=card"),
        )
        .await
        .ok();
}

#[tokio::test]
async fn amounts_outside_the_limits_are_refused() {
    let world = World::new();
    let create = |form: &'static str| world.post("/v1/payment_intents", form);
    assert_eq!(
        create("amount=49&currency=usd").await.error(400)["code"],
        "amount_too_small"
    );
    assert_eq!(
        create("amount=100000000&currency=usd").await.error(400)["code"],
        "amount_too_large"
    );
    assert_eq!(
        create("amount=-5&currency=usd").await.error(400)["code"],
        "parameter_invalid_integer"
    );
    assert_eq!(
        create("amount=500&currency=xyz").await.error(400)["param"],
        "currency"
    );
    assert_eq!(create("amount=500&currency=JPY").await.ok()["currency"], "jpy");
    let long = "amount=500&currency=usd&statement_descriptor=12345678901234567890123";
    assert_eq!(create(long).await.error(400)["param"], "statement_descriptor");
    create("amount=500&currency=usd&statement_descriptor=1234567890123456789012")
        .await
        .ok();
}

#[tokio::test]
async fn a_manual_capture_holds_then_takes_the_whole() {
    let world = World::new();
    let held = world
        .pay(10_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    assert_eq!(
        (&held["status"], &held["amount_capturable"]),
        (&json!("requires_capture"), &json!(10_000))
    );
    assert_eq!(held["amount_received"], 0);
    let charge = world.charge_of(&held).await;
    assert_eq!(
        (&charge["captured"], &charge["paid"]),
        (&json!(false), &json!(true))
    );
    assert!(charge["balance_transaction"].is_null());
    let card = &charge["payment_method_details"]["card"];
    assert_eq!(card["capture_before"], START_MS / 1_000 + 7 * DAY);

    let path = format!("/v1/payment_intents/{}/capture", id(&held));
    let taken = world.post(&path, "").await.ok();
    assert_eq!(
        (&taken["status"], &taken["amount_received"]),
        (&json!("succeeded"), &json!(10_000))
    );
    assert_eq!(taken["amount_capturable"], 0);
    assert!(world.charge_of(&taken).await["balance_transaction"].is_string());
    assert_eq!(
        world.post(&path, "").await.error(400)["code"],
        "payment_intent_unexpected_state"
    );
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds(),
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded"
        ]
    );
}

#[tokio::test]
async fn a_partial_capture_releases_the_rest_as_a_refund_without_money() {
    let world = World::new();
    let held = world
        .pay(10_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}/capture", id(&held));
    let error = world.post(&path, "amount_to_capture=10001").await.error(400);
    assert_eq!(error["code"], "amount_too_large");
    let taken = world.post(&path, "amount_to_capture=6000").await.ok();
    assert_eq!(
        (&taken["amount"], &taken["amount_received"]),
        (&json!(10_000), &json!(6_000))
    );
    let charge = world.charge_of(&taken).await;
    assert_eq!(
        (
            &charge["amount_captured"],
            &charge["amount_refunded"],
            &charge["refunded"]
        ),
        (&json!(6_000), &json!(4_000), &json!(false))
    );
    let released = world
        .get(&format!("/v1/refunds?charge={}", id(&charge)))
        .await
        .ok();
    assert_eq!(released["data"][0]["amount"], 4_000);
    assert!(released["data"][0]["balance_transaction"].is_null());
    // The fee is on what was captured.
    let transactions = world.get("/v1/balance_transactions").await.ok();
    assert_eq!(transactions["data"].as_array().unwrap().len(), 1);
    assert_eq!(transactions["data"][0]["amount"], 6_000);
    assert_eq!(transactions["data"][0]["fee"], 6_000 * 29 / 1_000 + 30);

    let refund = |amount: i64| {
        let form = format!("payment_intent={}&amount={amount}", id(&taken));
        let world = &world;
        async move { world.post("/v1/refunds", &form).await }
    };
    refund(6_001).await.error(400);
    refund(6_000).await.ok();
    assert_eq!(refund(1).await.error(400)["code"], "charge_already_refunded");
}

#[tokio::test]
async fn a_cancelled_authorisation_shows_as_refunded_and_takes_no_money() {
    let world = World::new();
    let held = world
        .pay(10_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", id(&held));
    let gone = world
        .post(
            &format!("{path}/cancel"),
            "cancellation_reason=requested_by_customer",
        )
        .await
        .ok();
    assert_eq!(
        (&gone["status"], &gone["amount_capturable"]),
        (&json!("canceled"), &json!(0))
    );
    assert_eq!(gone["cancellation_reason"], "requested_by_customer");
    assert_eq!(gone["canceled_at"], START_MS / 1_000);
    let charge = world.charge_of(&gone).await;
    assert_eq!(
        (&charge["refunded"], &charge["captured"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        world.get("/v1/balance_transactions").await.ok()["data"],
        json!([])
    );
    world.post(&format!("{path}/capture"), "").await.error(400);
    world
        .post(&format!("{path}/confirm"), "payment_method=pm_card_visa")
        .await
        .error(400);
}

#[tokio::test]
async fn an_authorisation_expires_after_seven_days_even_if_no_one_looks() {
    let world = World::new();
    let held = world
        .pay(10_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", id(&held));
    world.advance(7 * DAY - 1);
    assert_eq!(world.get(&path).await.ok()["status"], "requires_capture");
    world.advance(1);
    assert_eq!(
        world.post(&format!("{path}/capture"), "").await.error(400)["code"],
        "payment_intent_unexpected_state"
    );
    let gone = world.get(&path).await.ok();
    assert_eq!(
        (&gone["status"], &gone["cancellation_reason"]),
        (&json!("canceled"), &json!("automatic"))
    );
    world.settle().await;
    assert!(
        world
            .inbox
            .take_kinds()
            .ends_with(&["charge.expired".into(), "payment_intent.canceled".into()])
    );
}

#[tokio::test]
async fn a_captured_payment_does_not_expire() {
    let world = World::new();
    let held = world
        .pay(10_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", id(&held));
    world.post(&format!("{path}/capture"), "").await.ok();
    world.advance(8 * DAY);
    assert_eq!(world.get(&path).await.ok()["status"], "succeeded");
}

#[tokio::test]
async fn the_balance_transaction_of_an_asynchronous_capture_arrives_later() {
    let world = World::new();
    let paid = world.pay(10_000, "pm_card_visa", "").await.ok();
    assert_eq!(paid["capture_method"], "automatic_async");
    assert!(world.charge_of(&paid).await["balance_transaction"].is_null());
    world.settle().await;
    world.inbox.take();
    world.advance(2);
    world.settle().await;
    let updated = world.inbox.take();
    assert_eq!(updated.len(), 1);
    assert_eq!(updated[0].kind(), "charge.updated");
    assert!(updated[0].event()["data"]["previous_attributes"]["balance_transaction"].is_null());
    let transaction = world.charge_of(&paid).await["balance_transaction"]
        .as_str()
        .unwrap()
        .to_owned();
    let transaction = world
        .get(&format!("/v1/balance_transactions/{transaction}"))
        .await
        .ok();
    assert_eq!(
        (&transaction["net"], &transaction["status"]),
        (&json!(9_680), &json!("pending"))
    );
    world.advance(2 * DAY);
    let later = world
        .get(&format!("/v1/balance_transactions/{}", id(&transaction)))
        .await
        .ok();
    assert_eq!(later["status"], "available");
}

#[tokio::test]
async fn a_payment_may_stay_in_processing_and_end_either_way() {
    let world = World::new();
    for (succeeds, status) in [(true, "succeeded"), (false, "requires_payment_method")] {
        let intent = world.pay(1_000, "pm_stand_in_processing", "").await.ok();
        assert_eq!(intent["status"], "processing");
        world.advance(3 * DAY);
        let path = format!("payment_intents/{}/settle", id(&intent));
        let ended = world
            .switch("POST", &path, json!({ "succeeds": succeeds }))
            .await
            .ok();
        assert_eq!(ended["status"], status);
        world
            .switch("POST", &path, json!({ "succeeds": true }))
            .await
            .error(400);
    }
}

#[tokio::test]
async fn an_intent_is_shown_to_the_holder_of_its_client_secret_only_with_the_right_one() {
    let world = World::new();
    let intent = world
        .post("/v1/payment_intents", "amount=1000&currency=usd")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let secret = intent["client_secret"].as_str().unwrap();
    world.get(&format!("{path}?client_secret={secret}")).await.ok();
    world.get(&format!("{path}?client_secret=other")).await.error(400);
}
