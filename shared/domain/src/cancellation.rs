//! What comes back when a booking is cancelled: a policy of tiers, frozen in the booking.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::money::{BASIS_POINTS_WHOLE, Money};
use crate::role::Actor;
use crate::time::plus_minutes;

/// Up to this long before the start, this share of the price comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub hours_before: u32,
    /// Basis points of what was paid.
    pub refund_bps: u32,
}

/// Tiers, the most generous first; after the last one nothing comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    pub tiers: Vec<Tier>,
}

impl Policy {
    /// All of it up to 24 hours before the start (Peerspace's "Very Flexible", help article 10119473).
    #[must_use]
    pub fn flexible() -> Self {
        Self {
            name: "flexible".to_owned(),
            tiers: vec![Tier {
                hours_before: 24,
                refund_bps: 10_000,
            }],
        }
    }

    /// All of it up to 7 days, half of it up to 48 hours before the start.
    #[must_use]
    pub fn moderate() -> Self {
        let tiers = vec![
            Tier {
                hours_before: 168,
                refund_bps: 10_000,
            },
            Tier {
                hours_before: 48,
                refund_bps: 5_000,
            },
        ];
        Self {
            name: "moderate".to_owned(),
            tiers,
        }
    }

    /// All of it up to 30 days, half of it up to 14 days before the start.
    #[must_use]
    pub fn strict() -> Self {
        let tiers = vec![
            Tier {
                hours_before: 720,
                refund_bps: 10_000,
            },
            Tier {
                hours_before: 336,
                refund_bps: 5_000,
            },
        ];
        Self {
            name: "strict".to_owned(),
            tiers,
        }
    }

    /// One of the presets by its name.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        [Self::flexible(), Self::moderate(), Self::strict()]
            .into_iter()
            .find(|p| p.name == name)
    }

    /// Until when a tier holds; the instant itself still belongs to it.
    #[must_use]
    pub fn deadline(tier: Tier, start: Timestamp) -> Timestamp {
        plus_minutes(start, -i64::from(tier.hours_before) * 60)
    }

    /// What comes back of what was paid. Whoever lets the customer down pays all of it back.
    ///
    /// # Errors
    /// [`Refusal::Amount`].
    pub fn refund(&self, paid: Money, start: Timestamp, now: Timestamp, by: Actor) -> Result<Money, Refusal> {
        let bps = match by {
            Actor::Vendor | Actor::Admin | Actor::System => BASIS_POINTS_WHOLE,
            Actor::Customer => {
                let tier = self
                    .tiers
                    .iter()
                    .find(|tier| now <= Self::deadline(**tier, start));
                tier.map_or(0, |tier| i64::from(tier.refund_bps))
            }
        };
        Ok(paid.share(bps)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::tests::at;

    fn back(policy: &Policy, now: &str, by: Actor) -> i64 {
        let paid = Money::new(9_999, "EUR".parse().unwrap());
        policy
            .refund(paid, at("2027-03-15T12:00Z"), at(now), by)
            .unwrap()
            .amount()
    }

    #[test]
    fn a_tier_holds_up_to_and_with_its_deadline() {
        let policy = Policy::moderate();
        assert_eq!(back(&policy, "2027-03-08T12:00Z", Actor::Customer), 9_999);
        assert_eq!(back(&policy, "2027-03-08T12:00:00.001Z", Actor::Customer), 5_000);
        assert_eq!(back(&policy, "2027-03-13T12:00Z", Actor::Customer), 5_000);
        assert_eq!(back(&policy, "2027-03-13T12:00:01Z", Actor::Customer), 0);
    }

    #[test]
    fn a_customer_who_is_let_down_gets_all_of_it_back() {
        for by in [Actor::Vendor, Actor::Admin, Actor::System] {
            assert_eq!(back(&Policy::strict(), "2027-03-15T11:00Z", by), 9_999);
        }
    }

    #[test]
    fn presets_go_by_their_names() {
        for name in ["flexible", "moderate", "strict"] {
            assert_eq!(Policy::preset(name).unwrap().name, name);
        }
        assert_eq!(Policy::preset("lenient"), None);
    }
}
