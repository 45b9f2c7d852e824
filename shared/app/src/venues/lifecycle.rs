//! What a vendor does with a venue's place on the market.

use domain::id::{VendorId, VenueId};
use domain::space::Space;
use domain::venue::{Venue, VenueEvent};
use store::Transaction;

use super::own;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// Hands a draft to the admins.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::Incomplete`], [`domain::Refusal::InvalidTransition`].
pub async fn submit(app: &App, vendor: VendorId, once: Option<&Once>, id: VenueId) -> Result<Outcome<Venue>> {
    step(app, vendor, once, id, VenueEvent::Submit).await
}

/// Takes a live venue off the market. Bookings stand.
///
/// # Errors
/// As [`submit`].
pub async fn pause(app: &App, vendor: VendorId, once: Option<&Once>, id: VenueId) -> Result<Outcome<Venue>> {
    step(app, vendor, once, id, VenueEvent::Pause).await
}

/// Brings a paused venue back.
///
/// # Errors
/// As [`submit`].
pub async fn resume(app: &App, vendor: VendorId, once: Option<&Once>, id: VenueId) -> Result<Outcome<Venue>> {
    step(app, vendor, once, id, VenueEvent::Resume).await
}

async fn step(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    event: VenueEvent,
) -> Result<Outcome<Venue>> {
    let event = &event;
    once::write(app, once, |now| async move {
        let venue = own(app, vendor, id).await?;
        moved(app, venue, event.clone(), now).await
    })
    .await
}

/// A venue after an event. Whether it is live decides whether its spaces can be booked, so both are
/// written together.
pub(super) async fn moved(
    app: &App,
    venue: Venue,
    event: VenueEvent,
    now: jiff::Timestamp,
) -> Result<(Transaction, Venue)> {
    let space = venue.main_space;
    let offer = app.store().offer_of(venue, space).await?.ok_or(Error::NotFound)?;
    let was_live = offer.venue.is_live();
    let venue = offer.venue.apply(event, !offer.rules.weekly.is_empty(), now)?;
    let mut transaction = Transaction::new();
    transaction.put_venue(&venue);
    if venue.is_live() != was_live {
        let next = Space {
            live: venue.is_live(),
            rules_version: offer.space.rules_version.saturating_add(1),
            ..offer.space.clone()
        };
        transaction.put_space(&next, Some(offer.space.rules_version));
    }
    Ok((transaction, venue))
}
