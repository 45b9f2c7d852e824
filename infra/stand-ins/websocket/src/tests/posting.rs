use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::get_connection::GetConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use super::*;
use crate::limits::{MESSAGE_BYTES_MAX, OUTBOUND_MESSAGES_MAX, POST_BYTES_READ_MAX};

#[tokio::test]
async fn a_client_hears_what_is_posted_to_it() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    served.post(&id, "{\"push\":1}").await.unwrap();
    assert_eq!(hear(&mut client).await, "{\"push\":1}");
}

#[tokio::test]
async fn bytes_that_are_no_text_arrive_as_a_binary_message() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    served.post(&id, [0xff, 0x00]).await.unwrap();
    assert_eq!(
        client.next().await.unwrap().unwrap(),
        Message::binary(vec![0xff, 0x00])
    );
}

#[tokio::test]
async fn a_connection_is_gone_until_its_connect_has_finished() {
    let (let_in, wait) = oneshot::channel::<()>();
    let wait = Arc::new(tokio::sync::Mutex::new(Some(wait)));
    let (served, mut events) = serve(move |event| {
        let wait = Arc::clone(&wait);
        Box::pin(async move {
            if route(&event) == "$connect" {
                wait.lock().await.take().unwrap().await.unwrap();
            }
            Ok(json!({"statusCode": 200}))
        })
    })
    .await;
    let ((), mut client) = tokio::join!(
        async {
            let id = events.id_of_the_next("$connect").await;
            let early = served.post(&id, "too early").await.unwrap_err();
            assert!(
                matches!(early, PostToConnectionError::GoneException(_)),
                "{early:?}"
            );
            assert!(served.gateway.connections().is_empty());
            let_in.send(()).unwrap();
        },
        served.connect()
    );
    let id = served.gateway.connections().remove(0);
    served.post(&id, "in time").await.unwrap();
    assert_eq!(hear(&mut client).await, "in time");
}

#[tokio::test]
async fn a_connection_is_gone_after_its_close() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    client.close(None).await.unwrap();
    let id = events.id_of_the_next("$connect").await;
    events.next("$disconnect").await;

    let post = served.post(&id, "late").await.unwrap_err();
    assert!(
        matches!(post, PostToConnectionError::GoneException(_)),
        "{post:?}"
    );
    let get = served
        .api
        .get_connection()
        .connection_id(&id)
        .send()
        .await
        .unwrap_err();
    assert!(matches!(
        get.into_service_error(),
        GetConnectionError::GoneException(_)
    ));
    let delete = served
        .api
        .delete_connection()
        .connection_id(&id)
        .send()
        .await
        .unwrap_err();
    assert!(matches!(
        delete.into_service_error(),
        DeleteConnectionError::GoneException(_)
    ));
}

#[tokio::test]
async fn a_message_may_have_128_kb_and_not_a_byte_more() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    let too_large = served
        .post(&id, vec![b'a'; MESSAGE_BYTES_MAX + 1])
        .await
        .unwrap_err();
    assert!(
        matches!(too_large, PostToConnectionError::PayloadTooLargeException(_)),
        "{too_large:?}"
    );
    served.post(&id, vec![b'b'; MESSAGE_BYTES_MAX]).await.unwrap();
    assert_eq!(hear(&mut client).await, "b".repeat(MESSAGE_BYTES_MAX));
}

#[tokio::test]
async fn a_body_too_large_to_read_is_too_large_too() {
    let (gateway, _events) = gateway(|_| ok());
    let status = post(&gateway, "whoever=", vec![b'a'; POST_BYTES_READ_MAX + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_its_sender_a_429_and_loses_nothing_taken() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    let mut taken = 0;
    loop {
        let mut message = vec![b'a'; MESSAGE_BYTES_MAX];
        message.splice(..8, format!("{taken:08}").into_bytes());
        match post(&served.gateway, &id, message).await {
            StatusCode::OK => taken += 1,
            status => {
                assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
                break;
            }
        }
    }
    assert!(taken >= OUTBOUND_MESSAGES_MAX, "{taken}");
    for number in 0..taken {
        assert!(hear(&mut client).await.starts_with(&format!("{number:08}")));
    }
}

#[tokio::test]
async fn a_connection_can_be_asked_about() {
    let (served, mut events) = serve(|_| ok()).await;
    let (mut client, _) = served
        .try_connect("/ws", &[("user-agent", "someone/1")])
        .await
        .unwrap();
    let connect = events.next("$connect").await;
    let id = connect["requestContext"]["connectionId"].as_str().unwrap();
    say(&mut client, "hello").await;
    events.next("$default").await;

    let known = served
        .api
        .get_connection()
        .connection_id(id)
        .send()
        .await
        .unwrap();
    let connected_at = known.connected_at().unwrap().to_millis().unwrap();
    assert_eq!(json!(connected_at), connect["requestContext"]["connectedAt"]);
    assert!(known.last_active_at().unwrap().to_millis().unwrap() >= connected_at);
    let identity = known.identity().unwrap();
    assert_eq!(identity.source_ip(), Some("127.0.0.1"));
    assert_eq!(identity.user_agent(), Some("someone/1"));
}

#[tokio::test]
async fn a_deleted_connection_is_gone_at_once_and_closed_after_what_was_posted() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    served.post(&id, "disconnect").await.unwrap();
    served
        .api
        .delete_connection()
        .connection_id(&id)
        .send()
        .await
        .unwrap();
    let late = served.post(&id, "late").await.unwrap_err();
    assert!(
        matches!(late, PostToConnectionError::GoneException(_)),
        "{late:?}"
    );

    assert_eq!(hear(&mut client).await, "disconnect");
    assert_eq!(close_of(&mut client).await.0, 1000);
    assert!(client.next().await.is_none());
    let event = events.next("$disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1000);
}

#[tokio::test]
async fn messages_still_queued_when_a_connection_is_deleted_go_out_before_the_close() {
    // More than the pipe to the client holds, so that the writer is still at it when the close is due.
    const MESSAGES: usize = 20;
    let (gateway, mut events) = gateway(|_| ok());
    let mut client = client_in_memory(&gateway).await.unwrap();
    let id = events.id_of_the_next("$connect").await;
    let connection = gateway.gateway.find(&id).unwrap();
    let message = "a".repeat(MESSAGE_BYTES_MAX);
    for _ in 0..MESSAGES {
        connection.post(message.as_str().into()).unwrap();
    }
    assert!(gateway.gateway.delete(&id));
    for _ in 0..MESSAGES {
        assert_eq!(hear(&mut client).await.len(), MESSAGE_BYTES_MAX);
    }
    assert_eq!(close_of(&mut client).await.0, 1000);
}

async fn post(gateway: &WebSocketGateway, id: &str, body: Vec<u8>) -> StatusCode {
    let path = format!("/@connections/{}", id.replace('=', "%3D"));
    let request = Request::post(path).body(Body::from(body)).unwrap();
    gateway.router().oneshot(request).await.unwrap().status()
}
