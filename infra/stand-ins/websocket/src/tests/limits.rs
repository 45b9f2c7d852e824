use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::*;
use crate::limits::{CONNECTION_LIFETIME, FRAME_BYTES_MAX, IDLE_TIMEOUT, MESSAGE_BYTES_MAX};

#[test]
fn the_limits_are_those_of_api_gateway() {
    assert_eq!((MESSAGE_BYTES_MAX, FRAME_BYTES_MAX), (131_072, 32_768));
    assert_eq!(
        (IDLE_TIMEOUT.as_secs(), CONNECTION_LIFETIME.as_secs()),
        (600, 7_200)
    );
    assert_eq!(crate::limits::INTEGRATION_TIMEOUT.as_secs(), 29);
}

#[tokio::test]
async fn a_frame_of_32_kb_is_taken_and_one_byte_more_closes_with_1009() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    events.next("$connect").await;
    say(&mut client, &"a".repeat(FRAME_BYTES_MAX)).await;
    assert_eq!(
        events.next("$default").await["body"].as_str().unwrap().len(),
        FRAME_BYTES_MAX
    );

    say(&mut client, &"a".repeat(FRAME_BYTES_MAX + 1)).await;
    assert_eq!(close_of(&mut client).await.0, 1009);
    let event = events.next("$disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1009);
    assert!(served.gateway.connections().is_empty());
}

#[tokio::test]
async fn a_message_of_128_kb_in_frames_is_taken_and_one_byte_more_closes_with_1009() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    events.next("$connect").await;
    send_in_frames(&mut client, MESSAGE_BYTES_MAX).await;
    assert_eq!(
        events.next("$default").await["body"].as_str().unwrap().len(),
        MESSAGE_BYTES_MAX
    );

    send_in_frames(&mut client, MESSAGE_BYTES_MAX + 1).await;
    assert_eq!(close_of(&mut client).await.0, 1009);
    events.next("$disconnect").await;
}

#[tokio::test]
async fn a_text_message_that_is_no_utf8_closes_with_1007() {
    let (served, mut events) = serve(|_| ok()).await;
    let mut client = served.connect().await;
    events.next("$connect").await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(close_of(&mut client).await.0, 1007);
}

#[tokio::test(start_paused = true)]
async fn a_connection_idle_for_ten_minutes_is_closed() {
    let (gateway, mut events) = gateway(|_| ok());
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    assert_eq!(close_of(&mut client).await, (1001, "Going away".to_owned()));
    assert_eq!(start.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
    events.next("$connect").await;
    let event = events.next("$disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1001);
    assert_eq!(event["requestContext"]["disconnectReason"], "Going away");
}

#[tokio::test(start_paused = true)]
async fn a_message_in_either_direction_starts_the_ten_minutes_again() {
    const MINUTES_9: Duration = Duration::from_secs(9 * 60);
    let (gateway, _events) = gateway(|_| ok());
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    sleep(MINUTES_9).await;
    say(&mut client, "still here").await;
    sleep(MINUTES_9).await;
    let id = gateway.connections().remove(0);
    gateway.gateway.find(&id).unwrap().post("you too".into()).unwrap();
    assert_eq!(hear(&mut client).await, "you too");
    close_of(&mut client).await;
    assert_eq!(
        start.elapsed().as_secs(),
        (MINUTES_9 * 2 + IDLE_TIMEOUT).as_secs()
    );
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_and_does_not_count_as_a_message() {
    let (gateway, _events) = gateway(|_| ok());
    let mut client = client_in_memory(&gateway).await.unwrap();
    let start = Instant::now();
    sleep(IDLE_TIMEOUT / 2).await;
    client.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(
        client.next().await.unwrap().unwrap(),
        Message::Pong("are you there".into())
    );
    close_of(&mut client).await;
    assert_eq!(start.elapsed().as_secs(), IDLE_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_busy_connection_is_closed_after_two_hours_all_the_same() {
    let (gateway, _events) = gateway(|_| ok());
    let (mut talk, mut listen) = client_in_memory(&gateway).await.unwrap().split();
    let start = Instant::now();
    let talking = async {
        loop {
            sleep(IDLE_TIMEOUT / 2).await;
            talk.send(Message::text("busy")).await.unwrap();
        }
    };
    tokio::select! {
        () = talking => panic!("the client stopped talking"),
        closed = listen.next() => assert!(matches!(closed, Some(Ok(Message::Close(Some(_)))))),
    }
    assert_eq!(start.elapsed().as_secs(), CONNECTION_LIFETIME.as_secs());
}

async fn send_in_frames(client: &mut TcpClient, bytes: usize) {
    let mut left = bytes;
    let mut kind = Data::Text;
    while left > 0 {
        let length = left.min(FRAME_BYTES_MAX);
        left -= length;
        let frame = Frame::message(vec![b'a'; length], OpCode::Data(kind), left == 0);
        client.send(Message::Frame(frame)).await.unwrap();
        kind = Data::Continue;
    }
}
