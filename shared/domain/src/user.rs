//! A person with a login.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{UserId, VendorId};
use crate::membership::Membership;
use crate::role::{AdminRole, Role};
use crate::text::{Email, PersonName, Reason};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: PersonName,
    /// The business that they run or work for.
    pub membership: Option<Membership>,
    /// What they do for the platform.
    pub admin: Option<AdminRole>,
    pub email_verified_at: Option<Timestamp>,
    /// What they are kept from.
    pub restriction: Option<Restriction>,
    /// Sessions that began in an earlier one are over.
    #[serde(default)]
    pub epoch: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

/// Somebody is kept from using the platform, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    pub kind: RestrictionKind,
    pub reason: Reason,
    pub by: UserId,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionKind {
    /// May sign in, look at their own things, and cancel their bookings; nothing else.
    Suspended,
    /// May not sign in. What they have booked stands until somebody cancels it.
    Banned,
}

impl User {
    /// Somebody who has just registered, with no role until the address is verified.
    #[must_use]
    pub fn registered(id: UserId, email: Email, name: PersonName, now: Timestamp) -> Self {
        Self {
            id,
            email,
            name,
            membership: None,
            admin: None,
            email_verified_at: None,
            restriction: None,
            epoch: 0,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }

    #[must_use]
    pub fn is(&self, kind: RestrictionKind) -> bool {
        self.restriction
            .as_ref()
            .is_some_and(|restriction| restriction.kind == kind)
    }

    /// What they are on the platform.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        let works = self
            .membership
            .as_ref()
            .is_some_and(|membership| membership.approved);
        let held = [
            (Role::Customer, self.is_verified()),
            (Role::Vendor, works),
            (Role::Admin, self.admin.is_some()),
        ];
        held.into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(role, _)| role)
            .collect()
    }

    /// The business that they run or work for, approved or not.
    #[must_use]
    pub fn vendor(&self) -> Option<VendorId> {
        self.membership.as_ref().map(|membership| membership.vendor)
    }

    /// The address is theirs: from now on they may book. Sessions from before are over, since anybody may have begun them.
    /// Verifying again changes nothing.
    #[must_use]
    pub const fn verified(mut self, now: Timestamp) -> Self {
        if self.is_verified() {
            return self;
        }
        self.email_verified_at = Some(now);
        self.signed_out(now)
    }

    /// Another address, which they have shown to be theirs. All their sessions are over.
    #[must_use]
    pub fn with_email(mut self, email: Email, now: Timestamp) -> Self {
        self.email = email;
        self.email_verified_at = Some(now);
        self.signed_out(now)
    }

    /// All their sessions are over, however many there are and wherever one is just beginning.
    #[must_use]
    pub const fn signed_out(mut self, now: Timestamp) -> Self {
        self.epoch = self.epoch.saturating_add(1);
        self.touched(now)
    }

    /// Works for a business from now on, in another way than before, or no longer.
    #[must_use]
    pub fn with_membership(mut self, membership: Option<Membership>, now: Timestamp) -> Self {
        self.membership = membership;
        self.touched(now)
    }

    #[must_use]
    pub const fn with_admin_role(mut self, role: Option<AdminRole>, now: Timestamp) -> Self {
        self.admin = role;
        self.touched(now)
    }

    /// Whoever is banned is signed out with it.
    #[must_use]
    pub fn restricted(mut self, restriction: Option<Restriction>, now: Timestamp) -> Self {
        self.restriction = restriction;
        match self.is(RestrictionKind::Banned) {
            true => self.signed_out(now),
            false => self.touched(now),
        }
    }

    #[must_use]
    pub fn renamed(mut self, name: PersonName, now: Timestamp) -> Self {
        self.name = name;
        self.touched(now)
    }

    const fn touched(mut self, now: Timestamp) -> Self {
        self.updated_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}
