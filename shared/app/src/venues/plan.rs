//! Changing the spaces of a venue and their rules without leaving a booking outside.
//!
//! What might take a booking's time is written as pending first. From then on nothing is accepted that it
//! closes, so what the calendar then shows is all there is: the change takes hold, or is withdrawn and the
//! bookings in its way are told. Who fails in between takes back what is pending. A crash leaves it, closing at most
//! what the vendor wanted closed, until the next change replaces it or [`withdraw_overdue`] takes it back.
//!
//! Whoever only wants to know goes the same way up to where something would be written.

use std::collections::{BTreeMap, BTreeSet};

use domain::Refusal;
use domain::availability::{BLOCKS_MAX, BUFFER_MINUTES_MAX, Booker, Request, RuleBook, Rules};
use domain::calendar::{Calendar, Entry};
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::space::{Plan, Planned, Space};
use domain::spans::Spans;
use domain::time::{Interval, UtcDay, plus_seconds};
use domain::venue::Venue;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Fault, Guard, Transaction};

use super::own;
use crate::error::Conflict;
use crate::once::{self, Once, Outcome};
use crate::retry::{self, Attempt};
use crate::{App, Error, FieldError, Result};

/// Bytes of a space's rules as JSON. Twice that (with what is pending) fits into an item, and twenty spaces
/// into a transaction.
pub const RULES_BYTES_MAX: usize = 80_000;

/// Days that are looked at of a change that is only foreseen.
pub const FORESEEN_DAYS: usize = 60;

/// A change that was announced is withdrawn after so long. Nobody is at it any more: a request has 29 seconds at
/// most (API Gateway's limit).
pub const ANNOUNCED_SECONDS_MAX: i64 = 120;

/// For so long after it lapsed a hold is still in the way of what closes its time.
const LAPSED_SECONDS: i64 = 30;

/// Changes the plan of a vendor's own venue. `change` may be called more than once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BookingsInTheWay`]; what `change` refuses with, which may be another change that was
/// faster; [`Refusal::LimitReached`] beyond [`RULES_BYTES_MAX`].
pub(super) async fn change_plan<T, F>(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    change: F,
) -> Result<Outcome<T>>
where
    T: Serialize + DeserializeOwned,
    F: Fn(&Venue, &mut Plan, Timestamp) -> Result<T>,
{
    let change = &change;
    let result = once::write(app, once, |now| async move {
        let drawn = retry::on_conflict(|| announce(app, member, once, id, change, now)).await?;
        let conflicts = conflicts(app, &drawn.steps, now).await?;
        if !conflicts.is_empty() {
            return Err(Error::BookingsInTheWay(conflicts));
        }
        let mut transaction = Transaction::new();
        for step in &drawn.steps {
            step.put(&mut transaction, step.next.clone(), None);
        }
        // The venue's version stands for its plan: of two changes that saw the same, one decides again, and so
        // does whoever brings the venue to the market or takes it off.
        transaction.put_venue(&drawn.venue.touched(now));
        Ok((transaction, drawn.value))
    })
    .await;
    if let Err(
        Error::BookingsInTheWay(_) | Error::PreconditionFailed | Error::Unavailable(_) | Error::Internal(_),
    ) = &result
    {
        withdraw(app, id).await;
    }
    result
}

/// What a change of a plan would do.
#[derive(Debug)]
pub struct Foreseen {
    pub venue: Venue,
    /// What it would be refused with; none when it would be accepted.
    pub conflicts: Vec<Conflict>,
    /// Dates by the venue's clock, from that of this instant on.
    pub days: Vec<(Date, Interval)>,
    /// Those whose bookable time would be another one on these days.
    pub spaces: Vec<Shift>,
    /// It was so at this instant.
    pub as_of: Timestamp,
}

/// Time of a space that would be bookable and is not, or the other way round.
#[derive(Debug)]
pub struct Shift {
    pub space: Space,
    pub opened: Spans,
    pub closed: Spans,
}

/// What [`change_plan`] would do with the same change, and what that would open and close on the next
/// [`FORESEEN_DAYS`] days. Nothing is written.
///
/// # Errors
/// As [`change_plan`], but for the bookings in the way.
pub(super) async fn foresee<F>(app: &App, member: &Membership, id: VenueId, change: F) -> Result<Foreseen>
where
    F: Fn(&Venue, &mut Plan, Timestamp) -> Result<()>,
{
    let (change, now) = (&change, app.now());
    let drawn = retry::on_conflict(|| draw(app, member, id, change, now)).await?;
    let conflicts = conflicts(app, &drawn.steps, now).await?;
    let zone = &drawn.venue.location.zone;
    let today = zone.rules().to_datetime(now).date();
    let dates = today.series(1.day()).take(FORESEEN_DAYS);
    let days: Vec<_> = dates.filter_map(|date| Some((date, zone.day(date)?))).collect();
    let end = days.last().map_or(now, |(_, day)| day.end());
    let mut spaces = Vec::new();
    if let Ok(window) = Interval::new(now, end) {
        let buffer = i64::from(BUFFER_MINUTES_MAX);
        let read = window.widened(buffer, buffer);
        let reads: Vec<_> = drawn.steps.iter().map(|step| (step.locked(), read)).collect();
        let calendars = app.store().calendars(&reads).await?;
        let steps = drawn.steps.iter().zip(&calendars);
        spaces = steps
            .map(|(step, calendar)| step.shift(calendar, window, now))
            .collect();
        spaces.retain(|shift| !shift.opened.is_empty() || !shift.closed.is_empty());
    }
    Ok(Foreseen {
        venue: drawn.venue,
        conflicts,
        days,
        spaces,
        as_of: now,
    })
}

/// The bookings that the steps would leave without their place, the first by their start.
async fn conflicts(app: &App, steps: &[Step], now: Timestamp) -> Result<Vec<Conflict>> {
    let conflicts = try_join_all(steps.iter().map(|step| step.conflicts(app, now))).await?;
    Ok(Conflict::first(conflicts.concat()))
}

/// Whether somebody may still come for it. A hold counts for a moment after it lapsed: a payment that was settled
/// by a clock a little behind this one, or a little before, may make it firm.
pub(super) fn may_still_come(entry: &Entry, now: Timestamp) -> bool {
    entry.counts_at(plus_seconds(now, -LAPSED_SECONDS)) && entry.interval.end() > now
}

/// What happens to one space.
struct Step {
    /// As it is before the change, or as it was announced.
    space: Space,
    rules: Rules,
    /// What an earlier change announced and left undecided.
    undecided: Option<Rules>,
    /// As it will be.
    next: Planned,
    /// A new space.
    is_new: bool,
}

impl Step {
    fn new(before: Option<&(Space, RuleBook)>, next: Planned) -> Self {
        match before {
            Some((space, book)) => Self {
                space: space.clone(),
                rules: book.rules.clone(),
                undecided: book.pending.clone(),
                is_new: false,
                next,
            },
            None => Self {
                space: next.space.clone(),
                rules: next.rules.clone(),
                undecided: None,
                is_new: true,
                next,
            },
        }
    }

    fn locks_change(&self) -> bool {
        self.space.locks != self.next.space.locks
    }

    /// Rules that close whatever the change may take, until it is decided.
    fn pending(&self) -> Option<Rules> {
        if self.is_new {
            None
        } else if self.locks_change() {
            // No booking can be decided on locks that are about to change.
            Some(Rules::closed(self.rules.zone.clone()))
        } else if self.rules.may_lose_to(&self.next.rules) {
            Some(self.next.rules.clone())
        } else {
            None
        }
    }

    /// The bookings of this space that the change would leave without their place.
    async fn conflicts(&self, app: &App, now: Timestamp) -> Result<Vec<Conflict>> {
        if self.pending().is_none() {
            return Ok(Vec::new());
        }
        let in_the_way = |entry: &Entry| {
            let loses = self.locks_change()
                || (self.rules.is_open(entry.interval) && !self.next.rules.is_open(entry.interval));
            entry.space == self.space.id && may_still_come(entry, now) && loses
        };
        let entries = app.store().entries_from(self.space.id, UtcDay::of(now)).await?;
        Ok(entries
            .iter()
            .filter(|entry| in_the_way(entry))
            .map(Conflict::from)
            .collect())
    }

    /// The space with whatever is locked with it before or after the change.
    fn locked(&self) -> Vec<SpaceId> {
        let all = self.space.locked().into_iter().chain(self.next.space.locked());
        all.collect::<BTreeSet<SpaceId>>().into_iter().collect()
    }

    /// What becomes bookable in the window, and what does not remain so.
    fn shift(&self, calendar: &Calendar, window: Interval, now: Timestamp) -> Shift {
        let free = |space: &Space, rules: &Rules, pending: Option<&Rules>| -> Spans {
            let locked = space.locked();
            let request = Request {
                rules,
                pending,
                spaces: &locked,
                now,
                by: Booker::Customer,
                except: None,
            };
            request.free(calendar, window).into_iter().collect()
        };
        let before = match self.is_new {
            true => Spans::default(),
            false => free(&self.space, &self.rules, self.undecided.as_ref()),
        };
        let after = free(&self.next.space, &self.next.rules, None);
        Shift {
            space: self.next.space.clone(),
            opened: after.minus(&before),
            closed: before.minus(&after),
        }
    }

    /// It with these rules, under a new version.
    fn put(&self, transaction: &mut Transaction, to: Planned, pending: Option<Rules>) {
        let was = (!self.is_new).then_some(self.space.rules_version);
        let space = Space {
            rules_version: was.map_or(1, |version| version.saturating_add(1)),
            ..to.space
        };
        let book = RuleBook {
            rules: to.rules,
            pending,
            version: space.rules_version,
        };
        transaction.put_space(&space, was);
        transaction.put_rules(&space, &book);
    }

    /// The space with its rules as they were.
    fn unchanged(&self) -> Planned {
        Planned {
            space: self.space.clone(),
            rules: self.rules.clone(),
        }
    }
}

/// A change of a plan that nobody has been told of.
struct Drawn<T> {
    /// As it will be.
    venue: Venue,
    steps: Vec<Step>,
    value: T,
}

/// Reads the plan and changes it.
async fn draw<T, F>(
    app: &App,
    member: &Membership,
    id: VenueId,
    change: &F,
    now: Timestamp,
) -> Result<Attempt<Drawn<T>>>
where
    F: Fn(&Venue, &mut Plan, Timestamp) -> Result<T>,
{
    // The venue first: whatever changes after it was read moves its version.
    let venue = own(app, member, id).await?;
    let before = match app.store().spaces_with_rules(id).await {
        Ok(before) => before,
        Err(Fault::Conflict) => return Ok(Attempt::Conflict),
        Err(fault) => return Err(fault.into()),
    };
    if before.iter().any(|(space, _)| space.vendor != venue.vendor) {
        // It was handed over since: nothing is announced there by the business before.
        return Ok(Attempt::Conflict);
    }
    let mut plan: Plan = before.iter().cloned().map(planned).collect();
    plan.forget_what_is_over(now);
    let value = change(&venue, &mut plan, now)?;
    plan.settle()
        .map_err(|problem| Error::Invalid(vec![FieldError::new("/parts", problem.to_string())]))?;
    let venue = venue.showing(&plan);
    let before: BTreeMap<SpaceId, (Space, RuleBook)> = before.into_iter().map(|b| (b.0.id, b)).collect();
    let mut steps = Vec::new();
    for next in plan.iter() {
        let old = before.get(&next.space.id);
        let same = old.is_some_and(|(space, book)| {
            book.pending.is_none() && *space == next.space && book.rules == next.rules
        });
        if !same {
            check_size(&next.rules)?;
            steps.push(Step::new(old, next.clone()));
        }
    }
    Ok(Attempt::Done(Drawn { venue, steps, value }))
}

/// Reads the plan, changes it, and announces what may take a booking's time.
async fn announce<T, F>(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    change: &F,
    now: Timestamp,
) -> Result<Attempt<Drawn<T>>>
where
    F: Fn(&Venue, &mut Plan, Timestamp) -> Result<T>,
{
    let mut drawn = match draw(app, member, id, change, now).await? {
        Attempt::Done(drawn) => drawn,
        Attempt::Conflict => return Ok(Attempt::Conflict),
    };
    let mut transaction = Transaction::new();
    for step in &mut drawn.steps {
        if let Some(pending) = step.pending() {
            step.put(&mut transaction, step.unchanged(), Some(pending));
            step.space.rules_version = step.space.rules_version.saturating_add(1);
        }
    }
    if transaction.is_empty() {
        return Ok(Attempt::Done(drawn));
    }
    transaction.put_announcement(id, plus_seconds(app.now(), ANNOUNCED_SECONDS_MAX));
    if let Some(once) = once {
        once.check(&mut transaction, now);
    }
    match retry::raced(app.store().commit(transaction).await) {
        Ok(Attempt::Done(())) => Ok(Attempt::Done(drawn)),
        Ok(Attempt::Conflict) => Ok(Attempt::Conflict),
        // The request was done already: `once::write` answers what came of it.
        Err(Fault::Guard(_)) => Err(Error::InProgress),
        Err(fault) => Err(fault.into()),
    }
}

/// Takes back what was announced for a venue until then and is still undecided, as who announced it is gone. Tells
/// whether there was anything. A change that is under way all the same is announced again.
///
/// # Errors
/// [`Error::Unavailable`].
pub(crate) async fn withdraw_overdue(app: &App, id: VenueId, until: Timestamp) -> Result<bool> {
    let withdrawn = try_withdraw(app, id).await?;
    // Only now: whoever dies in between leaves it due.
    let mut transaction = Transaction::new();
    transaction.remove_announcement(id, until);
    match app.store().commit(transaction).await {
        // Another change was announced since, which has its own time.
        Ok(()) | Err(Fault::Guard(Guard::AnnouncementUnchanged)) => Ok(withdrawn),
        Err(fault) => Err(fault.into()),
    }
}

/// Lets the rules hold on as they were. Where that fails, what is pending is overdue before long.
async fn withdraw(app: &App, id: VenueId) {
    if let Err(error) = try_withdraw(app, id).await {
        tracing::warn!(venue.id = %id, %error, "pending rules could not be withdrawn");
    }
}

/// Whether anything was pending.
async fn try_withdraw(app: &App, id: VenueId) -> Result<bool> {
    retry::on_conflict(|| async move {
        let spaces = app.store().spaces_with_rules(id).await?;
        let mut transaction = Transaction::new();
        for (space, book) in spaces.into_iter().filter(|(_, book)| book.pending.is_some()) {
            let next = Planned {
                space: space.clone(),
                rules: book.rules.clone(),
            };
            Step::new(Some(&(space, book)), next.clone()).put(&mut transaction, next, None);
        }
        if transaction.is_empty() {
            return Ok(Attempt::Done(false));
        }
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(true),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}

fn planned((space, book): (Space, RuleBook)) -> Planned {
    Planned {
        space,
        rules: book.rules,
    }
}

fn check_size(rules: &Rules) -> Result<()> {
    if rules.blocks.len() > BLOCKS_MAX {
        return Err(Refusal::LimitReached { limit: BLOCKS_MAX }.into());
    }
    let bytes = serde_json::to_vec(rules)
        .map_err(|e| Error::Internal(e.to_string()))?
        .len();
    if bytes > RULES_BYTES_MAX {
        return Err(Refusal::LimitReached {
            limit: RULES_BYTES_MAX,
        }
        .into());
    }
    Ok(())
}
