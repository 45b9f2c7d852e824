//! The switch of what may go wrong with webhooks. It is kept in memory: a restart resets it.

use serde::{Deserialize, Serialize};

/// The most copies of one webhook beyond the first.
pub const DUPLICATES_MAX: u32 = 20;

/// Fields left out of a `PUT /_stand_in/webhooks` take their defaults: everything works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookBehaviour {
    /// Nothing is sent by itself: only `flush` and `deliver` send.
    pub hold: bool,
    /// Copies beyond the first, sent at the same time as it.
    pub duplicates: u32,
    /// How much later than its event a webhook is sent.
    pub delay_ms: u32,
    /// The order of what is due together.
    pub order: Order,
    /// Lose all.
    pub lose: bool,
    /// Lose this many more.
    pub lose_next: u32,
    /// `duplicates`, `delay_ms`, `lose` and `lose_next` concern only these event types; all when empty.
    pub event_types: Vec<String>,
    /// How webhooks are signed.
    pub signature: SignatureMode,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    Created,
    Reversed,
    Shuffled,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureMode {
    #[default]
    Valid,
    /// Signed with another secret.
    Wrong,
    /// Signed rightly, 301 seconds ago.
    Stale,
    /// Two `v1`: first with another secret, then rightly, as while a secret is being rotated.
    Rotated,
    /// No header at all.
    Missing,
}

/// What becomes of one webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Lose,
    Send { copies: u32, due_ms: i64 },
}

impl WebhookBehaviour {
    /// Decides about one webhook; `lose_next` counts down.
    pub(crate) fn plan(&mut self, event_type: &str, now_ms: i64) -> Plan {
        if !self.event_types.is_empty() && !self.event_types.iter().any(|wanted| wanted == event_type) {
            return Plan::Send {
                copies: 1,
                due_ms: now_ms,
            };
        }
        if self.lose {
            return Plan::Lose;
        }
        if self.lose_next > 0 {
            self.lose_next -= 1;
            return Plan::Lose;
        }
        Plan::Send {
            copies: self.duplicates.min(DUPLICATES_MAX) + 1,
            due_ms: now_ms.saturating_add(i64::from(self.delay_ms)),
        }
    }

    /// Arranges what is due together.
    pub(crate) fn arrange<T>(order: Order, groups: &mut [T]) {
        match order {
            Order::Created => {}
            Order::Reversed => groups.reverse(),
            Order::Shuffled => fastrand::shuffle(groups),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_two_are_lost_and_the_third_is_sent() {
        let mut behaviour = WebhookBehaviour {
            lose_next: 2,
            ..WebhookBehaviour::default()
        };
        let plans = [1, 2, 3].map(|_| behaviour.plan("charge.succeeded", 7));
        assert_eq!(
            plans,
            [Plan::Lose, Plan::Lose, Plan::Send { copies: 1, due_ms: 7 }]
        );
    }

    #[test]
    fn a_behaviour_of_one_type_leaves_the_others_alone() {
        let mut behaviour = WebhookBehaviour {
            lose: true,
            event_types: vec!["refund.created".into()],
            ..WebhookBehaviour::default()
        };
        assert_eq!(behaviour.plan("refund.created", 0), Plan::Lose);
        assert_eq!(
            behaviour.plan("charge.refunded", 0),
            Plan::Send { copies: 1, due_ms: 0 }
        );
    }

    #[test]
    fn copies_are_limited() {
        let mut behaviour = WebhookBehaviour {
            duplicates: u32::MAX,
            ..WebhookBehaviour::default()
        };
        let plan = behaviour.plan("refund.created", 0);
        assert_eq!(
            plan,
            Plan::Send {
                copies: DUPLICATES_MAX + 1,
                due_ms: 0
            }
        );
    }
}
