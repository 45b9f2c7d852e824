//! One connection's socket, from the finished upgrade to its `$disconnect`.
//!
//! A reader and a writer run side by side, so that a client that reads slowly can still send, be killed and
//! time out. Frames are handed to the function without waiting for the one before, as on AWS: a client
//! that needs an order must number its frames.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tungstenite::Error as ProtocolFault;
use tungstenite::error::ProtocolError;

use crate::connection::{Connection, Inbox, Order};
use crate::event::{self, Body, Moment, Peer};
use crate::gateway::{Gateway, Unanswered};
use crate::ids;
use crate::limits::{
    CLOSE_HANDSHAKE_TIMEOUT, CONCURRENT_FRAMES_MAX, CONNECTION_LIFETIME, IDLE_TIMEOUT, VIOLATION_LINGER,
};

/// Why a connection ended.
enum Ending {
    /// The client sent a close frame; 1005 stands for one without a status.
    ByClient(u16, String),
    /// The socket broke.
    Vanished,
    /// The client broke a rule, and is told which.
    Violation(u16, &'static str),
    /// Idle, too old, deleted or shutting down: the gateway closes.
    ByGateway(u16, &'static str),
    Killed,
}

pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    connection: Arc<Connection>,
    inbox: Inbox,
    socket: WebSocket,
) {
    let (sink, mut stream) = socket.split();
    let (say_goodbye, goodbye) = oneshot::channel();
    let mut writer = tokio::spawn(write(sink, inbox.outbound, goodbye));
    let ending = read(&gateway, &connection, inbox.orders, &mut stream, &mut writer).await;
    gateway.close(&connection.peer.connection_id);

    let (code, reason) = match &ending {
        Ending::Killed => {
            writer.abort();
            return;
        }
        Ending::ByClient(code, reason) => (*code, reason.as_str()),
        Ending::Vanished => (1006, "Connection Closed Abnormally"),
        Ending::Violation(code, reason) | Ending::ByGateway(code, reason) => (*code, *reason),
    };
    let goodbye = async {
        match &ending {
            Ending::Killed | Ending::Vanished => {}
            // The protocol library has answered the close frame; reading on sends the answer off.
            Ending::ByClient(..) => drain(&mut stream).await,
            Ending::Violation(code, reason) => {
                let _ = say_goodbye.send(close_frame(*code, reason));
                let _ = timeout(CLOSE_HANDSHAKE_TIMEOUT, &mut writer).await;
                sleep(VIOLATION_LINGER).await;
            }
            Ending::ByGateway(code, reason) => {
                let _ = say_goodbye.send(close_frame(*code, reason));
                drain(&mut stream).await;
            }
        }
        // Also frees a writer that is stuck on a client that does not read.
        writer.abort();
    };
    tokio::join!(goodbye, disconnect(&gateway, &connection.peer, code, reason));
}

/// The client was gone before its socket existed.
pub(crate) async fn vanished(gateway: &Gateway, peer: &Peer) {
    gateway.close(&peer.connection_id);
    disconnect(gateway, peer, 1006, "Connection Closed Abnormally").await;
}

async fn read(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    mut orders: watch::Receiver<Order>,
    stream: &mut SplitStream<WebSocket>,
    writer: &mut JoinHandle<()>,
) -> Ending {
    let end_of_life = Instant::now() + CONNECTION_LIFETIME;
    let mut idle_until = connection.last_active() + IDLE_TIMEOUT;
    let mut in_hand = JoinSet::new();
    let ending = loop {
        tokio::select! {
            biased;
            ending = ordered(&mut orders) => break ending,
            () = sleep_until(end_of_life) => break Ending::ByGateway(1001, "Going away"),
            () = sleep_until(idle_until) => {
                let quiet_until = connection.last_active() + IDLE_TIMEOUT;
                if quiet_until <= idle_until {
                    break Ending::ByGateway(1001, "Going away");
                }
                idle_until = quiet_until;
            }
            _ = &mut *writer => break Ending::Vanished,
            Some(_) = in_hand.join_next(), if !in_hand.is_empty() => {}
            frame = stream.next(), if in_hand.len() < CONCURRENT_FRAMES_MAX => match frame {
                Some(Ok(Message::Close(frame))) => break by_client(frame),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    connection.touch();
                    let (gateway, connection) = (Arc::clone(gateway), Arc::clone(connection));
                    in_hand.spawn(async move { handle(&gateway, &connection, &message).await });
                }
                Some(Err(error)) => break broken(error),
                None => break Ending::Vanished,
            },
        }
    };
    // The functions at work run on; this is for the log, should one of them fail.
    in_hand.detach_all();
    ending
}

async fn ordered(orders: &mut watch::Receiver<Order>) -> Ending {
    match orders.wait_for(|order| *order != Order::Stay).await.as_deref() {
        Ok(Order::Close) => Ending::ByGateway(1000, "Connection Closed Normally"),
        Ok(Order::GoAway) => Ending::ByGateway(1001, "Going away"),
        Ok(Order::Kill | Order::Stay) | Err(_) => Ending::Killed,
    }
}

/// Sends what is posted, and after the word to close what is still queued and the close frame. Ends early
/// when the socket breaks.
async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut outbound: mpsc::Receiver<Message>,
    mut goodbye: oneshot::Receiver<Message>,
) {
    loop {
        let (message, last) = tokio::select! {
            biased;
            Some(message) = outbound.recv() => (message, false),
            frame = &mut goodbye => match frame {
                Ok(frame) => (frame, true),
                Err(_) => return,
            },
        };
        if sink.send(message).await.is_err() || last {
            return;
        }
    }
}

/// Reads until the closing handshake is over, or the client has had long enough.
async fn drain(stream: &mut SplitStream<WebSocket>) {
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = timeout(CLOSE_HANDSHAKE_TIMEOUT, rest).await;
}

async fn handle(gateway: &Gateway, connection: &Connection, message: &Message) {
    let body = match message {
        Message::Text(text) => Body::Text(text.as_str()),
        Message::Binary(bytes) => Body::Binary(bytes),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return,
    };
    let peer = &connection.peer;
    let (Some(moment), Some(message_id)) = (moment(), ids::gateway_id()) else {
        return;
    };
    let event = event::message(&gateway.config, peer, &moment, &message_id, &body);
    let said = match gateway.invoke(event).await {
        // There is no route response, so what the function returns is dropped.
        Ok(_answer) => return,
        Err(Unanswered::Failed(error)) => {
            tracing::error!(connection.id = peer.connection_id, %error, "$default failed");
            "Internal server error"
        }
        Err(Unanswered::TimedOut) => {
            tracing::error!(connection.id = peer.connection_id, "$default timed out");
            "Endpoint request timed out"
        }
    };
    let told = event::gateway_message(said, &peer.connection_id, &moment.request_id).to_string();
    // A client that is gone or does not read needs no telling.
    let _ = connection.post(Message::Text(told.into()));
}

async fn disconnect(gateway: &Gateway, peer: &Peer, code: u16, reason: &str) {
    let Some(moment) = moment() else { return };
    let event = event::disconnect(&gateway.config, peer, &moment, code, reason);
    if let Err(error) = gateway.invoke(event).await {
        tracing::error!(connection.id = peer.connection_id, ?error, "$disconnect failed");
    }
}

fn moment() -> Option<Moment> {
    Some(Moment {
        at: Timestamp::now(),
        request_id: ids::gateway_id()?,
    })
}

fn by_client(frame: Option<CloseFrame>) -> Ending {
    match frame {
        Some(CloseFrame { code, reason }) => Ending::ByClient(code, reason.as_str().to_owned()),
        None => Ending::ByClient(1005, "Client-side close frame status not set".into()),
    }
}

fn broken(error: axum::Error) -> Ending {
    let Ok(fault) = error.into_inner().downcast::<ProtocolFault>() else {
        return Ending::Vanished;
    };
    match *fault {
        ProtocolFault::Capacity(_) => Ending::Violation(1009, "Message too long"),
        ProtocolFault::Utf8(_) => Ending::Violation(1007, "Invalid UTF-8"),
        ProtocolFault::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | ProtocolFault::ConnectionClosed
        | ProtocolFault::AlreadyClosed
        | ProtocolFault::Io(_)
        | ProtocolFault::Tls(_)
        | ProtocolFault::WriteBufferFull(_)
        | ProtocolFault::AttackAttempt
        | ProtocolFault::Url(_)
        | ProtocolFault::Http(_)
        | ProtocolFault::HttpFormat(_) => Ending::Vanished,
        ProtocolFault::Protocol(_) => Ending::Violation(1002, "Protocol error"),
    }
}

fn close_frame(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    }))
}
