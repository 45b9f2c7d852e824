//! When a venue is free.

use std::hash::{DefaultHasher, Hash, Hasher};

use app::venues::{Look, QuoteRequest};
use app::{App, venues};
use axum::extract::State;
use domain::Refusal;
use domain::availability::DURATION_MINUTES_MAX;
use domain::id::{SpaceId, VenueId};
use domain::pricing::{Chosen, PromoCode};
use domain::text::Label;
use domain::time::Interval;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::PriceView;
use web::views::input::{self, Named, RawChosen};
use web::{Answer, Anyone, Body, IntervalView, Parse, PathId, Problems, QueryParams, Reply, ok};

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
    /// Open and not taken, also while nothing is sold. A booking also has to keep the venue's other rules.
    free: Vec<IntervalView>,
    /// Every booking of the asked length that would be accepted and has a price, for one guest; empty when no length
    /// was asked for.
    slots: Vec<IntervalView>,
    /// Every package that would be accepted and has a price, for one guest.
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
    // All that is shown but the instant.
    let mut hasher = DefaultHasher::new();
    (found.offer.space.id, found.offer.book.rules.zone.name()).hash(&mut hasher);
    (&found.free, &found.slots, &found.packages).hash(&mut hasher);
    let view = AvailabilityView {
        venue_id,
        space_id: found.offer.space.id,
        zone: found.offer.book.rules.zone.name().to_owned(),
        as_of: found.as_of,
        free: found.free.into_iter().map(IntervalView::from).collect(),
        slots: found.slots.into_iter().map(IntervalView::from).collect(),
        packages: found.packages.into_iter().map(package).collect(),
    };
    Ok(ok(view).fingerprint(hasher.finish()))
}

/// A time at a venue that is known from the path.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AvailabilityCheck")]
#[serde(deny_unknown_fields)]
pub struct RawCheck {
    /// The venue's main space when it is left out.
    pub space_id: Option<String>,
    pub start: Timestamp,
    pub end: Timestamp,
    pub guests: u32,
    /// How the space is to be furnished: the name of one of its layouts.
    pub layout: Option<String>,
    /// At most 50, by their names.
    #[serde(default)]
    pub add_ons: Vec<RawChosen>,
    /// Of the venue's vendor; only for those who are signed in.
    pub promo_code: Option<String>,
}

impl Parse for RawCheck {
    type Into = WantedTime;

    fn parse(self, problems: &mut Problems) -> Option<WantedTime> {
        let space = problems.optional("space_id", self.space_id, |text| text.parse());
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let guests = input::guests(problems, "guests", self.guests);
        let layout = problems.optional("layout", self.layout, |text| Label::parse(&text));
        let add_ons = input::add_ons(problems, self.add_ons);
        let promo_code = problems.optional("promo_code", self.promo_code, |text| text.parse());
        Some(WantedTime {
            space: space?,
            interval: interval?,
            guests: guests?,
            layout: layout?,
            add_ons: add_ons?,
            promo_code: promo_code?,
        })
    }
}

/// What is wanted of a venue.
pub struct WantedTime {
    space: Option<SpaceId>,
    interval: Interval,
    guests: u32,
    layout: Option<Label>,
    add_ons: Vec<Chosen>,
    promo_code: Option<PromoCode>,
}

impl WantedTime {
    pub fn at(self, venue: VenueId) -> QuoteRequest {
        QuoteRequest {
            venue,
            space: self.space,
            interval: self.interval,
            guests: self.guests,
            layout: self.layout,
            add_ons: self.add_ons,
            promo_code: self.promo_code,
        }
    }
}

/// Whether a time could be had a moment ago.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AvailabilityVerdict")]
pub struct VerdictView {
    available: bool,
    /// Every rule that says no; a quote would be refused by the first of them.
    reasons: Vec<ReasonView>,
    /// Up to three other times that can be had, the nearest first: as long as what was asked for, or as near to that as
    /// is allowed, or packages.
    alternatives: Vec<IntervalView>,
    /// What it would cost, also when it cannot be had.
    price: Option<PriceView>,
    /// It was so at this instant.
    as_of: Timestamp,
}

/// A rule that says no.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AvailabilityReason")]
pub struct ReasonView {
    /// As a refusal has it.
    code: &'static str,
    detail: String,
}

pub async fn check(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(venue_id): PathId<VenueId>,
    Body(wanted): Body<RawCheck>,
) -> Answer<Reply<VerdictView>> {
    let checked = venues::check(&app, me.as_ref(), &wanted.at(venue_id)).await?;
    let reason = |refusal: &Refusal| ReasonView {
        code: refusal.code(),
        detail: refusal.to_string(),
    };
    Ok(ok(VerdictView {
        available: checked.reasons.is_empty(),
        reasons: checked.reasons.iter().map(reason).collect(),
        alternatives: checked.alternatives.into_iter().map(IntervalView::from).collect(),
        price: checked.price.as_ref().map(PriceView::from),
        as_of: checked.as_of,
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
