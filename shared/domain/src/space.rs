//! The bookable unit of a venue.

use serde::{Deserialize, Serialize};

use crate::id::{SpaceId, VenueId};
use crate::text::VenueName;

pub const GUESTS_MAX: u32 = 100_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub id: SpaceId,
    pub venue: VenueId,
    pub name: VenueName,
    /// Guests that fit.
    pub capacity: u32,
    /// Whether it can be booked at all: the venue is live and the space is in use.
    pub live: bool,
    /// Moves with every change of its rules, so that no booking is decided on rules that are gone.
    pub rules_version: u64,
}
