//! Finding venues in an area, free at a time.
//!
//! What a venue shows of its spaces stands in the index by which it is found, so a search for a place reads
//! nothing else. With a time, rules, rates and calendars of what fits are read in batches, and the same decision
//! as for a quote says what is free.

use std::collections::HashMap;

use domain::calendar::Calendar;
use domain::id::{SpaceId, VenueId};
use domain::money::Money;
use domain::search::{Criteria, Facets, Fit, Hit, Position, Sort, When};
use domain::time::Interval;
use domain::venue::Venue;
use jiff::Timestamp;
use store::venues::Sold;

use super::plain_total;
use crate::{App, Result};

/// Spaces whose calendars one search reads at most; those that come after them are left to the next page. Sorted by
/// total, no page goes beyond them.
pub const CANDIDATES_MAX: usize = 200;
/// Documents of a space and day that one search reads at most, those of parts included; as above.
pub const DAYS_READ_MAX: usize = 2_000;
/// Calendars that are read together where a page is all that is wanted: most pages need no more.
pub const CANDIDATES_AT_ONCE: usize = 50;
/// Times of a day that are shown of a space.
pub const SLOTS_SHOWN_MAX: usize = 3;

#[derive(Debug)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// After which to go on when there may be more, which a page without a hit can have as well.
    pub next: Option<Position>,
    /// Of the first page alone.
    pub summary: Option<Summary>,
}

/// What was found in all, on whichever page it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub total: usize,
    /// Whether everything was looked at. What was not is in no count, and may be found on later pages.
    pub complete: bool,
    pub facets: Facets,
}

/// With a time, only what a quote for it would be given for.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn search(app: &App, criteria: &Criteria) -> Result<Found> {
    let Nearby { candidates, is_whole } = nearby(app, criteria).await?;
    let reach = if criteria.after.is_none() || criteria.sort == Sort::Total {
        Reach::All
    } else {
        Reach::Page
    };
    let mut looked = match criteria.when {
        When::Whenever => Looked::without_calendars(candidates),
        When::At(_) | When::OnDay { .. } => look(app, criteria, &candidates, reach).await?,
    };
    let summary = criteria.after.is_none().then(|| Summary {
        total: looked.hits.len(),
        complete: is_whole && looked.up_to.is_none(),
        facets: Facets::of(&looked.hits, criteria.guests),
    });
    if criteria.sort == Sort::Total {
        // What comes after those that were looked at is not the dearer for it: only these are compared.
        looked.up_to = None;
    }
    let (hits, next) = looked.page(criteria);
    Ok(Found { hits, next, summary })
}

/// The first hits at a time but for one venue, without counts: no more is looked at than it takes to find them.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub(super) async fn others(app: &App, criteria: &Criteria, but: VenueId) -> Result<Vec<Hit>> {
    let mut candidates = nearby(app, criteria).await?.candidates;
    candidates.retain(|candidate| candidate.hit.venue.id != but);
    let looked = look(app, criteria, &candidates, Reach::Page).await?;
    let (hits, _) = looked.page(criteria);
    Ok(hits)
}

/// What an area has.
struct Nearby {
    /// In the order in which they are looked at.
    candidates: Vec<Candidate>,
    /// Whether all of the area was read.
    is_whole: bool,
}

async fn nearby(app: &App, criteria: &Criteria) -> Result<Nearby> {
    let cover = criteria.area.cover();
    let found = app.store().live_venues_in(cover.cells).await?;
    let mut candidates: Vec<Candidate> = found
        .venues
        .into_iter()
        .filter_map(|venue| Candidate::of(criteria, venue))
        .collect();
    candidates.sort_by_key(|candidate| candidate.first);
    Ok(Nearby {
        candidates,
        is_whole: cover.is_whole && found.is_whole,
    })
}

/// How many of the candidates are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// As many as may be: to count them, or to know which comes next.
    All,
    /// As many as it takes to fill a page.
    Page,
}

/// A venue that may be a hit.
struct Candidate {
    /// It stands here or further on, by the spaces that turn out to be free.
    first: Position,
    hit: Hit,
}

impl Candidate {
    fn of(criteria: &Criteria, venue: Venue) -> Option<Self> {
        let hit = Hit::of(criteria, venue)?;
        let first = match criteria.sort {
            // What a booking costs is not known before it is looked at: every page looks at the nearest.
            Sort::Total => hit.position(Sort::Distance),
            Sort::Distance | Sort::Price | Sort::New => hit.position_after(criteria.sort, criteria.after),
        };
        Some(Self { first: first?, hit })
    }
}

/// What became of the candidates.
#[derive(Default)]
struct Looked {
    hits: Vec<Hit>,
    /// The last one that was looked at, when there are more.
    up_to: Option<Position>,
}

impl Looked {
    fn without_calendars(candidates: Vec<Candidate>) -> Self {
        Self {
            hits: candidates.into_iter().map(|candidate| candidate.hit).collect(),
            up_to: None,
        }
    }

    /// Whether there are enough hits before a position for a page, and one more.
    fn fill_a_page(&self, criteria: &Criteria, before: Position) -> bool {
        let is_there = |hit: &&Hit| {
            let position = hit.position(criteria.sort);
            position > criteria.after && position < Some(before)
        };
        self.hits.iter().filter(is_there).count() > criteria.limit
    }

    /// A page, and after which hit or candidate the next one begins. A hit that stands behind what was looked
    /// at waits: others may belong before it.
    fn page(self, criteria: &Criteria) -> (Vec<Hit>, Option<Position>) {
        let Self { hits, up_to } = self;
        let mut placed: Vec<(Position, Hit)> = hits
            .into_iter()
            .filter_map(|hit| Some((hit.position(criteria.sort)?, hit)))
            .filter(|(position, _)| criteria.after.is_none_or(|after| *position > after))
            .filter(|(position, _)| up_to.is_none_or(|up_to| *position <= up_to))
            .collect();
        placed.sort_by_key(|(position, _)| *position);
        let next = if placed.len() > criteria.limit {
            placed.truncate(criteria.limit);
            placed.last().map(|(position, _)| *position)
        } else {
            up_to
        };
        (placed.into_iter().map(|(_, hit)| hit).collect(), next)
    }
}

/// Reads the calendars of the candidates, the first ones first.
async fn look(app: &App, criteria: &Criteria, candidates: &[Candidate], reach: Reach) -> Result<Looked> {
    let at_once = match reach {
        Reach::All => CANDIDATES_MAX,
        Reach::Page => CANDIDATES_AT_ONCE,
    };
    let (mut spaces_left, mut days_left) = (CANDIDATES_MAX, DAYS_READ_MAX);
    let mut looked = Looked::default();
    let mut rest = candidates;
    while let Some(next) = rest.first() {
        let is_enough = reach == Reach::Page && looked.fill_a_page(criteria, next.first);
        let batch = first_with(rest, at_once.min(spaces_left), |candidate| {
            candidate.hit.fits.len()
        });
        if is_enough || batch.is_empty() || days_left == 0 {
            break;
        }
        let seen = free(app, criteria, batch, days_left).await?;
        looked.hits.extend(seen.hits);
        looked.up_to = batch
            .get(..seen.count)
            .and_then(<[_]>::last)
            .map(|last| last.first);
        rest = rest.get(seen.count..).unwrap_or_default();
        let spaces = batch
            .iter()
            .take(seen.count)
            .map(|candidate| candidate.hit.fits.len());
        spaces_left = spaces_left.saturating_sub(spaces.sum());
        days_left = days_left.saturating_sub(seen.days);
        if seen.count < batch.len() {
            break;
        }
    }
    if rest.is_empty() {
        looked.up_to = None;
    }
    Ok(looked)
}

/// The first of them whose sizes are so much together at most.
fn first_with<T>(items: &[T], size_max: usize, size: impl Fn(&T) -> usize) -> &[T] {
    let sums = items.iter().scan(0_usize, |sum, item| {
        *sum = sum.saturating_add(size(item));
        Some(*sum)
    });
    let count = sums.take_while(|sum| *sum <= size_max).count();
    items.get(..count).unwrap_or_default()
}

/// What was seen of a batch of candidates.
struct Seen {
    hits: Vec<Hit>,
    /// So many of the batch were looked at: the first ones.
    count: usize,
    /// Day documents that were asked for.
    days: usize,
}

/// Those of the candidates that are free. Of the batch the first is looked at in any case, the others as long as
/// their days are not too many.
async fn free(app: &App, criteria: &Criteria, batch: &[Candidate], days_max: usize) -> Result<Seen> {
    let now = app.now();
    let spaces_of = |candidate: &Candidate| {
        let venue = candidate.hit.venue.id;
        let fits = candidate.hit.fits.iter();
        fits.map(|fit| (venue, fit.space.id)).collect::<Vec<_>>()
    };
    let wanted: Vec<_> = batch.iter().flat_map(spaces_of).collect();
    let sold = app.store().sold(&wanted).await?;
    let asks: Vec<Vec<Ask<'_>>> = batch
        .iter()
        .map(|candidate| Ask::all(criteria, &candidate.hit, &sold, now))
        .collect();
    let days = |asks: &Vec<Ask<'_>>| asks.iter().map(Ask::days).sum();
    let count = first_with(&asks, days_max, days).len().max(1);
    let asks: Vec<_> = asks.into_iter().take(count).collect();
    let wishes: Vec<_> = asks
        .iter()
        .flatten()
        .map(|ask| (ask.spaces.clone(), ask.reads))
        .collect();
    let mut calendars = app.store().calendars(&wishes).await?.into_iter();
    let mut hits = Vec::new();
    for (candidate, asks) in batch.iter().zip(&asks) {
        let fits: Vec<Fit> = asks
            .iter()
            .zip(calendars.by_ref())
            .filter_map(|(ask, calendar)| ask.fit(criteria, &calendar, now))
            .collect();
        if !fits.is_empty() {
            hits.push(Hit {
                fits,
                ..candidate.hit.clone()
            });
        }
    }
    Ok(Seen {
        hits,
        count,
        days: asks.iter().map(days).sum(),
    })
}

/// A space that may be free, with what has to be read to know.
struct Ask<'a> {
    fit: &'a Fit,
    sold: &'a Sold,
    /// The space, and after it whatever is locked with it.
    spaces: Vec<SpaceId>,
    window: Interval,
    reads: Interval,
}

impl<'a> Ask<'a> {
    /// Of the spaces that no rule refuses; most refusals need no calendar.
    fn all(criteria: &Criteria, hit: &'a Hit, sold: &'a HashMap<SpaceId, Sold>, now: Timestamp) -> Vec<Self> {
        let Some(window) = criteria.when.window(&hit.venue.location.zone) else {
            return Vec::new();
        };
        let ask = |fit: &'a Fit| {
            let sold = sold.get(&fit.space.id)?;
            // What the venue shows may be a moment old.
            let instant = sold.book.rules.answer_minutes.is_none() || !criteria.instant;
            if !sold.space.live || !instant || sold.space.admits(criteria.guests, None).is_err() {
                return None;
            }
            let rules = &sold.book.rules;
            let buffer = i64::from(rules.setup_minutes.max(rules.turnaround_minutes));
            let ask = Self {
                fit,
                sold,
                spaces: sold.space.locked(),
                window,
                reads: window.widened(buffer, buffer),
            };
            let might = ask.times(criteria, &Calendar::default(), now).next().is_some();
            might.then_some(ask)
        };
        hit.fits.iter().filter_map(ask).collect()
    }

    fn days(&self) -> usize {
        self.reads.utc_days().count().saturating_mul(self.spaces.len())
    }

    /// The space with the first times that would be accepted; nothing when there are none.
    fn fit(&self, criteria: &Criteria, calendar: &Calendar, now: Timestamp) -> Option<Fit> {
        let mut times = self.times(criteria, calendar, now);
        let first: Vec<(Interval, Money)> = times.by_ref().take(SLOTS_SHOWN_MAX).collect();
        let (_, total) = *first.first()?;
        // The others are for the counts, which the first page alone has.
        let others = criteria.after.is_none().then_some(times).into_iter().flatten();
        let totals = first.iter().copied().chain(others).map(|(_, total)| total);
        Some(Fit {
            slots: first.iter().map(|(time, _)| *time).collect(),
            total: Some(total),
            total_least: totals.min_by_key(|total| total.amount()),
            ..self.fit.clone()
        })
    }

    /// The times that would be accepted and can be afforded, with what each costs in all.
    fn times(
        &self,
        criteria: &Criteria,
        calendar: &Calendar,
        now: Timestamp,
    ) -> impl Iterator<Item = (Interval, Money)> {
        let request = self.sold.book.request(&self.spaces, now);
        let times = match criteria.when {
            When::Whenever => Vec::new(),
            When::At(interval) => match request.decide(calendar, interval) {
                Ok(()) => vec![interval],
                Err(_) => Vec::new(),
            },
            When::OnDay { minutes, .. } => request.slots(calendar, self.window, minutes),
        };
        times
            .into_iter()
            .filter(|time| self.window.contains(*time))
            .filter_map(move |time| Some((time, self.price(criteria, time, now)?)))
            .filter(|(_, total)| criteria.affords(*total))
    }

    /// What a quote would name.
    fn price(&self, criteria: &Criteria, time: Interval, now: Timestamp) -> Option<Money> {
        let (rates, rules) = (self.sold.rates.as_ref(), &self.sold.book.rules);
        plain_total(rates, rules, time, criteria.guests, now)
    }
}
