//! Where a venue is, and so by which clock it goes.

use domain::address::Address;
use domain::geo::Point;
use domain::time::Zone;
use domain::venue::{Location, Venue, VenueState};

use crate::{App, Error, FieldError, Result};

/// A place as its vendor names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLocation {
    pub point: Point,
    pub address: Address,
    /// The place has one without anybody saying so; said, it has to be one that holds there.
    pub zone: Option<Zone>,
}

impl NewLocation {
    fn in_zone(&self, zone: Zone) -> Location {
        Location {
            point: self.point,
            address: self.address.clone(),
            zone,
        }
    }
}

/// With the zone that holds there, by the map's own name for it.
///
/// # Errors
/// [`Error::Invalid`] where no zone holds, or another one.
pub(super) fn located(app: &App, wanted: &NewLocation) -> Result<Location> {
    let zones = app.zones()?.at(wanted.point);
    let own = zones.first().ok_or_else(at_sea)?;
    let zone = match &wanted.zone {
        Some(named) => zones
            .iter()
            .find(|zone| zone.is_also(named))
            .ok_or_else(|| wrong("/location/zone", format!("is not the zone there, {}", own.name())))?,
        None => own,
    };
    Ok(wanted.in_zone(zone.clone()))
}

/// Where a venue is from now on. A draft can be moved as far as its zone reaches: its hours are in that.
///
/// # Errors
/// [`Error::Invalid`] for another zone, and for anywhere else once an admin has looked at it.
pub(super) fn moved(app: &App, venue: &Venue, wanted: &NewLocation) -> Result<Location> {
    let pinned = &venue.location.zone;
    if wanted.zone.as_ref().is_some_and(|named| !named.is_also(pinned)) {
        return Err(wrong(
            "/location/zone",
            "cannot be changed: the venue's hours are in it",
        ));
    }
    let location = wanted.in_zone(pinned.clone());
    if location != venue.location && venue.state != VenueState::Draft {
        return Err(wrong(
            "/location",
            "can be changed only while the venue is a draft",
        ));
    }
    // A newer map does not unsettle who stays.
    if location.point == venue.location.point {
        return Ok(location);
    }
    let zones = app.zones()?.at(wanted.point);
    let own = zones.first().ok_or_else(at_sea)?;
    if !zones.iter().any(|zone| zone.is_also(pinned)) {
        let (there, pinned) = (own.name(), pinned.name());
        let message = format!("lies in the zone {there}, and the venue's hours are in {pinned}");
        return Err(wrong("/location", message));
    }
    Ok(location)
}

fn at_sea() -> Error {
    wrong("/location", "lies in the zone of no land")
}

fn wrong(pointer: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError::new(pointer, message)])
}
