//! The spaces of a venue.

use std::collections::BTreeSet;

use domain::amenity::Amenity;
use domain::availability::Rules;
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::space::{Layout, Planned, Space};
use domain::text::VenueName;

use super::own;
use super::plan::change_plan;
use super::seen::{self, space_tag};
use crate::once::{Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// What a vendor says of a space.
#[derive(Debug, Clone)]
pub struct SpaceSettings {
    pub name: VenueName,
    pub capacity: u32,
    /// Besides what its venue offers.
    pub amenities: BTreeSet<Amenity>,
    pub layouts: Vec<Layout>,
    /// Spaces that it consists of.
    pub parts: Vec<SpaceId>,
    pub in_use: bool,
}

impl SpaceSettings {
    fn apply(&self, space: &mut Space, venue_is_live: bool) {
        let Self {
            name,
            capacity,
            amenities,
            layouts,
            parts,
            in_use,
        } = self.clone();
        *space = Space {
            name,
            capacity,
            amenities,
            layouts,
            parts,
            in_use,
            live: in_use && venue_is_live,
            ..space.clone()
        };
    }
}

/// In the order in which they were added.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn spaces(app: &App, member: &Membership, id: VenueId) -> Result<Vec<Space>> {
    let venue = own(app, member, id).await?;
    Ok(app.store().spaces(venue.id).await?)
}

/// Another space of a venue, closed until it is given hours.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for parts that it cannot have; [`domain::Refusal::LimitReached`].
pub async fn add_space(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    ask: &SpaceSettings,
) -> Result<Outcome<Space>> {
    let space_id = SpaceId::from_uuid(app.ids().uuid());
    change_plan(app, member, once, id, |venue, plan, _| {
        let mut space = Space {
            id: space_id,
            venue: id,
            vendor: venue.vendor,
            name: ask.name.clone(),
            capacity: ask.capacity,
            amenities: BTreeSet::new(),
            layouts: Vec::new(),
            parts: Vec::new(),
            locks: Vec::new(),
            in_use: true,
            live: false,
            rules_version: 1,
        };
        ask.apply(&mut space, venue.is_live());
        plan.add(Planned {
            space: space.clone(),
            rules: Rules::closed(venue.location.zone.clone()),
        })?;
        Ok(space)
    })
    .await
}

/// Bookings that were made keep what they were promised. Other parts are possible only as long as nobody has
/// booked the space. `expected` is the [`space_tag`] of what the caller saw, if they looked.
///
/// # Errors
/// As [`add_space`]; [`Error::BookingsInTheWay`]; [`Error::Invalid`] for a main space that is not in use;
/// [`Error::PreconditionFailed`] when the space is another.
pub async fn set_space(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: SpaceId,
    ask: &SpaceSettings,
    expected: Option<u64>,
) -> Result<Outcome<Space>> {
    change_plan(app, member, once, id, |venue, plan, _| {
        if space == venue.main_space && !ask.in_use {
            let error = FieldError::new("/in_use", "the main space is in use as long as the venue is");
            return Err(Error::Invalid(vec![error]));
        }
        let planned = plan.get_mut(space).ok_or(Error::NotFound)?;
        seen::check(expected, space_tag(&planned.space))?;
        ask.apply(&mut planned.space, venue.is_live());
        Ok(planned.space.clone())
    })
    .await
}
