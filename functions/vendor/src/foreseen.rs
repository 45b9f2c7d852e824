//! What a change of hours would do.

use app::venues::{Foreseen, Shift};
use domain::id::SpaceId;
use domain::spans::Spans;
use domain::text::VenueName;
use domain::time::{Interval, Zone};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use web::ConflictView;
use web::views::LocalIntervalView;

/// What a change of hours would do if it were made now. Nothing was changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HoursPreview")]
pub struct HoursPreviewView {
    /// The bookings that the change would be refused with, by their start, the first fifty of them. Without any it would
    /// be accepted.
    conflicts: Vec<ConflictView>,
    /// The venue's IANA time zone.
    zone: String,
    /// Spaces whose bookable time would be another one.
    spaces: Vec<SpaceShiftView>,
    /// It was so at this instant.
    as_of: Timestamp,
}

/// What would become of a space's bookable time: of what is open and not taken. Other booking rules are not looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SpaceShift")]
pub struct SpaceShiftView {
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "String")]
    name: VenueName,
    /// Those of the next 60 dates, today's included, on which anything would change.
    days: Vec<DayShiftView>,
}

/// What would become of a date, by the venue's clock.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DayShift")]
pub struct DayShiftView {
    date: Date,
    /// Bookable then, and not now.
    opened: Vec<LocalIntervalView>,
    /// Bookable now, and not then.
    closed: Vec<LocalIntervalView>,
}

impl From<Foreseen> for HoursPreviewView {
    fn from(foreseen: Foreseen) -> Self {
        let zone = &foreseen.venue.location.zone;
        let spaces = foreseen.spaces.into_iter();
        let spaces = spaces.map(|shift| SpaceShiftView::new(shift, &foreseen.days, zone));
        Self {
            spaces: spaces.collect(),
            conflicts: foreseen.conflicts.into_iter().map(ConflictView::from).collect(),
            zone: zone.name().to_owned(),
            as_of: foreseen.as_of,
        }
    }
}

impl SpaceShiftView {
    fn new(shift: Shift, days: &[(Date, Interval)], zone: &Zone) -> Self {
        let on = |day: Interval, spans: &Spans| -> Vec<LocalIntervalView> {
            let of_day = spans.and(&Spans::from_iter([day])).into_vec();
            of_day
                .into_iter()
                .map(|time| LocalIntervalView::new(time, zone))
                .collect()
        };
        let days = days.iter().map(|(date, day)| DayShiftView {
            date: *date,
            opened: on(*day, &shift.opened),
            closed: on(*day, &shift.closed),
        });
        Self {
            days: days
                .filter(|day| !day.opened.is_empty() || !day.closed.is_empty())
                .collect(),
            space_id: shift.space.id,
            name: shift.space.name,
        }
    }
}
