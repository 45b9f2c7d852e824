//! An admin's word on a venue.

use domain::id::VenueId;
use domain::text::Reason;
use domain::venue::{Venue, VenueEvent};

use super::lifecycle::moved;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub enum Verdict {
    Approve,
    RequestChanges(Reason),
}

/// An approved venue is live at once. Its vendor is told, after the fact
/// ([`crate::notifications::venue_changed`]). The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::InvalidTransition`].
pub async fn decide(app: &App, once: Option<&Once>, id: VenueId, verdict: Verdict) -> Result<Outcome<Venue>> {
    let event = match verdict {
        Verdict::Approve => VenueEvent::Approve,
        Verdict::RequestChanges(reason) => VenueEvent::RequestChanges(reason),
    };
    let event = &event;
    once::write(app, once, |now| async move {
        let venue = app.store().venue(id).await?.ok_or(Error::NotFound)?;
        moved(app, venue, event.clone(), now).await
    })
    .await
}
