//! Cancellation terms.

use domain::cancellation::{Grace, Policy, Tier};
use domain::text::{PolicyName, PolicyNote};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// What comes back when a booking is cancelled by its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CancellationPolicy")]
pub struct PolicyView {
    #[schemars(with = "String")]
    pub name: PolicyName,
    /// Of those of its name.
    pub version: u64,
    /// The most generous first; after the last one nothing comes back.
    pub tiers: Vec<TierView>,
    /// Soon after a booking was confirmed, and long enough before its start, all of it comes back.
    pub grace: Option<GraceView>,
    /// The same in English sentences, to be shown one after the other.
    pub text: Vec<String>,
    /// What is to be said besides where the venue is.
    #[schemars(with = "Option<String>")]
    pub note: Option<PolicyNote>,
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
            until: until(*tier),
            ..TierView::from(*tier)
        };
        Self {
            name: policy.name.clone(),
            version: policy.version,
            tiers: policy.tiers.iter().map(view).collect(),
            grace: policy.grace.map(GraceView::from),
            text: policy.sentences(),
            note: policy.note.clone(),
        }
    }
}

/// Without a start.
impl From<Tier> for TierView {
    fn from(tier: Tier) -> Self {
        Self {
            hours_before: tier.hours_before,
            refund_bps: tier.refund_bps,
            fees_refundable: tier.fees_refundable,
            until: None,
        }
    }
}

impl From<Grace> for GraceView {
    fn from(grace: Grace) -> Self {
        Self {
            hours_after_confirmation: grace.hours_after_confirmation,
            hours_before_start: grace.hours_before_start,
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
            PolicyView::of(&Policy::preset("very_flexible").unwrap())
                .tiers
                .iter()
                .all(|tier| tier.until.is_none())
        );
    }
}
