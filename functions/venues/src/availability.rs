//! When a venue is free.

use app::venues::Look;
use app::{App, venues};
use axum::extract::State;
use domain::availability::DURATION_MINUTES_MAX;
use domain::id::{SpaceId, VenueId};
use domain::text::Label;
use domain::time::Interval;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input;
use web::{Answer, Anyone, IntervalView, Parse, PathId, Problems, QueryParams, Reply, ok};

/// Which time is looked at.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AvailabilityWindow")]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    from: Timestamp,
    /// At most 92 days after `from`.
    to: Timestamp,
    /// How long a booking would be, when starts are wanted as well.
    minutes: Option<u32>,
    /// The venue's main space when it is left out.
    space_id: Option<String>,
}

pub struct Window {
    interval: Interval,
    minutes: Option<u32>,
    space: Option<SpaceId>,
}

impl Parse for RawWindow {
    type Into = Window;

    fn parse(self, problems: &mut Problems) -> Option<Window> {
        let interval = input::window(problems, self.from, self.to);
        let minutes = match self.minutes {
            Some(minutes) => input::within(problems, "minutes", minutes, 1, DURATION_MINUTES_MAX).map(Some),
            None => Some(None),
        };
        let space = problems.optional("space_id", self.space_id, |text| text.parse());
        Some(Window {
            interval: interval?,
            minutes: minutes?,
            space: space?,
        })
    }
}

/// When a venue was free a moment ago.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Availability")]
pub struct AvailabilityView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    space_id: SpaceId,
    /// The venue's IANA time zone.
    zone: String,
    /// It was so at this instant.
    as_of: Timestamp,
    /// Open and not taken. A booking also has to keep the venue's other rules.
    free: Vec<IntervalView>,
    /// Every booking of the asked length that would be accepted; empty when no length was asked for.
    slots: Vec<IntervalView>,
    /// Every package that would be accepted.
    packages: Vec<FreePackageView>,
}

/// A time that can be booked as a whole.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FreePackage")]
pub struct FreePackageView {
    #[schemars(with = "String")]
    name: Label,
    #[serde(flatten)]
    time: IntervalView,
}

pub async fn show(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(venue_id): PathId<VenueId>,
    QueryParams(ask): QueryParams<RawWindow>,
) -> Answer<Reply<AvailabilityView>> {
    let look = Look {
        venue: venue_id,
        space: ask.space,
        window: ask.interval,
        minutes: ask.minutes,
    };
    let found = venues::availability(&app, me.as_ref(), look).await?;
    let package = |(name, time): (Label, Interval)| FreePackageView {
        name,
        time: time.into(),
    };
    Ok(ok(AvailabilityView {
        venue_id,
        space_id: found.offer.space.id,
        zone: found.offer.book.rules.zone.name().to_owned(),
        as_of: found.as_of,
        free: found.free.into_iter().map(IntervalView::from).collect(),
        slots: found.slots.into_iter().map(IntervalView::from).collect(),
        packages: found.packages.into_iter().map(package).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_and_a_length_have_limits() {
        let (from, to) = ("2027-03-01T00:00:00Z", "2027-07-01T00:00:00Z");
        for minutes in [0, DURATION_MINUTES_MAX + 1] {
            let raw = RawWindow {
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                minutes: Some(minutes),
                space_id: None,
            };
            let mut problems = Problems::new();
            assert!(raw.parse(&mut problems).is_none());
            let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
            assert_eq!(pointers, ["/to", "/minutes"]);
        }
    }
}
