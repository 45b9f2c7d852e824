use serde_json::{Value, json};

use crate::world::{World, id};

#[tokio::test]
async fn good_cards_pay() {
    let world = World::new();
    for card in [
        "pm_card_visa",
        "pm_card_mastercard",
        "pm_card_amex",
        "pm_card_visa_debit",
    ] {
        let intent = world.pay(1_000, card, "").await.ok();
        assert_eq!(intent["status"], "succeeded", "{card}");
        assert_eq!(intent["amount_received"], 1_000);
    }
}

#[tokio::test]
async fn each_declining_card_declines_in_its_own_way() {
    let world = World::new();
    let cards: [(&str, &str, Value); 12] = [
        (
            "pm_card_visa_chargeDeclined",
            "card_declined",
            json!("generic_decline"),
        ),
        (
            "pm_card_chargeDeclined",
            "card_declined",
            json!("generic_decline"),
        ),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            json!("insufficient_funds"),
        ),
        (
            "pm_card_visa_chargeDeclinedLostCard",
            "card_declined",
            json!("lost_card"),
        ),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            "card_declined",
            json!("stolen_card"),
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", Value::Null),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", Value::Null),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            Value::Null,
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            json!("card_velocity_exceeded"),
        ),
        ("pm_card_radarBlock", "card_declined", json!("fraudulent")),
        (
            "pm_card_chargeCustomerFail",
            "card_declined",
            json!("generic_decline"),
        ),
        (
            "pm_card_visa_chargeDeclinedExpiredCard",
            "expired_card",
            Value::Null,
        ),
    ];
    for (card, code, decline_code) in cards {
        let error = world.pay(1_000, card, "").await.error(402);
        assert_eq!(error["type"], "card_error", "{card}");
        assert_eq!(error["code"], code, "{card}");
        assert_eq!(error["decline_code"], decline_code, "{card}");
        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
        assert_eq!(intent["last_payment_error"]["code"], code);
        assert!(intent["payment_method"].is_null());
        let charge = world.charge_of(intent).await;
        assert_eq!(error["charge"], charge["id"]);
        assert_eq!(
            (&charge["status"], &charge["paid"]),
            (&json!("failed"), &json!(false))
        );
        assert_eq!(charge["failure_code"], code);
        // The failed payment is there to be retried.
        let stored = world
            .get(&format!("/v1/payment_intents/{}", id(intent)))
            .await
            .ok();
        assert_eq!(&stored, intent);
    }
}

#[tokio::test]
async fn a_declined_payment_is_paid_with_another_card() {
    let world = World::new();
    let error = world.pay(1_000, "pm_card_chargeDeclined", "").await.error(402);
    let intent = id(&error["payment_intent"]).to_owned();
    let paid = world
        .post(
            &format!("/v1/payment_intents/{intent}/confirm"),
            "payment_method=pm_card_visa",
        )
        .await
        .ok();
    assert_eq!(paid["status"], "succeeded");
    assert!(paid["last_payment_error"].is_null());
    let charges = world
        .get(&format!("/v1/charges?payment_intent={intent}"))
        .await
        .ok();
    let statuses: Vec<_> = charges["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["status"])
        .collect();
    assert_eq!(statuses, ["succeeded", "failed"]);
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds(),
        [
            "payment_intent.created",
            "charge.failed",
            "payment_intent.payment_failed",
            "charge.succeeded",
            "payment_intent.succeeded"
        ]
    );
}

async fn by_number(world: &World, number: &str, more: &str) -> crate::world::Answer {
    let form = format!("type=card&card[number]={number}&card[cvc]=123&{more}");
    world.post("/v1/payment_methods", &form).await
}

#[tokio::test]
async fn test_numbers_make_payment_methods_and_bad_data_are_refused() {
    let world = World::new();
    let good = "card[exp_month]=12&card[exp_year]=2034";
    let made = by_number(
        &world,
        "4242 4242 4242 4242",
        &format!("{good}&billing_details[name]=Ada"),
    )
    .await
    .ok();
    assert_eq!(
        (&made["card"]["brand"], &made["card"]["last4"]),
        (&json!("visa"), &json!("4242"))
    );
    assert_eq!(
        (&made["card"]["exp_year"], &made["billing_details"]["name"]),
        (&json!(2034), &json!("Ada"))
    );
    assert_eq!(world.pay(1_000, id(&made), "").await.ok()["status"], "succeeded");
    assert!(!made.to_string().contains("4242424242424242"));

    assert_eq!(
        by_number(&world, "4242424242424241", good).await.error(402)["code"],
        "incorrect_number"
    );
    let past = "card[exp_month]=12&card[exp_year]=2020";
    assert_eq!(
        by_number(&world, "4242424242424242", past).await.error(402)["code"],
        "invalid_expiry_year"
    );
    let ahead = "card[exp_month]=12&card[exp_year]=2090";
    assert_eq!(
        by_number(&world, "4242424242424242", ahead).await.error(402)["code"],
        "invalid_expiry_year"
    );
    let month = "card[exp_month]=13&card[exp_year]=2034";
    assert_eq!(
        by_number(&world, "4242424242424242", month).await.error(402)["code"],
        "invalid_expiry_month"
    );
    assert_eq!(
        by_number(&world, "4111111111111111", good).await.error(402)["code"],
        "card_declined"
    );
    let declines = by_number(&world, "4000000000000002", good).await.ok();
    assert_eq!(
        world.pay(1_000, id(&declines), "").await.error(402)["decline_code"],
        "generic_decline"
    );
}

#[tokio::test]
async fn tokens_make_payment_methods() {
    let world = World::new();
    let made = world
        .post("/v1/payment_methods", "type=card&card[token]=tok_mastercard")
        .await
        .ok();
    assert_eq!(made["card"]["brand"], "mastercard");
    world
        .post("/v1/payment_methods", "type=card&card[token]=tok_none")
        .await
        .error(400);
}

#[tokio::test]
async fn a_card_is_attached_listed_used_again_and_detached_for_good() {
    let world = World::new();
    let customer = world.customer().await;
    let attached = world
        .post(
            "/v1/payment_methods/pm_card_visa/attach",
            &format!("customer={customer}"),
        )
        .await
        .ok();
    let card = id(&attached).to_owned();
    assert_ne!(card, "pm_card_visa");
    let list = world
        .get(&format!("/v1/payment_methods?customer={customer}&type=card"))
        .await
        .ok();
    assert_eq!(list["data"], json!([attached]));
    let list = world
        .get(&format!("/v1/customers/{customer}/payment_methods"))
        .await
        .ok();
    assert_eq!(list["data"], json!([attached]));

    for _ in 0..2 {
        world
            .pay(1_000, &card, &format!("customer={customer}"))
            .await
            .ok();
    }
    let error = world.pay(1_000, &card, "").await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("is attached to a customer")
    );
    let other = world.customer().await;
    let error = world
        .pay(1_000, &card, &format!("customer={other}"))
        .await
        .error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("does not belong to the Customer")
    );

    world
        .post(&format!("/v1/payment_methods/{card}/detach"), "")
        .await
        .ok();
    let error = world.pay(1_000, &card, "").await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("It may not be used again")
    );
    let list = world
        .get(&format!("/v1/payment_methods?customer={customer}"))
        .await
        .ok();
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn a_card_without_a_customer_pays_once() {
    let world = World::new();
    let made = world
        .post("/v1/payment_methods", "type=card&card[token]=tok_visa")
        .await
        .ok();
    world.pay(1_000, id(&made), "").await.ok();
    world.pay(1_000, id(&made), "").await.error(400);
}

#[tokio::test]
async fn a_declining_card_cannot_be_attached() {
    let world = World::new();
    let customer = world.customer().await;
    let form = format!("customer={customer}");
    let error = world
        .post("/v1/payment_methods/pm_card_chargeDeclined/attach", &form)
        .await
        .error(402);
    assert_eq!(error["code"], "card_declined");
    // This one is made for declining later.
    world
        .post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &form)
        .await
        .ok();
}

#[tokio::test]
async fn a_well_known_card_is_retrieved_as_a_new_payment_method() {
    let world = World::new();
    let first = world.get("/v1/payment_methods/pm_card_mastercard").await.ok();
    let second = world.get("/v1/payment_methods/pm_card_mastercard").await.ok();
    assert_ne!(first["id"], second["id"]);
    let path = format!("/v1/payment_methods/{}", id(&first));
    assert_eq!(world.get(&path).await.ok(), first);
    world.get("/v1/payment_methods/pm_card_none").await.error(404);
}

#[tokio::test]
async fn a_declined_card_leaves_its_failed_charge_even_where_something_was_to_be_expanded() {
    let world = World::new();
    let more = "expand[]=latest_charge.balance_transaction";
    let error = world.pay(1_000, "pm_card_chargeDeclined", more).await.error(402);
    assert_eq!(
        world.charge_of(&error["payment_intent"]).await["status"],
        "failed"
    );
}
