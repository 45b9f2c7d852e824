//! Venues that want to go live, and those that want to be shown otherwise.

use app::App;
use app::once::Outcome;
use app::venues::{self, Verdict};
use axum::extract::State;
use domain::id::VenueId;
use domain::venue::{Revised, Venue, VenueState};
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::{RevisedSummaryView, RevisedVenueView};
use web::{Admin, Answer, Body, Listed, MaybeIdempotent, Paged, Parse, PathId, Problems, Reply, needs, ok};

use crate::decision::{Decision, RawDecision};

/// Venues in which state.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenuesInState")]
#[serde(deny_unknown_fields)]
pub struct RawFilter {
    /// `submitted` when it is left out; `revised` are those, live or paused, with a revision that waits.
    state: Option<RawList>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenueList")]
#[serde(rename_all = "snake_case")]
enum RawList {
    Draft,
    Submitted,
    Live,
    Paused,
    Archived,
    Revised,
}

pub enum List {
    In(VenueState),
    Revised,
}

impl Parse for RawFilter {
    type Into = List;

    fn parse(self, _: &mut Problems) -> Option<List> {
        Some(match self.state.unwrap_or(RawList::Submitted) {
            RawList::Draft => List::In(VenueState::Draft),
            RawList::Submitted => List::In(VenueState::Submitted),
            RawList::Live => List::In(VenueState::Live),
            RawList::Paused => List::In(VenueState::Paused),
            RawList::Archived => List::In(VenueState::Archived),
            RawList::Revised => List::Revised,
        })
    }
}

pub async fn list(
    State(app): State<App>,
    _: Admin<needs::SeeAllVenues>,
    Paged { ask: list, page }: Paged<RawFilter>,
) -> Answer<Reply<Listed<RevisedSummaryView>>> {
    let (found, next) = match list {
        List::In(state) => venues::waiting(&app, state, page.limit(), page.after()).await?,
        List::Revised => venues::revised(&app, page.limit(), page.after()).await?,
    };
    let views = found.into_iter().map(RevisedSummaryView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}

pub async fn show(
    State(app): State<App>,
    _: Admin<needs::SeeAllVenues>,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<RevisedVenueView>> {
    let revised = venues::review(&app, id).await?;
    Ok(ok(RevisedVenueView::of(&app, revised).await?))
}

/// What an admin decides about a venue, or about what its vendor wants changed of it.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenueDecision")]
#[serde(deny_unknown_fields)]
pub struct RawVenueDecision {
    approve: bool,
    /// Why not, told to the vendor; only, and always, when it is not approved.
    reason: Option<String>,
    /// The number of the revision that was looked at. Without it the decision is about a submitted venue.
    revision: Option<u64>,
}

pub struct VenueDecision {
    verdict: Verdict,
    revision: Option<u64>,
}

impl Parse for RawVenueDecision {
    type Into = VenueDecision;

    fn parse(self, problems: &mut Problems) -> Option<VenueDecision> {
        let decision = RawDecision::new(self.approve, self.reason).parse(problems)?;
        Some(VenueDecision {
            verdict: decision.into(),
            revision: self.revision,
        })
    }
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Yes => Self::Approve,
            Decision::No(reason) => Self::RequestChanges(reason),
        }
    }
}

pub async fn decide(
    State(app): State<App>,
    _: Admin<needs::DecideAboutVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    Body(VenueDecision { verdict, revision }): Body<RawVenueDecision>,
) -> Answer<Reply<RevisedVenueView>> {
    let once = once.as_ref();
    let Outcome { value, replayed } = match revision {
        Some(seen) => venues::decide_revision(&app, once, id, seen, verdict).await?,
        None => venues::decide(&app, once, id, verdict).await?.map(unrevised),
    };
    Ok(ok(RevisedVenueView::of(&app, value).await?).replayed(replayed))
}

/// A venue that was decided about was never approved before, so that nothing of it waits.
fn unrevised(venue: Venue) -> Revised {
    Revised {
        venue,
        revision: None,
    }
}
