use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::limits::{CLOSE_HANDSHAKE_TIMEOUT, SHUTDOWN_GRACE, VIOLATION_LINGER};

#[tokio::test]
async fn the_function_hears_with_which_code_and_reason_a_client_left() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    let frame = CloseFrame {
        code: CloseCode::Library(4001),
        reason: "done here".into(),
    };
    client.close(Some(frame)).await.unwrap();
    let context = events.next("$disconnect").await["requestContext"].take();
    assert_eq!(context["connectionId"], id);
    assert_eq!(context["eventType"], "DISCONNECT");
    assert_eq!(context["disconnectStatusCode"], 4001);
    assert_eq!(context["disconnectReason"], "done here");
    assert!(matches!(client.next().await, Some(Ok(Message::Close(_)))));
    assert!(client.next().await.is_none());
}

#[tokio::test]
async fn a_close_without_a_status_is_1005_and_a_lost_socket_1006() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut polite = served.connect().await;
    events.next("$connect").await;
    polite.close(None).await.unwrap();
    assert_eq!(
        events.next("$disconnect").await["requestContext"]["disconnectStatusCode"],
        1005
    );

    let rude = served.connect().await;
    events.next("$connect").await;
    drop(rude);
    assert_eq!(
        events.next("$disconnect").await["requestContext"]["disconnectStatusCode"],
        1006
    );
}

#[tokio::test]
async fn a_killed_connection_ends_without_a_close_frame_and_without_a_disconnect_event() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    assert!(served.gateway.kill(&id));
    assert!(matches!(client.next().await, Some(Err(_))));
    assert!(served.gateway.connections().is_empty());
    assert!(!served.gateway.kill(&id));
    served.gateway.shutdown().await;
    assert!(events.none_left());
}

#[tokio::test]
async fn a_shutdown_says_going_away_to_everybody_and_takes_nobody_in() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut clients = [served.connect().await, served.connect().await];
    for _ in &clients {
        events.next("$connect").await;
    }
    let [one, two] = &mut clients;
    let ((), first, second) = tokio::join!(served.gateway.shutdown(), close_and_end(one), close_and_end(two));
    assert_eq!((first, second), (1001, 1001));
    for _ in 0..2 {
        assert_eq!(
            events.next("$disconnect").await["requestContext"]["disconnectStatusCode"],
            1001
        );
    }
    assert_eq!(status_of_refusal(served.try_connect("/ws", &[]).await), 503);
    assert!(events.none_left());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_answer_a_close_is_dropped_after_a_while() {
    let (gateway, mut events) = gateway(|_| ok());
    let _silent = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    gateway.shutdown().await;
    assert_eq!(start.elapsed().as_secs(), CLOSE_HANDSHAKE_TIMEOUT.as_secs());
    events.next("$connect").await;
    events.next("$disconnect").await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_is_kept_a_moment_after_a_violation() {
    let (gateway, mut events) = gateway(|_| ok());
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    say(&mut client, &"a".repeat(crate::limits::FRAME_BYTES_MAX + 1)).await;
    assert_eq!(close_of(&mut client).await.0, 1009);
    assert!(client.next().await.is_none_or(|end| end.is_err()));
    assert_eq!(start.elapsed().as_secs(), VIOLATION_LINGER.as_secs());
    events.next("$connect").await;
    events.next("$disconnect").await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_ever_on_a_function_that_hangs() {
    let (gateway, mut events) = gateway(|event| match route(&event).as_str() {
        "$default" => Box::pin(std::future::pending()),
        _ => ok(),
    });
    let mut client = client_in_memory(&gateway).await.unwrap();
    events.next("$connect").await;
    say(&mut client, "hang").await;
    events.next("$default").await;
    let start = Instant::now();
    tokio::join!(gateway.shutdown(), close_and_end(&mut client));
    assert_eq!(start.elapsed().as_secs(), SHUTDOWN_GRACE.as_secs());
}

#[tokio::test]
async fn a_function_at_work_finishes_after_its_client_is_gone() {
    let (let_go, wait) = tokio::sync::watch::channel(false);
    let (done, mut finished) = mpsc::unbounded_channel();
    let (served, mut events) = serve(move |event| {
        let (mut wait, done) = (wait.clone(), done.clone());
        Box::pin(async move {
            if route(&event) == "$default" {
                wait.wait_for(|go| *go).await.unwrap();
                done.send(()).unwrap();
            }
            Ok(json!({"statusCode": 200}))
        })
    })
    .await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    say(&mut client, "work").await;
    events.next("$default").await;
    served.gateway.kill(&id);
    assert!(matches!(client.next().await, Some(Err(_))));
    let_go.send(true).unwrap();
    finished.recv().await.unwrap();
}

async fn close_and_end<S: AsyncRead + AsyncWrite + Unpin>(client: &mut WebSocketStream<S>) -> u16 {
    let (code, _) = close_of(client).await;
    // Reading on answers the close.
    while client.next().await.is_some() {}
    code
}
