//! A local stand-in for an Amazon API Gateway WebSocket API with one Lambda proxy integration.
//!
//! A client's upgrade becomes a `$connect` event, its frames become `$default` events and its end a
//! `$disconnect` event, each with the JSON a real function gets. The function answers by the
//! `@connections` API only, through the unmodified `aws-sdk-apigatewaymanagement`.
//!
//! What is absent: routes by a route selection expression, route responses, authorizers, API keys, stage
//! variables, the check of the caller's signature on `@connections` (any caller may post), the quota of
//! new connections a second, and the 400 that AWS gives for an id it could never have issued (410 here).
//! A message posted to a client goes out as one frame, however long it is.

mod connection;
mod event;
mod gateway;
mod ids;
pub mod limits;
mod management;
mod socket;
mod upgrade;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::Value;

use gateway::Gateway;

/// The function behind the gateway.
#[async_trait::async_trait]
pub trait Integration: Send + Sync {
    /// Handles one API Gateway WebSocket proxy event and answers with the proxy response,
    /// `{"statusCode": …}`. Only the answer to `$connect` is looked at.
    async fn invoke(&self, event: Value) -> Result<Value, InvokeError>;
}

/// The function failed, which is not the same as answering with an error status.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the function failed: {0}")]
pub struct InvokeError(pub String);

/// What the events say about the API.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    pub api_id: String,
    /// Also a path under which the API is served, `/{stage}`, as on AWS.
    pub stage: String,
    pub domain_name: String,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            api_id: "local".into(),
            stage: "local".into(),
            domain_name: "localhost".into(),
        }
    }
}

/// The running API. Clones share their connections.
#[derive(Clone)]
pub struct WebSocketGateway {
    gateway: Arc<Gateway>,
}

impl WebSocketGateway {
    #[must_use]
    pub fn new(config: GatewayConfig, integration: Arc<dyn Integration>) -> Self {
        Self {
            gateway: Arc::new(Gateway::new(config, integration)),
        }
    }

    /// The upgrade at `/`, `/ws` and `/{stage}`, and the `@connections` API at `/@connections/{id}` and
    /// `/{stage}/@connections/{id}`. Serve it with
    /// `into_make_service_with_connect_info::<SocketAddr>()`, else every client's address reads 127.0.0.1.
    pub fn router(&self) -> Router {
        let stage = self.gateway.config.stage.trim_matches('/').to_owned();
        let connection = || {
            get(management::get_connection)
                .post(management::post_to_connection)
                .delete(management::delete_connection)
        };
        let mut router = Router::new()
            .route("/", get(upgrade::connect))
            .route("/ws", get(upgrade::connect))
            .route("/@connections/{connection_id}", connection());
        // A stage name with a brace would be read as a path parameter, and the two names are taken.
        let plain = stage
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if plain && !stage.is_empty() && stage != "ws" {
            router = router
                .route(&format!("/{stage}"), get(upgrade::connect))
                .route(&format!("/{stage}/"), get(upgrade::connect))
                .route(&format!("/{stage}/@connections/{{connection_id}}"), connection());
        }
        router.with_state(Arc::clone(&self.gateway))
    }

    /// The ids of the open connections, in no particular order.
    #[must_use]
    pub fn connections(&self) -> Vec<String> {
        self.gateway.connection_ids()
    }

    /// Drops a connection's socket without a close frame; its `$disconnect` event is lost, as AWS allows.
    /// False when there is no such connection.
    pub fn kill(&self, connection_id: &str) -> bool {
        self.gateway.kill(connection_id)
    }

    /// Refuses new connections, closes the open ones with 1001 and waits until their `$disconnect` events
    /// and all running invocations are done, but no longer than [`limits::SHUTDOWN_GRACE`].
    pub async fn shutdown(&self) {
        self.gateway.shutdown().await;
    }
}
