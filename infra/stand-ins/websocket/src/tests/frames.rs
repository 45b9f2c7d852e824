use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};

use super::*;
use crate::limits::{CONCURRENT_FRAMES_MAX, INTEGRATION_TIMEOUT};

#[tokio::test]
async fn a_text_and_a_binary_frame_are_message_events_of_the_default_route() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;

    say(&mut client, "{\"id\":1}\n{\"id\":2}").await;
    let text = events.next("$default").await;
    assert_eq!(
        (&text["body"], &text["isBase64Encoded"]),
        (&json!("{\"id\":1}\n{\"id\":2}"), &json!(false))
    );
    assert_eq!(text["requestContext"]["eventType"], "MESSAGE");
    assert_eq!(text["requestContext"]["connectionId"], id);
    assert!(text["requestContext"]["messageId"].is_string());
    assert!(text.get("headers").is_none());

    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    let binary = events.next("$default").await;
    assert_eq!(
        (&binary["body"], &binary["isBase64Encoded"]),
        (&json!("AQID"), &json!(true))
    );
}

#[tokio::test]
async fn what_the_function_returns_never_reaches_the_client() {
    let (served, mut events) =
        serve(|_| Box::pin(async { Ok(json!({"statusCode": 200, "body": "returned"})) })).await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    say(&mut client, "hello").await;
    events.next("$default").await;
    served.post(&id, "posted").await.unwrap();
    assert_eq!(hear(&mut client).await, "posted");
}

#[tokio::test]
async fn a_frame_need_not_wait_for_the_one_before() {
    // Each of the two frames is answered only when both have arrived.
    let both = Arc::new(Barrier::new(2));
    let (done, mut finished) = mpsc::unbounded_channel();
    let (served, _events) = serve(move |event| {
        let (both, done) = (Arc::clone(&both), done.clone());
        Box::pin(async move {
            if route(&event) == "$default" {
                both.wait().await;
                done.send(event["body"].clone()).unwrap();
            }
            Ok(json!({"statusCode": 200}))
        })
    })
    .await;
    let mut client = served.connect().await;
    say(&mut client, "first").await;
    say(&mut client, "second").await;
    let mut bodies = [finished.recv().await.unwrap(), finished.recv().await.unwrap()];
    bodies.sort_by_key(Value::to_string);
    assert_eq!(bodies, [json!("first"), json!("second")]);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_limit_of_frames_are_in_the_function_at_a_time() {
    const ROUNDS: usize = 3;
    let (at_work, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (done, mut finished) = mpsc::unbounded_channel();
    let seen = Arc::clone(&most);
    let (gateway, _events) = gateway(move |event| {
        let (at_work, most, done) = (Arc::clone(&at_work), Arc::clone(&most), done.clone());
        Box::pin(async move {
            if route(&event) == "$default" {
                most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_secs(1)).await;
                at_work.fetch_sub(1, Ordering::SeqCst);
                done.send(()).unwrap();
            }
            Ok(json!({"statusCode": 200}))
        })
    });
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    for _ in 0..ROUNDS * CONCURRENT_FRAMES_MAX {
        say(&mut client, "work").await;
    }
    for _ in 0..ROUNDS * CONCURRENT_FRAMES_MAX {
        finished.recv().await.unwrap();
    }
    assert_eq!(seen.load(Ordering::SeqCst), CONCURRENT_FRAMES_MAX);
    assert_eq!(start.elapsed().as_secs(), ROUNDS as u64);
}

#[tokio::test]
async fn a_function_that_fails_on_a_frame_leaves_the_connection_open_and_the_client_told() {
    let (served, mut events) = serve(|event| {
        if event["body"] == "bad" {
            return Box::pin(async { Err(InvokeError("secret inner text".into())) });
        }
        ok()
    })
    .await;
    let mut client = served.connect().await;
    let id = events.id_of_the_next("$connect").await;
    say(&mut client, "bad").await;
    let told: Value = serde_json::from_str(&hear(&mut client).await).unwrap();
    assert_eq!(told["message"], "Internal server error");
    assert_eq!(told["connectionId"], id);
    events.next("$default").await;
    say(&mut client, "good").await;
    assert_eq!(events.next("$default").await["body"], "good");
}

#[tokio::test(start_paused = true)]
async fn a_function_slower_than_the_integration_timeout_runs_on_while_the_client_is_told() {
    let (done, mut finished) = mpsc::unbounded_channel();
    let (gateway, _events) = gateway(move |event| {
        let done = done.clone();
        Box::pin(async move {
            if route(&event) == "$default" {
                sleep(INTEGRATION_TIMEOUT * 2).await;
                done.send(()).unwrap();
            }
            Ok(json!({"statusCode": 200}))
        })
    });
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    say(&mut client, "slow").await;
    let told: Value = serde_json::from_str(&hear(&mut client).await).unwrap();
    assert_eq!(told["message"], "Endpoint request timed out");
    assert_eq!(start.elapsed().as_secs(), INTEGRATION_TIMEOUT.as_secs());
    finished.recv().await.unwrap();
}
