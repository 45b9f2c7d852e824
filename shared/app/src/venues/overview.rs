//! One venue as a whole, for whoever runs it.

use domain::id::VenueId;
use domain::membership::Membership;
use domain::venue::Revised;

use super::managed;
use super::revision::own_revised;
use crate::{App, Result};

pub struct Overview {
    pub revised: Revised,
    /// What customers need and is not there yet.
    pub missing: Vec<&'static str>,
}

/// In whatever state it is, with what its vendor wants changed.
///
/// # Errors
/// [`crate::Error::NotFound`], also for another's venue.
pub async fn overview(app: &App, member: &Membership, id: VenueId) -> Result<Overview> {
    let offer = managed(app, member, id, None).await?;
    Ok(Overview {
        missing: offer.venue.missing(offer.book.rules.has_hours()),
        revised: own_revised(app, member, id).await?,
    })
}
