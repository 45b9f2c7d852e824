//! `vendor_info`: businesses and who works for them.

use domain::id::{InvitationId, UserId, VendorId};
use domain::invitation::Invitation;
use domain::membership::{Membership, Reach};
use domain::role::MemberRole;
use domain::vendor::{Vendor, VendorState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Page, Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// Who works for a business, as the business lists them; the person's own item has the same for whoever lets them in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub vendor: VendorId,
    pub user: UserId,
    pub role: MemberRole,
    pub reach: Reach,
    pub since: Timestamp,
    pub version: u64,
}

/// Members, or invitations, that one read of a list asks for.
const MEMBERS_PAGE: i32 = 100;

impl Member {
    /// What the person's own item says of it.
    #[must_use]
    pub fn membership(&self) -> Membership {
        Membership {
            vendor: self.vendor,
            role: self.role,
            reach: self.reach.clone(),
            approved: true,
        }
    }

    #[must_use]
    pub fn new(user: UserId, membership: &Membership, since: Timestamp) -> Self {
        Self {
            vendor: membership.vendor,
            user,
            role: membership.role,
            reach: membership.reach.clone(),
            since,
            version: 1,
        }
    }
}

impl Store {
    pub async fn vendor(&self, id: VendorId) -> Result<Option<Vendor>> {
        self.get(Table::VendorInfo, &keys::vendor(id)).await
    }

    /// Who works for a business.
    pub async fn members(&self, vendor: VendorId) -> Result<Vec<Member>> {
        self.query_all(of_vendor(vendor, keys::MEMBER_PREFIX)).await
    }

    pub async fn member(&self, vendor: VendorId, user: UserId) -> Result<Option<Member>> {
        self.get(Table::VendorInfo, &keys::member(vendor, user)).await
    }

    /// The invitations of a business, the oldest first, also those that have expired.
    pub async fn invitations(&self, vendor: VendorId) -> Result<Vec<Invitation>> {
        self.query_all(of_vendor(vendor, keys::INVITATION_PREFIX)).await
    }

    pub async fn invitation(&self, vendor: VendorId, id: InvitationId) -> Result<Option<Invitation>> {
        self.get(Table::VendorInfo, &keys::invitation(vendor, id)).await
    }

    /// Oldest first: the queue of whoever decides.
    pub async fn vendors_in_state(
        &self,
        state: VendorState,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Page<Vendor>> {
        self.query(Query {
            table: Table::VendorInfo,
            index: Some("by_state"),
            pk: format!("STATE#{}", state.as_str()),
            range: None,
            newest_first: false,
            limit,
            after,
        })
        .await
    }
}

/// All items of a business whose sort keys begin so.
fn of_vendor(vendor: VendorId, prefix: &str) -> Query<'static> {
    Query {
        table: Table::VendorInfo,
        index: None,
        pk: keys::vendor(vendor).pk,
        range: Some((prefix.to_owned(), format!("{prefix}~"))),
        newest_first: false,
        limit: MEMBERS_PAGE,
        after: None,
    }
}

impl Transaction {
    pub fn put_vendor(&mut self, vendor: &Vendor) {
        let indexes = [keys::vendors_by_state(
            vendor.state.as_str(),
            vendor.created_at,
            vendor.id,
        )];
        let item = item(&keys::vendor(vendor.id), vendor, &indexes);
        self.put(
            Table::VendorInfo,
            item,
            Guard::VendorUnchanged,
            Condition::Was(Was::before(vendor.version)),
        );
    }

    /// The business is as it was read.
    pub fn check_vendor(&mut self, vendor: &Vendor) {
        self.check(
            Table::VendorInfo,
            keys::vendor(vendor.id),
            Guard::VendorUnchanged,
            Condition::Was(Was::Version(vendor.version)),
        );
    }

    pub fn delete_member(&mut self, member: &Member) {
        let was = Condition::Was(Was::Version(member.version));
        let key = keys::member(member.vendor, member.user);
        self.delete_guarded(Table::VendorInfo, key, Guard::MemberUnchanged, was);
    }

    pub fn put_invitation(&mut self, invitation: &Invitation) {
        let item = item(
            &keys::invitation(invitation.vendor, invitation.id),
            invitation,
            &[],
        );
        let was = Condition::Was(Was::before(invitation.version));
        self.put(Table::VendorInfo, item, Guard::InvitationOpen, was);
    }

    /// It is taken, or withdrawn; fails when it was before.
    pub fn delete_invitation(&mut self, invitation: &Invitation) {
        let was = Condition::Was(Was::Version(invitation.version));
        let key = keys::invitation(invitation.vendor, invitation.id);
        self.delete_guarded(Table::VendorInfo, key, Guard::InvitationOpen, was);
    }

    pub fn put_member(&mut self, member: &Member) {
        let indexes = [keys::vendors_by_member(member.user, member.vendor)];
        let item = item(&keys::member(member.vendor, member.user), member, &indexes);
        self.put(
            Table::VendorInfo,
            item,
            Guard::MemberUnchanged,
            Condition::Was(Was::before(member.version)),
        );
    }
}
