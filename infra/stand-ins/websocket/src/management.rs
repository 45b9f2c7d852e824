//! The `@connections` API, as `aws-sdk-apigatewaymanagement` calls it.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::ws::Message;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use crate::connection::Refused;
use crate::gateway::Gateway;
use crate::ids;
use crate::limits::{MESSAGE_BYTES_MAX, POST_BYTES_READ_MAX};

/// `POST /@connections/{connectionId}`: the body becomes a text message, or a binary one if it is no UTF-8.
pub(crate) async fn post_to_connection(
    State(gateway): State<Arc<Gateway>>,
    Path(connection_id): Path<String>,
    body: Body,
) -> Response {
    let Ok(body) = to_bytes(body, POST_BYTES_READ_MAX).await else {
        return Fault::TooLarge.into_response();
    };
    let Some(connection) = gateway.find(&connection_id) else {
        return Fault::Gone.into_response();
    };
    if body.len() > MESSAGE_BYTES_MAX {
        return Fault::TooLarge.into_response();
    }
    let message = match String::from_utf8(body.into()) {
        Ok(text) => Message::Text(text.into()),
        Err(bytes) => Message::Binary(bytes.into_bytes().into()),
    };
    match connection.post(message) {
        Ok(()) => (request_id(), StatusCode::OK).into_response(),
        Err(Refused::Gone) => Fault::Gone.into_response(),
        Err(Refused::BufferFull) => Fault::BufferFull.into_response(),
    }
}

/// `GET /@connections/{connectionId}`.
pub(crate) async fn get_connection(
    State(gateway): State<Arc<Gateway>>,
    Path(connection_id): Path<String>,
) -> Response {
    let Some(connection) = gateway.find(&connection_id) else {
        return Fault::Gone.into_response();
    };
    let peer = &connection.peer;
    let answer = json!({
        "connectedAt": instant(peer.connected_at),
        "identity": {"sourceIp": peer.source_ip, "userAgent": peer.user_agent},
        "lastActiveAt": instant(connection.last_active_at()),
    });
    (request_id(), Json(answer)).into_response()
}

/// `DELETE /@connections/{connectionId}`: what was posted before is still delivered.
pub(crate) async fn delete_connection(
    State(gateway): State<Arc<Gateway>>,
    Path(connection_id): Path<String>,
) -> Response {
    if gateway.delete(&connection_id) {
        (request_id(), StatusCode::NO_CONTENT).into_response()
    } else {
        Fault::Gone.into_response()
    }
}

enum Fault {
    Gone,
    TooLarge,
    BufferFull,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, name, message) = match self {
            Self::Gone => (StatusCode::GONE, "GoneException", "The connection is gone"),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "PayloadTooLargeException",
                "Message too long",
            ),
            Self::BufferFull => (
                StatusCode::TOO_MANY_REQUESTS,
                "LimitExceededException",
                "The client's buffer is full",
            ),
        };
        let error_type = [(HeaderName::from_static("x-amzn-errortype"), name)];
        (
            status,
            error_type,
            request_id(),
            Json(json!({"message": message})),
        )
            .into_response()
    }
}

fn request_id() -> [(HeaderName, String); 1] {
    [(
        HeaderName::from_static("x-amzn-requestid"),
        ids::gateway_id().unwrap_or_default(),
    )]
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
