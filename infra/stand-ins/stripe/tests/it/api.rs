use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::world::{World, id, read};

async fn authorized(world: &World, value: Option<&str>) -> u16 {
    let mut request = Request::get("/v1/customers");
    if let Some(value) = value {
        request = request.header("authorization", value);
    }
    let answer = read(world.send(request.body(Body::empty()).unwrap()).await)
        .await
        .unwrap();
    answer.status
}

#[tokio::test]
async fn only_the_secret_key_opens_the_api_as_bearer_or_basic() {
    let world = World::new();
    assert_eq!(authorized(&world, None).await, 401);
    assert_eq!(authorized(&world, Some("Bearer sk_test_other")).await, 401);
    assert_eq!(authorized(&world, Some("Bearer sk_test_stand_in")).await, 200);
    // base64 of "sk_test_stand_in:"
    assert_eq!(
        authorized(&world, Some("Basic c2tfdGVzdF9zdGFuZF9pbjo=")).await,
        200
    );
}

#[tokio::test]
async fn a_connected_account_does_not_exist() {
    let world = World::new();
    let mut request = crate::world::signed("GET", "/v1/customers", "", None);
    request
        .headers_mut()
        .insert("stripe-account", "acct_1".parse().unwrap());
    let error = read(world.send(request).await).await.unwrap().error(403);
    assert_eq!(error["code"], "account_invalid");
}

#[tokio::test]
async fn answers_carry_a_request_id_and_the_version_asked_for() {
    let world = World::new();
    let request = Request::get("/v1/customers")
        .header("authorization", "Bearer sk_test_stand_in")
        .header("stripe-version", "2024-06-20")
        .body(Body::empty())
        .unwrap();
    let answer = read(world.send(request).await).await.unwrap();
    assert!(answer.headers["request-id"].to_str().unwrap().starts_with("req_"));
    assert_eq!(answer.headers["stripe-version"], "2024-06-20");
    assert_eq!(
        world.get("/v1/customers").await.headers["stripe-version"],
        "2026-09-30.endive"
    );
}

#[tokio::test]
async fn unknown_ids_are_404_in_the_path_and_400_among_the_parameters() {
    let world = World::new();
    let error = world.get("/v1/payment_intents/pi_none").await.error(404);
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["message"], "No such payment_intent: 'pi_none'");
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["param"], "intent");
    let error = world
        .post("/v1/payment_intents", "amount=500&currency=usd&customer=cus_none")
        .await
        .error(400);
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["param"], "customer");
}

#[tokio::test]
async fn unknown_and_missing_parameters_are_named() {
    let world = World::new();
    let error = world.post("/v1/payment_intents", "currency=usd").await.error(400);
    assert_eq!(
        (&error["code"], &error["param"]),
        (&json!("parameter_missing"), &json!("amount"))
    );
    let error = world
        .post("/v1/payment_intents", "amount=500&currency=usd&colour=red")
        .await
        .error(400);
    assert_eq!(
        (&error["code"], &error["param"]),
        (&json!("parameter_unknown"), &json!("colour"))
    );
    let error = world
        .post("/v1/payment_intents", "amount=5.5&currency=usd")
        .await
        .error(400);
    assert_eq!(error["code"], "parameter_invalid_integer");
    let error = world
        .post("/v1/payment_intents", "amount=500&currency=usd&off_session=true")
        .await
        .error(400);
    assert_eq!(error["param"], "off_session");
}

#[tokio::test]
async fn unknown_urls_are_refused() {
    let world = World::new();
    let error = world.get("/v1/transfers").await.error(404);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Unrecognized request URL (GET: /v1/transfers)")
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let world = World::new();
    let form = format!("name={}", "x".repeat(stripe_stand_in::http::BODY_BYTES_MAX));
    world.post("/v1/customers", &form).await.error(413);
}

#[tokio::test]
async fn customers_are_created_updated_listed_and_deleted() {
    let world = World::new();
    let customer = world
        .post(
            "/v1/customers",
            "email=ada@example.com&metadata[user]=u1&metadata[old]=1&address[city]=Oslo&address[line1]=A%201",
        )
        .await
        .ok();
    assert_eq!(customer["address"]["city"], "Oslo");
    let path = format!("/v1/customers/{}", id(&customer));
    let updated = world
        .post(&path, "metadata[old]=&metadata[new]=2&email=&phone=1")
        .await
        .ok();
    assert_eq!(updated["metadata"], json!({ "user": "u1", "new": "2" }));
    assert!(updated["email"].is_null());
    world.post(&path, "email=grace@example.com").await.ok();
    let found = world.get("/v1/customers?email=grace@example.com").await.ok();
    assert_eq!(found["data"][0]["id"], customer["id"]);

    let deleted = world.delete(&path).await.ok();
    assert_eq!(
        deleted,
        json!({ "id": customer["id"], "object": "customer", "deleted": true })
    );
    assert_eq!(world.get(&path).await.ok(), deleted);
    world.post(&path, "name=x").await.error(404);
    assert_eq!(world.get("/v1/customers").await.ok()["data"], json!([]));
    world.settle().await;
    let kinds = world.inbox.take_kinds();
    assert_eq!(
        kinds,
        [
            "customer.created",
            "customer.updated",
            "customer.updated",
            "customer.deleted"
        ]
    );
}

#[tokio::test]
async fn lists_are_newest_first_and_paged_in_both_directions() {
    let world = World::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.customer().await);
    }
    ids.reverse();
    let first = world.get("/v1/customers?limit=2").await.ok();
    assert_eq!(first["has_more"], true);
    assert_eq!(first["url"], "/v1/customers");
    let page = |value: &serde_json::Value| -> Vec<String> {
        value["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| id(one).to_owned())
            .collect()
    };
    assert_eq!(page(&first), ids[0..2]);
    let last = world
        .get(&format!("/v1/customers?limit=3&starting_after={}", ids[1]))
        .await
        .ok();
    assert_eq!(page(&last), ids[2..5]);
    assert_eq!(last["has_more"], false);
    let back = world
        .get(&format!("/v1/customers?limit=2&ending_before={}", ids[3]))
        .await
        .ok();
    assert_eq!(page(&back), ids[1..3]);
    assert_eq!(back["has_more"], true);
    world.get("/v1/customers?limit=101").await.error(400);
    world
        .get("/v1/customers?starting_after=cus_none")
        .await
        .error(400);
}

#[tokio::test]
async fn lists_are_filtered_by_the_time_of_creation() {
    let world = World::new();
    let early = world.customer().await;
    world.advance(100);
    let late = world.customer().await;
    let second = crate::world::START_MS / 1_000;
    let found = world
        .get(&format!("/v1/customers?created[gt]={second}"))
        .await
        .ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["id"], late.as_str());
    let found = world
        .get(&format!("/v1/customers?created[lte]={second}"))
        .await
        .ok();
    assert_eq!(found["data"][0]["id"], early.as_str());
    let found = world
        .get(&format!("/v1/customers?created={}", second + 100))
        .await
        .ok();
    assert_eq!(found["data"][0]["id"], late.as_str());
}

#[tokio::test]
async fn named_properties_are_expanded_and_others_are_refused() {
    let world = World::new();
    let customer = world.customer().await;
    let more = format!(
        "capture_method=automatic&customer={customer}&expand[]=latest_charge.balance_transaction&expand[]=customer\
         &expand[]=payment_method&expand[]=latest_charge.refunds"
    );
    let intent = world.pay(10_000, "pm_card_visa", &more).await.ok();
    assert_eq!(intent["customer"]["email"], "ada@example.com");
    assert_eq!(intent["payment_method"]["card"]["last4"], "4242");
    assert_eq!(intent["latest_charge"]["refunds"]["data"], json!([]));
    let transaction = &intent["latest_charge"]["balance_transaction"];
    assert_eq!(
        (&transaction["fee"], &transaction["net"]),
        (&json!(320), &json!(9_680))
    );
    let list = world
        .get("/v1/payment_intents?expand[]=data.latest_charge")
        .await
        .ok();
    assert_eq!(list["data"][0]["latest_charge"]["object"], "charge");
    let error = world
        .get("/v1/payment_intents?expand[]=data.colour")
        .await
        .error(400);
    assert_eq!(
        error["message"],
        "This property cannot be expanded (data.colour)."
    );
    world
        .get("/v1/payment_intents?expand[]=data.a.b.c.d")
        .await
        .error(400);
}

#[tokio::test]
async fn reset_forgets_everything_but_the_configured_endpoint() {
    let world = World::new();
    world.customer().await;
    world.switch("POST", "reset", json!({})).await;
    assert_eq!(world.get("/v1/customers").await.ok()["data"], json!([]));
    assert_eq!(world.get("/v1/events").await.ok()["data"], json!([]));
    assert_eq!(
        world.get("/v1/webhook_endpoints").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
