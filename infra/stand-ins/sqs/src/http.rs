//! The door: one POST for every operation, and the fault switch beside it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State, rejection::BytesRejection};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

use crate::Inner;
use crate::error::{AMZ_JSON, REQUEST_ID, SqsError, ascii};
use crate::faults::{Fault, When};
use crate::limits::REQUEST_BYTES_MAX;
use crate::operation::Operation;
use crate::operations::{self, name_in_url};

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/", post(call))
        // Some clients send to the queue's URL; its name is in the body as well.
        .route("/{account}/{queue}", post(call))
        .route(
            "/_stand_in/faults",
            get(armed_faults).post(arm_fault).delete(clear_faults),
        )
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(inner)
}

async fn call(
    State(inner): State<Arc<Inner>>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match answer(&inner, &uri, &headers, body).await {
        Ok(value) => {
            let request_id = ascii(&uuid::Uuid::new_v4().to_string());
            (
                [(header::CONTENT_TYPE, AMZ_JSON), (REQUEST_ID, request_id)],
                value.to_string(),
            )
                .into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn answer(
    inner: &Inner,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Value, SqsError> {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = Operation::from_target(target)?;
    let body = body.map_err(|_| SqsError::RequestEntityTooLarge)?;
    let request: Value =
        serde_json::from_slice(&body).map_err(|error| SqsError::Serialization(error.to_string()))?;
    let queue = request
        .get("QueueUrl")
        .and_then(Value::as_str)
        .and_then(name_in_url)
        .or_else(|| request.get("QueueName").and_then(Value::as_str))
        .map(str::to_owned);
    match inner.faults.take_failure(operation, queue.as_deref()) {
        None => operations::perform(inner, operation, request, &base_url(uri, headers)).await,
        Some((When::Before, failure)) => Err(failure.to_error()),
        Some((When::After, failure)) => {
            operations::perform(inner, operation, request, &base_url(uri, headers)).await?;
            Err(failure.to_error())
        }
    }
}

/// The address under which the caller reached the stand-in, which queue URLs start with.
fn base_url(uri: &Uri, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()))
        .unwrap_or("localhost");
    format!("http://{host}")
}

async fn armed_faults(State(inner): State<Arc<Inner>>) -> Json<Vec<Fault>> {
    Json(inner.faults.armed())
}

async fn arm_fault(State(inner): State<Arc<Inner>>, Json(fault): Json<Fault>) -> StatusCode {
    inner.faults.arm(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(inner): State<Arc<Inner>>) -> StatusCode {
    inner.faults.clear();
    StatusCode::NO_CONTENT
}
