//! What the tests of this crate share: an app without a database, requests, answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::access::Caller;
use app::ports::{Clock, Ids};
use app::{App, Config};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use domain::id::{SessionId, UserId};
use domain::text::{Email, PersonName};
use domain::user::User;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use tower::ServiceExt;
use uuid::Uuid;

use crate::{Parse, Problems};

/// The public half of a key that nobody keeps the private half of.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

pub(crate) const ORIGIN: &str = "https://app.example";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2027-03-01T10:00:00Z".parse().unwrap()
    }
}

struct Counted(AtomicU64);

impl Ids for Counted {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

/// An app whose tables cannot be reached, for requests that do not get that far.
pub(crate) fn app() -> App {
    app_for(&[ORIGIN])
}

pub(crate) fn app_for(origins: &[&str]) -> App {
    let config = Config {
        stage: "test".into(),
        public_url: "https://api.example".into(),
        ws_url: "wss://ws.example".into(),
        jwt_issuer: "https://api.example".into(),
        jwt_signing_key: None,
        jwt_public_keys: PUBLIC_KEY.into(),
        token_key: Some("0123456789abcdef0123456789abcdef".to_owned().into()),
        allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        bootstrap_admin: None,
    };
    let nowhere = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new("eu-central-1"))
        .endpoint_url("http://127.0.0.1:1")
        .build();
    let store = store::Store::new(aws_sdk_dynamodb::Client::from_conf(nowhere), "test-");
    App::builder(
        store,
        config,
        Arc::new(Fixed),
        Arc::new(Counted(AtomicU64::new(1))),
    )
    .unwrap()
    .build()
}

/// Somebody in a session of theirs.
pub(crate) fn caller(change: impl FnOnce(&mut User)) -> Caller {
    let (email, name) = (Email::parse("ada@example.com"), PersonName::parse("Ada"));
    let id = UserId::from_uuid(Uuid::from_u128(1));
    let mut user = User::registered(id, email.unwrap(), name.unwrap(), Timestamp::UNIX_EPOCH);
    change(&mut user);
    Caller::of(&user, SessionId::from_uuid(Uuid::from_u128(2)))
}

/// Somebody with a verified address.
pub(crate) fn customer() -> Caller {
    caller(|user| user.email_verified_at = Some(Timestamp::UNIX_EPOCH))
}

pub(crate) fn get(path: &str) -> Request {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) fn post_json(path: &str, body: impl Into<Body>) -> Request {
    Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

pub(crate) async fn request(router: Router, request: Request) -> Response {
    router.oneshot(request).await.unwrap()
}

pub(crate) async fn text_of(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

pub(crate) async fn json_of(response: Response) -> serde_json::Value {
    serde_json::from_str(&text_of(response).await).unwrap()
}

/// A small input.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGuest {
    name: String,
    age: u32,
}

pub(crate) struct Guest {
    pub name: String,
    pub age: u32,
}

impl Parse for NewGuest {
    type Into = Guest;

    fn parse(self, problems: &mut Problems) -> Option<Guest> {
        if self.name.is_empty() {
            problems.add("name", "is empty");
        }
        if self.age > 150 {
            problems.add("age", "nobody is that old");
        }
        problems.is_empty().then_some(Guest {
            name: self.name,
            age: self.age,
        })
    }
}
