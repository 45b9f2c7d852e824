//! Money going back to a customer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{BookingId, PaymentId, RefundId};
use crate::money::Money;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Decided; the provider may not know of it yet.
    Requested,
    /// The provider has it.
    Pending,
    Succeeded,
    /// The provider could not deliver it; somebody has to look.
    Failed,
}

impl RefundStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Whether nobody waits for it any more; a success may still turn out to be a failure.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The booking was cancelled.
    Cancelled,
    /// The payment came when the time was no longer to be had.
    TooLate,
    /// The booking was moved to a time that costs less.
    Moved,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: RefundId,
    pub payment: PaymentId,
    pub booking: BookingId,
    pub amount: Money,
    pub reason: RefundReason,
    pub status: RefundStatus,
    /// The provider's id of it, once known.
    pub provider_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}

impl Refund {
    #[must_use]
    pub const fn requested(
        id: RefundId,
        payment: PaymentId,
        booking: BookingId,
        amount: Money,
        reason: RefundReason,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            payment,
            booking,
            amount,
            reason,
            status: RefundStatus::Requested,
            provider_id: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// With what the provider says taken over. A success may still turn into a failure (the card was
    /// closed meanwhile), and a failure is the end; everything else only moves forward.
    #[must_use]
    pub fn observed(&self, provider_id: &str, status: RefundStatus, now: Timestamp) -> Self {
        use RefundStatus as S;
        let mut next = self.clone();
        next.provider_id.get_or_insert_with(|| provider_id.to_owned());
        next.status = match (self.status, status) {
            (S::Requested | S::Pending, seen) => seen,
            (S::Succeeded, S::Failed) | (S::Failed, _) => S::Failed,
            (S::Succeeded, S::Requested | S::Pending | S::Succeeded) => S::Succeeded,
        };
        if next != *self {
            next.updated_at = now;
            next.version = self.version.saturating_add(1);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::tests::at;
    use uuid::Uuid;

    #[test]
    fn a_refund_only_moves_forward() {
        use RefundStatus as S;
        let id = Uuid::from_u128(1);
        let amount = Money::new(5, "EUR".parse().unwrap());
        let now = at("2027-01-01T00:00Z");
        let asked = Refund::requested(
            RefundId::from_uuid(id),
            PaymentId::from_uuid(id),
            BookingId::from_uuid(id),
            amount,
            RefundReason::Cancelled,
            now,
        );
        let done = asked
            .observed("re_1", S::Pending, now)
            .observed("re_1", S::Succeeded, now);
        assert_eq!(done.status, S::Succeeded);
        assert_eq!(done.observed("re_1", S::Pending, now), done);
        let failed = done.observed("re_1", S::Failed, now);
        assert_eq!(failed.status, S::Failed);
        assert_eq!(failed.observed("re_1", S::Succeeded, now).status, S::Failed);
    }
}
