//! Opening hours and booking rules of a space.

use std::collections::BTreeSet;

use domain::availability::{RuleBook, Rules, SpecialHours};
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::space::{Plan, Space};
use domain::venue::Venue;
use jiff::Timestamp;
use jiff::civil::Date;

use super::own;
use super::plan::{Foreseen, change_plan, foresee};
use super::seen::{self, rules_tag};
use crate::once::{Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// A space of a vendor's own venue, the main one unless another is named, and its rules.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rules(
    app: &App,
    member: &Membership,
    id: VenueId,
    space: Option<SpaceId>,
) -> Result<(Space, RuleBook)> {
    let venue = own(app, member, id).await?;
    let space = space.unwrap_or(venue.main_space);
    let offer = app.store().offer_of(venue, space).await?.ok_or(Error::NotFound)?;
    Ok((offer.space, offer.book))
}

/// No booking is decided on the old rules from then on; bookings that were made stand, and none may be left
/// outside the new hours. Zone and blocks stay as they are. `expected` is the [`rules_tag`] of what the caller saw,
/// if they looked.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BookingsInTheWay`]; [`Error::PreconditionFailed`] when the rules are others.
pub async fn set_rules(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    rules: Rules,
    expected: Option<u64>,
) -> Result<Outcome<Rules>> {
    let change = |now: &mut Rules, _| {
        replace(now, &rules);
        Ok(())
    };
    change_rules(app, member, once, id, space, expected, change).await
}

/// What [`set_rules`] would do, without doing it.
///
/// # Errors
/// As [`set_rules`], but for the bookings in the way.
pub async fn foresee_rules(
    app: &App,
    member: &Membership,
    id: VenueId,
    space: Option<SpaceId>,
    rules: &Rules,
) -> Result<Foreseen> {
    let change = |now: &mut Rules, _| {
        replace(now, rules);
        Ok(())
    };
    foresee(app, member, id, |venue, plan, now| {
        apply(venue, plan, space, now, &change).map(drop)
    })
    .await
}

/// Zone and blocks stay.
fn replace(now: &mut Rules, rules: &Rules) {
    *now = Rules {
        zone: now.zone.clone(),
        blocks: std::mem::take(&mut now.blocks),
        ..rules.clone()
    };
}

/// Gives dates hours of their own, in place of those they had. Holidays are those from the venue's today on.
///
/// # Errors
/// As [`set_rules`]; [`Error::Invalid`] for too many dates, and for holidays none of which is to come.
pub async fn set_special_days(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    special: &SpecialHours,
    expected: Option<u64>,
) -> Result<Outcome<Rules>> {
    let change = |rules: &mut Rules, now| put_special_days(rules, special, now);
    change_rules(app, member, once, id, space, expected, change).await
}

/// What [`set_special_days`] would do, without doing it.
///
/// # Errors
/// As [`set_special_days`], but for the bookings in the way.
pub async fn foresee_special_days(
    app: &App,
    member: &Membership,
    id: VenueId,
    space: Option<SpaceId>,
    special: &SpecialHours,
) -> Result<Foreseen> {
    let change = |rules: &mut Rules, now| put_special_days(rules, special, now);
    foresee(app, member, id, |venue, plan, now| {
        apply(venue, plan, space, now, &change).map(drop)
    })
    .await
}

fn put_special_days(rules: &mut Rules, special: &SpecialHours, now: Timestamp) -> Result<()> {
    let today = rules.zone.rules().to_datetime(now).date();
    let days = special
        .days(today)
        .map_err(|error| Error::Invalid(vec![FieldError::new("/calendar", error.to_string())]))?;
    let dates: BTreeSet<Date> = days.iter().map(|day| day.date).collect();
    rules.special_days.retain(|day| !dates.contains(&day.date));
    rules.special_days.extend(days);
    rules.special_days.sort_by_key(|day| day.date);
    Ok(())
}

/// Gives a date its usual hours back.
///
/// # Errors
/// As [`set_rules`].
pub async fn clear_special_day(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    date: Date,
    expected: Option<u64>,
) -> Result<Outcome<Rules>> {
    let change = |rules: &mut Rules, _| {
        rules.special_days.retain(|day| day.date != date);
        Ok(())
    };
    change_rules(app, member, once, id, space, expected, change).await
}

async fn change_rules(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    expected: Option<u64>,
    change: impl Fn(&mut Rules, Timestamp) -> Result<()>,
) -> Result<Outcome<Rules>> {
    change_plan(app, member, once, id, |venue, plan, now| {
        let rules = &plan
            .get(space.unwrap_or(venue.main_space))
            .ok_or(Error::NotFound)?
            .rules;
        seen::check(expected, rules_tag(rules, now))?;
        apply(venue, plan, space, now, &change)
    })
    .await
}

/// Changes the rules of a space, the main one unless another is named.
fn apply(
    venue: &Venue,
    plan: &mut Plan,
    space: Option<SpaceId>,
    now: Timestamp,
    change: &impl Fn(&mut Rules, Timestamp) -> Result<()>,
) -> Result<Rules> {
    let space = space.unwrap_or(venue.main_space);
    let planned = plan.get_mut(space).ok_or(Error::NotFound)?;
    change(&mut planned.rules, now)?;
    // What was told of each field was told before; this is what only shows in the whole.
    let problems = planned.rules.problems();
    if problems.is_empty() {
        return Ok(planned.rules.clone());
    }
    let error = |p: domain::availability::RuleProblem| FieldError::new(format!("/{}", p.field), p.message);
    Err(Error::Invalid(problems.into_iter().map(error).collect()))
}
