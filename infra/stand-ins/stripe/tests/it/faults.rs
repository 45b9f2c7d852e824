use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{CARDS_ONLY, World, read, signed};

const INTENTS: &str = "/v1/payment_intents";

fn paying() -> String {
    format!("amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&{CARDS_ONLY}")
}

#[tokio::test]
async fn a_lost_reply_leaves_the_effect_and_the_key_replays_it() {
    let world = World::new();
    let rule = json!({ "kind": "drop", "when": "after", "path": INTENTS, "times": 2 });
    world.switch("POST", "faults", rule).await.ok();
    for _ in 0..2 {
        let dropped = world.send(signed("POST", INTENTS, &paying(), Some("k1"))).await;
        assert!(read(dropped).await.is_none());
    }
    let third = world.post_keyed("k1", INTENTS, &paying()).await;
    assert_eq!(third.headers["idempotent-replayed"], "true");
    assert_eq!(third.ok()["status"], "succeeded");
    assert_eq!(world.get(INTENTS).await.ok()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_connection_dropped_before_the_effect_leaves_nothing() {
    let world = World::new();
    world
        .switch("POST", "faults", json!({ "kind": "drop", "key": "k1" }))
        .await
        .ok();
    assert!(
        read(world.send(signed("POST", INTENTS, &paying(), Some("k1"))).await)
            .await
            .is_none()
    );
    assert_eq!(world.get(INTENTS).await.ok()["data"], json!([]));
    assert!(
        !world
            .post_keyed("k1", INTENTS, &paying())
            .await
            .headers
            .contains_key("idempotent-replayed")
    );
}

#[tokio::test]
async fn a_429_saves_nothing_and_ends_after_its_number() {
    let world = World::new();
    let rule = json!({ "kind": "rate_limited", "operation": "payment_intents.create", "times": 2 });
    world.switch("POST", "faults", rule).await.ok();
    for _ in 0..2 {
        let error = world.post_keyed("k1", INTENTS, &paying()).await.error(429);
        assert_eq!(error["code"], "rate_limit");
    }
    world.post_keyed("k1", INTENTS, &paying()).await.ok();
}

#[tokio::test]
async fn a_webhook_may_arrive_before_the_answer() {
    let world = World::new();
    let rule = json!({ "kind": "hold", "when": "after", "operation": "payment_intents.create" });
    let fault = world.switch("POST", "faults", rule).await.ok()["id"]
        .as_u64()
        .unwrap();
    let router = world.stand_in.router();
    let answer = tokio::spawn(tower::ServiceExt::oneshot(
        router,
        signed("POST", INTENTS, &paying(), Some("k1")),
    ));
    world.until_a_call_is_held().await;
    world.settle().await;
    assert_eq!(
        world.inbox.take_kinds().last().unwrap(),
        "payment_intent.succeeded"
    );
    assert!(!answer.is_finished());
    // The answer is saved already: a retry need not wait.
    assert_eq!(
        world.post_keyed("k1", INTENTS, &paying()).await.ok()["status"],
        "succeeded"
    );
    world.stand_in.release_fault(fault);
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let world = World::new();
    world
        .switch("POST", "faults", json!({ "kind": "delay", "delay_ms": 20 }))
        .await
        .ok();
    let begun = std::time::Instant::now();
    world.get("/v1/customers").await.ok();
    assert!(begun.elapsed() >= std::time::Duration::from_millis(20));
}

#[tokio::test]
async fn faults_are_listed_and_cleared() {
    let world = World::new();
    world
        .switch("POST", "faults", json!({ "kind": "rate_limited", "times": 3 }))
        .await
        .ok();
    let shown = world.switch("GET", "faults", Value::Null).await.ok();
    assert_eq!(shown["faults"][0]["remaining"], 3);
    assert_eq!(world.switch("DELETE", "faults", Value::Null).await.status, 204);
    world.get("/v1/customers").await.ok();
    world
        .switch("POST", "faults", json!({ "kind": "fire" }))
        .await
        .error(400);
    assert_eq!(
        world
            .switch("POST", "faults/77/release", Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_clock_runs_ahead_on_demand() {
    let world = World::new();
    world
        .switch("PUT", "clock", json!({ "offset_ms": 3_600_000 }))
        .await
        .ok();
    let customer = world.post("/v1/customers", "").await.ok();
    assert_eq!(customer["created"], crate::world::START_MS / 1_000 + 3_600);
}

#[tokio::test]
async fn over_tcp_a_dropped_connection_gives_not_one_byte() {
    let world = World::new();
    world
        .switch("POST", "faults", json!({ "kind": "drop", "when": "after" }))
        .await
        .ok();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let router = world.stand_in.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = "POST /v1/customers HTTP/1.1\r\nhost: stripe.test\r\nauthorization: Bearer sk_test_stand_in\r\n\
                   content-length: 0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // Closed or reset: either way nothing of the answer came.
    let _ = stream.read_to_end(&mut received).await;
    assert_eq!(received, b"");
    assert_eq!(
        world.get("/v1/customers").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
