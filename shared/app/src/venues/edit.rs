//! What a vendor says of a venue.

use std::collections::BTreeSet;

use domain::cancellation::Policy;
use domain::id::{VendorId, VenueId};
use domain::text::{Amenity, Description, VenueName};
use domain::venue::{Location, Venue, VenueState};
use store::Transaction;

use super::own;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// All of it, the location only where it shall change.
#[derive(Debug, Clone)]
pub struct VenueEdit {
    pub name: VenueName,
    pub description: Description,
    pub amenities: BTreeSet<Amenity>,
    pub policy: Policy,
    pub location: Option<Location>,
}

/// Holds at once, also for a venue that is live. Quotes and bookings that were made keep the name and the terms they
/// were made under. Where a venue is was looked at by an admin, so that it can be moved only while it is a draft; its
/// zone never changes, since its hours are in it.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::InvalidTransition`] while an admin looks at it and once it is given up;
/// [`Error::Invalid`] for another location.
pub async fn edit(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    edit: &VenueEdit,
) -> Result<Outcome<Venue>> {
    once::write(app, once, |now| async move {
        let venue = own(app, vendor, id).await?;
        venue.check_editable()?;
        let location = edit.location.as_ref().unwrap_or(&venue.location);
        check_location(&venue, location)?;
        let VenueEdit {
            name,
            description,
            amenities,
            policy,
            location: _,
        } = edit.clone();
        let edited = Venue {
            name,
            description,
            amenities,
            policy,
            location: location.clone(),
            ..venue
        }
        .touched(now);
        let mut transaction = Transaction::new();
        transaction.put_venue(&edited);
        Ok((transaction, edited))
    })
    .await
}

fn check_location(venue: &Venue, location: &Location) -> Result<()> {
    let error = if location.zone != venue.location.zone {
        FieldError::new("/location/zone", "cannot be changed: the venue's hours are in it")
    } else if *location != venue.location && venue.state != VenueState::Draft {
        FieldError::new("/location", "can be changed only while the venue is a draft")
    } else {
        return Ok(());
    };
    Err(Error::Invalid(vec![error]))
}
