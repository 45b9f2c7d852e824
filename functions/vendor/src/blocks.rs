//! Time that a vendor keeps for themselves.

use app::{App, venues};
use axum::extract::State;
use domain::availability::{BLOCK_GRID_MINUTES, BlockTime, EXCEPTIONS_MAX, Recurrence, Repeating};
use domain::id::{BlockId, VenueId};
use domain::text::Label;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::BlockView;
use web::views::input::{self, Named};
use web::{
    Answer, Body, MaybeIdempotent, NoContent, Parse, PathId, Problems, QueryParams, Reply, Vendor, needs,
    no_content,
};

use crate::availability::read_times;
use crate::of_space::{OfSpace, RawOfSpace};

/// A time to block: exactly one of `once`, `days` and `repeating`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBlock")]
#[serde(deny_unknown_fields)]
pub struct RawBlock {
    once: Option<RawOnce>,
    days: Option<RawDays>,
    repeating: Option<RawRepeating>,
    /// For yourself; at most 60 characters. Customers are not told.
    reason: Option<String>,
}

/// From one instant to another, rounded outward to five minutes.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBlockOnce")]
#[serde(deny_unknown_fields)]
pub struct RawOnce {
    start: Timestamp,
    end: Timestamp,
}

/// Whole days by the venue's clock.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBlockDays")]
#[serde(deny_unknown_fields)]
pub struct RawDays {
    from: Date,
    /// The last of them.
    to: Date,
}

/// The same hours, by the venue's clock, on dates that recur.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBlockRepeating")]
#[serde(deny_unknown_fields)]
pub struct RawRepeating {
    /// The first date; the rule has to begin with it.
    first: Date,
    /// `HH:MM`.
    start: String,
    /// `HH:MM`; past midnight it counts on, up to a week after `start`.
    end: String,
    /// An RRULE of RFC 5545 with FREQ (DAILY to YEARLY), INTERVAL, COUNT or UNTIL (a date), BYMONTH, BYMONTHDAY,
    /// BYDAY and WKST: `FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20271231`.
    rrule: String,
    /// Dates that are left out; at most 100.
    #[serde(default)]
    except: Vec<Date>,
}

pub struct NewBlock {
    time: BlockTime,
    reason: Option<Label>,
}

impl Parse for RawBlock {
    type Into = NewBlock;

    fn parse(self, problems: &mut Problems) -> Option<NewBlock> {
        let reason = problems.optional("reason", self.reason, |text| Label::parse(&text));
        let time = match (self.once, self.days, self.repeating) {
            (Some(once), None, None) => problems.within("once", |here| once.read(here)),
            (None, Some(days), None) => problems.within("days", |here| days.read(here)),
            (None, None, Some(repeating)) => problems.within("repeating", |here| repeating.read(here)),
            _ => {
                problems.here("needs exactly one of once, days and repeating");
                None
            }
        };
        Some(NewBlock {
            time: time?,
            reason: reason?,
        })
    }
}

impl RawOnce {
    fn read(self, problems: &mut Problems) -> Option<BlockTime> {
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end))?;
        Some(BlockTime::Once(interval.rounded_outward(BLOCK_GRID_MINUTES)))
    }
}

impl RawDays {
    fn read(self, problems: &mut Problems) -> Option<BlockTime> {
        let Self { from, to } = self;
        if from > to {
            problems.add("to", "must not be before from");
            return None;
        }
        Some(BlockTime::Days { from, to })
    }
}

impl RawRepeating {
    fn read(self, problems: &mut Problems) -> Option<BlockTime> {
        let hours = read_times(problems, Named("start", &self.start), Named("end", &self.end));
        if hours.is_some_and(|hours| !Repeating::fits(hours)) {
            problems.add(
                "end",
                "has to be after start, which is before 24:00, and up to a week later",
            );
        }
        if self.except.len() > EXCEPTIONS_MAX {
            problems.add("except", format!("at most {EXCEPTIONS_MAX}"));
        }
        let rule = problems.field("rrule", self.rrule.parse::<Recurrence>())?;
        let except = self.except.into_iter().take(EXCEPTIONS_MAX).collect();
        let repeating = Repeating::new(self.first, hours?, rule, except);
        problems.field("rrule", repeating).map(BlockTime::Repeating)
    }
}

pub async fn create(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(NewBlock { time, reason }): Body<RawBlock>,
) -> Answer<Reply<BlockView, 201>> {
    let block = venues::block(&app, &me.member, once.as_ref(), id, space, time, reason).await?;
    Ok(Reply::of(block, BlockView::from))
}

pub async fn delete(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId((id, block)): PathId<(VenueId, BlockId)>,
) -> Answer<NoContent> {
    let done = venues::unblock(&app, &me.member, once.as_ref(), id, block).await?;
    Ok(no_content().replayed(done.replayed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<NewBlock, Vec<String>> {
        let mut problems = Problems::new();
        let block = serde_json::from_str::<RawBlock>(json)
            .unwrap()
            .parse(&mut problems);
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        if pointers.is_empty() {
            Ok(block.unwrap())
        } else {
            Err(pointers)
        }
    }

    #[test]
    fn a_block_is_rounded_outward() {
        let block =
            read(r#"{"once":{"start":"2027-01-12T10:02:00Z","end":"2027-01-12T10:58:00Z"}}"#).unwrap();
        let BlockTime::Once(interval) = block.time else {
            panic!("{:?}", block.time)
        };
        assert_eq!(interval.start().to_string(), "2027-01-12T10:00:00Z");
        assert_eq!(interval.end().to_string(), "2027-01-12T11:00:00Z");
    }

    #[test]
    fn one_kind_of_time_is_blocked_at_a_time() {
        assert_eq!(read("{}").err().unwrap(), [""]);
        let two = r#"{"once":{"start":"2027-01-12T10:02:00Z","end":"2027-01-12T10:58:00Z"},
            "days":{"from":"2027-01-12","to":"2027-01-12"}}"#;
        assert_eq!(read(two).err().unwrap(), [""]);
        assert!(read(r#"{"days":{"from":"2027-01-12","to":"2027-01-12"},"reason":"Renovation"}"#).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_block_is_told_at_its_field() {
        for (json, pointer) in [
            (
                r#"{"once":{"start":"2027-01-12T10:00:00Z","end":"2027-01-12T10:00:00Z"}}"#,
                "/once/end",
            ),
            (r#"{"days":{"from":"2027-01-12","to":"2027-01-11"}}"#, "/days/to"),
            (
                r#"{"days":{"from":"2027-01-12","to":"2027-01-12"},"reason":""}"#,
                "/reason",
            ),
        ] {
            assert_eq!(read(json).err().unwrap(), [pointer]);
        }
        let repeating = |end: &str, rrule: &str, except: usize| {
            let except = vec!["\"2027-01-12\""; except].join(",");
            let json = format!(
                r#"{{"repeating":{{"first":"2027-01-12","start":"22:00","end":"{end}","rrule":"{rrule}","except":[{except}]}}}}"#
            );
            read(&json).map(|_| ()).err()
        };
        assert_eq!(repeating("190:00", "FREQ=DAILY", EXCEPTIONS_MAX), None);
        let at = |pointer: &str| Some(vec![format!("/repeating/{pointer}")]);
        assert_eq!(repeating("190:01", "FREQ=DAILY", 0), at("end"));
        assert_eq!(repeating("22:00", "FREQ=DAILY", 0), at("end"));
        assert_eq!(repeating("26:00", "FREQ=HOURLY", 0), at("rrule"));
        assert_eq!(
            repeating("26:00", "FREQ=WEEKLY;BYDAY=MO", 0),
            at("rrule"),
            "the first is a Tuesday"
        );
        assert_eq!(repeating("26:00", "FREQ=DAILY", EXCEPTIONS_MAX + 1), at("except"));
    }
}
