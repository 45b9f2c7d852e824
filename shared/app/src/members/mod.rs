//! Who works for a business: inviting people, joining, changing what they do, leaving.

mod change;
mod invite;
mod join;
mod list;

pub use change::{Work, leave, remove, set_member};
pub use invite::{Invite, invite, withdraw_invitation};
pub use join::{join, membership};
pub use list::{Colleague, Staff, staff};
pub use store::vendors::Member;

use domain::id::VenueId;
use domain::membership::{Membership, Reach};

use crate::{App, Error, FieldError, Result};

/// That whoever is named to venues is named to those of the business.
async fn check_reach(app: &App, member: &Membership, reach: &Reach) -> Result<()> {
    let Reach::Only(named) = reach else {
        return Ok(());
    };
    let ids: Vec<VenueId> = named.iter().copied().collect();
    let found = app.store().venues(&ids).await?;
    let is_own = |id: &VenueId| {
        found
            .iter()
            .any(|venue| venue.id == *id && member.works_at(venue.vendor, venue.id))
    };
    let strange = |(n, _)| FieldError::new(format!("/venue_ids/{n}"), "is not a venue of yours");
    let errors: Vec<FieldError> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !is_own(id))
        .map(strange)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}
