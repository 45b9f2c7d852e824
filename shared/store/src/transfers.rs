//! From whom to whom venues went (`venues`, one item a transfer, never written again).

use domain::id::VenueId;
use domain::venue::Transfer;

use crate::item::{Page, Query, item};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

impl Store {
    /// The latest first.
    pub async fn transfers(&self, venue: VenueId, limit: i32, after: Option<&str>) -> Result<Page<Transfer>> {
        let prefix = keys::TRANSFER_PREFIX;
        self.query(Query {
            table: Table::Venues,
            index: None,
            pk: keys::venue(venue).pk,
            range: Some((prefix.to_owned(), format!("{prefix}~"))),
            newest_first: true,
            limit,
            after,
        })
        .await
    }
}

impl Transaction {
    /// Goes with the venue, under the version that it has from then on.
    pub fn put_transfer(&mut self, transfer: &Transfer) {
        let item = item(&keys::transfer(transfer.venue, transfer.version), transfer, &[]);
        self.put(
            Table::Venues,
            item,
            Guard::VenueUnchanged,
            Condition::Was(Was::Absent),
        );
    }
}
