//! `calendar`: one document a space and UTC day.

use std::collections::{BTreeMap, BTreeSet};

use domain::availability::RuleBook;
use domain::calendar::{Calendar, Day, Entry};
use domain::hold::Holds;
use domain::id::{SpaceId, UserId};
use domain::pricing::{Quote, QuoteId};
use domain::space::Space;
use domain::time::{Interval, UtcDay};

use crate::item::{Item, Query, item, read};
use crate::keys::{self, Key, Table};
use crate::transaction::Condition;
use crate::{Guard, Result, Store, Transaction, Was};

/// Days that one read of a space brings.
const DAYS_PAGE: i32 = 200;

/// All that placing a booking is decided on.
#[derive(Debug, Clone)]
pub struct Placement {
    pub quote: Quote,
    pub space: Space,
    pub book: RuleBook,
    pub calendar: Calendar,
    /// What the customer holds.
    pub holds: Holds,
}

/// Days of spaces, in the order in which they are asked for.
fn wanted(spaces: &[SpaceId], days: &[UtcDay]) -> Vec<(SpaceId, UtcDay)> {
    spaces
        .iter()
        .flat_map(|space| days.iter().map(|day| (*space, *day)))
        .collect()
}

fn calendar(
    wanted: Vec<(SpaceId, UtcDay)>,
    found: &mut std::collections::HashMap<(Table, Key), Item>,
) -> Result<Calendar> {
    let days = wanted
        .into_iter()
        .map(|(space, day)| {
            let document = found
                .remove(&(Table::Calendar, keys::day(space, day)))
                .map(read::<Day>)
                .transpose()?;
            Ok(((space, day), document.unwrap_or_default()))
        })
        .collect::<Result<BTreeMap<_, _>>>()?;
    Ok(Calendar::new(days))
}

impl Store {
    /// The days of these spaces that the interval touches, as they are now.
    pub async fn calendar(&self, spaces: &[SpaceId], interval: Interval) -> Result<Calendar> {
        let days: Vec<UtcDay> = interval.utc_days().collect();
        let wanted = wanted(spaces, &days);
        let keys: Vec<_> = wanted
            .iter()
            .map(|(space, day)| (Table::Calendar, keys::day(*space, *day)))
            .collect();
        let mut found = self.get_many(&keys).await?;
        calendar(wanted, &mut found)
    }

    /// The calendars of several wishes, each of spaces over a time. A day that several of them touch is read
    /// once.
    pub async fn calendars(&self, wishes: &[(Vec<SpaceId>, Interval)]) -> Result<Vec<Calendar>> {
        let days_of = |(spaces, interval): &(Vec<SpaceId>, Interval)| {
            let days: Vec<UtcDay> = interval.utc_days().collect();
            wanted(spaces, &days)
        };
        let all: BTreeSet<(SpaceId, UtcDay)> = wishes.iter().flat_map(days_of).collect();
        let keys: Vec<_> = all
            .iter()
            .map(|(space, day)| (Table::Calendar, keys::day(*space, *day)))
            .collect();
        let mut found = self.get_many(&keys).await?;
        let mut days: BTreeMap<(SpaceId, UtcDay), Day> = BTreeMap::new();
        for (place, (table, key)) in all.into_iter().zip(keys) {
            if let Some(item) = found.remove(&(table, key)) {
                days.insert(place, read(item)?);
            }
        }
        let calendar = |wish| {
            let of_wish = days_of(wish).into_iter();
            let with_document = of_wish.map(|place| (place, days.get(&place).cloned().unwrap_or_default()));
            Calendar::new(with_document.collect())
        };
        Ok(wishes.iter().map(calendar).collect())
    }

    /// What stands in a space's calendar from a day on, each entry once, lapsed holds included.
    pub async fn entries_from(&self, space: SpaceId, first: UtcDay) -> Result<Vec<Entry>> {
        let days: Vec<Day> = self
            .query_all(Query {
                table: Table::Calendar,
                index: None,
                pk: keys::days(space),
                range: Some((keys::day_of(first), "DAY#~".to_owned())),
                newest_first: false,
                limit: DAYS_PAGE,
                after: None,
            })
            .await?;
        let found = days.into_iter().flat_map(|day| day.entries);
        let entries: BTreeMap<_, Entry> = found.map(|entry| (entry.role(), entry)).collect();
        Ok(entries.into_values().collect())
    }

    /// A quote with its space, rules, days and what the customer holds, in one round trip, and one more where other
    /// spaces are locked with it. Nothing is found when there is no such quote, or when it is not the one that its id
    /// describes.
    pub async fn placement(&self, id: &QuoteId, customer: UserId) -> Result<Option<Placement>> {
        let Some(span) = id.span() else { return Ok(None) };
        let venue = id.venue;
        let days: Vec<UtcDay> = span.utc_days().collect();
        let wanted = wanted(&[id.space], &days);
        let mut keys = vec![
            (Table::Transient, keys::quote(id.uuid)),
            (Table::Venues, keys::space(venue, id.space)),
            (Table::Venues, keys::rules(venue, id.space)),
            (Table::Transient, keys::holds(customer)),
        ];
        keys.extend(
            wanted
                .iter()
                .map(|(space, day)| (Table::Calendar, keys::day(*space, *day))),
        );
        let mut found = self.get_many(&keys).await?;
        let quote = found.remove(&(Table::Transient, keys::quote(id.uuid)));
        let space = found.remove(&(Table::Venues, keys::space(venue, id.space)));
        let rules = found.remove(&(Table::Venues, keys::rules(venue, id.space)));
        let holds = found.remove(&(Table::Transient, keys::holds(customer)));
        let (Some(quote), Some(space), Some(rules)) = (quote, space, rules) else {
            return Ok(None);
        };
        let quote: Quote = read(quote)?;
        if quote.id != *id {
            return Ok(None);
        }
        let mut calendar = calendar(wanted, &mut found)?;
        let space: Space = read(space)?;
        if !space.locks.is_empty() {
            calendar.add(self.calendar(&space.locks, span).await?);
        }
        Ok(Some(Placement {
            quote,
            space,
            book: read(rules)?,
            calendar,
            holds: holds.map(read).transpose()?.unwrap_or(Holds::none(customer)),
        }))
    }
}

impl Transaction {
    pub fn put_holds(&mut self, holds: &Holds) {
        let item = item(&keys::holds(holds.user), holds, &[]);
        self.put(
            Table::Transient,
            item,
            Guard::HoldsUnchanged,
            Condition::Was(Was::before(holds.version)),
        );
    }

    /// Every day that was changed, each under the version it was read with.
    pub fn put_days(&mut self, calendar: &Calendar) {
        for (space, day, document) in calendar.changes() {
            let was = if document.version == 0 {
                Was::Absent
            } else {
                Was::Version(document.version)
            };
            let next = Day {
                version: document.version + 1,
                entries: document.entries.clone(),
            };
            let item = item(&keys::day(space, day), &next, &[]);
            self.put(Table::Calendar, item, Guard::DayUnchanged, Condition::Was(was));
        }
    }
}
