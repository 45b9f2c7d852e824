use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::*;
use crate::limits::INTEGRATION_TIMEOUT;

#[tokio::test]
async fn a_client_is_connected_after_a_genuine_connect_event() {
    let (served, mut events) = serve(|_| ok()).await;
    let headers = [("origin", "https://app.example"), ("user-agent", "someone/1")];
    let (_client, _) = served.try_connect("/ws?a=1&a=2", &headers).await.unwrap();

    let event = events.next("$connect").await;
    let context = &event["requestContext"];
    assert_eq!(event["headers"]["Origin"], "https://app.example");
    assert_eq!(event["multiValueHeaders"]["Sec-WebSocket-Version"], json!(["13"]));
    assert_eq!(
        event["headers"]["X-Forwarded-Port"],
        served.address.port().to_string()
    );
    assert_eq!(event["multiValueQueryStringParameters"]["a"], json!(["1", "2"]));
    assert_eq!(context["eventType"], "CONNECT");
    assert_eq!(
        context["identity"],
        json!({"sourceIp": "127.0.0.1", "userAgent": "someone/1"})
    );
    assert_eq!(context["connectedAt"], context["requestTimeEpoch"]);
    let id = context["connectionId"].as_str().unwrap();
    assert_eq!(served.gateway.connections(), [id]);
    let _: ApiGatewayWebsocketProxyRequest = serde_json::from_value(event.clone()).unwrap();
}

#[tokio::test]
async fn the_api_is_also_under_its_stage() {
    let (served, mut events) = serve(|_| ok()).await;
    let (mut client, _) = served.try_connect("/local", &[]).await.unwrap();
    let id = events.id_of_the_next("$connect").await;
    let path = format!("/local/@connections/{}", id.replace('=', "%3D"));
    let request = Request::post(path).body(Body::from("hello")).unwrap();
    let answer = served.gateway.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(hear(&mut client).await, "hello");
}

#[tokio::test]
async fn a_refused_client_gets_the_functions_status_and_no_disconnect_follows() {
    for status in [401, 403, 429] {
        let (served, mut events) =
            serve(move |_| Box::pin(async move { Ok(json!({"statusCode": status})) })).await;
        assert_eq!(status_of_refusal(served.try_connect("/ws", &[]).await), status);
        events.next("$connect").await;
        served.gateway.shutdown().await;
        assert!(events.none_left());
        assert!(served.gateway.connections().is_empty());
    }
}

#[tokio::test]
async fn a_function_that_fails_or_answers_nonsense_on_connect_is_a_bad_gateway() {
    let failing = |_| -> Answer { Box::pin(async { Err(InvokeError("no".into())) }) };
    let (served, _events) = serve(failing).await;
    assert_eq!(status_of_refusal(served.try_connect("/ws", &[]).await), 502);

    let nonsense = |_| -> Answer { Box::pin(async { Ok(Value::Null) }) };
    let (served, _events) = serve(nonsense).await;
    assert_eq!(status_of_refusal(served.try_connect("/ws", &[]).await), 502);
}

#[tokio::test]
async fn a_function_that_crashes_on_connect_is_a_bad_gateway() {
    let (served, _events) = serve(|_| Box::pin(async { panic!("a crash on purpose") })).await;
    assert_eq!(status_of_refusal(served.try_connect("/ws", &[]).await), 502);
}

#[tokio::test(start_paused = true)]
async fn a_connect_that_takes_longer_than_the_integration_timeout_is_a_gateway_timeout() {
    let (gateway, _events) = gateway(|_| Box::pin(std::future::pending()));
    let start = tokio::time::Instant::now();
    assert_eq!(status_of_refusal(client_in_memory(&gateway).await), 504);
    assert_eq!(start.elapsed().as_secs(), INTEGRATION_TIMEOUT.as_secs());
}

#[tokio::test]
async fn the_subprotocol_is_the_one_the_function_chose() {
    let (served, _events) = serve(|_| {
        Box::pin(async { Ok(json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "b"}})) })
    })
    .await;
    let (_client, response) = served
        .try_connect("/ws", &[("sec-websocket-protocol", "a, b")])
        .await
        .unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "b");
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_reaches_no_function() {
    let (gateway, mut events) = gateway(|_| ok());
    let request = Request::get("/ws").body(Body::empty()).unwrap();
    let answer = gateway.router().oneshot(request).await.unwrap();
    assert!(answer.status().is_client_error(), "{}", answer.status());
    assert!(events.none_left());
}
