//! A stand-in with a clock that a test moves and an inbox for its webhooks.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use stripe_stand_in::{
    Config, ConfiguredWebhook, DEFAULT_SECRET_KEY, ManualClock, StripeStandIn, WebhookSender,
};
use tower::ServiceExt;

pub const START_MS: i64 = 1_800_000_000_000;
/// How often other tasks get a turn before a wait is given up.
const TURNS_MAX: usize = 1_000;
pub const WEBHOOK_SECRET: &str = "whsec_test";
/// What a server sends that takes cards and nothing that redirects.
pub const CARDS_ONLY: &str =
    "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";

pub struct World {
    pub stand_in: StripeStandIn,
    pub clock: Arc<ManualClock>,
    pub inbox: Arc<Inbox>,
    router: Router,
}

#[derive(Debug, Clone)]
pub struct Received {
    pub url: String,
    pub signature: Option<String>,
    pub body: String,
}

impl Received {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }
}

/// Receives webhooks; answers 200 unless told otherwise.
#[derive(Default)]
pub struct Inbox {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Result<u16, String>>>,
}

impl Inbox {
    pub fn will_answer(&self, answers: impl IntoIterator<Item = Result<u16, String>>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    pub fn take_kinds(&self) -> Vec<String> {
        self.take().iter().map(Received::kind).collect()
    }
}

/// The seam's trait is made by `async_trait`; this is the method it describes.
#[async_trait::async_trait]
impl WebhookSender for Inbox {
    async fn send(&self, url: &str, signature: Option<&str>, body: &str) -> Result<u16, String> {
        let received = Received {
            url: url.to_owned(),
            signature: signature.map(str::to_owned),
            body: body.to_owned(),
        };
        self.received.lock().unwrap().push(received);
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(200))
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// The JSON of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json
    }

    /// The error of a refusal with this status.
    #[track_caller]
    pub fn error(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json["error"].clone()
    }
}

impl World {
    pub fn new() -> Self {
        Self::open(None)
    }

    pub fn open(data: Option<&Path>) -> Self {
        Self::with(Arc::new(ManualClock::at_ms(START_MS)), data)
    }

    pub fn with(clock: Arc<ManualClock>, data: Option<&Path>) -> Self {
        let inbox = Arc::new(Inbox::default());
        let config = Config {
            data: data.map(Path::to_owned),
            webhooks: vec![ConfiguredWebhook {
                url: "http://app.test/webhook".into(),
                secret: WEBHOOK_SECRET.into(),
            }],
            retry_delays: vec![Duration::from_secs(1), Duration::from_secs(10)],
            retry_for: Duration::from_secs(60),
            balance_delay: Duration::from_secs(2),
            refund_delay: Duration::from_secs(5),
            clock: clock.clone(),
            sender: inbox.clone(),
            ..Config::default()
        };
        let stand_in = StripeStandIn::open(config).unwrap();
        let router = stand_in.router();
        Self {
            stand_in,
            clock,
            inbox,
            router,
        }
    }

    /// Sends a request as it is; the answer's body may break.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn request(&self, method: &str, path: &str, form: &str, key: Option<&str>) -> Answer {
        read(self.send(signed(method, path, form, key)).await)
            .await
            .expect("the connection was dropped")
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.request("POST", path, form, None).await
    }

    pub async fn post_keyed(&self, key: &str, path: &str, form: &str) -> Answer {
        self.request("POST", path, form, Some(key)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "", None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, "", None).await
    }

    /// A call of `/_stand_in/…`.
    pub async fn switch(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/_stand_in/{path}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        read(self.send(request).await).await.unwrap()
    }

    /// A confirmed PaymentIntent; `more` adds parameters.
    pub async fn pay(&self, amount: i64, card: &str, more: &str) -> Answer {
        let form =
            format!("amount={amount}&currency=usd&confirm=true&payment_method={card}&{CARDS_ONLY}&{more}");
        self.post("/v1/payment_intents", form.trim_end_matches('&')).await
    }

    pub async fn customer(&self) -> String {
        let customer = self
            .post("/v1/customers", "email=ada@example.com&name=Ada")
            .await
            .ok();
        customer["id"].as_str().unwrap().to_owned()
    }

    pub async fn charge_of(&self, intent: &Value) -> Value {
        self.get(&format!(
            "/v1/charges/{}",
            intent["latest_charge"].as_str().unwrap()
        ))
        .await
        .ok()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1_000);
    }

    /// Lets other tasks run until a `hold` fault holds one.
    pub async fn until_a_call_is_held(&self) {
        for _ in 0..TURNS_MAX {
            if self.switch("GET", "faults", Value::Null).await.ok()["faults"][0]["waiting"] == 1 {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("no call was held");
    }

    /// Sends due webhooks until there are none.
    pub async fn settle(&self) {
        while self.stand_in.settle_due().await.unwrap() > 0 {}
    }
}

pub fn signed(method: &str, path: &str, form: &str, key: Option<&str>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "stripe.test")
        .header("authorization", format!("Bearer {DEFAULT_SECRET_KEY}"));
    if !form.is_empty() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.body(Body::from(form.to_owned())).unwrap()
}

/// Reads an answer; none when its connection was dropped.
pub async fn read(response: Response<Body>) -> Option<Answer> {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.ok()?.to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Some(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text,
        json,
    })
}

/// The id in an object.
pub fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
