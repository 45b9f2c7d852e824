//! A person with a login.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{UserId, VendorId};
use crate::role::Role;
use crate::text::{Email, PersonName};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: PersonName,
    pub roles: BTreeSet<Role>,
    /// The business that they run or work for.
    pub vendor: Option<VendorId>,
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

impl User {
    /// Somebody who has just registered, with no role until the address is verified.
    #[must_use]
    pub fn registered(id: UserId, email: Email, name: PersonName, now: Timestamp) -> Self {
        Self {
            id,
            email,
            name,
            roles: BTreeSet::new(),
            vendor: None,
            email_verified_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }

    /// The address is theirs: from now on they may book. Verifying again changes nothing.
    #[must_use]
    pub fn verified(mut self, now: Timestamp) -> Self {
        if self.is_verified() {
            return self;
        }
        self.email_verified_at = Some(now);
        self.granted(Role::Customer, now)
    }

    #[must_use]
    pub fn granted(mut self, role: Role, now: Timestamp) -> Self {
        self.roles.insert(role);
        self.touched(now)
    }

    /// Has applied for a business, which is not approved yet.
    #[must_use]
    pub const fn with_vendor(mut self, vendor: VendorId, now: Timestamp) -> Self {
        self.vendor = Some(vendor);
        self.touched(now)
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
