use serde_json::{Value, json};

use crate::world::{Answer, World, id};

async fn refund(world: &World, intent: &Value, more: &str) -> Answer {
    let form = format!("payment_intent={}&{more}", id(intent));
    world.post("/v1/refunds", form.trim_end_matches('&')).await
}

#[tokio::test]
async fn refunds_in_parts_never_exceed_what_was_captured() {
    let world = World::new();
    let paid = world.pay(10_000, "pm_card_visa", "").await.ok();
    let error = refund(&world, &paid, "amount=10001").await.error(400);
    assert_eq!(
        error["message"],
        "Refund amount ($100.01) is greater than charge amount ($100.00)"
    );
    assert_eq!(error["param"], "amount");
    let first = refund(
        &world,
        &paid,
        "amount=4000&reason=requested_by_customer&metadata[a]=1",
    )
    .await
    .ok();
    assert_eq!(
        (&first["status"], &first["amount"]),
        (&json!("succeeded"), &json!(4_000))
    );
    assert_eq!(first["metadata"], json!({ "a": "1" }));
    let error = refund(&world, &paid, "amount=6001").await.error(400);
    assert_eq!(
        error["message"],
        "Refund amount ($60.01) is greater than unrefunded amount on charge ($60.00)"
    );
    refund(&world, &paid, "").await.ok();
    let charge = world.charge_of(&paid).await;
    assert_eq!(
        (&charge["amount_refunded"], &charge["refunded"]),
        (&json!(10_000), &json!(true))
    );
    let error = refund(&world, &paid, "").await.error(400);
    assert_eq!(error["code"], "charge_already_refunded");
    assert_eq!(
        error["message"],
        format!("Charge {} has already been refunded.", id(&charge))
    );

    let list = world
        .get(&format!("/v1/refunds?payment_intent={}", id(&paid)))
        .await
        .ok();
    let amounts: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["amount"].clone())
        .collect();
    assert_eq!(amounts, [6_000, 4_000]);
    let source = world
        .get(&format!("/v1/balance_transactions?source={}", id(&first)))
        .await
        .ok();
    assert_eq!(
        (&source["data"][0]["net"], &source["data"][0]["type"]),
        (&json!(-4_000), &json!("refund"))
    );
}

#[tokio::test]
async fn a_refund_is_made_by_charge_and_its_metadata_changed() {
    let world = World::new();
    let paid = world.pay(10_000, "pm_card_visa", "").await.ok();
    let charge = paid["latest_charge"].as_str().unwrap();
    let made = world
        .post("/v1/refunds", &format!("charge={charge}&amount=100"))
        .await
        .ok();
    assert_eq!(
        (&made["charge"], &made["payment_intent"]),
        (&json!(charge), &paid["id"])
    );
    let path = format!("/v1/refunds/{}", id(&made));
    assert_eq!(
        world.post(&path, "metadata[k]=v").await.ok()["metadata"]["k"],
        "v"
    );
    assert_eq!(world.get(&path).await.ok()["metadata"]["k"], "v");
    world.post(&format!("{path}/cancel"), "").await.error(400);
}

#[tokio::test]
async fn what_was_not_paid_is_not_refunded() {
    let world = World::new();
    let open = world
        .post("/v1/payment_intents", "amount=1000&currency=usd")
        .await
        .ok();
    let message = format!(
        "This PaymentIntent ({}) does not have a successful charge to refund.",
        id(&open)
    );
    assert_eq!(refund(&world, &open, "").await.error(400)["message"], message);
    let held = world
        .pay(1_000, "pm_card_visa", "capture_method=manual")
        .await
        .ok();
    refund(&world, &held, "").await.error(400);
    let failed = world.pay(1_000, "pm_card_chargeDeclined", "").await.error(402)["payment_intent"].clone();
    refund(&world, &failed, "").await.error(400);
    assert_eq!(
        world.post("/v1/refunds", "amount=5").await.error(400)["code"],
        "parameter_missing"
    );
    assert_eq!(
        world.post("/v1/refunds", "charge=ch_none").await.error(400)["code"],
        "resource_missing"
    );
    refund(&world, &held, "amount=0").await.error(400);
}

#[tokio::test]
async fn a_pending_refund_succeeds_later() {
    let world = World::new();
    let paid = world.pay(1_000, "pm_card_pendingRefund", "").await.ok();
    let made = refund(&world, &paid, "").await.ok();
    assert_eq!(made["status"], "pending");
    // It counts against the cap from the start.
    assert_eq!(
        refund(&world, &paid, "").await.error(400)["code"],
        "charge_already_refunded"
    );
    world.settle().await;
    world.inbox.take();
    world.advance(5);
    world.settle().await;
    let kinds = world.inbox.take_kinds();
    assert_eq!(
        kinds,
        ["charge.updated", "refund.updated", "charge.refund.updated"]
    );
    assert_eq!(
        world.get(&format!("/v1/refunds/{}", id(&made))).await.ok()["status"],
        "succeeded"
    );
}

#[tokio::test]
async fn a_refund_that_fails_after_the_fact_gives_the_money_back_to_be_refunded_again() {
    let world = World::new();
    let paid = world
        .pay(1_000, "pm_card_refundFail", "capture_method=automatic")
        .await
        .ok();
    let made = refund(&world, &paid, "").await.ok();
    assert_eq!(made["status"], "succeeded");
    world.settle().await;
    world.inbox.take();
    world.advance(5);
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds(),
        ["refund.updated", "charge.refund.updated", "refund.failed"]
    );
    let failed = world.get(&format!("/v1/refunds/{}", id(&made))).await.ok();
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("unknown"))
    );
    let charge = world.charge_of(&paid).await;
    assert_eq!(
        (&charge["amount_refunded"], &charge["refunded"]),
        (&json!(0), &json!(false))
    );
    let transactions = world.get("/v1/balance_transactions").await.ok();
    let sum: i64 = transactions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["amount"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 1_000);
    refund(&world, &paid, "").await.ok();
}

#[tokio::test]
async fn any_refund_is_failed_by_the_switch() {
    let world = World::new();
    let paid = world.pay(1_000, "pm_card_visa", "").await.ok();
    let made = refund(&world, &paid, "amount=300").await.ok();
    let path = format!("refunds/{}/settle", id(&made));
    let failed = world
        .switch("POST", &path, json!({ "succeeds": false }))
        .await
        .ok();
    assert_eq!(failed["status"], "failed");
    // Once failed it stays so.
    let again = world
        .switch("POST", &path, json!({ "succeeds": true }))
        .await
        .ok();
    assert_eq!(again["status"], "failed");
    assert_eq!(world.charge_of(&paid).await["amount_refunded"], 0);
}
