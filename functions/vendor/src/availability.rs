//! Opening hours and booking rules.

use app::once::Outcome;
use app::{App, venues};
use axum::extract::State;
use domain::availability::{
    Hours, OPENINGS_MAX, Opening, PACKAGES_MAX, Package, RuleBook, Rules, SEASONS_MAX, SPECIAL_DAYS_MAX,
    SPECIAL_HOURS_MAX, Season, SpecialDay, StartAlignment,
};
use domain::id::{SpaceId, VenueId};
use domain::text::Label;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input::Named;
pub use web::views::input::read_times;
use web::views::{BlockView, RulesView};
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, QueryParams, Reply, Vendor, needs,
    ok,
};

use crate::foreseen::HoursPreviewView;
use crate::of_space::{OfSpace, RawOfSpace};

/// When and how a space can be booked, by its venue's clock. What is left out gets its default.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBookingRules")]
#[serde(deny_unknown_fields)]
pub struct RawRules {
    /// At most 42; none is closed.
    weekly: Vec<RawOpening>,
    /// Dates with a week of their own; at most 20. Those that overlap need different priorities.
    #[serde(default)]
    seasons: Vec<RawSeason>,
    /// Dates with hours of their own; at most 400.
    #[serde(default)]
    special_days: Vec<RawSpecialDay>,
    /// Times that can be booked as a whole, whatever the other rules say of lengths and starts; at most 20.
    #[serde(default)]
    packages: Vec<RawPackage>,
    /// Whether nothing but packages can be booked.
    #[serde(default)]
    packages_only: bool,
    /// 60 by default.
    min_minutes: Option<u32>,
    /// 1440 by default, at most 44640.
    max_minutes: Option<u32>,
    /// Durations are multiples of it; 30 by default.
    step_minutes: Option<u32>,
    /// Where bookings start; every `step_minutes` from midnight by default.
    start_alignment: Option<RawStartAlignment>,
    /// Needed free before a booking; 0 by default.
    setup_minutes: Option<u32>,
    /// Needed free after a booking; 0 by default.
    turnaround_minutes: Option<u32>,
    /// From now to the earliest start; 60 by default.
    lead_minutes: Option<u32>,
    /// From now to the latest start; 365 by default, at most 730.
    horizon_days: Option<u32>,
    /// When given, bookings are requests, and you answer within so long: 30 to 10080.
    answer_minutes: Option<u32>,
    /// So long before the start a customer can no longer cancel a booking or have it changed; 0 by default, at most
    /// 20160.
    cancellation_lock_minutes: Option<u32>,
}

/// Open on a weekday from one time to another.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewOpening")]
#[serde(deny_unknown_fields)]
pub struct RawOpening {
    /// 1 is Monday, 7 is Sunday.
    weekday: u8,
    /// `HH:MM`.
    open: String,
    /// `HH:MM`; past midnight it counts on, so that 26:00 is two in the morning.
    close: String,
}

/// Open from one time of a day to another.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewHours")]
#[serde(deny_unknown_fields)]
pub struct RawHours {
    /// `HH:MM`.
    pub open: String,
    /// `HH:MM`; past midnight it counts on.
    pub close: String,
}

/// Dates with a week of their own.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSeason")]
#[serde(deny_unknown_fields)]
pub struct RawSeason {
    /// 1 to 60 characters; no two seasons have the same.
    name: String,
    from: Date,
    /// The last date of it.
    to: Date,
    /// Where seasons overlap, the one with the highest holds; 0 by default.
    #[serde(default)]
    priority: u16,
    /// In place of the usual week; none is closed.
    weekly: Vec<RawOpening>,
    /// The shortest booking that starts in it.
    min_minutes: Option<u32>,
    /// From now to the earliest start in it.
    lead_minutes: Option<u32>,
}

/// A date with hours of its own.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewSpecialDay")]
#[serde(deny_unknown_fields)]
pub struct RawSpecialDay {
    date: Date,
    /// 1 to 60 characters.
    name: Option<String>,
    /// At most 4; none is closed.
    hours: Vec<RawHours>,
}

/// A time that is booked as a whole.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPackage")]
#[serde(deny_unknown_fields)]
pub struct RawPackage {
    /// 1 to 60 characters; no two packages have the same.
    name: String,
    /// 1 is Monday, 7 is Sunday.
    weekdays: Vec<u8>,
    /// `HH:MM`.
    start: String,
    /// `HH:MM`; past midnight it counts on.
    end: String,
}

/// Bookings start every so many minutes, counted from so many after midnight.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewStartAlignment")]
#[serde(deny_unknown_fields)]
pub struct RawStartAlignment {
    /// At least 5; divides a day of 1440 minutes evenly.
    every_minutes: u32,
    /// Less than `every_minutes`; 0 by default.
    #[serde(default)]
    offset_minutes: u32,
}

/// Rules of a venue whose zone is known elsewhere.
pub struct ZonelessRules(Rules);

impl ZonelessRules {
    /// For a venue whose place decides about the zone.
    pub fn anywhere(self) -> Rules {
        self.0
    }
}

impl RawRules {
    pub fn read(self, problems: &mut Problems) -> Option<ZonelessRules> {
        let weekly = read_week(problems, self.weekly);
        let seasons = problems.each("seasons", self.seasons, SEASONS_MAX, |here, raw| raw.read(here));
        let special_days = problems.each(
            "special_days",
            self.special_days,
            SPECIAL_DAYS_MAX,
            |here, raw| raw.read(here),
        );
        let packages = problems.each("packages", self.packages, PACKAGES_MAX, |here, raw| {
            raw.read(here)
        });
        let any_zone = "UTC".parse().ok()?;
        let default = Rules::closed(any_zone);
        let alignment = |raw: RawStartAlignment| StartAlignment {
            every_minutes: raw.every_minutes,
            offset_minutes: raw.offset_minutes,
        };
        let well_formed =
            weekly.is_some() && seasons.is_some() && special_days.is_some() && packages.is_some();
        let rules = Rules {
            seasons: seasons.unwrap_or_default(),
            special_days: special_days.unwrap_or_default(),
            // What is missing for another reason is not missed again.
            packages_only: self.packages_only && packages.is_some(),
            packages: packages.unwrap_or_default(),
            min_minutes: self.min_minutes.unwrap_or(default.min_minutes),
            max_minutes: self.max_minutes.unwrap_or(default.max_minutes),
            step_minutes: self.step_minutes.unwrap_or(default.step_minutes),
            start_alignment: self.start_alignment.map(alignment),
            setup_minutes: self.setup_minutes.unwrap_or(default.setup_minutes),
            turnaround_minutes: self.turnaround_minutes.unwrap_or(default.turnaround_minutes),
            lead_minutes: self.lead_minutes.unwrap_or(default.lead_minutes),
            horizon_days: self.horizon_days.unwrap_or(default.horizon_days),
            answer_minutes: self.answer_minutes,
            cancellation_lock_minutes: self
                .cancellation_lock_minutes
                .unwrap_or(default.cancellation_lock_minutes),
            weekly: weekly.unwrap_or_default(),
            ..default
        };
        let wrong = rules.problems();
        for problem in &wrong {
            problems.add(problem.field, &problem.message);
        }
        (well_formed && wrong.is_empty()).then_some(ZonelessRules(rules))
    }
}

fn read_week(problems: &mut Problems, weekly: Vec<RawOpening>) -> Option<Vec<Opening>> {
    problems.each("weekly", weekly, OPENINGS_MAX, |here, raw| {
        let hours = read_times(here, Named("open", &raw.open), Named("close", &raw.close))?;
        Some(Opening {
            weekday: raw.weekday,
            open_minute: hours.open_minute,
            close_minute: hours.close_minute,
        })
    })
}

/// The hours of a date.
pub fn read_hours(problems: &mut Problems, hours: Vec<RawHours>) -> Option<Vec<Hours>> {
    problems.each("hours", hours, SPECIAL_HOURS_MAX, |here, raw| {
        read_times(here, Named("open", &raw.open), Named("close", &raw.close))
    })
}

impl RawSeason {
    fn read(self, problems: &mut Problems) -> Option<Season> {
        let name = problems.field("name", Label::parse(&self.name));
        let weekly = read_week(problems, self.weekly);
        Some(Season {
            name: name?,
            from: self.from,
            to: self.to,
            priority: self.priority,
            weekly: weekly?,
            min_minutes: self.min_minutes,
            lead_minutes: self.lead_minutes,
        })
    }
}

impl RawSpecialDay {
    fn read(self, problems: &mut Problems) -> Option<SpecialDay> {
        let name = problems.optional("name", self.name, |text| Label::parse(&text));
        let hours = read_hours(problems, self.hours);
        Some(SpecialDay {
            date: self.date,
            name: name?,
            hours: hours?,
        })
    }
}

impl RawPackage {
    fn read(self, problems: &mut Problems) -> Option<Package> {
        let name = problems.field("name", Label::parse(&self.name));
        let hours = read_times(problems, Named("start", &self.start), Named("end", &self.end));
        Some(Package {
            name: name?,
            weekdays: self.weekdays,
            hours: hours?,
        })
    }
}

impl Parse for RawRules {
    type Into = ZonelessRules;

    fn parse(self, problems: &mut Problems) -> Option<ZonelessRules> {
        self.read(problems)
    }
}

/// The rules of a space with its blocks, for whoever runs it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SpaceRules")]
pub struct SpaceRulesView {
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[serde(flatten)]
    rules: RulesView,
    /// Its own, and those of spaces that it has anything in common with.
    blocks: Vec<BlockView>,
    /// Whether a change was begun that is not decided. What it closes is closed already; changing the rules
    /// again decides it.
    change_pending: bool,
}

impl SpaceRulesView {
    pub fn new(space: SpaceId, book: RuleBook) -> Self {
        let mut rules = book.rules;
        let blocks = std::mem::take(&mut rules.blocks);
        Self {
            space_id: space,
            rules: rules.into(),
            blocks: blocks.into_iter().map(BlockView::from).collect(),
            change_pending: book.pending.is_some(),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeVenues>,
    PathId(id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
) -> Answer<Reply<SpaceRulesView>> {
    let (space, book) = venues::rules(&app, &me.member, id, space).await?;
    let tag = venues::rules_tag(&book.rules, app.now())?;
    Ok(ok(SpaceRulesView::new(space.id, book)).replaceable(tag))
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(ZonelessRules(rules)): Body<RawRules>,
) -> Answer<Reply<RulesView>> {
    // The use case puts the venue's own zone in.
    let rules = venues::set_rules(&app, &me.member, once.as_ref(), id, space, rules, expected).await?;
    changed(&app, rules)
}

/// Rules after a change.
pub fn changed(app: &App, rules: Outcome<Rules>) -> Answer<Reply<RulesView>> {
    let tag = venues::rules_tag(&rules.value, app.now())?;
    Ok(Reply::of(rules, RulesView::from).replaceable(tag))
}

pub async fn preview(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    PathId(id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(ZonelessRules(rules)): Body<RawRules>,
) -> Answer<Reply<HoursPreviewView>> {
    let foreseen = venues::foresee_rules(&app, &me.member, id, space, &rules).await?;
    Ok(ok(HoursPreviewView::from(foreseen)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Rules, Vec<String>> {
        let mut problems = Problems::new();
        let rules = serde_json::from_str::<RawRules>(json)
            .unwrap()
            .parse(&mut problems);
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(rules.is_some(), pointers.is_empty());
        rules.map(|ZonelessRules(rules)| rules).ok_or(pointers)
    }

    #[test]
    fn hours_may_reach_past_midnight() {
        let rules = read(r#"{"weekly":[{"weekday":6,"open":"22:00","close":"26:00"}]}"#).unwrap();
        assert_eq!(
            rules.weekly,
            [Opening {
                weekday: 6,
                open_minute: 1_320,
                close_minute: 1_560
            }]
        );
    }

    #[test]
    fn what_is_left_out_gets_its_default() {
        let rules = read(r#"{"weekly":[],"min_minutes":90}"#).unwrap();
        assert_eq!(
            rules,
            Rules {
                min_minutes: 90,
                ..Rules::closed("UTC".parse().unwrap())
            }
        );
    }

    #[test]
    fn what_is_no_time_of_day_is_wrong_at_its_field() {
        for text in [
            "",
            "9:30",
            "09:60",
            "0930",
            "09:30:00",
            "+9:30",
            "0009:30",
            "1:09:30",
            "ab:cd",
            "09:3\u{663}",
        ] {
            let json = format!(r#"{{"weekly":[{{"weekday":1,"open":"{text}","close":"17:00"}}]}}"#);
            assert_eq!(read(&json).unwrap_err(), ["/weekly/0/open"], "{text}");
        }
    }

    #[test]
    fn rules_that_make_no_sense_are_wrong_at_their_fields() {
        let wrong = r#"{"weekly":[{"weekday":8,"open":"09:00","close":"17:00"}],
            "min_minutes":0,"max_minutes":99999,"step_minutes":7,"setup_minutes":1441,
            "turnaround_minutes":1441,"lead_minutes":4294967295,"horizon_days":731}"#;
        let expected = [
            "/weekly",
            "/step_minutes",
            "/min_minutes",
            "/max_minutes",
            "/setup_minutes",
            "/turnaround_minutes",
            "/horizon_days",
            "/lead_minutes",
        ];
        assert_eq!(read(wrong).unwrap_err(), expected);
        let backwards = r#"{"weekly":[{"weekday":1,"open":"22:00","close":"02:00"}]}"#;
        assert_eq!(read(backwards).unwrap_err(), ["/weekly"]);
    }

    #[test]
    fn a_week_has_so_many_openings_at_most() {
        let week = |n| {
            format!(
                r#"{{"weekly":[{}]}}"#,
                vec![r#"{"weekday":1,"open":"09:00","close":"10:00"}"#; n].join(",")
            )
        };
        assert!(read(&week(OPENINGS_MAX)).is_ok());
        assert_eq!(read(&week(OPENINGS_MAX + 1)).unwrap_err(), ["/weekly"]);
    }
}
