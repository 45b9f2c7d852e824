//! The bookable unit of a venue.

mod plan;

pub use plan::{LinkProblem, Plan, Planned};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::amenity::Amenity;
use crate::id::{SpaceId, VendorId, VenueId};
use crate::money::Money;
use crate::pricing::Tax;
use crate::text::{Label, VenueName};

pub const GUESTS_MAX: u32 = 100_000;
/// Spaces of one venue. All of them may change in one transaction, each with its rules.
pub const SPACES_MAX: usize = 20;
/// Ways to furnish a space.
pub const LAYOUTS_MAX: usize = 12;

/// A way to furnish a space, and how many guests fit then (`theatre`, `seated`, `standing`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub name: Label,
    pub capacity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub venue: VenueId,
    /// Who runs the venue. A booking is decided on the space alone, and is made for nobody else.
    pub vendor: VendorId,
    pub name: VenueName,
    /// Guests that fit at most, however it is furnished.
    pub capacity: u32,
    /// What it offers besides what its venue does.
    #[serde(default)]
    pub amenities: BTreeSet<Amenity>,
    /// None when it is always the same.
    #[serde(default)]
    pub layouts: Vec<Layout>,
    /// Spaces that it consists of: whoever books it has them as well.
    #[serde(default)]
    pub parts: Vec<SpaceId>,
    /// Its parts, their parts and so on: what is locked with it. Follows from `parts`.
    #[serde(default)]
    pub locks: Vec<SpaceId>,
    /// Whether its vendor offers it at all.
    #[serde(default = "in_use")]
    pub in_use: bool,
    /// Whether it can be booked: the venue is live and the space is in use.
    pub live: bool,
    /// Moves with every change of its rules, so that no booking is decided on rules that are gone.
    pub rules_version: u64,
}

/// What a search looks at of a space. It is kept with the venue, so that a search for a place reads no space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceSummary {
    pub id: SpaceId,
    pub name: VenueName,
    pub capacity: u32,
    /// Besides what its venue offers.
    #[serde(default)]
    pub amenities: BTreeSet<Amenity>,
    /// The base price of an hour, once it has one.
    pub price_per_hour: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
    /// Whether a booking is one at once, and not a request that its vendor answers.
    pub instant: bool,
    pub in_use: bool,
}

const fn in_use() -> bool {
    true
}

impl Space {
    /// It and whatever is locked with it.
    #[must_use]
    pub fn locked(&self) -> Vec<SpaceId> {
        std::iter::once(self.id)
            .chain(self.locks.iter().copied())
            .collect()
    }

    /// Whether so many guests fit, furnished in that way.
    ///
    /// # Errors
    /// [`Refusal::Layout`] for a layout that it does not have, [`Refusal::Capacity`].
    pub fn admits(&self, guests: u32, layout: Option<&Label>) -> Result<(), Refusal> {
        let guests_max = match layout {
            None => self.capacity,
            Some(name) => {
                let known = self.layouts.iter().find(|layout| layout.name == *name);
                known.ok_or(Refusal::Layout)?.capacity
            }
        };
        if guests > guests_max {
            return Err(Refusal::Capacity { guests_max });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn as_many_guests_fit_as_its_layout_has_room_for() {
        let label = |text: &str| Label::parse(text).unwrap();
        let layout = |name: &str, capacity| Layout {
            name: label(name),
            capacity,
        };
        let space = Space {
            id: SpaceId::from_uuid(Uuid::from_u128(1)),
            venue: VenueId::from_uuid(Uuid::from_u128(2)),
            vendor: VendorId::from_uuid(Uuid::from_u128(3)),
            name: VenueName::parse("Hall").unwrap(),
            capacity: 120,
            amenities: BTreeSet::new(),
            layouts: vec![layout("seated", 60), layout("standing", 120)],
            parts: Vec::new(),
            locks: Vec::new(),
            in_use: true,
            live: true,
            rules_version: 1,
        };
        assert_eq!(space.admits(120, None), Ok(()));
        assert_eq!(
            space.admits(121, None),
            Err(Refusal::Capacity { guests_max: 120 })
        );
        assert_eq!(space.admits(60, Some(&label("seated"))), Ok(()));
        assert_eq!(
            space.admits(61, Some(&label("seated"))),
            Err(Refusal::Capacity { guests_max: 60 })
        );
        assert_eq!(space.admits(1, Some(&label("theatre"))), Err(Refusal::Layout));
    }
}
