//! Opening hours and booking rules of a space.

use std::collections::BTreeSet;

use domain::availability::{Hours, RuleBook, Rules, SpecialDay};
use domain::id::{SpaceId, VendorId, VenueId};
use domain::space::{Plan, Space};
use domain::venue::Venue;
use jiff::civil::Date;

use super::own;
use super::plan::{Foreseen, change_plan, foresee};
use crate::once::{Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// A space of a vendor's own venue, the main one unless another is named, and its rules.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rules(
    app: &App,
    vendor: VendorId,
    id: VenueId,
    space: Option<SpaceId>,
) -> Result<(Space, RuleBook)> {
    let venue = own(app, vendor, id).await?;
    let space = space.unwrap_or(venue.main_space);
    let offer = app.store().offer_of(venue, space).await?.ok_or(Error::NotFound)?;
    Ok((offer.space, offer.book))
}

/// No booking is decided on the old rules from then on; bookings that were made stand, and none may be left
/// outside the new hours. Zone and blocks stay as they are.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BookingsInTheWay`].
pub async fn set_rules(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    rules: Rules,
) -> Result<Outcome<Rules>> {
    change_rules(app, vendor, once, id, space, |now| replace(now, &rules)).await
}

/// What [`set_rules`] would do, without doing it.
///
/// # Errors
/// As [`set_rules`], but for the bookings in the way.
pub async fn foresee_rules(
    app: &App,
    vendor: VendorId,
    id: VenueId,
    space: Option<SpaceId>,
    rules: &Rules,
) -> Result<Foreseen> {
    let change = |now: &mut Rules| replace(now, rules);
    foresee(app, vendor, id, |venue, plan, _| {
        apply(venue, plan, space, &change).map(drop)
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

/// Gives dates hours of their own (none is closed), in place of those they had.
///
/// # Errors
/// As [`set_rules`]; [`Error::Invalid`] for too many dates.
pub async fn set_special_days(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    dates: &BTreeSet<Date>,
    hours: &[Hours],
) -> Result<Outcome<Rules>> {
    change_rules(app, vendor, once, id, space, |rules| {
        put_special_days(rules, dates, hours);
    })
    .await
}

/// What [`set_special_days`] would do, without doing it.
///
/// # Errors
/// As [`set_special_days`], but for the bookings in the way.
pub async fn foresee_special_days(
    app: &App,
    vendor: VendorId,
    id: VenueId,
    space: Option<SpaceId>,
    dates: &BTreeSet<Date>,
    hours: &[Hours],
) -> Result<Foreseen> {
    let change = |rules: &mut Rules| put_special_days(rules, dates, hours);
    foresee(app, vendor, id, |venue, plan, _| {
        apply(venue, plan, space, &change).map(drop)
    })
    .await
}

fn put_special_days(rules: &mut Rules, dates: &BTreeSet<Date>, hours: &[Hours]) {
    rules.special_days.retain(|day| !dates.contains(&day.date));
    rules.special_days.extend(dates.iter().map(|date| SpecialDay {
        date: *date,
        hours: hours.to_vec(),
    }));
    rules.special_days.sort_by_key(|day| day.date);
}

/// Gives a date its usual hours back.
///
/// # Errors
/// As [`set_rules`].
pub async fn clear_special_day(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    date: Date,
) -> Result<Outcome<Rules>> {
    change_rules(app, vendor, once, id, space, |rules| {
        rules.special_days.retain(|day| day.date != date);
    })
    .await
}

async fn change_rules(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    change: impl Fn(&mut Rules),
) -> Result<Outcome<Rules>> {
    change_plan(app, vendor, once, id, |venue, plan, _| {
        apply(venue, plan, space, &change)
    })
    .await
}

/// Changes the rules of a space, the main one unless another is named.
fn apply(
    venue: &Venue,
    plan: &mut Plan,
    space: Option<SpaceId>,
    change: &impl Fn(&mut Rules),
) -> Result<Rules> {
    let space = space.unwrap_or(venue.main_space);
    let planned = plan.get_mut(space).ok_or(Error::NotFound)?;
    change(&mut planned.rules);
    // What was told of each field was told before; this is what only shows in the whole.
    let problems = planned.rules.problems();
    if problems.is_empty() {
        return Ok(planned.rules.clone());
    }
    let error = |p: domain::availability::RuleProblem| FieldError::new(format!("/{}", p.field), p.message);
    Err(Error::Invalid(problems.into_iter().map(error).collect()))
}
