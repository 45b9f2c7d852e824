use serde_json::json;

use crate::world::{CARDS_ONLY, World, id, read, signed};

const CREATE: &str = "amount=1000&currency=usd";
const INTENTS: &str = "/v1/payment_intents";

fn paying(card: &str) -> String {
    format!("{CREATE}&confirm=true&payment_method={card}&{CARDS_ONLY}")
}

async fn count(world: &World) -> usize {
    world.get(INTENTS).await.ok()["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_key_and_parameters_replay_the_answer_byte_for_byte() {
    let world = World::new();
    let first = world.post_keyed("k1", INTENTS, &paying("pm_card_visa")).await;
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(first.headers["idempotency-key"], "k1");
    let again = world.post_keyed("k1", INTENTS, &paying("pm_card_visa")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["original-request"], first.headers["request-id"]);
    assert_eq!(again.text, first.text);
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn the_order_of_the_parameters_does_not_matter() {
    let world = World::new();
    let first = world.post_keyed("k", INTENTS, "amount=1000&currency=usd").await;
    let again = world.post_keyed("k", INTENTS, "currency=usd&amount=1000").await;
    assert_eq!(again.text, first.text);
}

#[tokio::test]
async fn a_key_with_other_parameters_or_at_another_endpoint_is_an_idempotency_error() {
    let world = World::new();
    world.post_keyed("k1", INTENTS, CREATE).await.ok();
    let error = world
        .post_keyed("k1", INTENTS, "amount=1001&currency=usd")
        .await
        .error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("same parameters they were first used with")
    );
    let error = world.post_keyed("k1", "/v1/customers", CREATE).await.error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("('/v1/customers' vs '/v1/payment_intents')")
    );
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_declined_card_is_saved_and_replayed() {
    let world = World::new();
    let first = world
        .post_keyed("k1", INTENTS, &paying("pm_card_chargeDeclined"))
        .await;
    let again = world
        .post_keyed("k1", INTENTS, &paying("pm_card_chargeDeclined"))
        .await;
    assert_eq!((first.status, again.status), (402, 402));
    assert_eq!(again.text, first.text);
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_refusal_of_parameters_saves_nothing_and_a_refusal_by_state_is_saved() {
    let world = World::new();
    world.post_keyed("k1", INTENTS, "currency=usd").await.error(400);
    world.post_keyed("k1", INTENTS, CREATE).await.ok();

    let form = "payment_intent=pi_later";
    world.post_keyed("k2", "/v1/refunds", form).await.error(400);
    let again = world.post_keyed("k2", "/v1/refunds", form).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn a_bad_key_of_the_api_saves_nothing() {
    let world = World::new();
    let mut request = signed("POST", INTENTS, CREATE, Some("k1"));
    request
        .headers_mut()
        .insert("authorization", "Bearer sk_test_wrong".parse().unwrap());
    read(world.send(request).await).await.unwrap().error(401);
    world
        .post_keyed("k1", INTENTS, "amount=2000&currency=usd")
        .await
        .ok();
}

#[tokio::test]
async fn a_500_is_saved_and_its_effect_does_not_happen_later() {
    let world = World::new();
    let rule = json!({ "kind": "server_error", "operation": "payment_intents.create" });
    world.switch("POST", "faults", rule).await.ok();
    let first = world.post_keyed("k1", INTENTS, CREATE).await;
    assert_eq!(first.json["error"]["type"], "api_error");
    let again = world.post_keyed("k1", INTENTS, CREATE).await;
    assert_eq!((first.status, again.status), (500, 500));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(count(&world).await, 0);
    world.post_keyed("k2", INTENTS, CREATE).await.ok();
}

#[tokio::test]
async fn a_500_after_the_effect_keeps_the_effect() {
    let world = World::new();
    let rule = json!({ "kind": "server_error", "when": "after", "operation": "payment_intents.create" });
    world.switch("POST", "faults", rule).await.ok();
    world
        .post_keyed("k1", INTENTS, &paying("pm_card_visa"))
        .await
        .error(500);
    world
        .post_keyed("k1", INTENTS, &paying("pm_card_visa"))
        .await
        .error(500);
    let list = world.get(INTENTS).await.ok();
    assert_eq!(list["data"][0]["status"], "succeeded");
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn while_the_first_call_runs_a_second_is_a_409_and_has_no_effect() {
    let world = World::new();
    let rule = json!({ "kind": "hold", "key": "k1" });
    let fault = world.switch("POST", "faults", rule).await.ok()["id"]
        .as_u64()
        .unwrap();
    let router = world.stand_in.router();
    let request = signed("POST", INTENTS, CREATE, Some("k1"));
    let first = tokio::spawn(tower::ServiceExt::oneshot(router, request));
    world.until_a_call_is_held().await;
    let error = world.post_keyed("k1", INTENTS, CREATE).await.error(409);
    assert_eq!(error["code"], "idempotency_key_in_use");
    // Another key is not held up.
    world.post_keyed("k2", INTENTS, CREATE).await.ok();
    assert!(world.stand_in.release_fault(fault));
    let first = read(first.await.unwrap().unwrap()).await.unwrap();
    let replayed = world.post_keyed("k1", INTENTS, CREATE).await;
    assert_eq!(replayed.text, first.text);
    assert_eq!(count(&world).await, 2);
}

#[tokio::test]
async fn a_call_given_up_by_its_client_frees_its_key() {
    let world = World::new();
    world
        .switch("POST", "faults", json!({ "kind": "hold", "key": "k1" }))
        .await
        .ok();
    let call = tokio::spawn(tower::ServiceExt::oneshot(
        world.stand_in.router(),
        signed("POST", INTENTS, CREATE, Some("k1")),
    ));
    world.until_a_call_is_held().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    world.post_keyed("k1", INTENTS, CREATE).await.ok();
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let world = World::new();
    let first = world.post_keyed("k1", INTENTS, CREATE).await.ok();
    world.clock.advance_ms(stripe_stand_in::http::KEEP_MS - 1);
    assert_eq!(
        world.post_keyed("k1", INTENTS, CREATE).await.ok()["id"],
        first["id"]
    );
    world.clock.advance_ms(1);
    let second = world.post_keyed("k1", INTENTS, CREATE).await.ok();
    assert_ne!(id(&second), id(&first));
    // The new answer is the one that is kept now.
    assert_eq!(
        world.post_keyed("k1", INTENTS, CREATE).await.ok()["id"],
        second["id"]
    );
}

#[tokio::test]
async fn a_key_has_at_most_255_characters_and_counts_only_for_post() {
    let world = World::new();
    let longest = "k".repeat(stripe_stand_in::http::KEY_CHARACTERS_MAX);
    world.post_keyed(&longest, INTENTS, CREATE).await.ok();
    world
        .post_keyed(&format!("{longest}k"), INTENTS, CREATE)
        .await
        .error(400);
    let before = world.request("GET", "/v1/customers", "", Some("g")).await.ok();
    world.customer().await;
    let after = world.request("GET", "/v1/customers", "", Some("g")).await.ok();
    assert_ne!(before, after);
}

#[tokio::test]
async fn a_saved_answer_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(Some(folder.path()));
    let first = world.post_keyed("k1", INTENTS, &paying("pm_card_visa")).await;
    drop(world);
    let world = World::open(Some(folder.path()));
    let again = world.post_keyed("k1", INTENTS, &paying("pm_card_visa")).await;
    assert_eq!(again.text, first.text);
    assert_eq!(count(&world).await, 1);
}
