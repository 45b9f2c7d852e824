//! An invitation to work for a business.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{InvitationId, UserId, VendorId};
use crate::membership::{Membership, Reach};
use crate::role::MemberRole;
use crate::text::Email;
use crate::user::User;

/// How long one is good: seven days.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;
/// People that work for one business at most, and those who are invited with them.
pub const MEMBERS_MAX: usize = 100;

/// Good for whoever has proved that the address is theirs, and for nobody else who learns of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub vendor: VendorId,
    pub email: Email,
    pub role: MemberRole,
    pub reach: Reach,
    pub by: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub version: u64,
}

impl Invitation {
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether this person may take it now.
    #[must_use]
    pub fn is_for(&self, user: &User, now: Timestamp) -> bool {
        self.is_open(now) && user.is_verified() && user.email == self.email
    }

    /// What whoever takes it becomes.
    #[must_use]
    pub fn membership(&self) -> Membership {
        Membership {
            vendor: self.vendor,
            role: self.role,
            reach: self.reach.clone(),
            approved: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::PersonName;
    use uuid::Uuid;

    fn user(email: &str) -> User {
        let id = UserId::from_uuid(Uuid::from_u128(1));
        let (email, name) = (Email::parse(email).unwrap(), PersonName::parse("Ada").unwrap());
        User::registered(id, email, name, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn it_is_for_whoever_has_proved_the_address_until_it_expires() {
        let now = Timestamp::UNIX_EPOCH;
        let invitation = Invitation {
            id: InvitationId::from_uuid(Uuid::from_u128(2)),
            vendor: VendorId::from_uuid(Uuid::from_u128(3)),
            email: Email::parse("Ada@example.com").unwrap(),
            role: MemberRole::FrontDesk,
            reach: Reach::Everywhere,
            by: UserId::from_uuid(Uuid::from_u128(4)),
            created_at: now,
            expires_at: crate::time::plus_seconds(now, INVITATION_SECONDS),
            version: 1,
        };
        let ada = user("ada@example.com");
        assert!(!invitation.is_for(&ada, now), "the address is not proved");
        let ada = ada.verified(now);
        assert!(invitation.is_for(&ada, now));
        assert!(!invitation.is_for(&user("eve@example.com").verified(now), now));
        let last = crate::time::plus_seconds(now, INVITATION_SECONDS - 1);
        assert!(invitation.is_for(&ada, last) && !invitation.is_for(&ada, invitation.expires_at));
    }
}
