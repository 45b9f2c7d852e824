//! What vendors want changed of venues that were approved (`venues`, one item a venue).

use domain::id::VenueId;
use domain::venue::{Revised, Revision, Venue};

use crate::item::{Page, Query, item, read};
use crate::keys::{self, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

impl Store {
    /// A venue with its latest revision.
    pub async fn revised(&self, id: VenueId) -> Result<Option<Revised>> {
        let wanted = [keys::venue(id), keys::revision(id)].map(|key| (Table::Venues, key));
        let mut found = self.get_many(&wanted).await?;
        let mut take = |key| found.remove(&(Table::Venues, key));
        let Some(venue) = take(keys::venue(id)) else {
            return Ok(None);
        };
        Ok(Some(Revised {
            venue: read(venue)?,
            revision: take(keys::revision(id)).map(read).transpose()?,
        }))
    }

    /// Venues that were read already, in the same order.
    pub async fn with_revisions(&self, venues: Vec<Venue>) -> Result<Vec<Revised>> {
        let wanted: Vec<_> = venues
            .iter()
            .map(|venue| (Table::Venues, keys::revision(venue.id)))
            .collect();
        let mut found = self.get_many(&wanted).await?;
        venues
            .into_iter()
            .zip(wanted)
            .map(|(venue, key)| {
                let revision = found.remove(&key).map(read).transpose()?;
                Ok(Revised { venue, revision })
            })
            .collect()
    }

    /// Those that wait, the longest first. The index may lag.
    pub async fn revisions_waiting(&self, limit: i32, after: Option<&str>) -> Result<Page<Revision>> {
        self.query(Query {
            table: Table::Venues,
            index: Some("by_state"),
            pk: keys::REVISIONS_WAITING.to_owned(),
            range: None,
            newest_first: false,
            limit,
            after,
        })
        .await
    }
}

impl Transaction {
    pub fn put_revision(&mut self, revision: &Revision) {
        let waiting = revision
            .is_pending()
            .then(|| keys::revisions_waiting(revision.asked_at, revision.venue));
        self.put(
            Table::Venues,
            item(
                &keys::revision(revision.venue),
                revision,
                &Vec::from_iter(waiting),
            ),
            Guard::RevisionUnchanged,
            Condition::Was(Was::before(revision.version)),
        );
    }
}
