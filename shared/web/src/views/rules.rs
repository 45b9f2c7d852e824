//! Opening hours and booking rules, with minutes of the day as people write them.

use domain::availability::{Opening, Rules};
use schemars::JsonSchema;
use serde::Serialize;

/// When and how a venue can be booked, by its own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "BookingRules")]
pub struct RulesView {
    /// The IANA time zone that the hours are in.
    pub zone: String,
    pub weekly: Vec<OpeningView>,
    pub min_minutes: u32,
    pub max_minutes: u32,
    /// Starts are multiples of it since local midnight; so are durations.
    pub step_minutes: u32,
    /// Needed free before a booking.
    pub setup_minutes: u32,
    /// Needed free after a booking.
    pub turnaround_minutes: u32,
    /// From now to the earliest start.
    pub lead_minutes: u32,
    /// From now to the latest start.
    pub horizon_days: u32,
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

impl From<Rules> for RulesView {
    fn from(rules: Rules) -> Self {
        Self {
            zone: rules.zone.name().to_owned(),
            weekly: rules.weekly.into_iter().map(OpeningView::from).collect(),
            min_minutes: rules.min_minutes,
            max_minutes: rules.max_minutes,
            step_minutes: rules.step_minutes,
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
            lead_minutes: rules.lead_minutes,
            horizon_days: rules.horizon_days,
        }
    }
}

impl From<Opening> for OpeningView {
    fn from(opening: Opening) -> Self {
        Self {
            weekday: opening.weekday,
            open: clock(opening.open_minute),
            close: clock(opening.close_minute),
        }
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
