//! Cancellation terms.

use domain::cancellation::{Grace, Policy, Tier, lock_sentence};
use domain::text::{PolicyName, PolicyNote};
use domain::time::plus_minutes;
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
    /// The same in English sentences, to be shown one after the other; also from when on nothing can be cancelled.
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
    /// The last instant at which it holds and the booking can be cancelled; null where no start is known.
    pub until: Option<Timestamp>,
}

impl PolicyView {
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::with_lock(policy, 0, None)
    }

    /// For a space or a booking that its customer cannot cancel from so many minutes before the start on. Where a
    /// start is known, with the instants at which the tiers end.
    #[must_use]
    pub fn with_lock(policy: &Policy, lock_minutes: u32, start: Option<Timestamp>) -> Self {
        let until = |tier: Tier| {
            let locked_from = plus_minutes(start?, -i64::from(lock_minutes));
            Some(Policy::deadline(tier, start?).min(locked_from))
        };
        let view = |tier: &Tier| TierView {
            until: until(*tier),
            ..TierView::from(*tier)
        };
        let mut text = policy.sentences();
        text.extend(lock_sentence(lock_minutes));
        Self {
            name: policy.name.clone(),
            version: policy.version,
            tiers: policy.tiers.iter().map(view).collect(),
            grace: policy.grace.map(GraceView::from),
            text,
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
        let policy = Policy::preset("flexible").unwrap();
        let until = |lock_minutes| -> Vec<String> {
            let tiers = PolicyView::with_lock(&policy, lock_minutes, Some(start)).tiers;
            tiers.iter().map(|tier| tier.until.unwrap().to_string()).collect()
        };
        assert_eq!(until(0), ["2027-03-08T12:00:00Z", "2027-03-14T12:00:00Z"]);
        // Nobody cancels in a tier that begins after the lock.
        assert_eq!(
            until(2 * 24 * 60),
            ["2027-03-08T12:00:00Z", "2027-03-13T12:00:00Z"]
        );
        let said = PolicyView::with_lock(&policy, 90, None).text;
        assert_eq!(
            said.last().unwrap(),
            "From 90 minutes before the start on, the booking can no longer be cancelled."
        );
        assert!(
            PolicyView::of(&Policy::preset("very_flexible").unwrap())
                .tiers
                .iter()
                .all(|tier| tier.until.is_none())
        );
    }
}
