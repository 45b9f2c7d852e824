//! Who works for a business, as what and where.

use std::collections::BTreeSet;

use domain::id::{UserId, VendorId, VenueId};
use domain::membership::{MEMBER_VENUES_MAX, Membership, Reach};
use domain::role::MemberRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Problems;

/// What somebody does, and where.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Work")]
pub struct WorkView {
    /// `owner`, `manager`, `finance` or `front_desk`.
    #[schemars(with = "String")]
    role: MemberRole,
    /// The venues that they work at; null is all of them, and the business itself.
    #[schemars(with = "Option<Vec<String>>")]
    venue_ids: Option<BTreeSet<VenueId>>,
}

impl WorkView {
    #[must_use]
    pub fn of(role: MemberRole, reach: Reach) -> Self {
        let venue_ids = match reach {
            Reach::Everywhere => None,
            Reach::Only(venues) => Some(venues),
        };
        Self { role, venue_ids }
    }
}

/// Of one person in a business.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Membership")]
pub struct MembershipView {
    #[schemars(with = "String")]
    vendor_id: VendorId,
    #[serde(flatten)]
    work: WorkView,
    /// Whether the business may run venues.
    approved: bool,
}

impl From<Membership> for MembershipView {
    fn from(membership: Membership) -> Self {
        Self {
            vendor_id: membership.vendor,
            work: WorkView::of(membership.role, membership.reach),
            approved: membership.approved,
        }
    }
}

/// What somebody is to do, and where.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewWork")]
#[serde(deny_unknown_fields)]
pub struct RawWork {
    role: RawRole,
    /// The venues that they are to work at, 1 to 50; left out is all of them, and the business itself.
    venue_ids: Option<Vec<String>>,
}

/// `manager` runs venues, prices included; `finance` sees bookings and changes nothing; `front_desk` answers requests
/// and receives guests. The owner is whoever applied.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "NewMemberRole")]
#[serde(rename_all = "snake_case")]
pub enum RawRole {
    Manager,
    Finance,
    FrontDesk,
}

impl From<RawRole> for MemberRole {
    fn from(raw: RawRole) -> Self {
        match raw {
            RawRole::Manager => Self::Manager,
            RawRole::Finance => Self::Finance,
            RawRole::FrontDesk => Self::FrontDesk,
        }
    }
}

/// The venues that are named, or all.
pub fn reach(problems: &mut Problems, venue_ids: Option<Vec<String>>) -> Option<Reach> {
    let Some(texts) = venue_ids else {
        return Some(Reach::Everywhere);
    };
    if texts.is_empty() {
        problems.add("venue_ids", "names no venue; leave it out for all of them");
        return None;
    }
    let venues = problems.each("venue_ids", texts, MEMBER_VENUES_MAX, |here, text| {
        text.parse::<VenueId>().map_err(|e| here.here(e)).ok()
    })?;
    Some(Reach::Only(venues.into_iter().collect()))
}

impl crate::Parse for RawWork {
    type Into = app::members::Work;

    fn parse(self, problems: &mut Problems) -> Option<Self::Into> {
        Some(app::members::Work {
            role: self.role.into(),
            reach: reach(problems, self.venue_ids)?,
        })
    }
}

/// Somebody's id, name and address, for whoever works with them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Colleague")]
pub struct PersonView {
    #[schemars(with = "String")]
    pub user_id: UserId,
    pub name: String,
    pub email: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(venues: Vec<String>) -> Vec<String> {
        let mut problems = Problems::new();
        assert!(reach(&mut problems, Some(venues)).is_none());
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn nobody_works_at_no_venue_or_at_too_many() {
        let one = "ven_01900000000070008000000000000001".to_owned();
        assert_eq!(pointers(vec![]), ["/venue_ids"]);
        assert_eq!(pointers(vec![one.clone(), "x".to_owned()]), ["/venue_ids/1"]);
        assert_eq!(pointers(vec![one.clone(); MEMBER_VENUES_MAX + 1]), ["/venue_ids"]);
        let fits = reach(&mut Problems::new(), Some(vec![one; MEMBER_VENUES_MAX]));
        assert_eq!(fits.unwrap().named().unwrap().len(), 1);
    }
}
