//! Dates with hours of their own.

use std::collections::BTreeSet;

use app::{App, venues};
use axum::extract::State;
use domain::availability::{SPECIAL_DAYS_MAX, SpecialDay};
use domain::id::VenueId;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::RulesView;
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, QueryParams, Reply, Vendor, ok,
};

use crate::availability::{RawHours, changed, read_hours};
use crate::foreseen::HoursPreviewView;
use crate::of_space::{OfSpace, RawOfSpace};

/// The same hours for each of these dates, in place of all others that they have.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSpecialDays")]
#[serde(deny_unknown_fields)]
pub struct RawSpecialDays {
    /// 1 to 400.
    dates: Vec<Date>,
    /// At most 4; none is closed.
    hours: Vec<RawHours>,
}

impl Parse for RawSpecialDays {
    type Into = Vec<SpecialDay>;

    fn parse(self, problems: &mut Problems) -> Option<Vec<SpecialDay>> {
        if !(1..=SPECIAL_DAYS_MAX).contains(&self.dates.len()) {
            problems.add("dates", format!("needs 1 to {SPECIAL_DAYS_MAX} dates"));
        }
        let dates: BTreeSet<Date> = self.dates.into_iter().take(SPECIAL_DAYS_MAX).collect();
        let hours = read_hours(problems, self.hours)?;
        let day = |date| SpecialDay {
            date,
            hours: hours.clone(),
        };
        Some(dates.into_iter().map(day).collect())
    }
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(days): Body<RawSpecialDays>,
) -> Answer<Reply<RulesView>> {
    let once = once.as_ref();
    let rules = venues::set_special_days(&app, me.vendor, once, id, space, &days, expected).await?;
    changed(&app, rules)
}

pub async fn preview(
    State(app): State<App>,
    Vendor(me): Vendor,
    PathId(id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(days): Body<RawSpecialDays>,
) -> Answer<Reply<HoursPreviewView>> {
    let foreseen = venues::foresee_special_days(&app, me.vendor, id, space, &days).await?;
    Ok(ok(HoursPreviewView::from(foreseen)))
}

pub async fn clear(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId((id, date)): PathId<(VenueId, Date)>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
) -> Answer<Reply<RulesView>> {
    let once = once.as_ref();
    let rules = venues::clear_special_day(&app, me.vendor, once, id, space, date, expected).await?;
    changed(&app, rules)
}
