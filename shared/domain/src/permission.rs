//! Who may do what: the one table of permissions, role by action, with what each reaches.
//!
//! A customer's own things need no row: they are theirs. What is here is done for somebody else, for a business or for
//! the platform, by a role that was given. What no row grants is forbidden.

use crate::role::{AdminRole, MemberRole};

use AdminRole::{Finance as Books, Moderation, Super, Support};
use MemberRole::{Finance, FrontDesk, Manager, Owner};

/// What may be allowed or not, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Add a venue to the business.
    AddVenues,
    /// Look at venues as their vendor does: drafts, hours, prices.
    SeeVenues,
    /// Change what a venue is: details, spaces, photos, hours, blocks, whether it is on the market.
    ManageVenues,
    /// Change what a venue costs.
    SetPrices,
    /// Look at promo codes and how often they were used.
    SeePromoCodes,
    SetPromoCodes,
    /// Look at bookings and the calendar.
    SeeBookings,
    /// Answer requests, enter bookings, say who came.
    HandleBookings,
    /// Cancel and move bookings: what gives money back.
    ChangeBookings,
    /// Look at who works for the business.
    SeeMembers,
    /// Take people on, change what they do, let them go.
    ManageMembers,
    /// Look at the venues of all vendors, those that are not live too.
    SeeAllVenues,
    SeeVendors,
    DecideAboutVendors,
    DecideAboutVenues,
    TransferVenues,
    SeePolicies,
    SetPolicies,
    SeeUsers,
    /// Suspend people, and take that back.
    ManageUsers,
    /// Give the roles of this platform's own people.
    GrantAdminRoles,
}

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each venue that the member works at.
    Venue,
    /// The business as a whole: members who work at some of its venues alone have no part in it.
    Business,
    /// Everything there is.
    Platform,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub scope: Scope,
    /// Who of a business has it, within the scope.
    pub members: &'static [MemberRole],
    /// Who of the platform has it, everywhere.
    pub admins: &'static [AdminRole],
}

impl Policy {
    const fn of(scope: Scope, members: &'static [MemberRole]) -> Self {
        Self {
            scope,
            members,
            admins: &[],
        }
    }

    /// Admins have it too, everywhere.
    const fn and(self, admins: &'static [AdminRole]) -> Self {
        Self { admins, ..self }
    }

    const fn platform(admins: &'static [AdminRole]) -> Self {
        Self::of(Scope::Platform, &[]).and(admins)
    }
}

impl Permission {
    pub const ALL: [Self; 21] = [
        Self::AddVenues,
        Self::SeeVenues,
        Self::ManageVenues,
        Self::SetPrices,
        Self::SeePromoCodes,
        Self::SetPromoCodes,
        Self::SeeBookings,
        Self::HandleBookings,
        Self::ChangeBookings,
        Self::SeeMembers,
        Self::ManageMembers,
        Self::SeeAllVenues,
        Self::SeeVendors,
        Self::DecideAboutVendors,
        Self::DecideAboutVenues,
        Self::TransferVenues,
        Self::SeePolicies,
        Self::SetPolicies,
        Self::SeeUsers,
        Self::ManageUsers,
        Self::GrantAdminRoles,
    ];

    /// The table.
    #[must_use]
    pub const fn policy(self) -> Policy {
        match self {
            Self::AddVenues => Policy::of(Scope::Business, &[Owner, Manager]),
            Self::SeeVenues => Policy::of(Scope::Venue, &[Owner, Manager, Finance, FrontDesk]),
            Self::ManageVenues | Self::SetPrices => Policy::of(Scope::Venue, &[Owner, Manager]),
            Self::SeePromoCodes => Policy::of(Scope::Business, &[Owner, Manager, Finance]),
            Self::SetPromoCodes => Policy::of(Scope::Business, &[Owner, Manager]),
            Self::SeeBookings => {
                Policy::of(Scope::Venue, &[Owner, Manager, Finance, FrontDesk]).and(&[Super, Support, Books])
            }
            Self::HandleBookings => {
                Policy::of(Scope::Venue, &[Owner, Manager, FrontDesk]).and(&[Super, Support])
            }
            Self::ChangeBookings => Policy::of(Scope::Venue, &[Owner, Manager]).and(&[Super, Support]),
            Self::SeeMembers => Policy::of(Scope::Business, &[Owner, Manager]),
            Self::ManageMembers => Policy::of(Scope::Business, &[Owner]),
            Self::SeeAllVenues => Policy::platform(&[Super, Support, Moderation]),
            Self::SeeVendors => Policy::platform(&[Super, Support, Books, Moderation]),
            Self::DecideAboutVendors | Self::DecideAboutVenues => Policy::platform(&[Super, Moderation]),
            Self::TransferVenues | Self::SetPolicies | Self::GrantAdminRoles => Policy::platform(&[Super]),
            Self::SeePolicies => Policy::platform(&[Super, Support, Books, Moderation]),
            Self::SeeUsers => Policy::platform(&[Super, Support, Moderation]),
            Self::ManageUsers => Policy::platform(&[Super, Support]),
        }
    }

    /// Its name in descriptions of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddVenues => "add_venues",
            Self::SeeVenues => "see_venues",
            Self::ManageVenues => "manage_venues",
            Self::SetPrices => "set_prices",
            Self::SeePromoCodes => "see_promo_codes",
            Self::SetPromoCodes => "set_promo_codes",
            Self::SeeBookings => "see_bookings",
            Self::HandleBookings => "handle_bookings",
            Self::ChangeBookings => "change_bookings",
            Self::SeeMembers => "see_members",
            Self::ManageMembers => "manage_members",
            Self::SeeAllVenues => "see_all_venues",
            Self::SeeVendors => "see_vendors",
            Self::DecideAboutVendors => "decide_about_vendors",
            Self::DecideAboutVenues => "decide_about_venues",
            Self::TransferVenues => "transfer_venues",
            Self::SeePolicies => "see_policies",
            Self::SetPolicies => "set_policies",
            Self::SeeUsers => "see_users",
            Self::ManageUsers => "manage_users",
            Self::GrantAdminRoles => "grant_admin_roles",
        }
    }
}

impl MemberRole {
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        permission.policy().members.contains(&self)
    }
}

impl AdminRole {
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        permission.policy().admins.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_permission_is_listed_once_under_a_name_of_its_own() {
        let listed: BTreeSet<_> = Permission::ALL.into_iter().collect();
        let names: BTreeSet<_> = Permission::ALL.into_iter().map(Permission::as_str).collect();
        assert_eq!(
            (listed.len(), names.len()),
            (Permission::ALL.len(), Permission::ALL.len())
        );
    }

    #[test]
    fn an_owner_may_do_whatever_anybody_of_the_business_may_and_super_whatever_any_admin_may() {
        for permission in Permission::ALL {
            let policy = permission.policy();
            assert_eq!(
                Owner.may(permission),
                !policy.members.is_empty(),
                "{permission:?}"
            );
            assert_eq!(Super.may(permission), !policy.admins.is_empty(), "{permission:?}");
            assert!(
                !policy.members.is_empty() || !policy.admins.is_empty(),
                "{permission:?} is nobody's"
            );
            assert_eq!(
                policy.scope == Scope::Platform,
                policy.members.is_empty(),
                "{permission:?}"
            );
        }
    }

    /// By hand, and not from the table: what would hurt most if a line of it were wrong.
    #[test]
    fn whoever_may_not_touch_money_or_roles_may_not() {
        let kept_from_members = [
            (FrontDesk, Permission::ChangeBookings),
            (FrontDesk, Permission::SetPrices),
            (FrontDesk, Permission::ManageVenues),
            (FrontDesk, Permission::SetPromoCodes),
            (Finance, Permission::ChangeBookings),
            (Finance, Permission::SetPrices),
            (Finance, Permission::HandleBookings),
            (Manager, Permission::ManageMembers),
        ];
        for (role, permission) in kept_from_members {
            assert!(!role.may(permission), "{role:?} {permission:?}");
        }
        for role in [Support, Books, Moderation] {
            for permission in [
                Permission::GrantAdminRoles,
                Permission::SetPolicies,
                Permission::TransferVenues,
            ] {
                assert!(!role.may(permission), "{role:?} {permission:?}");
            }
        }
        assert!(!Books.may(Permission::ChangeBookings));
        assert!(!Moderation.may(Permission::SeeBookings));
        for role in MemberRole::ALL {
            let platform = Permission::ALL
                .into_iter()
                .filter(|p| p.policy().scope == Scope::Platform);
            assert!(
                platform.into_iter().all(|permission| !role.may(permission)),
                "{role:?}"
            );
        }
    }
}
