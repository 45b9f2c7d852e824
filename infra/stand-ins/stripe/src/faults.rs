//! Faults of the API, by a switch: rules that match the next calls of an operation, a path or a key.
//! They are kept in memory: a restart has none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::api_error::ApiError;

/// The most rules at once.
pub const RULES_MAX: usize = 1_000;
/// The longest delay: an hour.
pub const DELAY_MS_MAX: u64 = 60 * 60 * 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 500, saved under the call's key. `after`: the effect happened nevertheless.
    ServerError,
    /// 429, nothing begun and nothing saved.
    RateLimited,
    /// The connection is closed. `after`: the effect happened and its answer is saved, but never arrives.
    Drop,
    /// The call waits `delay_ms`. `before`: its key is in use meanwhile.
    Delay,
    /// The call waits until the rule is released.
    Hold,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    #[default]
    Before,
    After,
}

/// A rule as the switch is given it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub kind: FaultKind,
    #[serde(default)]
    pub when: When,
    /// `payment_intents.capture`; any operation if absent.
    #[serde(default)]
    pub operation: Option<String>,
    /// A path that begins so; any path if absent.
    #[serde(default)]
    pub path: Option<String>,
    /// An idempotency key; any call if absent.
    #[serde(default)]
    pub key: Option<String>,
    /// How many calls it strikes.
    #[serde(default = "one")]
    pub times: u32,
    #[serde(default)]
    pub delay_ms: u64,
}

fn one() -> u32 {
    1
}

/// A call that rules are compared with.
#[derive(Debug)]
pub struct Call<'a> {
    pub operation: &'a str,
    pub path: &'a str,
    pub key: Option<&'a str>,
}

/// Where in a call a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// On the way to and from the API: also the calls that replay a saved answer.
    Transport,
    /// In the operation itself: not when an answer is replayed.
    Execution,
}

impl FaultKind {
    fn stage(self) -> Stage {
        match self {
            FaultKind::ServerError => Stage::Execution,
            FaultKind::RateLimited | FaultKind::Drop | FaultKind::Delay | FaultKind::Hold => Stage::Transport,
        }
    }
}

/// A fault that strikes one call.
#[derive(Debug, Clone)]
pub struct Fault {
    pub kind: FaultKind,
    pub when: When,
    delay_ms: u64,
    gate: Arc<Gate>,
}

impl Fault {
    /// Waits as long as the fault says.
    pub async fn pause(&self) {
        match self.kind {
            FaultKind::Delay => tokio::time::sleep(Duration::from_millis(self.delay_ms)).await,
            FaultKind::Hold => self.gate.pass().await,
            FaultKind::ServerError | FaultKind::RateLimited | FaultKind::Drop => {}
        }
    }
}

/// Closed until released; then open for good.
#[derive(Debug)]
struct Gate {
    closed: Semaphore,
    waiting: AtomicU32,
}

impl Gate {
    fn new() -> Self {
        Self {
            closed: Semaphore::new(0),
            waiting: AtomicU32::new(0),
        }
    }

    async fn pass(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // There is never a permit: the wait ends, with an error, when the semaphore is closed.
        let _ = self.closed.acquire().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A rule as the switch shows it.
#[derive(Debug, Serialize)]
pub struct ShownRule {
    pub id: u64,
    /// Calls it will still strike.
    pub remaining: u32,
    /// Calls that wait for its release.
    pub waiting: u32,
    #[serde(flatten)]
    pub rule: Rule,
}

#[derive(Debug)]
struct Active {
    id: u64,
    remaining: u32,
    rule: Rule,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
pub struct Faults {
    next_id: u64,
    rules: Vec<Active>,
}

impl Faults {
    pub fn add(&mut self, rule: Rule) -> Result<u64, ApiError> {
        if rule.delay_ms > DELAY_MS_MAX {
            return Err(ApiError::invalid(format!("delay_ms is at most {DELAY_MS_MAX}")).param("delay_ms"));
        }
        // Rules that have struck and hold no one are forgotten.
        self.rules
            .retain(|rule| rule.remaining > 0 || rule.gate.waiting.load(Ordering::SeqCst) > 0);
        if self.rules.len() >= RULES_MAX {
            return Err(ApiError::invalid(format!("at most {RULES_MAX} faults at once")));
        }
        self.next_id += 1;
        let gate = Arc::new(Gate::new());
        self.rules.push(Active {
            id: self.next_id,
            remaining: rule.times,
            rule,
            gate,
        });
        Ok(self.next_id)
    }

    /// The first rule that strikes this call; it counts down.
    pub fn take(&mut self, stage: Stage, call: &Call<'_>) -> Option<Fault> {
        let active = self.rules.iter_mut().find(|active| {
            active.remaining > 0 && active.rule.kind.stage() == stage && active.rule.strikes(call)
        })?;
        active.remaining -= 1;
        Some(Fault {
            kind: active.rule.kind,
            when: active.rule.when,
            delay_ms: active.rule.delay_ms,
            gate: Arc::clone(&active.gate),
        })
    }

    /// Lets go the calls that a `hold` rule holds, and those it would still strike.
    pub fn release(&mut self, id: u64) -> bool {
        let found = self.rules.iter().find(|active| active.id == id);
        if let Some(active) = found {
            active.gate.closed.close();
        }
        found.is_some()
    }

    pub fn clear(&mut self) {
        self.rules.drain(..).for_each(|active| active.gate.closed.close());
    }

    pub fn shown(&self) -> Vec<ShownRule> {
        let show = |active: &Active| ShownRule {
            id: active.id,
            remaining: active.remaining,
            waiting: active.gate.waiting.load(Ordering::SeqCst),
            rule: active.rule.clone(),
        };
        self.rules.iter().map(show).collect()
    }
}

impl Rule {
    fn strikes(&self, call: &Call<'_>) -> bool {
        self.operation
            .as_deref()
            .is_none_or(|operation| operation == call.operation)
            && self
                .path
                .as_deref()
                .is_none_or(|path| call.path.starts_with(path))
            && self.key.as_deref().is_none_or(|key| call.key == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: FaultKind, operation: Option<&str>) -> Rule {
        Rule {
            kind,
            when: When::Before,
            operation: operation.map(str::to_owned),
            path: None,
            key: None,
            times: 1,
            delay_ms: 0,
        }
    }

    const CAPTURE: Call<'static> = Call {
        operation: "payment_intents.capture",
        path: "/v1/payment_intents/pi_1/capture",
        key: None,
    };

    #[test]
    fn a_rule_strikes_only_its_operation_and_only_as_often_as_told() {
        let mut faults = Faults::default();
        faults.add(rule(FaultKind::Drop, Some("refunds.create"))).unwrap();
        assert!(faults.take(Stage::Transport, &CAPTURE).is_none());
        faults
            .add(rule(FaultKind::Drop, Some("payment_intents.capture")))
            .unwrap();
        assert!(faults.take(Stage::Execution, &CAPTURE).is_none());
        assert!(faults.take(Stage::Transport, &CAPTURE).is_some());
        assert!(faults.take(Stage::Transport, &CAPTURE).is_none());
    }

    #[test]
    fn rules_and_delays_are_limited() {
        let mut faults = Faults::default();
        let long = Rule {
            delay_ms: DELAY_MS_MAX + 1,
            ..rule(FaultKind::Delay, None)
        };
        assert!(faults.add(long).is_err());
        for _ in 0..RULES_MAX {
            faults.add(rule(FaultKind::Drop, None)).unwrap();
        }
        assert!(faults.add(rule(FaultKind::Drop, None)).is_err());
    }
}
