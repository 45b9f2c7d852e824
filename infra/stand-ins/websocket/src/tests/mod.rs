//! The gateway as its three neighbours see it: a WebSocket client (`tokio-tungstenite`), the function, and
//! the real `aws-sdk-apigatewaymanagement`.

mod connecting;
mod ending;
mod frames;
mod limits;
mod posting;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as ClientError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::{GatewayConfig, Integration, InvokeError, WebSocketGateway};

type Answer = Pin<Box<dyn Future<Output = Result<Value, InvokeError>> + Send>>;
type TcpClient = WebSocketStream<MaybeTlsStream<TcpStream>>;
type MemoryClient = WebSocketStream<DuplexStream>;

/// A function that reports each event to the test and then does what the test says.
struct Function<F> {
    events: mpsc::UnboundedSender<Value>,
    rule: F,
}

#[async_trait::async_trait]
impl<F: Fn(Value) -> Answer + Send + Sync> Integration for Function<F> {
    async fn invoke(&self, event: Value) -> Result<Value, InvokeError> {
        let _ = self.events.send(event.clone());
        (self.rule)(event).await
    }
}

/// What the function was sent, in order.
struct Events(mpsc::UnboundedReceiver<Value>);

impl Events {
    async fn next(&mut self, route: &str) -> Value {
        let event = self.0.recv().await.unwrap();
        assert_eq!(event["requestContext"]["routeKey"], route, "{event}");
        event
    }

    async fn id_of_the_next(&mut self, route: &str) -> String {
        self.next(route).await["requestContext"]["connectionId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn none_left(&mut self) -> bool {
        self.0.is_empty()
    }
}

fn ok() -> Answer {
    Box::pin(async { Ok(json!({"statusCode": 200})) })
}

fn route(event: &Value) -> String {
    event["requestContext"]["routeKey"].as_str().unwrap().to_owned()
}

/// The gateway without a network: time may be paused, since all that wakes a task is in this runtime.
fn gateway(rule: impl Fn(Value) -> Answer + Send + Sync + 'static) -> (WebSocketGateway, Events) {
    let (events, received) = mpsc::unbounded_channel();
    let function = Arc::new(Function { events, rule });
    (
        WebSocketGateway::new(GatewayConfig::default(), function),
        Events(received),
    )
}

async fn client_in_memory(gateway: &WebSocketGateway) -> Result<MemoryClient, ClientError> {
    const PIPE_BYTES: usize = 1 << 20;
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let service = TowerToHyperService::new(gateway.router());
    tokio::spawn(
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(theirs), service)
            .with_upgrades(),
    );
    client_async("ws://localhost/ws", ours)
        .await
        .map(|(client, _)| client)
}

/// The gateway on a port, with the SDK's client for it.
struct Served {
    gateway: WebSocketGateway,
    address: SocketAddr,
    api: aws_sdk_apigatewaymanagement::Client,
}

async fn serve(rule: impl Fn(Value) -> Answer + Send + Sync + 'static) -> (Served, Events) {
    let (gateway, events) = gateway(rule);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = gateway
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let config = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(format!("http://{address}"))
        .build();
    let api = aws_sdk_apigatewaymanagement::Client::from_conf(config);
    (
        Served {
            gateway,
            address,
            api,
        },
        events,
    )
}

impl Served {
    async fn connect(&self) -> TcpClient {
        self.try_connect("/ws", &[]).await.unwrap().0
    }

    async fn try_connect(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Result<
        (
            TcpClient,
            tokio_tungstenite::tungstenite::handshake::client::Response,
        ),
        ClientError,
    > {
        let mut request = format!("ws://{}{path}", self.address)
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        connect_async(request).await
    }

    async fn post(
        &self,
        connection_id: &str,
        data: impl AsRef<[u8]>,
    ) -> Result<(), aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError> {
        self.api
            .post_to_connection()
            .connection_id(connection_id)
            .data(Blob::new(data.as_ref()))
            .send()
            .await
            .map(drop)
            .map_err(|error| error.into_service_error())
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(client: &mut WebSocketStream<S>, text: &str) {
    client.send(Message::text(text)).await.unwrap();
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(client: &mut WebSocketStream<S>) -> String {
    client
        .next()
        .await
        .unwrap()
        .unwrap()
        .into_text()
        .unwrap()
        .as_str()
        .to_owned()
}

/// The code and reason of the close frame that comes next; then the end of the connection.
async fn close_of<S: AsyncRead + AsyncWrite + Unpin>(client: &mut WebSocketStream<S>) -> (u16, String) {
    match client.next().await {
        Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
            (code.into(), reason.as_str().to_owned())
        }
        other => panic!("expected a close frame, got {other:?}"),
    }
}

fn status_of_refusal<T>(outcome: Result<T, ClientError>) -> u16 {
    match outcome {
        Err(ClientError::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("expected a refusal, got {other:?}"),
        Ok(_) => panic!("expected a refusal, got a connection"),
    }
}
