//! Where else one could go.

use app::venues::Wish;
use app::{App, venues};
use axum::extract::State;
use domain::id::{SpaceId, VenueId};
use domain::time::Interval;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input::{self, Named};
use web::{Answer, Anyone, Parse, PathId, Problems, QueryParams, Reply, ok};

use crate::search::CardView;

/// For which time and how many people.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SimilarVenuesSearch")]
#[serde(deny_unknown_fields)]
pub struct RawWish {
    start: Timestamp,
    end: Timestamp,
    /// So many people fit into one space: 1 when it is not given.
    guests: Option<u32>,
    /// Whose price others are compared with. The venue's main space when it is left out.
    space_id: Option<String>,
}

pub struct WishedTime {
    space: Option<SpaceId>,
    interval: Interval,
    guests: u32,
}

impl Parse for RawWish {
    type Into = WishedTime;

    fn parse(self, problems: &mut Problems) -> Option<WishedTime> {
        let space = problems.optional("space_id", self.space_id, |text| text.parse());
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let guests = input::guests(problems, "guests", self.guests.unwrap_or(1));
        Some(WishedTime {
            space: space?,
            interval: interval?,
            guests: guests?,
        })
    }
}

/// Other venues that are free, the nearest first; six at most.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SimilarVenues")]
pub struct SimilarView {
    data: Vec<CardView>,
}

pub async fn list(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(venue): PathId<VenueId>,
    QueryParams(ask): QueryParams<RawWish>,
) -> Answer<Reply<SimilarView>> {
    let wish = Wish {
        venue,
        space: ask.space,
        interval: ask.interval,
        guests: ask.guests,
    };
    let hits = venues::similar(&app, me.as_ref(), wish).await?;
    Ok(ok(SimilarView {
        data: CardView::all(&app, hits).await?,
    }))
}
