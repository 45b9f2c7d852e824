//! The SDK's HTTP connector, dispatching to a database in this process: serialisation, retries and
//! error mapping are the SDK's own.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Fault, Faults};

/// Attempts that the SDK makes, as in production.
const ATTEMPTS_MAX: u32 = 3;
const TARGET_PREFIX: &str = "DynamoDB_20120810.";

/// A client that talks to the database, through the faults.
#[must_use]
pub fn client(database: Database, faults: Arc<Faults>) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "stand-in"))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(InProcess { database, faults })
        .build();
    Client::from_conf(config)
}

/// An HTTP client with one server, which is in this process.
#[derive(Clone)]
pub struct InProcess {
    database: Database,
    faults: Arc<Faults>,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request
            .headers()
            .get("x-amz-target")
            .and_then(|target| target.strip_prefix(TARGET_PREFIX))
            .unwrap_or_default()
            .to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            // A call is where others come in between, here as over a network.
            tokio::task::yield_now().await;
            let answer = this.answer(&operation, &body);
            tokio::task::yield_now().await;
            answer
        })
    }
}

impl InProcess {
    fn answer(&self, operation: &str, body: &[u8]) -> Result<HttpResponse, ConnectorError> {
        let refused = |kind: &str| {
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"injected"}}"#)
        };
        match self.faults.of(operation) {
            Fault::None => Ok(dispatch(&self.database, operation, body)),
            Fault::Throttled => Ok(response(400, refused("ThrottlingException"))),
            Fault::Failed => Ok(response(500, refused("InternalServerError"))),
            Fault::ReplyLost => {
                dispatch(&self.database, operation, body);
                Err(ConnectorError::io(
                    "the connection was reset before the answer".into(),
                ))
            }
            Fault::Conflict => Ok(response(400, conflict(body))),
        }
    }
}

/// As DynamoDB answers when another transaction is at the first of the items.
fn conflict(body: &[u8]) -> String {
    let items = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|request| {
            request
                .get("TransactItems")
                .and_then(|i| i.as_array().map(Vec::len))
        })
        .unwrap_or(1);
    let reasons: Vec<_> = (0..items)
        .map(|i| serde_json::json!({ "Code": if i == 0 { "TransactionConflict" } else { "None" } }))
        .collect();
    serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    })
    .to_string()
}

fn response(status: u16, body: String) -> HttpResponse {
    let status =
        StatusCode::try_from(status).unwrap_or(StatusCode::from(http::StatusCode::INTERNAL_SERVER_ERROR));
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    response
}

/// The operations that the store uses; any other is a mistake that has to be seen.
fn dispatch(db: &Database, operation: &str, body: &[u8]) -> HttpResponse {
    let answered = match operation {
        "GetItem" => run(body, |r| db.get_item(r)),
        "BatchGetItem" => run(body, |r| db.batch_get_item(r)),
        "Query" => run(body, |r| db.query(r)),
        "UpdateItem" => run(body, |r| db.update_item(r)),
        "TransactWriteItems" => run(body, |r| db.transact_write_items(r)),
        other => Err(DynoxideError::ValidationException(format!(
            "{other} is not used by the store"
        ))),
    };
    match answered {
        Ok(json) => response(200, json),
        Err(error) => response(error.status_code(), error.to_json()),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    call: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let request =
        serde_json::from_slice(body).map_err(|e| DynoxideError::SerializationException(e.to_string()))?;
    let answer = call(request)?;
    serde_json::to_string(&answer).map_err(|e| DynoxideError::SerializationException(e.to_string()))
}
