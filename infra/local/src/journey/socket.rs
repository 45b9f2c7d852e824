//! A WebSocket as a person would use one by hand, in the protocol of `events/asyncapi.yaml`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::client::{Ask, Client, StepError, failed, text};

/// How long a frame may take to arrive.
const FRAME_WAIT: Duration = Duration::from_secs(20);

/// Somebody who listens.
pub struct Listener {
    client: Client,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What arrived and was not looked at yet.
    lines: Vec<Value>,
}

impl Listener {
    /// Opens a socket as this person, and listens to a booking from its first event on.
    ///
    /// # Errors
    /// [`StepError`]; so below.
    pub async fn to_booking(client: &Client, token: &str, booking: &str) -> Result<Self, StepError> {
        let ask = Ask {
            method: Method::POST,
            path: "/api/v1/realtime/token",
            token: Some(token),
            key: None,
            body: None,
        };
        let answer = client.expect(201, ask).await?;
        let url = text(&answer, "/url")?;
        client.narrator().note(&format!("websocat '{url}'"));
        let (socket, _response) = connect_async(url)
            .await
            .map_err(|e| failed(format!("{url}: {e}")))?;
        let mut listener = Self {
            client: client.clone(),
            socket,
            lines: Vec::new(),
        };
        let connect = |token: &str| json!({ "id": 1, "connect": { "token": token } });
        client.narrator().note(&format!("→ {}", connect("$SOCKET_TOKEN")));
        listener.sends(&connect(text(&answer, "/token")?)).await?;
        // Frames are worked on side by side: whoever is not connected yet may not subscribe.
        listener.until(|line| line.pointer("/connect").is_some()).await?;
        let channel = format!("booking:{booking}");
        let subscribe = json!({ "channel": channel, "recover": true, "offset": 0, "epoch": "1" });
        let subscribe = json!({ "id": 2, "subscribe": subscribe });
        client.narrator().note(&format!("→ {subscribe}"));
        listener.sends(&subscribe).await?;
        Ok(listener)
    }

    /// Waits until an event of this type was told of, with the subscription or after it.
    pub async fn hears(&mut self, kind: &str) -> Result<(), StepError> {
        let tells = |event: &Value| text(event, "/data/type").is_ok_and(|told| told == kind);
        self.until(|line| {
            let missed = line.pointer("/subscribe/publications").and_then(Value::as_array);
            line.pointer("/push/pub").is_some_and(tells) || missed.into_iter().flatten().any(tells)
        })
        .await
    }

    async fn sends(&mut self, command: &Value) -> Result<(), StepError> {
        let sent = self.socket.send(Message::text(command.to_string())).await;
        sent.map_err(|e| failed(format!("the socket: {e}")))
    }

    async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Result<(), StepError> {
        loop {
            while !self.lines.is_empty() {
                if fits(&self.lines.remove(0)) {
                    return Ok(());
                }
            }
            let frame = tokio::time::timeout(FRAME_WAIT, self.socket.next()).await;
            let frame = frame.map_err(|_| failed(format!("the socket was silent for {FRAME_WAIT:?}")))?;
            let frame = frame.ok_or_else(|| failed("the socket was closed"))?;
            let frame = frame.map_err(|e| failed(format!("the socket: {e}")))?;
            for line in frame.into_text().unwrap_or_default().lines() {
                self.client.narrator().note(&format!("← {line}"));
                self.lines
                    .push(serde_json::from_str(line).map_err(|e| failed(format!("{e}: {line}")))?);
            }
        }
    }
}
