//! Venues that want to go live.

use app::App;
use app::once::Outcome;
use app::venues::{self, Verdict};
use axum::extract::State;
use domain::id::VenueId;
use domain::venue::VenueState;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::{VenueSummaryView, VenueView};
use web::{Admin, Answer, Body, Listed, MaybeIdempotent, Paged, Parse, PathId, Problems, Reply, ok};

use crate::decision::{Decision, RawDecision};

/// Venues in which state.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenuesInState")]
#[serde(deny_unknown_fields)]
pub struct RawFilter {
    /// `submitted` when it is left out.
    state: Option<RawState>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenueState")]
#[serde(rename_all = "snake_case")]
enum RawState {
    Draft,
    Submitted,
    Live,
    Paused,
    Archived,
}

impl Parse for RawFilter {
    type Into = VenueState;

    fn parse(self, _: &mut Problems) -> Option<VenueState> {
        Some(match self.state.unwrap_or(RawState::Submitted) {
            RawState::Draft => VenueState::Draft,
            RawState::Submitted => VenueState::Submitted,
            RawState::Live => VenueState::Live,
            RawState::Paused => VenueState::Paused,
            RawState::Archived => VenueState::Archived,
        })
    }
}

pub async fn list(
    State(app): State<App>,
    _: Admin,
    Paged { ask: state, page }: Paged<RawFilter>,
) -> Answer<Reply<Listed<VenueSummaryView>>> {
    let (found, next) = venues::waiting(&app, state, page.limit(), page.after()).await?;
    let views = found.into_iter().map(VenueSummaryView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
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
    _: Admin,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    Body(decision): Body<RawDecision>,
) -> Answer<Reply<VenueView>> {
    let Outcome { value, replayed } = venues::decide(&app, once.as_ref(), id, decision.into()).await?;
    Ok(ok(VenueView::of(&app, value).await?).replayed(replayed))
}
