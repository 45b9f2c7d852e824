//! Requests and answers.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use serde_json::Value;
use testkit::Person;
use tower::ServiceExt;

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    address: String,
}

/// A network for each request, so that no other one counts for it unless a test says so.
fn somewhere() -> String {
    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    let [_, a, b, c] = REQUESTS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

pub fn ask(method: Method, path: impl Into<String>) -> Ask {
    Ask {
        method,
        path: path.into(),
        headers: Vec::new(),
        body: Vec::new(),
        address: somewhere(),
    }
}

pub fn get(path: impl Into<String>) -> Ask {
    ask(Method::GET, path)
}

/// Without a body.
pub fn bare(path: impl Into<String>) -> Ask {
    ask(Method::POST, path)
}

pub fn post(path: impl Into<String>, body: Value) -> Ask {
    ask(Method::POST, path).json(&body)
}

pub fn put(path: impl Into<String>, body: Value) -> Ask {
    ask(Method::PUT, path).json(&body)
}

pub fn patch(path: impl Into<String>, body: Value) -> Ask {
    ask(Method::PATCH, path).json(&body)
}

impl Ask {
    pub fn json(self, body: &Value) -> Self {
        self.raw(body.to_string())
            .header(CONTENT_TYPE.as_str(), "application/json")
    }

    pub fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn by(self, person: &Person) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {}", person.access_token))
    }

    /// From this address.
    pub fn from(self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self
        }
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn if_match(self, tag: &str) -> Self {
        self.header(IF_MATCH.as_str(), tag)
    }

    fn event(&self) -> Value {
        const GENUINE: &str = include_str!("../../../events/http-register.json");
        let mut event: Value = serde_json::from_str(GENUINE).unwrap();
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        event["rawPath"] = path.into();
        event["rawQueryString"] = query.into();
        event["requestContext"]["http"]["method"] = self.method.as_str().into();
        event["requestContext"]["http"]["path"] = path.into();
        event["requestContext"]["http"]["sourceIp"] = self.address.as_str().into();
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()));
        event["headers"] = Value::Object(headers.collect());
        match std::str::from_utf8(&self.body) {
            Ok(text) => event["body"] = text.into(),
            Err(_) => {
                event["body"] = STANDARD.encode(&self.body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
        event
    }

    /// As API Gateway sends it, and as the function's runtime reads it.
    pub async fn of(self, router: Router) -> Answer {
        let request = lambda_http::request::from_str(&self.event().to_string()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            path: self.path,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            bytes: bytes.to_vec(),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    path: String,
    pub status: u16,
    headers: HeaderMap,
    /// Null when it is no JSON.
    pub body: Value,
    bytes: Vec<u8>,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.path, self.body);
        self.body
    }

    /// The text of a file.
    #[track_caller]
    pub fn file(self) -> String {
        assert_eq!(self.status, 200, "{}: {}", self.path, self.body);
        String::from_utf8(self.bytes).unwrap()
    }

    /// A problem of this status and code, as RFC 9457 wants it.
    #[track_caller]
    pub fn refuses(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, &self.body["code"]),
            (status, &Value::from(code)),
            "{}: {}",
            self.path,
            self.body
        );
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["request_id"].is_string());
        self.body
    }

    /// A 422 that names these fields, in any order.
    #[track_caller]
    pub fn points_at(self, pointers: &[&str]) {
        let body = self.refuses(422, "invalid");
        let errors = body["errors"].as_array().unwrap();
        let mut found: Vec<_> = errors.iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        let mut expected = pointers.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{body}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A field that is a text.
#[track_caller]
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} of {value}"))
}

/// What the items of a list have under a name.
#[track_caller]
pub fn all<'v>(list: &'v Value, name: &str) -> Vec<&'v str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(item, &format!("/{name}")))
        .collect()
}
