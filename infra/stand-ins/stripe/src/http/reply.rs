//! Answers.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use futures_util::stream;
use serde_json::Value;

/// What an operation answers after its effect: a success, or a declined card.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Reply {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }
}

/// An answer ready to be sent, with the headers that Stripe adds.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub fn new(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// An answer that never arrives: its body fails at once, so the server closes the connection before it has
/// written a byte, and a caller in the same process sees a body that breaks.
pub fn dropped_connection() -> Response<Body> {
    let broken = std::io::Error::new(
        std::io::ErrorKind::ConnectionReset,
        "connection dropped by a fault",
    );
    Response::new(Body::from_stream(stream::once(async move {
        Err::<Vec<u8>, _>(broken)
    })))
}
