//! What a price takes of which there is only so much.

use super::{PromoCode, PromoObstacle};
use crate::Refusal;
use crate::id::{UserId, VendorId};

/// One use of something that is counted. It is taken with the hold, used up when the booking is confirmed, and given
/// back when it ends before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub on: Counted,
    /// So many uses there are; no limit when there is none.
    pub max: Option<u32>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    Promo(VendorId, PromoCode),
    PromoByCustomer(VendorId, PromoCode, UserId),
    /// Bookings of a customer with a vendor: those that were confirmed, and one that is held at the price of a first
    /// one.
    Bookings(VendorId, UserId),
}

impl Claim {
    pub(super) fn of_promo(
        vendor: VendorId,
        code: &PromoCode,
        customer: UserId,
        uses_max: Option<u32>,
        uses_per_customer_max: Option<u32>,
    ) -> Vec<Self> {
        vec![
            Self {
                on: Counted::Promo(vendor, code.clone()),
                max: uses_max,
            },
            Self {
                on: Counted::PromoByCustomer(vendor, code.clone(), customer),
                max: uses_per_customer_max,
            },
        ]
    }

    pub(super) const fn first_booking(vendor: VendorId, customer: UserId) -> Self {
        Self {
            on: Counted::Bookings(vendor, customer),
            max: Some(1),
        }
    }

    /// Whether there is one left after so many uses.
    ///
    /// # Errors
    /// Why there is none.
    pub const fn check(&self, uses: u32) -> Result<(), Refusal> {
        match self.max {
            Some(max) if uses >= max => Err(self.on.used_up()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Counted {
    /// Why there is nothing left of it.
    #[must_use]
    pub const fn used_up(&self) -> Refusal {
        let obstacle = match self {
            Self::Promo(..) => PromoObstacle::UsedUp,
            Self::PromoByCustomer(..) => PromoObstacle::UsedByYou,
            Self::Bookings(..) => return Refusal::NotTheFirst,
        };
        Refusal::Promo { obstacle }
    }
}
