//! A space of a venue.

use std::collections::BTreeSet;

use domain::amenity::Amenity;
use domain::id::SpaceId;
use domain::space::{Layout, Space};
use domain::text::{Label, VenueName};
use schemars::JsonSchema;
use serde::Serialize;

use super::AmenityId;

/// The bookable unit of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Space")]
pub struct SpaceView {
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "String")]
    name: VenueName,
    /// Guests that fit at most.
    capacity: u32,
    /// Besides what its venue offers.
    #[schemars(with = "Vec<AmenityId>")]
    amenities: BTreeSet<Amenity>,
    /// Ways to furnish it; none when it is always the same.
    layouts: Vec<LayoutView>,
    /// Spaces that it consists of: whoever books it has them as well.
    #[schemars(with = "Vec<String>")]
    parts: Vec<SpaceId>,
    /// Whether it is offered at all.
    in_use: bool,
}

/// A way to furnish a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Layout")]
pub struct LayoutView {
    #[schemars(with = "String")]
    name: Label,
    /// Guests that fit then.
    capacity: u32,
}

impl From<Space> for SpaceView {
    fn from(space: Space) -> Self {
        Self {
            space_id: space.id,
            name: space.name,
            capacity: space.capacity,
            amenities: space.amenities,
            layouts: space.layouts.into_iter().map(LayoutView::from).collect(),
            parts: space.parts,
            in_use: space.in_use,
        }
    }
}

impl From<Layout> for LayoutView {
    fn from(layout: Layout) -> Self {
        Self {
            name: layout.name,
            capacity: layout.capacity,
        }
    }
}
