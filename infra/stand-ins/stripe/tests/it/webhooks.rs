use serde_json::{Value, json};
use stripe_stand_in::webhooks::signature::sign;

use crate::world::{START_MS, WEBHOOK_SECRET, World, id};

const NOW: i64 = START_MS / 1_000;

#[tokio::test]
async fn an_event_tells_the_object_the_request_and_its_key() {
    let world = World::new();
    let answer = world
        .post_keyed("k1", "/v1/customers", "email=ada@example.com")
        .await;
    let request = answer.headers["request-id"].to_str().unwrap().to_owned();
    let customer = answer.ok();
    world.settle().await;
    let received = world.inbox.take();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].url, "http://app.test/webhook");
    let event = received[0].event();
    assert_eq!(event["type"], "customer.created");
    assert_eq!(event["data"]["object"], customer);
    assert_eq!(
        event["request"],
        json!({ "id": request, "idempotency_key": "k1" })
    );
    assert_eq!(event["api_version"], "2026-09-30.endive");
    let listed = world.get("/v1/events?type=customer.created").await.ok();
    assert_eq!(listed["data"][0]["id"], event["id"]);
    assert_eq!(listed["data"][0]["pending_webhooks"], 0);
    let retrieved = world.get(&format!("/v1/events/{}", id(&event))).await.ok();
    assert_eq!(retrieved["data"], event["data"]);
    assert_eq!(
        world.get("/v1/events?types[]=a&types[]=b").await.ok()["data"],
        json!([])
    );
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_bytes_and_time() {
    let world = World::new();
    world.customer().await;
    world.settle().await;
    let received = world.inbox.take().remove(0);
    let expected = format!("t={NOW},v1={}", sign(WEBHOOK_SECRET, NOW, &received.body));
    assert_eq!(received.signature.unwrap(), expected);
}

#[tokio::test]
async fn bad_signatures_are_made_on_demand() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "hold": true }))
        .await
        .ok();
    world.customer().await;
    let mut seen = Vec::new();
    for mode in ["wrong", "stale", "rotated", "missing"] {
        world
            .switch("PUT", "webhooks", json!({ "hold": true, "signature": mode }))
            .await
            .ok();
        world
            .switch("POST", "deliver", json!({ "deliveries": [1] }))
            .await
            .ok();
        let received = world.inbox.take().remove(0);
        seen.push((received.signature, received.body));
    }
    let good = |body: &str| sign(WEBHOOK_SECRET, NOW, body);
    let (wrong, body) = &seen[0];
    assert!(!wrong.as_ref().unwrap().contains(&good(body)));
    assert!(
        seen[1]
            .0
            .as_ref()
            .unwrap()
            .starts_with(&format!("t={},", NOW - 301))
    );
    let rotated = seen[2].0.as_ref().unwrap();
    assert_eq!(rotated.matches("v1=").count(), 2);
    assert!(rotated.contains(&good(body)));
    assert!(seen[3].0.is_none());
}

#[tokio::test]
async fn a_failed_webhook_is_retried_with_growing_delay_until_2xx() {
    let world = World::new();
    world
        .inbox
        .will_answer([Ok(500), Err("connection refused".into()), Ok(302)]);
    world.customer().await;
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 1);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    world.advance(1);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 1);
    world.advance(9);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    world.advance(1);
    world.settle().await;
    let third = world.inbox.take();
    assert_eq!(third.len(), 1);
    // The last delay repeats; the signature is made anew each time.
    world.advance(10);
    world.settle().await;
    let fourth = world.inbox.take();
    assert_eq!(third[0].body, fourth[0].body);
    assert_ne!(third[0].signature, fourth[0].signature);
    world.advance(100);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    let delivered = world
        .switch("GET", "deliveries?state=delivered", Value::Null)
        .await
        .ok();
    assert_eq!(delivered["deliveries"][0]["attempts"], 4);
}

#[tokio::test]
async fn a_webhook_is_given_up_after_the_retry_period() {
    let world = World::new();
    world.inbox.will_answer(std::iter::repeat_n(Ok(500), 20));
    world.customer().await;
    for _ in 0..10 {
        world.settle().await;
        world.advance(10);
    }
    let abandoned = world
        .switch("GET", "deliveries?state=abandoned", Value::Null)
        .await
        .ok();
    assert_eq!(abandoned["deliveries"].as_array().unwrap().len(), 1);
    assert!(world.inbox.take().len() < 10);
}

#[tokio::test]
async fn webhooks_are_duplicated_delayed_and_lost_on_demand() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "duplicates": 2, "delay_ms": 5000 }))
        .await
        .ok();
    world.customer().await;
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    world.advance(5);
    world.settle().await;
    let copies = world.inbox.take();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|copy| copy.body == copies[0].body));

    world
        .switch("PUT", "webhooks", json!({ "lose_next": 1 }))
        .await
        .ok();
    let lost = world.customer().await;
    world.customer().await;
    world.advance(1_000);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 1);
    // The event itself exists: a reconciler finds it, and the switch can still deliver it.
    let listed = world
        .switch("GET", "deliveries?state=lost", Value::Null)
        .await
        .ok();
    let delivery = &listed["deliveries"][0];
    assert_eq!(delivery["type"], "customer.created");
    world
        .switch("POST", "deliver", json!({ "events": [delivery["event"]] }))
        .await
        .ok();
    assert_eq!(
        world.inbox.take()[0].event()["data"]["object"]["id"],
        lost.as_str()
    );
}

#[tokio::test]
async fn held_webhooks_are_delivered_in_any_order_that_is_asked_for() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "hold": true }))
        .await
        .ok();
    world.pay(1_000, "pm_card_visa", "").await.ok();
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    let order = json!({ "deliveries": [3, 1] });
    let attempts = world.switch("POST", "deliver", order).await.ok();
    assert_eq!(attempts["attempts"][0]["status"], 200);
    assert_eq!(
        world.inbox.take_kinds(),
        ["payment_intent.succeeded", "payment_intent.created"]
    );
    world
        .switch("POST", "flush", json!({ "order": "reversed" }))
        .await
        .ok();
    assert_eq!(world.inbox.take_kinds(), ["charge.succeeded"]);
    world
        .switch("POST", "deliver", json!({ "deliveries": [99] }))
        .await
        .error(404);
}

#[tokio::test]
async fn what_is_due_together_is_sent_in_reverse_on_demand() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "order": "reversed" }))
        .await
        .ok();
    world.pay(1_000, "pm_card_visa", "").await.ok();
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds(),
        [
            "payment_intent.succeeded",
            "charge.succeeded",
            "payment_intent.created"
        ]
    );
}

#[tokio::test]
async fn an_unknown_setting_of_the_switch_is_refused() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "dublicates": 2 }))
        .await
        .error(400);
}

#[tokio::test]
async fn events_of_other_accounts_types_and_versions_are_invented() {
    let world = World::new();
    let invented = json!({
        "type": "payment_intent.succeeded",
        "object": { "id": "pi_x", "object": "payment_intent", "amount": 1 },
        "account": "acct_other",
        "api_version": "2099-01-01",
    });
    world.switch("POST", "events", invented).await.ok();
    world.settle().await;
    let event = world.inbox.take()[0].event();
    assert_eq!(
        (&event["account"], &event["api_version"]),
        (&json!("acct_other"), &json!("2099-01-01"))
    );
    assert_eq!(event["data"]["object"]["amount"], 1);
    assert!(event["request"]["id"].is_null());
}

#[tokio::test]
async fn endpoints_made_by_the_api_get_what_they_asked_for_and_nothing_after_deletion() {
    let world = World::new();
    let form = "url=http://other.test/hook&enabled_events[]=refund.created";
    let endpoint = world.post("/v1/webhook_endpoints", form).await.ok();
    assert!(endpoint["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/v1/webhook_endpoints/{}", id(&endpoint));
    assert!(world.get(&path).await.ok()["secret"].is_null());
    assert_eq!(
        world.get("/v1/webhook_endpoints").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let paid = world.pay(1_000, "pm_card_visa", "").await.ok();
    world
        .post("/v1/refunds", &format!("payment_intent={}", id(&paid)))
        .await
        .ok();
    world.settle().await;
    let received = world.inbox.take();
    let other: Vec<_> = received
        .iter()
        .filter(|one| one.url == "http://other.test/hook")
        .collect();
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].kind(), "refund.created");
    let signature = sign(endpoint["secret"].as_str().unwrap(), NOW, &other[0].body);
    assert_eq!(
        other[0].signature.as_deref().unwrap(),
        format!("t={NOW},v1={signature}")
    );

    world.delete(&path).await.ok();
    world
        .post("/v1/webhook_endpoints", "url=ftp://x&enabled_events[]=*")
        .await
        .error(400);
    world.get(&path).await.error(404);
}

#[tokio::test]
async fn undelivered_webhooks_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(Some(folder.path()));
    world.inbox.will_answer([Err("down".into())]);
    world.customer().await;
    world.settle().await;
    let first = world.inbox.take().remove(0);
    let clock = world.clock.clone();
    drop(world);
    let world = World::with(clock, Some(folder.path()));
    world.advance(1);
    world.settle().await;
    let again = world.inbox.take();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].body, first.body);
}

#[tokio::test]
async fn a_change_tells_what_was_before() {
    let world = World::new();
    let customer = world.customer().await;
    world
        .post(&format!("/v1/customers/{customer}"), "name=Grace")
        .await
        .ok();
    world.settle().await;
    let updated = world.inbox.take().remove(1).event();
    assert_eq!(updated["type"], "customer.updated");
    assert_eq!(updated["data"]["previous_attributes"], json!({ "name": "Ada" }));
}

#[tokio::test]
async fn a_refused_request_leaves_no_event() {
    let world = World::new();
    let form = "amount=1000&currency=usd&confirm=true&payment_method=pm_none";
    world.post("/v1/payment_intents", form).await.error(400);
    world
        .pay(1_000, "pm_card_visa", "expand[]=colour")
        .await
        .error(400);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 0);
    assert_eq!(world.get("/v1/events").await.ok()["data"], json!([]));
    assert_eq!(world.get("/v1/payment_intents").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn more_than_one_batch_is_sent_and_a_look_shows_a_limited_number() {
    let world = World::new();
    world
        .switch("PUT", "webhooks", json!({ "duplicates": 20 }))
        .await
        .ok();
    for _ in 0..50 {
        world.customer().await;
    }
    let shown = world
        .switch("GET", "deliveries?state=pending", Value::Null)
        .await
        .ok();
    assert_eq!(shown["deliveries"].as_array().unwrap().len(), 1_000);
    world
        .switch("GET", "deliveries?state=odd", Value::Null)
        .await
        .error(400);
    world.settle().await;
    assert_eq!(world.inbox.take().len(), 50 * 21);
}
