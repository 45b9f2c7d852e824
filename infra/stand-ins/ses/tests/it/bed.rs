//! A stand-in on a port of its own, the SDK's client for it, and what the tests do with both.

use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::config::timeout::TimeoutConfig;
use aws_sdk_ses::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::send_raw_email::{SendRawEmailError, SendRawEmailOutput};
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::RawMessage;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;
use ses_stand_in::SesStandIn;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

/// How long a call may take, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Bed {
    pub client: Client,
    pub stand_in: SesStandIn,
    server: JoinHandle<()>,
}

pub type Sent = Result<SendRawEmailOutput, SdkError<SendRawEmailError>>;

impl Bed {
    pub async fn in_memory() -> Self {
        Self::start(SesStandIn::open(None).unwrap()).await
    }

    pub async fn start(stand_in: SesStandIn) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = stand_in.api_router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = aws_sdk_ses::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .endpoint_url(&endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            // A test whose call is never answered fails instead of hanging.
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .build();
        Self {
            client: Client::from_conf(config),
            stand_in,
            server,
        }
    }

    pub async fn send_raw(&self, raw: impl Into<Vec<u8>>) -> Sent {
        let message = RawMessage::builder().data(Blob::new(raw)).build().unwrap();
        self.client.send_raw_email().raw_message(message).send().await
    }

    /// Sends a small plain mail.
    pub async fn send_to(&self, to: &str, subject: &str) {
        self.send_raw(plain(to, subject)).await.unwrap();
    }

    /// The mails that the query asks for.
    pub async fn json(&self, query: &str) -> Vec<Value> {
        json(&self.stand_in, query).await
    }

    pub async fn get(&self, path: &str) -> Response {
        get(&self.stand_in, path).await
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub fn plain(to: &str, subject: &str) -> String {
    format!("From: Shop <shop@example.com>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nHello {to}\r\n")
}

pub async fn json(stand_in: &SesStandIn, query: &str) -> Vec<Value> {
    let response = get(stand_in, &format!("/local/mail.json?{query}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_str(&text(response).await).unwrap()
}

pub async fn get(stand_in: &SesStandIn, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty()).unwrap();
    stand_in.mailbox_router().oneshot(request).await.unwrap()
}

pub async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// The code that the SDK read from a refusal.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(
    outcome: Result<T, SdkError<E, R>>,
) -> String {
    outcome
        .unwrap_err()
        .code()
        .expect("the answer carries a code")
        .to_owned()
}
