//! Promo codes (`venues`, by vendor), and what is counted (`calendar`, since it is what is taken).

use domain::id::VendorId;
use domain::pricing::{Claim, Counted, PROMOS_MAX, Promo, PromoCode};
use serde::Deserialize;

use crate::item::{Query, item, read};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// The attribute that holds the number.
const USES: &str = "uses";

/// A number that only ever moves by additions.
#[derive(Debug, Deserialize)]
struct Uses {
    uses: i64,
}

impl Store {
    pub async fn promo(&self, vendor: VendorId, code: &PromoCode) -> Result<Option<Promo>> {
        self.get(Table::Venues, &keys::promo(vendor, code)).await
    }

    /// All of a vendor's, by their codes.
    pub async fn promos(&self, vendor: VendorId) -> Result<Vec<Promo>> {
        let prefix = keys::PROMO_PREFIX;
        let page = self
            .query(Query {
                table: Table::Venues,
                index: None,
                pk: keys::promos(vendor),
                range: Some((prefix.to_owned(), format!("{prefix}~"))),
                newest_first: false,
                // Two that are added at once may make them one more than there should be.
                limit: i32::try_from(2 * PROMOS_MAX).unwrap_or(i32::MAX),
                after: None,
            })
            .await?;
        Ok(page.items)
    }

    /// How often each was used, in the order in which they are asked for.
    pub async fn uses(&self, counted: &[Counted]) -> Result<Vec<u32>> {
        let keys: Vec<_> = counted
            .iter()
            .map(|counted| (Table::Calendar, keys::counted(counted)))
            .collect();
        let mut found = self.get_many(&keys).await?;
        keys.iter()
            .map(|key| {
                let uses = found.remove(key).map(read::<Uses>).transpose()?;
                Ok(u32::try_from(uses.map_or(0, |uses| uses.uses)).unwrap_or(0))
            })
            .collect()
    }
}

impl Transaction {
    pub fn put_promo(&mut self, promo: &Promo) {
        self.put(
            Table::Venues,
            item(&keys::promo(promo.vendor, &promo.code), promo, &[]),
            Guard::PromoUnchanged,
            Condition::Was(Was::before(promo.version)),
        );
    }

    /// One use more, as far as there is one left.
    pub fn claim(&mut self, claim: &Claim) {
        let guard = match claim.on {
            Counted::Promo(..) => Guard::PromoLeft,
            Counted::PromoByCustomer(..) => Guard::PromoLeftForCustomer,
            Counted::Bookings(..) => Guard::FirstBooking,
        };
        let condition = match claim.max {
            Some(max) => Condition::Below(USES, max),
            None => Condition::Always,
        };
        let key = keys::counted(&claim.on);
        self.add(Table::Calendar, key, (USES, 1), Some(guard), condition);
    }

    /// One use more, however many there were.
    pub fn count(&mut self, counted: &Counted) {
        let key = keys::counted(counted);
        self.add(Table::Calendar, key, (USES, 1), None, Condition::Always);
    }

    /// A use that was claimed is given back.
    pub fn give_back(&mut self, claim: &Claim) {
        let key = keys::counted(&claim.on);
        self.add(Table::Calendar, key, (USES, -1), None, Condition::Always);
    }
}
