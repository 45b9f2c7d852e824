//! Cancellation terms.

use domain::cancellation::{Policy, Tier};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// What comes back when a booking is cancelled by its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CancellationPolicy")]
pub struct PolicyView {
    pub name: String,
    /// The most generous first; after the last one nothing comes back.
    pub tiers: Vec<TierView>,
    /// Soon after a booking was confirmed, and long enough before its start, all of it comes back.
    pub grace: Option<GraceView>,
    /// The same in English sentences, to be shown one after the other.
    pub text: Vec<String>,
}

/// Up to so many hours after the confirmation, and so many before the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CancellationGrace")]
pub struct GraceView {
    pub hours_after_confirmation: u32,
    pub hours_before_start: u32,
}

/// Up to some hours before the start, a share of the price comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CancellationTier")]
pub struct TierView {
    pub hours_before: u32,
    /// Basis points of the price without the platform's own line: 10000 is all of it.
    pub refund_bps: u32,
    /// Whether the platform's own line comes back in the same share.
    pub fees_refundable: bool,
    /// The last instant at which it holds; null where no start is known.
    pub until: Option<Timestamp>,
}

impl PolicyView {
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::with(policy, |_| None)
    }

    /// With the instants at which the tiers end.
    #[must_use]
    pub fn for_start(policy: &Policy, start: Timestamp) -> Self {
        Self::with(policy, |tier| Some(Policy::deadline(tier, start)))
    }

    fn with(policy: &Policy, until: impl Fn(Tier) -> Option<Timestamp>) -> Self {
        let view = |tier: &Tier| TierView {
            hours_before: tier.hours_before,
            refund_bps: tier.refund_bps,
            fees_refundable: tier.fees_refundable,
            until: until(*tier),
        };
        Self {
            name: policy.name.clone(),
            tiers: policy.tiers.iter().map(view).collect(),
            grace: policy.grace.map(|grace| GraceView {
                hours_after_confirmation: grace.hours_after_confirmation,
                hours_before_start: grace.hours_before_start,
            }),
            text: policy.sentences(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booking_shows_until_when_each_tier_holds() {
        let start = "2027-03-15T12:00:00Z".parse().unwrap();
        let tiers = PolicyView::for_start(&Policy::preset("flexible").unwrap(), start).tiers;
        let until: Vec<_> = tiers.iter().map(|tier| tier.until.unwrap().to_string()).collect();
        assert_eq!(until, ["2027-03-08T12:00:00Z", "2027-03-14T12:00:00Z"]);
        assert!(
            PolicyView::of(&Policy::very_flexible())
                .tiers
                .iter()
                .all(|tier| tier.until.is_none())
        );
    }
}
