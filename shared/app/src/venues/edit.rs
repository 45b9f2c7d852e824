//! What a vendor says of a venue.

use std::collections::BTreeSet;

use domain::cancellation::Policy;
use domain::id::{MediaId, VendorId, VenueId};
use domain::text::{Amenity, Description, VenueName};
use domain::venue::{Location, Photo, Presentation, Revised, Venue, VenueState};

use super::revision::{changes, own_revised};
use super::seen::{self, venue_tag};
use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// All of it, the location only where it shall change.
#[derive(Debug, Clone)]
pub struct VenueEdit {
    pub name: VenueName,
    pub description: Description,
    pub amenities: BTreeSet<Amenity>,
    pub policy: Policy,
    /// Those that shall be shown, in their order; as they are when it is left out.
    pub photos: Option<Vec<MediaId>>,
    pub location: Option<Location>,
}

/// A draft is changed. Of an approved venue, name, description, amenities and photos wait for an admin as a revision, in
/// place of the one before; terms hold at once, for new bookings. Where it is can be changed only while it is a
/// draft, since an admin looked at it; its zone never changes, since its hours are in it. `expected` is the
/// [`venue_tag`] of what the caller saw, if they looked.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::PreconditionFailed`] when something else is wanted by now; [`domain::Refusal::InvalidTransition`] while an admin looks at the venue itself and once it
/// is given up, [`domain::Refusal::Incomplete`] when an approved one would have no photo; [`Error::Invalid`] for
/// another location or a photo that it has not got.
pub async fn edit(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    edit: &VenueEdit,
    expected: Option<u64>,
) -> Result<Outcome<Revised>> {
    once::write(app, once, |now| async move {
        let before = own_revised(app, vendor, id).await?;
        seen::check(expected, venue_tag(&before))?;
        before.venue.check_editable()?;
        let location = edit.location.as_ref().unwrap_or(&before.venue.location);
        check_location(&before.venue, location)?;
        let VenueEdit {
            name,
            description,
            amenities,
            policy,
            photos,
            location: _,
        } = edit.clone();
        let wanted = Presentation {
            name,
            description,
            amenities,
            photos: chosen(&before, photos.as_deref())?,
        };
        let with_terms = Revised {
            venue: Venue {
                policy,
                location: location.clone(),
                ..before.venue.clone()
            },
            revision: before.revision.clone(),
        };
        let after = with_terms.present(wanted, now)?;
        Ok((changes(&before, &after), after))
    })
    .await
}

fn chosen(revised: &Revised, ids: Option<&[MediaId]>) -> Result<Vec<Photo>> {
    let Some(ids) = ids else {
        return Ok(revised.wanted().photos);
    };
    revised.photos_of(ids).map_err(|place| {
        let message = "is no photo of this venue, or named twice";
        Error::Invalid(vec![FieldError::new(format!("/photos/{place}"), message)])
    })
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
