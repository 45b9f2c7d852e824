//! Dates with hours of their own.

use std::collections::BTreeSet;

use app::{App, venues};
use axum::extract::State;
use domain::availability::{SPECIAL_DAYS_MAX, SpecialDates, SpecialHours};
use domain::id::VenueId;
use domain::text::Label;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::RulesView;
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, QueryParams, Reply, Vendor, needs,
    ok,
};

use crate::availability::{RawHours, changed, read_hours};
use crate::foreseen::HoursPreviewView;
use crate::holidays;
use crate::of_space::{OfSpace, RawOfSpace};

/// The same hours for each of these dates, in place of all others that they have. Exactly one of `dates` and `calendar`
/// says which.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSpecialDays")]
#[serde(deny_unknown_fields)]
pub struct RawSpecialDays {
    /// 1 to 400.
    dates: Option<Vec<Date>>,
    /// What the dates are called: 1 to 60 characters. Those of a calendar have the names of its events.
    name: Option<String>,
    /// The text of an iCalendar file (RFC 5545) with public holidays: at most 200000 bytes and 1000 events, with 1 to 400
    /// dates from the venue's today to 730 days later. Times of day, cancelled events and other dates are left out.
    calendar: Option<String>,
    /// At most 4; none is closed.
    hours: Vec<RawHours>,
}

impl Parse for RawSpecialDays {
    type Into = SpecialHours;

    fn parse(self, problems: &mut Problems) -> Option<SpecialHours> {
        let name = problems.optional("name", self.name, |text| Label::parse(&text));
        let dates = match (self.dates, self.calendar) {
            (Some(dates), None) => name
                .zip(read_dates(problems, dates))
                .map(|(name, dates)| SpecialDates::Named { dates, name }),
            (None, Some(text)) => {
                if name.is_some_and(|name| name.is_some()) {
                    problems.add("name", "only dates take one; a calendar has its own");
                }
                let holidays = problems.field("calendar", holidays::read(&text));
                holidays.map(SpecialDates::Holidays)
            }
            (Some(_), Some(_)) | (None, None) => {
                problems.here("needs exactly one of dates and calendar");
                None
            }
        };
        let hours = read_hours(problems, self.hours);
        Some(SpecialHours {
            dates: dates?,
            hours: hours?,
        })
    }
}

fn read_dates(problems: &mut Problems, dates: Vec<Date>) -> Option<BTreeSet<Date>> {
    if (1..=SPECIAL_DAYS_MAX).contains(&dates.len()) {
        return Some(dates.into_iter().collect());
    }
    problems.add("dates", format!("needs 1 to {SPECIAL_DAYS_MAX} dates"));
    None
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(special): Body<RawSpecialDays>,
) -> Answer<Reply<RulesView>> {
    let once = once.as_ref();
    let rules = venues::set_special_days(&app, &me.member, once, id, space, &special, expected).await?;
    changed(&app, rules)
}

pub async fn preview(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    PathId(id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(special): Body<RawSpecialDays>,
) -> Answer<Reply<HoursPreviewView>> {
    let foreseen = venues::foresee_special_days(&app, &me.member, id, space, &special).await?;
    Ok(ok(HoursPreviewView::from(foreseen)))
}

pub async fn clear(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId((id, date)): PathId<(VenueId, Date)>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
) -> Answer<Reply<RulesView>> {
    let once = once.as_ref();
    let rules = venues::clear_special_day(&app, &me.member, once, id, space, date, expected).await?;
    changed(&app, rules)
}
