//! What makes the time cheaper.

use serde::{Deserialize, Serialize};

use super::rule::Visit;
use crate::time::minutes_between;

/// So much less for the time, when it applies. Of each kind the one that takes off most counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    pub kind: DiscountKind,
    /// Basis points of the undiscounted time.
    pub bps: u32,
}

/// Why there is a discount. They are taken off in this order, as far as the floor allows, a promo code last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountKind {
    LongDuration {
        minutes_min: u32,
    },
    EarlyBird {
        lead_minutes_min: u32,
    },
    LastMinute {
        lead_minutes_max: u32,
    },
    /// The customer never had a booking with this vendor. Nobody who is not signed in gets it.
    FirstBooking,
}

impl DiscountKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LongDuration { .. } => "long_duration",
            Self::EarlyBird { .. } => "early_bird",
            Self::LastMinute { .. } => "last_minute",
            Self::FirstBooking => "first_booking",
        }
    }

    fn applies(self, visit: Visit, first_booking: bool) -> bool {
        let lead = minutes_between(visit.now, visit.interval.start());
        match self {
            Self::LongDuration { minutes_min } => visit.interval.minutes() >= i64::from(minutes_min),
            Self::EarlyBird { lead_minutes_min } => lead >= i64::from(lead_minutes_min),
            Self::LastMinute { lead_minutes_max } => lead <= i64::from(lead_minutes_max),
            Self::FirstBooking => first_booking,
        }
    }
}

/// Those that count, in the order in which they are taken off.
pub(super) fn that_count(discounts: &[Discount], visit: Visit, first_booking: bool) -> Vec<Discount> {
    let mut applying: Vec<Discount> = discounts
        .iter()
        .filter(|discount| discount.kind.applies(visit, first_booking))
        .copied()
        .collect();
    let place = |discount: &Discount| match discount.kind {
        DiscountKind::LongDuration { .. } => 0,
        DiscountKind::EarlyBird { .. } => 1,
        DiscountKind::LastMinute { .. } => 2,
        DiscountKind::FirstBooking => 3,
    };
    applying.sort_by_key(|discount| (place(discount), std::cmp::Reverse(discount.bps)));
    applying.dedup_by_key(|discount| place(discount));
    applying
}
