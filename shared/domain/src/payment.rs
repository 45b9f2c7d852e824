//! Collecting money for a booking. What the provider says is true; ours only ever moves forward.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::id::{BookingId, PaymentId, ProposalId, UserId, VendorId};
use crate::money::{Money, MoneyError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Ours alone; the provider may not know of it yet.
    Created,
    /// The provider waits for a card.
    RequiresMethod,
    /// The customer has to do something, such as 3-D Secure.
    RequiresAction,
    Processing,
    /// The last attempt was declined; another card may be tried.
    Declined,
    Succeeded,
    Cancelled,
}

impl PaymentStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::RequiresMethod => "requires_method",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Declined => "declined",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing can come after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Cancelled => true,
            Self::Created
            | Self::RequiresMethod
            | Self::RequiresAction
            | Self::Processing
            | Self::Declined => false,
        }
    }
}

/// One amount to collect. All attempts at it are attempts at one intent of the provider, so that it
/// cannot be charged twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub booking: BookingId,
    pub customer: UserId,
    pub vendor: VendorId,
    /// For another time of the booking; otherwise it is what the booking cost at first.
    #[serde(default)]
    pub proposal: Option<ProposalId>,
    pub amount: Money,
    pub status: PaymentStatus,
    /// The provider's id of it, once known.
    pub intent: Option<String>,
    /// Cards tried so far; part of the key under which the provider remembers a call.
    pub attempts: u32,
    pub captured: Money,
    pub refunded: Money,
    /// The provider's code for the last decline (`card_declined`, `insufficient_funds`).
    pub decline_code: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}

/// What the provider says of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    pub intent: String,
    pub status: PaymentStatus,
    pub captured: Money,
    pub decline_code: Option<String>,
}

impl Payment {
    #[must_use]
    pub fn new(
        id: PaymentId,
        booking: BookingId,
        customer: UserId,
        vendor: VendorId,
        amount: Money,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            booking,
            customer,
            vendor,
            proposal: None,
            amount,
            status: PaymentStatus::Created,
            intent: None,
            attempts: 0,
            captured: Money::zero(amount.currency()),
            refunded: Money::zero(amount.currency()),
            decline_code: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// What could still go back of it.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn left(&self) -> Result<Money, MoneyError> {
        self.captured.minus(self.refunded)
    }

    /// With what the provider says taken over. Messages come late and out of order, so what is final
    /// stays; nothing changes when there is nothing new.
    #[must_use]
    pub fn observed(&self, seen: &Observed, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.intent.get_or_insert_with(|| seen.intent.clone());
        if !self.status.is_final() {
            next.status = seen.status;
            next.captured = seen.captured;
            next.decline_code.clone_from(&seen.decline_code);
        }
        if next != *self {
            next.updated_at = now;
            next.version = self.version.saturating_add(1);
        }
        next
    }

    /// Nobody can pay it any more, since the provider never had it.
    #[must_use]
    pub fn abandoned(&self, now: Timestamp) -> Self {
        if self.status.is_final() {
            return self.clone();
        }
        Self {
            status: PaymentStatus::Cancelled,
            updated_at: now,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// One more card is tried. What became of the one before is no news any more.
    #[must_use]
    pub fn attempted(mut self, now: Timestamp) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.status = PaymentStatus::Processing;
        self.decline_code = None;
        self.updated_at = now;
        self.version = self.version.saturating_add(1);
        self
    }

    /// With some of it on its way back.
    ///
    /// # Errors
    /// [`Refusal::RefundTooLarge`] beyond what was captured.
    pub fn refunding(mut self, amount: Money, now: Timestamp) -> Result<Self, Refusal> {
        let refunded = self.refunded.plus(amount)?;
        if amount.amount() <= 0 || refunded.amount() > self.captured.amount() {
            return Err(Refusal::RefundTooLarge);
        }
        self.refunded = refunded;
        self.updated_at = now;
        self.version = self.version.saturating_add(1);
        Ok(self)
    }
}

/// Payments with as much of each as goes back, so that it comes to an amount: those that were begun last first, and
/// none of which nothing is left. `payments` are in the order in which they were begun.
///
/// # Errors
/// [`Refusal::RefundTooLarge`] when less was captured; [`Refusal::Amount`].
pub fn allotted(payments: Vec<Payment>, amount: Money) -> Result<Vec<(Payment, Money)>, Refusal> {
    let mut missing = amount;
    let mut allotted = Vec::new();
    for payment in payments.into_iter().rev() {
        let left = payment.left()?;
        let part = if left.amount() < missing.amount() {
            left
        } else {
            missing
        };
        if part.amount() > 0 {
            missing = missing.minus(part)?;
            allotted.push((payment, part));
        }
    }
    if missing.amount() > 0 {
        return Err(Refusal::RefundTooLarge);
    }
    Ok(allotted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::tests::at;
    use uuid::Uuid;

    fn eur(amount: i64) -> Money {
        Money::new(amount, "EUR".parse().unwrap())
    }

    fn payment() -> Payment {
        let id = Uuid::from_u128(1);
        Payment::new(
            PaymentId::from_uuid(id),
            BookingId::from_uuid(id),
            UserId::from_uuid(id),
            VendorId::from_uuid(id),
            eur(1_000),
            at("2027-01-01T00:00Z"),
        )
    }

    fn seen(status: PaymentStatus, captured: i64) -> Observed {
        Observed {
            intent: "pi_1".into(),
            status,
            captured: eur(captured),
            decline_code: None,
        }
    }

    #[test]
    fn a_late_message_does_not_move_a_payment_back() {
        let now = at("2027-01-01T00:01Z");
        let paid = payment().observed(&seen(PaymentStatus::Succeeded, 1_000), now);
        assert_eq!(paid.captured, eur(1_000));
        assert_eq!(paid.observed(&seen(PaymentStatus::Declined, 0), now), paid);
        assert_eq!(paid.observed(&seen(PaymentStatus::RequiresAction, 0), now), paid);
    }

    #[test]
    fn hearing_the_same_twice_changes_nothing() {
        let now = at("2027-01-01T00:01Z");
        let once = payment().observed(&seen(PaymentStatus::RequiresAction, 0), now);
        assert_eq!(once.version, 2);
        assert_eq!(
            once.observed(&seen(PaymentStatus::RequiresAction, 0), at("2027-01-01T00:02Z")),
            once
        );
    }

    #[test]
    fn what_goes_back_is_taken_from_the_last_payments_first() {
        let now = at("2027-01-01T00:01Z");
        let paid = |id: u128, amount: i64| Payment {
            id: PaymentId::from_uuid(Uuid::from_u128(id)),
            ..payment().observed(&seen(PaymentStatus::Succeeded, amount), now)
        };
        let half_back = paid(2, 500).refunding(eur(400), now).unwrap();
        let payments = || vec![paid(1, 1_000), half_back.clone(), payment(), paid(3, 50)];
        let parts = |amount| {
            let allotted = allotted(payments(), eur(amount)).unwrap().into_iter();
            allotted
                .map(|(payment, part)| (payment.id.uuid().as_u128(), part.amount()))
                .collect::<Vec<_>>()
        };
        assert_eq!(parts(0), []);
        assert_eq!(parts(50), [(3, 50)]);
        assert_eq!(parts(60), [(3, 50), (2, 10)]);
        assert_eq!(parts(1_150), [(3, 50), (2, 100), (1, 1_000)]);
        assert_eq!(allotted(payments(), eur(1_151)), Err(Refusal::RefundTooLarge));
    }

    #[test]
    fn no_more_goes_back_than_was_captured() {
        let now = at("2027-01-01T00:01Z");
        let paid = payment().observed(&seen(PaymentStatus::Succeeded, 1_000), now);
        let part = paid.refunding(eur(600), now).unwrap();
        assert_eq!(
            part.clone().refunding(eur(401), now),
            Err(Refusal::RefundTooLarge)
        );
        assert_eq!(part.clone().refunding(eur(0), now), Err(Refusal::RefundTooLarge));
        assert_eq!(part.refunding(eur(400), now).unwrap().refunded, eur(1_000));
        assert_eq!(payment().refunding(eur(1), now), Err(Refusal::RefundTooLarge));
    }
}
