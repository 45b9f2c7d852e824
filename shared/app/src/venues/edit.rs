//! What a vendor says of a venue.

use std::collections::BTreeSet;

use domain::amenity::Amenity;
use domain::id::VenueId;
use domain::membership::Membership;
use domain::text::{Description, HouseRules, Label, PolicyName, VenueName};
use domain::venue::{ChosenPhoto, Photo, Presentation, Revised, Venue};

use super::location::{NewLocation, moved};
use super::revision::{changes, own_revised};
use super::seen::{self, venue_tag};
use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result, policies};

/// All of it, the location only where it shall change.
#[derive(Debug, Clone)]
pub struct VenueEdit {
    pub name: VenueName,
    pub description: Description,
    pub amenities: BTreeSet<Amenity>,
    pub other_amenities: BTreeSet<Label>,
    pub policy: PolicyName,
    pub house_rules: Option<HouseRules>,
    /// Those that shall be shown, in their order; as they are when it is left out.
    pub photos: Option<Vec<ChosenPhoto>>,
    pub location: Option<NewLocation>,
}

/// A draft is changed. Of an approved venue, name, description, amenities and photos wait for an admin as a revision, in
/// place of the one before; terms hold at once, for new bookings. Where it is can be changed only while it is a
/// draft, since an admin looked at it; its zone never changes, since its hours are in it. `expected` is the
/// [`venue_tag`] of what the caller saw, if they looked.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::PreconditionFailed`] when something else is wanted by now;
/// [`domain::Refusal::InvalidTransition`] while an admin looks at the venue itself and once it is given up,
/// [`domain::Refusal::Incomplete`] when an approved one would have no photo; [`Error::Invalid`] for another location, a
/// policy that is not offered or a photo that it has not got.
pub async fn edit(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    edit: &VenueEdit,
    expected: Option<u64>,
) -> Result<Outcome<Revised>> {
    once::write(app, once, |now| async move {
        let before = own_revised(app, member, id).await?;
        seen::check(expected, venue_tag(&before))?;
        before.venue.check_editable()?;
        let location = match &edit.location {
            Some(wanted) => moved(app, &before.venue, wanted)?,
            None => before.venue.location.clone(),
        };
        let VenueEdit {
            name,
            description,
            amenities,
            other_amenities,
            policy,
            house_rules,
            photos,
            location: _,
        } = edit.clone();
        let policy = policies::chosen(app, &policy, &location, Some(&before.venue.policy)).await?;
        let wanted = Presentation {
            name,
            description,
            amenities,
            other_amenities,
            photos: chosen(&before, photos.as_deref())?,
        };
        let with_terms = Revised {
            venue: Venue {
                location,
                ..before.venue.clone().on_terms(policy, house_rules)
            },
            revision: before.revision.clone(),
        };
        let after = with_terms.present(wanted, now)?;
        Ok((changes(&before, &after), after))
    })
    .await
}

fn chosen(revised: &Revised, photos: Option<&[ChosenPhoto]>) -> Result<Vec<Photo>> {
    let Some(photos) = photos else {
        return Ok(revised.wanted().photos);
    };
    revised.photos_of(photos).map_err(|place| {
        let message = "is no photo of this venue, or named twice";
        Error::Invalid(vec![FieldError::new(
            format!("/photos/{place}/media_id"),
            message,
        )])
    })
}
