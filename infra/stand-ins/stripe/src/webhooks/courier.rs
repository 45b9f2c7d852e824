//! Sends webhooks: what is due in the background, or at once and in a given order when the switch says so.
//!
//! At least once: a webhook whose answer was lost, or that was under way at a SIGKILL, is sent again.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::{Order, WebhookBehaviour, signature};
use crate::api_error::ApiError;
use crate::config::ms;
use crate::store::{DeliveryState, Dispatch};
use crate::{StripeStandIn, timers};

/// How many due webhooks are taken at once.
pub const BATCH_MAX: u32 = 64;
/// How long the background loop sleeps at most, so that a clock that jumps is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// One attempt at a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    pub delivery: i64,
    pub event: String,
    /// The receiver's answer.
    pub status: Option<u16>,
    pub error: Option<String>,
}

impl StripeStandIn {
    /// Runs timers and sends what is due until `shutdown` completes.
    pub async fn run_deliveries(&self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        loop {
            let woken = self.shared.wake.notified();
            let busy = match self.settle_due().await {
                Ok(0) => false,
                Ok(_) => true,
                Err(error) => {
                    tracing::error!(error = ?error.error, "webhooks could not be delivered");
                    false
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                () = std::future::ready(()), if busy => {}
                () = woken => {}
                () = tokio::time::sleep(self.until_next_due()) => {}
            }
        }
    }

    /// Runs every due timer and sends every due webhook once; gives how many there were.
    pub async fn settle_due(&self) -> Result<usize, ApiError> {
        let settled = timers::run_due(&self.shared)?;
        Ok(settled + self.deliver_due().await?.len())
    }

    /// Sends every due webhook once, unless they are held.
    async fn deliver_due(&self) -> Result<Vec<Attempt>, ApiError> {
        let _turn = self.shared.courier.lock().await;
        let (batch, order) = {
            let mut core = self.shared.core();
            if core.behaviour.hold {
                return Ok(Vec::new());
            }
            let order = core.behaviour.order;
            let now_ms = self.shared.now_ms();
            (core.store.begin()?.due_deliveries(now_ms, BATCH_MAX)?, order)
        };
        self.send_by_event(batch, order).await
    }

    /// Sends everything pending now, due or not, held or not.
    pub(crate) async fn flush(&self, order: Order) -> Result<Vec<Attempt>, ApiError> {
        let _turn = self.shared.courier.lock().await;
        let pending = self
            .shared
            .core()
            .store
            .begin()?
            .due_deliveries(i64::MAX, u32::MAX)?;
        self.send_by_event(pending, order).await
    }

    /// Sends the given deliveries one after the other, whatever their state.
    pub(crate) async fn deliver(&self, deliveries: Vec<i64>) -> Result<Vec<Attempt>, ApiError> {
        let _turn = self.shared.courier.lock().await;
        let mut attempts = Vec::new();
        for delivery in deliveries {
            let found = self.shared.core().store.begin()?.dispatch(delivery)?;
            let Some(dispatch) = found else {
                return Err(ApiError::no_such("delivery", &delivery.to_string(), "deliveries"));
            };
            attempts.push(self.attempt(dispatch).await?);
        }
        Ok(attempts)
    }

    /// One event after the other; its copies and endpoints at the same time.
    async fn send_by_event(&self, batch: Vec<Dispatch>, order: Order) -> Result<Vec<Attempt>, ApiError> {
        let mut groups: Vec<Vec<Dispatch>> = Vec::new();
        for dispatch in batch {
            let same =
                |group: &&mut Vec<Dispatch>| group.first().is_some_and(|first| first.event == dispatch.event);
            match groups.iter_mut().find(same) {
                Some(group) => group.push(dispatch),
                None => groups.push(vec![dispatch]),
            }
        }
        WebhookBehaviour::arrange(order, &mut groups);
        let mut attempts = Vec::new();
        for group in groups {
            for attempt in join_all(group.into_iter().map(|dispatch| self.attempt(dispatch))).await {
                attempts.push(attempt?);
            }
        }
        Ok(attempts)
    }

    async fn attempt(&self, dispatch: Dispatch) -> Result<Attempt, ApiError> {
        let mode = self.shared.core().behaviour.signature;
        let now = self.shared.now_ms().div_euclid(1_000);
        let header = signature::header(mode, &dispatch.secret, now, &dispatch.payload);
        let sender = &self.shared.config.sender;
        let outcome = sender
            .send(&dispatch.url, header.as_deref(), &dispatch.payload)
            .await;
        let (status, error) = match outcome {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        self.record(&dispatch, status, error.as_deref())?;
        Ok(Attempt {
            delivery: dispatch.delivery,
            event: dispatch.event,
            status,
            error,
        })
    }

    fn record(&self, dispatch: &Dispatch, status: Option<u16>, error: Option<&str>) -> Result<(), ApiError> {
        let config = &self.shared.config;
        let now_ms = self.shared.now_ms();
        let attempt = usize::try_from(dispatch.attempts).unwrap_or(usize::MAX);
        let wait = config.retry_delays.get(attempt).or(config.retry_delays.last());
        let state = if status.is_some_and(|status| (200..300).contains(&status)) {
            DeliveryState::Delivered
        } else if now_ms.saturating_sub(dispatch.created_ms) >= ms(config.retry_for) {
            DeliveryState::Abandoned
        } else {
            DeliveryState::Pending
        };
        let due_ms = now_ms.saturating_add(wait.copied().map_or(0, ms));
        let mut core = self.shared.core();
        let tx = core.store.begin()?;
        tx.record_attempt(dispatch.delivery, state, due_ms, status, error)?;
        Ok(tx.commit()?)
    }

    /// How long the loop may sleep; a held delivery does not wake it.
    fn until_next_due(&self) -> Duration {
        let mut core = self.shared.core();
        let hold = core.behaviour.hold;
        let Ok(tx) = core.store.begin() else {
            return SLEEP_MAX;
        };
        let timer = tx.next_timer_due_ms().ok().flatten();
        let delivery = if hold {
            None
        } else {
            tx.next_delivery_due_ms().ok().flatten()
        };
        let Some(due_ms) = timer.into_iter().chain(delivery).min() else {
            return SLEEP_MAX;
        };
        let wait_ms = due_ms.saturating_sub(self.shared.now_ms()).max(1);
        Duration::from_millis(wait_ms.unsigned_abs()).min(SLEEP_MAX)
    }
}
