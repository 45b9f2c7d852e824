//! `vendor_info`: businesses and who works for them.

use domain::id::{UserId, VendorId};
use domain::vendor::{Vendor, VendorState};
use serde::{Deserialize, Serialize};

use crate::item::{Page, Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    pub vendor: VendorId,
    pub user: UserId,
}

impl Store {
    pub async fn vendor(&self, id: VendorId) -> Result<Option<Vendor>> {
        self.get(Table::VendorInfo, &keys::vendor(id)).await
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

    pub fn put_member(&mut self, member: &Member) {
        let indexes = [keys::vendors_by_member(member.user, member.vendor)];
        let item = item(&keys::member(member.vendor, member.user), member, &indexes);
        self.put(
            Table::VendorInfo,
            item,
            Guard::MemberAbsent,
            Condition::Was(Was::Absent),
        );
    }
}
