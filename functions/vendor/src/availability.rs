//! Opening hours and booking rules.

use app::{App, venues};
use axum::extract::State;
use domain::availability::{OPENINGS_MAX, Opening, Rules};
use domain::id::VenueId;
use domain::time::Zone;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::RulesView;
use web::{Answer, Body, MaybeIdempotent, Parse, PathId, Problems, Reply, Vendor, ok};

/// When and how a venue can be booked, by its own clock. What is left out gets its default.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBookingRules")]
#[serde(deny_unknown_fields)]
pub struct RawRules {
    /// At most 42; none is closed.
    weekly: Vec<RawOpening>,
    /// 60 by default.
    min_minutes: Option<u32>,
    /// 1440 by default, at most 44640.
    max_minutes: Option<u32>,
    /// Starts are multiples of it since local midnight, and so are durations; 30 by default.
    step_minutes: Option<u32>,
    /// Needed free before a booking; 0 by default.
    setup_minutes: Option<u32>,
    /// Needed free after a booking; 0 by default.
    turnaround_minutes: Option<u32>,
    /// From now to the earliest start; 60 by default.
    lead_minutes: Option<u32>,
    /// From now to the latest start; 365 by default, at most 730.
    horizon_days: Option<u32>,
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

/// Rules of a venue whose zone is known elsewhere.
pub struct ZonelessRules(Rules);

impl ZonelessRules {
    pub fn in_zone(self, zone: Zone) -> Rules {
        Rules { zone, ..self.0 }
    }
}

impl RawRules {
    pub fn read(self, problems: &mut Problems) -> Option<ZonelessRules> {
        let weekly = problems.each("weekly", self.weekly, OPENINGS_MAX, |here, raw| raw.read(here));
        let any_zone = "UTC".parse().ok()?;
        let default = Rules::closed(any_zone);
        let rules = Rules {
            min_minutes: self.min_minutes.unwrap_or(default.min_minutes),
            max_minutes: self.max_minutes.unwrap_or(default.max_minutes),
            step_minutes: self.step_minutes.unwrap_or(default.step_minutes),
            setup_minutes: self.setup_minutes.unwrap_or(default.setup_minutes),
            turnaround_minutes: self.turnaround_minutes.unwrap_or(default.turnaround_minutes),
            lead_minutes: self.lead_minutes.unwrap_or(default.lead_minutes),
            horizon_days: self.horizon_days.unwrap_or(default.horizon_days),
            weekly: weekly.clone().unwrap_or_default(),
            ..default
        };
        let wrong = rules.problems();
        for problem in &wrong {
            problems.add(problem.field, &problem.message);
        }
        (weekly.is_some() && wrong.is_empty()).then_some(ZonelessRules(rules))
    }
}

impl RawOpening {
    fn read(self, problems: &mut Problems) -> Option<Opening> {
        let open_minute = problems.field("open", minute(&self.open));
        let close_minute = problems.field("close", minute(&self.close));
        Some(Opening {
            weekday: self.weekday,
            open_minute: open_minute?,
            close_minute: close_minute?,
        })
    }
}

/// Minutes since midnight, up to 99:59; how late it may be is for [`Rules::problems`] to say.
fn minute(text: &str) -> Result<u32, &'static str> {
    let parsed = || {
        let (hours, minutes) = text.split_once(':')?;
        let two_digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())
        };
        let (hours, minutes): (u32, u32) = (two_digits(hours)??, two_digits(minutes)??);
        (minutes < 60).then_some(hours * 60 + minutes)
    };
    parsed().ok_or("has to be a time such as 09:30, or 26:00 for two in the morning")
}

impl Parse for RawRules {
    type Into = ZonelessRules;

    fn parse(self, problems: &mut Problems) -> Option<ZonelessRules> {
        self.read(problems)
    }
}

pub async fn show(
    State(app): State<App>,
    Vendor(me): Vendor,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<RulesView>> {
    Ok(ok(venues::rules(&app, me.vendor, id).await?.into()))
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    Body(ZonelessRules(rules)): Body<RawRules>,
) -> Answer<Reply<RulesView>> {
    // The use case puts the venue's own zone in.
    let rules = venues::set_rules(&app, me.vendor, once.as_ref(), id, rules).await?;
    Ok(Reply::of(rules, RulesView::from))
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
