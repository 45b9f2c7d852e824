//! Opening hours and booking rules, with minutes of the day as people write them.

use domain::availability::{Block, BlockTime, Hours, Opening, Package, Rules, Season, SpecialDay};
use domain::id::{BlockId, SpaceId};
use domain::text::Label;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::IntervalView;

/// When and how a space can be booked, by its venue's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "BookingRules")]
pub struct RulesView {
    /// The IANA time zone that the hours are in.
    pub zone: String,
    /// The usual week.
    pub weekly: Vec<OpeningView>,
    /// Dates with a week of their own. Where they overlap, the one with the highest priority holds.
    pub seasons: Vec<SeasonView>,
    /// Dates with hours of their own, in place of all others.
    pub special_days: Vec<SpecialDayView>,
    /// Times that can be booked as a whole, whatever the other rules say of lengths and starts.
    pub packages: Vec<PackageView>,
    /// Whether nothing but packages can be booked.
    pub packages_only: bool,
    pub min_minutes: u32,
    pub max_minutes: u32,
    /// Durations are multiples of it.
    pub step_minutes: u32,
    /// Where bookings start.
    pub start_alignment: StartAlignmentView,
    /// Needed free before a booking.
    pub setup_minutes: u32,
    /// Needed free after a booking.
    pub turnaround_minutes: u32,
    /// From now to the earliest start.
    pub lead_minutes: u32,
    /// From now to the latest start.
    pub horizon_days: u32,
    /// When given, a booking is a request, which is answered within so long.
    pub answer_minutes: Option<u32>,
    /// So long before the start a customer can no longer cancel a booking or have it changed.
    pub cancellation_lock_minutes: u32,
}

/// Open on a weekday from one time to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Opening")]
pub struct OpeningView {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// `HH:MM`.
    pub open: String,
    /// `HH:MM`; past midnight it counts on, so that 26:00 is two in the morning.
    pub close: String,
}

/// Open from one time of a day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Hours")]
pub struct HoursView {
    /// `HH:MM`.
    pub open: String,
    /// `HH:MM`; past midnight it counts on.
    pub close: String,
}

/// Dates with a week of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Season")]
pub struct SeasonView {
    #[schemars(with = "String")]
    pub name: Label,
    pub from: Date,
    /// The last date of it.
    pub to: Date,
    pub priority: u16,
    pub weekly: Vec<OpeningView>,
    /// The shortest booking that starts in it, where that is not the usual one.
    pub min_minutes: Option<u32>,
    /// From now to the earliest start in it, where that is not the usual one.
    pub lead_minutes: Option<u32>,
}

/// A date with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SpecialDay")]
pub struct SpecialDayView {
    pub date: Date,
    /// What it is called, such as a holiday.
    #[schemars(with = "Option<String>")]
    pub name: Option<Label>,
    /// None is closed.
    pub hours: Vec<HoursView>,
}

/// A time that is booked as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Package")]
pub struct PackageView {
    #[schemars(with = "String")]
    pub name: Label,
    /// 1 is Monday, 7 is Sunday.
    pub weekdays: Vec<u8>,
    /// `HH:MM`.
    pub start: String,
    /// `HH:MM`; past midnight it counts on.
    pub end: String,
}

/// Bookings start every so many minutes, counted from so many after midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StartAlignment")]
pub struct StartAlignmentView {
    pub every_minutes: u32,
    pub offset_minutes: u32,
}

/// Time that a vendor keeps for themselves. One of `once`, `days` and `repeating` is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Block")]
pub struct BlockView {
    #[schemars(with = "String")]
    pub block_id: BlockId,
    /// The space that was blocked. Spaces that have anything in common with it carry the block as well.
    #[schemars(with = "String")]
    pub space_id: SpaceId,
    pub once: Option<IntervalView>,
    pub days: Option<DaysView>,
    pub repeating: Option<RepeatingView>,
    #[schemars(with = "Option<String>")]
    pub reason: Option<Label>,
}

/// Whole days by the venue's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Days")]
pub struct DaysView {
    pub from: Date,
    /// The last of them.
    pub to: Date,
}

/// The same hours on dates that recur.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Repeating")]
pub struct RepeatingView {
    /// The first date.
    pub first: Date,
    /// `HH:MM`.
    pub start: String,
    /// `HH:MM`; past midnight it counts on.
    pub end: String,
    /// RFC 5545, 3.3.10.
    pub rrule: String,
    /// Dates that are left out.
    pub except: Vec<Date>,
}

impl From<Rules> for RulesView {
    fn from(rules: Rules) -> Self {
        let alignment = rules.start_alignment();
        Self {
            zone: rules.zone.name().to_owned(),
            weekly: views(rules.weekly),
            seasons: views(rules.seasons),
            special_days: views(rules.special_days),
            packages: views(rules.packages),
            packages_only: rules.packages_only,
            min_minutes: rules.min_minutes,
            max_minutes: rules.max_minutes,
            step_minutes: rules.step_minutes,
            start_alignment: StartAlignmentView {
                every_minutes: alignment.every_minutes,
                offset_minutes: alignment.offset_minutes,
            },
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
            lead_minutes: rules.lead_minutes,
            horizon_days: rules.horizon_days,
            answer_minutes: rules.answer_minutes,
            cancellation_lock_minutes: rules.cancellation_lock_minutes,
        }
    }
}

fn views<T, V: From<T>>(values: Vec<T>) -> Vec<V> {
    values.into_iter().map(V::from).collect()
}

impl From<Opening> for OpeningView {
    fn from(opening: Opening) -> Self {
        let hours = HoursView::from(opening.hours());
        Self {
            weekday: opening.weekday,
            open: hours.open,
            close: hours.close,
        }
    }
}

impl From<Hours> for HoursView {
    fn from(hours: Hours) -> Self {
        Self {
            open: clock(hours.open_minute),
            close: clock(hours.close_minute),
        }
    }
}

impl From<Season> for SeasonView {
    fn from(season: Season) -> Self {
        Self {
            name: season.name,
            from: season.from,
            to: season.to,
            priority: season.priority,
            weekly: views(season.weekly),
            min_minutes: season.min_minutes,
            lead_minutes: season.lead_minutes,
        }
    }
}

impl From<SpecialDay> for SpecialDayView {
    fn from(day: SpecialDay) -> Self {
        Self {
            date: day.date,
            name: day.name,
            hours: views(day.hours),
        }
    }
}

impl From<Package> for PackageView {
    fn from(package: Package) -> Self {
        Self {
            name: package.name,
            weekdays: package.weekdays,
            start: clock(package.hours.open_minute),
            end: clock(package.hours.close_minute),
        }
    }
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        let mut view = Self {
            block_id: block.id,
            space_id: block.space,
            once: None,
            days: None,
            repeating: None,
            reason: block.reason,
        };
        match block.time {
            BlockTime::Once(interval) => view.once = Some(interval.into()),
            BlockTime::Days { from, to } => view.days = Some(DaysView { from, to }),
            BlockTime::Repeating(repeating) => {
                view.repeating = Some(RepeatingView {
                    first: repeating.first(),
                    start: clock(repeating.hours().open_minute),
                    end: clock(repeating.hours().close_minute),
                    rrule: repeating.rule().to_string(),
                    except: repeating.except().iter().copied().collect(),
                });
            }
        }
        view
    }
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_past_midnight_counts_on() {
        assert_eq!([clock(0), clock(545), clock(1_560)], ["00:00", "09:05", "26:00"]);
    }
}
