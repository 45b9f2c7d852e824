//! Businesses that applied.

use app::{App, vendors};
use axum::extract::State;
use domain::id::VendorId;
use domain::vendor::{VendorState, Verdict};
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::VendorView;
use web::{Admin, Answer, Body, Listed, MaybeIdempotent, Paged, Parse, PathId, Problems, Reply, needs, ok};

use crate::decision::{Decision, RawDecision};

/// Businesses in which state.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VendorsInState")]
#[serde(deny_unknown_fields)]
pub struct RawFilter {
    /// `applied` when it is left out.
    state: Option<RawState>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VendorState")]
#[serde(rename_all = "snake_case")]
enum RawState {
    Applied,
    Approved,
    Rejected,
}

impl Parse for RawFilter {
    type Into = VendorState;

    fn parse(self, _: &mut Problems) -> Option<VendorState> {
        Some(match self.state.unwrap_or(RawState::Applied) {
            RawState::Applied => VendorState::Applied,
            RawState::Approved => VendorState::Approved,
            RawState::Rejected => VendorState::Rejected,
        })
    }
}

pub async fn list(
    State(app): State<App>,
    _: Admin<needs::SeeVendors>,
    Paged { ask: state, page }: Paged<RawFilter>,
) -> Answer<Reply<Listed<VendorView>>> {
    let (found, next) = vendors::waiting(&app, state, page.limit(), page.after()).await?;
    let views = found.into_iter().map(VendorView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Yes => Self::Approve,
            Decision::No(reason) => Self::Reject(reason),
        }
    }
}

pub async fn decide(
    State(app): State<App>,
    _: Admin<needs::DecideAboutVendors>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VendorId>,
    Body(decision): Body<RawDecision>,
) -> Answer<Reply<VendorView>> {
    let vendor = vendors::decide(&app, once.as_ref(), id, decision.into()).await?;
    Ok(Reply::of(vendor, VendorView::from))
}
