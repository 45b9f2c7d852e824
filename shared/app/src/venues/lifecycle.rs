//! What a vendor does with a venue's place on the market.

use domain::id::{VendorId, VenueId};
use domain::space::Space;
use domain::venue::{Venue, VenueEvent};
use store::Transaction;

use super::own;
use crate::once::{self, Once, Outcome};
use crate::{App, Result};

/// Hands a draft to the admins.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`domain::Refusal::Incomplete`], [`domain::Refusal::InvalidTransition`].
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
    let spaces = app.store().spaces_with_rules(venue.id).await?;
    let main = spaces.iter().find(|(space, _)| space.id == venue.main_space);
    let has_hours = main.is_some_and(|(_, book)| book.rules.has_hours());
    let venue = venue.apply(event, has_hours, now)?;
    let mut transaction = Transaction::new();
    transaction.put_venue(&venue);
    for (space, book) in spaces {
        let live = venue.is_live() && space.in_use;
        if live != space.live {
            let next = Space {
                live,
                rules_version: space.rules_version.saturating_add(1),
                ..space.clone()
            };
            transaction.put_space(&next, Some(space.rules_version));
            transaction.put_rules(&next, &book);
        }
    }
    Ok((transaction, venue))
}
