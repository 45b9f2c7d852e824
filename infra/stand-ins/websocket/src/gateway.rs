//! The API's state: which connections are open, and the running work that a shutdown waits for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::connection::{Connection, Order};
use crate::limits::{INTEGRATION_TIMEOUT, SHUTDOWN_GRACE};
use crate::{GatewayConfig, Integration};

pub(crate) struct Gateway {
    pub config: GatewayConfig,
    integration: Arc<dyn Integration>,
    registry: Mutex<Registry>,
    running: watch::Sender<usize>,
}

#[derive(Default)]
struct Registry {
    open: BTreeMap<String, Arc<Connection>>,
    shut: bool,
}

/// Why there is no answer of the function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    Failed(String),
    TimedOut,
}

/// Work that a shutdown waits for, while this is held.
pub(crate) struct Running(watch::Sender<usize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Gateway {
    pub fn new(config: GatewayConfig, integration: Arc<dyn Integration>) -> Self {
        Self {
            config,
            integration,
            registry: Mutex::default(),
            running: watch::Sender::new(0),
        }
    }

    /// Sends an event to the function. The function runs on when its caller gives up on it.
    pub async fn invoke(&self, event: Value) -> Result<Value, Unanswered> {
        let integration = Arc::clone(&self.integration);
        let running = self.running();
        let invocation = tokio::spawn(async move {
            let _running = running;
            integration.invoke(event).await
        });
        match timeout(INTEGRATION_TIMEOUT, invocation).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(error))) => Err(Unanswered::Failed(error.to_string())),
            Ok(Err(crash)) => Err(Unanswered::Failed(crash.to_string())),
            Err(_elapsed) => Err(Unanswered::TimedOut),
        }
    }

    /// Takes a connection in. False when the gateway is shutting down.
    pub fn open(&self, connection: Arc<Connection>) -> bool {
        let mut registry = self.registry();
        if registry.shut {
            return false;
        }
        registry
            .open
            .insert(connection.peer.connection_id.clone(), connection);
        true
    }

    pub fn close(&self, connection_id: &str) {
        self.registry().open.remove(connection_id);
    }

    /// An open connection: its `$connect` has finished and it has not ended.
    pub fn find(&self, connection_id: &str) -> Option<Arc<Connection>> {
        self.registry().open.get(connection_id).cloned()
    }

    pub fn is_shut(&self) -> bool {
        self.registry().shut
    }

    pub fn connection_ids(&self) -> Vec<String> {
        self.registry().open.keys().cloned().collect()
    }

    /// Closes a connection for `@connections`; from here on it is gone. False when it was already.
    pub fn delete(&self, connection_id: &str) -> bool {
        self.end(connection_id, Order::Close)
    }

    pub fn kill(&self, connection_id: &str) -> bool {
        self.end(connection_id, Order::Kill)
    }

    pub async fn shutdown(&self) {
        let open = {
            let mut registry = self.registry();
            registry.shut = true;
            std::mem::take(&mut registry.open)
        };
        for connection in open.values() {
            connection.order(Order::GoAway);
        }
        let mut running = self.running.subscribe();
        if timeout(SHUTDOWN_GRACE, running.wait_for(|count| *count == 0))
            .await
            .is_err()
        {
            let count = *running.borrow();
            tracing::warn!(
                running = count,
                "the WebSocket gateway shut down with work still running"
            );
        }
    }

    /// Counts as running until the answer is dropped.
    pub fn running(&self) -> Running {
        self.running.send_modify(|count| *count = count.saturating_add(1));
        Running(self.running.clone())
    }

    fn end(&self, connection_id: &str, order: Order) -> bool {
        let Some(connection) = self.registry().open.remove(connection_id) else {
            return false;
        };
        connection.order(order);
        true
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
