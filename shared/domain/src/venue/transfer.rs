//! A venue's way from one business to another.
//!
//! Absent: bookings. They name the business that they were made with, and stay with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Venue;
use crate::id::{UserId, VendorId, VenueId};
use crate::text::Reason;
use crate::vendor::{Vendor, VendorState};

/// That a venue was handed over. Written once and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub venue: VenueId,
    /// The venue's own, once it was handed over: no two transfers of a venue have the same.
    pub version: u64,
    pub from: VendorId,
    pub to: VendorId,
    /// The admin who decided it.
    pub by: UserId,
    /// Why, for admins alone.
    pub reason: Reason,
    pub at: Timestamp,
}

/// Why a business cannot take over a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTaker {
    #[error("is no approved business")]
    NotApproved,
    #[error("is the business that runs it already")]
    SameBusiness,
}

impl Venue {
    /// Whether this business may run it in place of whoever does.
    ///
    /// # Errors
    /// [`NoTaker`].
    pub fn check_taker(&self, vendor: &Vendor) -> Result<(), NoTaker> {
        match vendor.state {
            VendorState::Applied | VendorState::Rejected => Err(NoTaker::NotApproved),
            VendorState::Approved if vendor.id == self.vendor => Err(NoTaker::SameBusiness),
            VendorState::Approved => Ok(()),
        }
    }

    /// How it came to its vendor from the one that it had before.
    #[must_use]
    pub const fn transfer_from(&self, from: VendorId, by: UserId, reason: Reason) -> Transfer {
        Transfer {
            venue: self.id,
            version: self.version,
            from,
            to: self.vendor,
            by,
            reason,
            at: self.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::VenueEvent;
    use super::super::tests::draft;
    use super::*;
    use crate::text::{BusinessName, Country, Email};
    use crate::time::tests::at;
    use uuid::Uuid;

    fn vendor(n: u128, state: VendorState) -> Vendor {
        let now = at("2027-01-01T00:00Z");
        Vendor {
            id: VendorId::from_uuid(Uuid::from_u128(n)),
            owner: UserId::from_uuid(Uuid::from_u128(n)),
            business_name: BusinessName::parse("Halls Ltd").unwrap(),
            contact_email: Email::parse("halls@example.com").unwrap(),
            country: Country::parse("DE").unwrap(),
            state,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn only_another_business_that_is_approved_takes_a_venue_over() {
        let (venue, same) = (draft(), draft().vendor.uuid().as_u128());
        let other = same + 1;
        let cases = [
            (other, VendorState::Approved, Ok(())),
            (other, VendorState::Applied, Err(NoTaker::NotApproved)),
            (other, VendorState::Rejected, Err(NoTaker::NotApproved)),
            (same, VendorState::Approved, Err(NoTaker::SameBusiness)),
        ];
        for (id, state, expected) in cases {
            assert_eq!(venue.check_taker(&vendor(id, state)), expected, "{id} {state:?}");
        }
    }

    #[test]
    fn a_transfer_names_both_businesses_and_is_known_by_the_version_that_it_made() {
        let (before, now) = (draft(), at("2027-01-02T00:00Z"));
        let to = VendorId::from_uuid(Uuid::from_u128(9));
        let by = UserId::from_uuid(Uuid::from_u128(5));
        let reason = Reason::parse("Sold.").unwrap();
        let event = VenueEvent::Transfer(to);
        let after = before.clone().apply(event, false, now).unwrap();
        let transfer = after.transfer_from(before.vendor, by, reason.clone());
        let expected = Transfer {
            venue: before.id,
            version: before.version + 1,
            from: before.vendor,
            to,
            by,
            reason,
            at: now,
        };
        assert_eq!(transfer, expected);
    }
}
