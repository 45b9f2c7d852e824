//! Whom somebody works for, as what, and at which of its venues.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{VendorId, VenueId};
use crate::permission::{Permission, Scope};
use crate::role::MemberRole;

/// Venues that a member who does not work at all of them may be named to.
pub const MEMBER_VENUES_MAX: usize = 50;

/// Where of a business somebody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// At all venues that it has and will have, and in the business itself.
    Everywhere,
    Only(BTreeSet<VenueId>),
}

impl Reach {
    #[must_use]
    pub fn includes(&self, venue: VenueId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Only(venues) => venues.contains(&venue),
        }
    }

    /// The venues, where they are named.
    #[must_use]
    pub const fn named(&self) -> Option<&BTreeSet<VenueId>> {
        match self {
            Self::Everywhere => None,
            Self::Only(venues) => Some(venues),
        }
    }
}

/// Of one person in one business. Nobody works for two by one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub vendor: VendorId,
    pub role: MemberRole,
    pub reach: Reach,
    /// Whether the business may run venues.
    pub approved: bool,
}

impl Membership {
    /// Of whoever applied, before anybody decided about it.
    #[must_use]
    pub const fn applicant(vendor: VendorId) -> Self {
        Self {
            vendor,
            role: MemberRole::Owner,
            reach: Reach::Everywhere,
            approved: false,
        }
    }

    /// The business may run venues from now on.
    #[must_use]
    pub fn approved(self) -> Self {
        Self {
            approved: true,
            ..self
        }
    }

    /// Whether they may do this at all, at whichever venues they work at.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let reaches = match permission.policy().scope {
            Scope::Venue => true,
            Scope::Business => self.reach == Reach::Everywhere,
            Scope::Platform => false,
        };
        self.approved && reaches && self.role.may(permission)
    }

    /// Whether this venue, run by this business, is one that they work at.
    #[must_use]
    pub fn works_at(&self, vendor: VendorId, venue: VenueId) -> bool {
        self.approved && self.vendor == vendor && self.reach.includes(venue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const OURS: VendorId = VendorId::from_uuid(Uuid::from_u128(1));
    const OTHERS: VendorId = VendorId::from_uuid(Uuid::from_u128(2));
    const LOFT: VenueId = VenueId::from_uuid(Uuid::from_u128(3));
    const BARN: VenueId = VenueId::from_uuid(Uuid::from_u128(4));

    fn works(role: MemberRole, reach: Reach) -> Membership {
        Membership {
            vendor: OURS,
            role,
            reach,
            approved: true,
        }
    }

    #[test]
    fn a_member_works_at_the_venues_that_are_named_and_at_no_other() {
        let some = works(MemberRole::Manager, Reach::Only(BTreeSet::from([LOFT])));
        assert!(some.works_at(OURS, LOFT));
        assert!(!some.works_at(OURS, BARN));
        // Also when another business runs it by now.
        assert!(!some.works_at(OTHERS, LOFT));
        let all = works(MemberRole::Manager, Reach::Everywhere);
        assert!(all.works_at(OURS, BARN));
        assert!(!all.works_at(OTHERS, BARN));
    }

    #[test]
    fn whoever_works_at_some_venues_alone_has_no_part_in_the_business_itself() {
        for permission in Permission::ALL {
            let some = works(MemberRole::Owner, Reach::Only(BTreeSet::from([LOFT])));
            let all = works(MemberRole::Owner, Reach::Everywhere);
            let scope = permission.policy().scope;
            assert_eq!(some.may(permission), scope == Scope::Venue, "{permission:?}");
            assert_eq!(all.may(permission), scope != Scope::Platform, "{permission:?}");
        }
    }

    #[test]
    fn nobody_may_do_anything_for_a_business_that_is_not_approved() {
        let applicant = Membership::applicant(OURS);
        assert!(
            Permission::ALL
                .into_iter()
                .all(|permission| !applicant.may(permission))
        );
        assert!(!applicant.works_at(OURS, LOFT));
    }
}
