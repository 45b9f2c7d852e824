//! `venues`: places, their spaces, the spaces' rules and rates.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::availability::RuleBook;
use domain::geo::Cell;
use domain::id::{SpaceId, VendorId, VenueId};
use domain::pricing::Rates;
use domain::space::Space;
use domain::venue::{Slug, Terms, Venue, VenueState};
use futures_util::future::{try_join, try_join_all};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::item::{Item, Page, Query, item, read};
use crate::keys::{self, Key, Table};
use crate::transaction::Condition;
use crate::{Fault, Guard, Result, Store, Transaction, Was};

/// Venues that one read of a cell brings.
const CELL_PAGE: i32 = 200;
/// How often spaces and rules are read until they fit together.
const MOMENTS_MAX: usize = 5;
/// Spaces, or their rules, that one read of a venue brings: as many as it can have.
const SPACES_PAGE: i32 = 20;
/// Reads of one cell for one search; venues beyond them are not found.
pub const CELL_PAGES_MAX: usize = 25;

/// A venue with its main space, as it is shown and sold.
#[derive(Debug, Clone)]
pub struct Offer {
    pub venue: Venue,
    pub space: Space,
    pub book: RuleBook,
    pub rates: Option<Rates>,
}

/// A space with what decides whether it can be had, and for how much.
#[derive(Debug, Clone)]
pub struct Sold {
    pub space: Space,
    pub book: RuleBook,
    pub rates: Option<Rates>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SlugGuard {
    venue: VenueId,
}

/// Live venues of some cells.
#[derive(Debug, Clone, Default)]
pub struct InCells {
    pub venues: Vec<Venue>,
    /// Whether these are all that there are: a cell is read for [`CELL_PAGES_MAX`] pages.
    pub is_whole: bool,
}

impl Store {
    pub async fn venue(&self, id: VenueId) -> Result<Option<Venue>> {
        self.get(Table::Venues, &keys::venue(id)).await
    }

    /// Whose a slug is, or was.
    pub async fn venue_of_slug(&self, slug: &Slug) -> Result<Option<VenueId>> {
        let guard: Option<SlugGuard> = self.get(Table::Venues, &keys::slug(slug)).await?;
        Ok(guard.map(|guard| guard.venue))
    }

    /// The terms of a venue under a version of them.
    pub async fn terms(&self, venue: VenueId, version: u64) -> Result<Terms> {
        let terms = self.get(Table::Venues, &keys::terms(venue, version)).await?;
        terms.ok_or_else(|| Fault::Corrupt(format!("venue {venue} has no terms {version}")))
    }

    /// Several, by one read; those that do not exist are missing.
    pub async fn venues(&self, ids: &[VenueId]) -> Result<Vec<Venue>> {
        let keys: BTreeSet<_> = ids.iter().map(|id| (Table::Venues, keys::venue(*id))).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        self.get_many(&keys).await?.into_values().map(read).collect()
    }

    /// A venue with everything that is needed to show or sell one of its spaces. `space` names another
    /// than the main one.
    pub async fn offer(&self, id: VenueId, space: Option<SpaceId>) -> Result<Option<Offer>> {
        let Some(venue) = self.venue(id).await? else {
            return Ok(None);
        };
        let space = space.unwrap_or(venue.main_space);
        self.offer_of(venue, space).await
    }

    /// The same for a venue that was read already.
    pub async fn offer_of(&self, venue: Venue, space: SpaceId) -> Result<Option<Offer>> {
        let id = venue.id;
        let wanted = [
            keys::space(id, space),
            keys::rules(id, space),
            keys::rates(id, space),
        ];
        let wanted: Vec<_> = wanted.into_iter().map(|key| (Table::Venues, key)).collect();
        let mut found = self.get_many(&wanted).await?;
        let mut take = |key| found.remove(&(Table::Venues, key));
        let Some(space_item) = take(keys::space(id, space)) else {
            return Ok(None);
        };
        let book = take(keys::rules(id, space))
            .ok_or_else(|| Fault::Corrupt(format!("space {space} has no rules")))
            .and_then(read)?;
        let rates = take(keys::rates(id, space)).map(read).transpose()?;
        Ok(Some(Offer {
            venue,
            space: read(space_item)?,
            book,
            rates,
        }))
    }

    /// A space with its rules.
    pub async fn space_with_rules(
        &self,
        venue: VenueId,
        space: SpaceId,
    ) -> Result<Option<(Space, RuleBook)>> {
        let wanted = [keys::space(venue, space), keys::rules(venue, space)].map(|key| (Table::Venues, key));
        let mut found = self.get_many(&wanted).await?;
        take_space(&mut found, venue, space)
    }

    /// Spaces of any venues with all that they are sold by, in batches; one that is gone is missing.
    pub async fn sold(&self, spaces: &[(VenueId, SpaceId)]) -> Result<HashMap<SpaceId, Sold>> {
        let wanted: Vec<_> = spaces
            .iter()
            .flat_map(|(venue, space)| {
                [
                    keys::space(*venue, *space),
                    keys::rules(*venue, *space),
                    keys::rates(*venue, *space),
                ]
            })
            .map(|key| (Table::Venues, key))
            .collect();
        let mut found = self.get_many(&wanted).await?;
        let mut sold = HashMap::new();
        for (venue, id) in spaces {
            let rates = found.remove(&(Table::Venues, keys::rates(*venue, *id)));
            if let Some((space, book)) = take_space(&mut found, *venue, *id)? {
                let rates = rates.map(read).transpose()?;
                sold.insert(*id, Sold { space, book, rates });
            }
        }
        Ok(sold)
    }

    /// Spaces of any venues with their rules, in batches; one that is gone is missing.
    pub async fn ruled(&self, spaces: &[(VenueId, SpaceId)]) -> Result<HashMap<SpaceId, (Space, RuleBook)>> {
        let wanted: Vec<_> = spaces
            .iter()
            .flat_map(|(venue, space)| [keys::space(*venue, *space), keys::rules(*venue, *space)])
            .map(|key| (Table::Venues, key))
            .collect();
        let mut found = self.get_many(&wanted).await?;
        let mut ruled = HashMap::new();
        for (venue, id) in spaces {
            if let Some(space) = take_space(&mut found, *venue, *id)? {
                ruled.insert(*id, space);
            }
        }
        Ok(ruled)
    }

    /// What a space costs, once it has a price.
    pub async fn rates(&self, venue: VenueId, space: SpaceId) -> Result<Option<Rates>> {
        self.get(Table::Venues, &keys::rates(venue, space)).await
    }

    /// All spaces of a venue, each with its rules.
    ///
    /// [`Fault::Conflict`] when others write them all the while: two reads are not one moment.
    pub async fn spaces_with_rules(&self, id: VenueId) -> Result<Vec<(Space, RuleBook)>> {
        for _ in 0..MOMENTS_MAX {
            let (spaces, books) = try_join(
                self.all_of_venue::<Space>(id, keys::SPACE_PREFIX),
                self.all_of_venue::<RuleBook>(id, keys::RULES_PREFIX),
            )
            .await?;
            // Both are sorted by the id of their space.
            let fit = spaces.len() == books.len()
                && spaces
                    .iter()
                    .zip(&books)
                    .all(|(s, book)| s.rules_version == book.version);
            if fit {
                return Ok(spaces.into_iter().zip(books).collect());
            }
        }
        Err(Fault::Conflict)
    }

    /// All spaces of a venue.
    pub async fn spaces(&self, id: VenueId) -> Result<Vec<Space>> {
        self.all_of_venue(id, keys::SPACE_PREFIX).await
    }

    /// What a venue has of one kind, by the beginning of its sort keys.
    async fn all_of_venue<T: DeserializeOwned>(&self, id: VenueId, prefix: &str) -> Result<Vec<T>> {
        self.query_all(Query {
            table: Table::Venues,
            index: None,
            pk: keys::venue(id).pk,
            range: Some((prefix.to_owned(), format!("{prefix}~"))),
            newest_first: false,
            limit: SPACES_PAGE,
            after: None,
        })
        .await
    }

    /// Newest first; [`place_among_vendors_own`] is where each stands.
    pub async fn venues_of_vendor(
        &self,
        vendor: VendorId,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Page<Venue>> {
        self.query(Query {
            table: Table::Venues,
            index: Some("by_vendor"),
            pk: format!("VENDOR#{vendor}"),
            range: None,
            newest_first: true,
            limit,
            after,
        })
        .await
    }

    /// Longest in that state first.
    pub async fn venues_in_state(
        &self,
        state: VenueState,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Page<Venue>> {
        self.query(Query {
            table: Table::Venues,
            index: Some("by_state"),
            pk: format!("STATE#{}", state.as_str()),
            range: None,
            newest_first: false,
            limit,
            after,
        })
        .await
    }

    /// Live venues in any of these cells, all cells side by side.
    pub async fn live_venues_in(&self, cells: impl IntoIterator<Item = Cell>) -> Result<InCells> {
        let in_cell = |cell: Cell| self.live_venues_in_cell(cell);
        let cells = try_join_all(cells.into_iter().map(in_cell)).await?;
        Ok(InCells {
            is_whole: cells.iter().all(|cell| cell.is_whole),
            venues: cells.into_iter().flat_map(|cell| cell.venues).collect(),
        })
    }

    async fn live_venues_in_cell(&self, cell: Cell) -> Result<InCells> {
        let mut found = InCells::default();
        let mut after: Option<String> = None;
        for _ in 0..CELL_PAGES_MAX {
            let page = self
                .query(Query {
                    table: Table::Venues,
                    index: Some("by_cell"),
                    pk: format!("CELL#{}", cell.as_str()),
                    range: None,
                    newest_first: false,
                    limit: CELL_PAGE,
                    after: after.as_deref(),
                })
                .await?;
            found.venues.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => {
                    found.is_whole = true;
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// Where a venue stands among those of its vendor: what a list that ends with it goes on after.
#[must_use]
pub fn place_among_vendors_own(venue: &Venue) -> String {
    keys::venues_by_vendor(venue.vendor, venue.created_at, venue.id).sk
}

fn take_space(
    found: &mut HashMap<(Table, Key), Item>,
    venue: VenueId,
    space: SpaceId,
) -> Result<Option<(Space, RuleBook)>> {
    let mut take = |key| found.remove(&(Table::Venues, key));
    match (take(keys::space(venue, space)), take(keys::rules(venue, space))) {
        (Some(space), Some(book)) => Ok(Some((read(space)?, read(book)?))),
        _ => Ok(None),
    }
}

impl Transaction {
    pub fn put_venue(&mut self, venue: &Venue) {
        let mut indexes = vec![
            keys::venues_by_vendor(venue.vendor, venue.created_at, venue.id),
            keys::venues_by_state(venue.state.as_str(), venue.updated_at, venue.id),
        ];
        if venue.is_live() {
            indexes.push(keys::venues_by_cell(
                &venue.location.public_point().cell(),
                venue.id,
            ));
        }
        let item = item(&keys::venue(venue.id), venue, &indexes);
        self.put(
            Table::Venues,
            item,
            Guard::VenueUnchanged,
            Condition::Was(Was::before(venue.version)),
        );
    }

    /// The slug is this venue's from now on and never another's, so that an old address never leads elsewhere.
    pub fn claim_slug(&mut self, slug: &Slug, venue: VenueId) {
        let item = item(&keys::slug(slug), &SlugGuard { venue }, &[]);
        self.put(Table::Venues, item, Guard::SlugFree, Condition::Was(Was::Absent));
    }

    /// New ones, beside the venue that has their version. What is written is never written again.
    pub fn put_terms(&mut self, terms: &Terms) {
        let item = item(&keys::terms(terms.venue, terms.version), terms, &[]);
        self.put(
            Table::Venues,
            item,
            Guard::VenueUnchanged,
            Condition::Was(Was::Absent),
        );
    }

    /// A space of which `was` is the version of the rules before; none for a new space.
    pub fn put_space(&mut self, space: &Space, was: Option<u64>) {
        let item = item(&keys::space(space.venue, space.id), space, &[]);
        let condition = was.map_or(Condition::Was(Was::Absent), |version| {
            Condition::Equals(vec![("rules_version", AttributeValue::N(version.to_string()))])
        });
        self.put(Table::Venues, item, Guard::RulesUnchanged, condition);
    }

    /// Written together with the space, whose `rules_version` guards it and is the book's.
    pub fn put_rules(&mut self, space: &Space, book: &RuleBook) {
        let book = RuleBook {
            version: space.rules_version,
            ..book.clone()
        };
        self.put_always(
            Table::Venues,
            item(&keys::rules(space.venue, space.id), &book, &[]),
        );
    }

    /// The rules are those that were decided on. Goes with [`Transaction::check_space`]: a batch of reads may
    /// bring old rules and the new space.
    pub fn check_rules(&mut self, space: &Space, book: &RuleBook) {
        let version = AttributeValue::N(book.version.to_string());
        self.check(
            Table::Venues,
            keys::rules(space.venue, space.id),
            Guard::RulesUnchanged,
            Condition::Equals(vec![("version", version)]),
        );
    }

    pub fn put_rates(&mut self, venue: VenueId, space: SpaceId, rates: &Rates) {
        let item = item(&keys::rates(venue, space), rates, &[]);
        self.put(
            Table::Venues,
            item,
            Guard::RatesUnchanged,
            Condition::Was(Was::before(rates.version)),
        );
    }

    /// The space can be booked, by the rules that were decided on.
    pub fn check_space(&mut self, space: &Space) {
        let condition = Condition::Equals(vec![
            ("live", AttributeValue::Bool(true)),
            (
                "rules_version",
                AttributeValue::N(space.rules_version.to_string()),
            ),
        ]);
        self.check(
            Table::Venues,
            keys::space(space.venue, space.id),
            Guard::RulesUnchanged,
            condition,
        );
    }
}
