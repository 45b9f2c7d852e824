//! What AWS does between an event source and a function: Lambda's event source mappings for SQS and for
//! DynamoDB Streams, and EventBridge's schedule. Each source is a value with `run`, which ends when the
//! [`Stop`] it is given is requested and the work in hand is done.
//!
//! What is absent: filter patterns, batching windows, parallelization factors, tumbling windows and
//! maximum record ages.

pub mod dynamodb_stream;
mod failures;
pub mod schedule;
pub mod sqs;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A Lambda function, called with the JSON of its event.
#[async_trait::async_trait]
pub trait Invoke: Send + Sync {
    /// The function's answer, or what it failed with.
    async fn invoke(&self, event: Value) -> Result<Value, String>;
}

/// Ends the sources that were given its [`Stop`]. Dropping it does the same.
pub struct StopSwitch(watch::Sender<bool>);

/// Told when to stop. Clones are told together.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

#[must_use]
pub fn stop_switch() -> (StopSwitch, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSwitch(sender), Stop(receiver))
}

impl StopSwitch {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for the stop, also one that came before.
    pub async fn requested(&mut self) {
        // An error means that the switch is gone, and with it whoever wanted this to run.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// Invokes a function as Lambda does: a crash is a failure, and after the timeout it is stopped.
async fn invoke_within(function: &Arc<dyn Invoke>, event: Value, limit: Duration) -> Result<Value, String> {
    let function = Arc::clone(function);
    let mut invocation = JoinSet::new();
    invocation.spawn(async move { function.invoke(event).await });
    // Dropping the set stops a function that is out of time.
    match timeout(limit, invocation.join_next()).await {
        Ok(Some(Ok(answer))) => answer,
        Ok(Some(Err(crash))) => Err(format!("the function crashed: {crash}")),
        Ok(None) => Err("the function did not start".into()),
        Err(_elapsed) => Err(format!("the function timed out after {limit:?}")),
    }
}

/// The pause before try `attempts + 1`: doubled each time, up to a ceiling.
fn backoff(first: Duration, ceiling: Duration, attempts: u32) -> Duration {
    const DOUBLINGS_MAX: u32 = 16;
    let doublings = attempts.saturating_sub(1).min(DOUBLINGS_MAX);
    first.saturating_mul(2_u32.saturating_pow(doublings)).min(ceiling)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;

    type Answer = std::pin::Pin<Box<dyn Future<Output = Result<Value, String>> + Send>>;

    /// A function that reports each event to the test and does what the test says.
    pub(crate) struct Function<F> {
        events: mpsc::UnboundedSender<Value>,
        rule: F,
    }

    pub(crate) fn function(
        rule: impl Fn(Value) -> Answer + Send + Sync + 'static,
    ) -> (Arc<dyn Invoke>, mpsc::UnboundedReceiver<Value>) {
        let (events, received) = mpsc::unbounded_channel();
        (Arc::new(Function { events, rule }), received)
    }

    pub(crate) fn answer(value: Result<Value, String>) -> Answer {
        Box::pin(async move { value })
    }

    #[async_trait::async_trait]
    impl<F: Fn(Value) -> Answer + Send + Sync> Invoke for Function<F> {
        async fn invoke(&self, event: Value) -> Result<Value, String> {
            let _ = self.events.send(event.clone());
            (self.rule)(event).await
        }
    }

    #[tokio::test]
    async fn a_function_that_crashes_has_failed() {
        let (function, _) = function(|_| Box::pin(async { panic!("a crash on purpose") }));
        let outcome = invoke_within(&function, json!({}), Duration::from_secs(1)).await;
        assert!(outcome.unwrap_err().contains("crashed"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_function_is_stopped_at_its_timeout() {
        let held = Arc::new(());
        let in_function = Arc::clone(&held);
        let (function, _) = function(move |_| {
            let in_function = Arc::clone(&in_function);
            Box::pin(async move {
                std::future::pending::<()>().await;
                drop(in_function);
                Ok(Value::Null)
            })
        });
        let start = Instant::now();
        let outcome = invoke_within(&function, json!({}), Duration::from_secs(3)).await;
        assert!(outcome.unwrap_err().contains("timed out"));
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        tokio::task::yield_now().await;
        // The test's own, and the rule's: the invocation's has been dropped.
        assert_eq!(Arc::strong_count(&held), 2);
    }

    #[tokio::test]
    async fn a_stop_that_came_before_is_seen_and_so_is_a_dropped_switch() {
        let (switch, mut stop) = stop_switch();
        switch.stop();
        stop.requested().await;
        let (switch, mut stop) = stop_switch();
        drop(switch);
        stop.requested().await;
    }

    #[test]
    fn a_pause_doubles_up_to_its_ceiling() {
        let pause =
            |attempts| backoff(Duration::from_millis(100), Duration::from_secs(5), attempts).as_millis();
        assert_eq!(
            [pause(1), pause(2), pause(3), pause(7), pause(u32::MAX)],
            [100, 200, 400, 5000, 5000]
        );
    }
}
