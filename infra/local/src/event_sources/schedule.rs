//! EventBridge's schedule: a rule that sends its event to one function every interval, and at once when it
//! starts. A run that is not over when the next is due is not overlapped: that turn is left out.
//!
//! What is absent: cron expressions, retries and dead-letter queues of a target.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::{Invoke, Stop, invoke_within};

/// The shortest interval; a shorter one is taken for this. (EventBridge's own is a minute.)
pub const INTERVAL_MIN: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Schedule {
    pub rule_name: String,
    pub region: String,
    pub account_id: String,
    pub interval: Duration,
    pub function: Arc<dyn Invoke>,
    pub function_timeout: Duration,
}

impl Schedule {
    /// Fires until the stop, then waits for the run in hand.
    pub async fn run(self, mut stop: Stop) {
        let mut turns = tokio::time::interval(self.interval.max(INTERVAL_MIN));
        turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let schedule = Arc::new(self);
        let mut in_hand = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = stop.requested() => break,
                Some(_) = in_hand.join_next(), if !in_hand.is_empty() => {}
                _ = turns.tick() => if in_hand.is_empty() {
                    let schedule = Arc::clone(&schedule);
                    in_hand.spawn(async move {
                        if let Err(error) = schedule.fire().await {
                            tracing::error!(rule = schedule.rule_name, error, "a scheduled run failed");
                        }
                    });
                } else {
                    tracing::warn!(rule = schedule.rule_name, "the last scheduled run is not over, left one out");
                },
            }
        }
        while in_hand.join_next().await.is_some() {}
    }

    /// One run, now.
    ///
    /// # Errors
    /// What the function failed with.
    pub async fn fire(&self) -> Result<(), String> {
        let event = scheduled_event(self, Timestamp::now(), Uuid::now_v7());
        invoke_within(&self.function, event, self.function_timeout)
            .await
            .map(|_| ())
    }
}

fn scheduled_event(schedule: &Schedule, at: Timestamp, id: Uuid) -> Value {
    let Schedule {
        region,
        account_id,
        rule_name,
        ..
    } = schedule;
    json!({
        "version": "0",
        "id": id.to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account_id,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": region,
        "resources": [format!("arn:aws:events:{region}:{account_id}:rule/{rule_name}")],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::eventbridge::EventBridgeEvent;
    use tokio::sync::Notify;
    use tokio::time::Instant;

    use super::super::stop_switch;
    use super::super::tests::{answer, function};
    use super::*;

    fn schedule(function: Arc<dyn Invoke>, interval: Duration) -> Schedule {
        Schedule {
            rule_name: "tofimotia-schedule".into(),
            region: "eu-central-1".into(),
            account_id: "000000000000".into(),
            interval,
            function,
            function_timeout: Duration::from_secs(600),
        }
    }

    #[test]
    fn the_event_is_the_one_eventbridge_sends() {
        let (function, _) = function(|_| answer(Ok(Value::Null)));
        let event = scheduled_event(
            &schedule(function, INTERVAL_MIN),
            Timestamp::from_second(1_444_323_186).unwrap(),
            Uuid::nil(),
        );
        assert_eq!(
            event,
            json!({
                "version": "0", "id": "00000000-0000-0000-0000-000000000000",
                "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
                "time": "2015-10-08T16:53:06Z", "region": "eu-central-1",
                "resources": ["arn:aws:events:eu-central-1:000000000000:rule/tofimotia-schedule"],
                "detail": {},
            })
        );
        let read: EventBridgeEvent<Value> = serde_json::from_value(event).unwrap();
        assert_eq!(read.source, "aws.events");
    }

    #[tokio::test(start_paused = true)]
    async fn a_schedule_fires_at_start_and_then_every_interval() {
        let (function, mut events) = function(|_| answer(Ok(Value::Null)));
        let (switch, stop) = stop_switch();
        let start = Instant::now();
        let running = tokio::spawn(schedule(function, Duration::from_secs(60)).run(stop));
        for turn in 0..3 {
            events.recv().await.unwrap();
            assert_eq!(start.elapsed().as_secs(), turn * 60);
        }
        switch.stop();
        running.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_left_out_while_the_last_run_is_not_over() {
        let (function, mut events) = function(|_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(90)).await;
                Ok(Value::Null)
            })
        });
        let (_switch, stop) = stop_switch();
        let start = Instant::now();
        tokio::spawn(schedule(function, Duration::from_secs(60)).run(stop));
        events.recv().await.unwrap();
        events.recv().await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 120);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_fails_does_not_end_the_schedule_and_no_interval_is_below_the_shortest() {
        let (function, mut events) = function(|_| answer(Err("down".into())));
        let (_switch, stop) = stop_switch();
        tokio::spawn(schedule(function, Duration::ZERO).run(stop));
        events.recv().await.unwrap();
        let first = Instant::now();
        events.recv().await.unwrap();
        assert_eq!(first.elapsed(), INTERVAL_MIN);
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_run_in_hand() {
        let go_on = Arc::new(Notify::new());
        let waits = Arc::clone(&go_on);
        let (function, mut events) = function(move |_| {
            let waits = Arc::clone(&waits);
            Box::pin(async move {
                waits.notified().await;
                Ok(Value::Null)
            })
        });
        let (switch, stop) = stop_switch();
        let running = tokio::spawn(schedule(function, Duration::from_secs(60)).run(stop));
        events.recv().await.unwrap();
        switch.stop();
        tokio::task::yield_now().await;
        assert!(!running.is_finished());
        go_on.notify_one();
        running.await.unwrap();
    }
}
