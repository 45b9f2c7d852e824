//! Which space of a venue is meant.

use domain::id::SpaceId;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::input;
use web::{Parse, Problems};

/// The space, where it is not the venue's main one.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfSpace")]
#[serde(deny_unknown_fields)]
pub struct RawOfSpace {
    /// The venue's main space when it is left out.
    space_id: Option<String>,
}

pub struct OfSpace(pub Option<SpaceId>);

impl Parse for RawOfSpace {
    type Into = OfSpace;

    fn parse(self, problems: &mut Problems) -> Option<OfSpace> {
        match self.space_id {
            None => Some(OfSpace(None)),
            Some(text) => input::id(problems, "space_id", &text).map(|id| OfSpace(Some(id))),
        }
    }
}
