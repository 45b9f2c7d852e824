//! Opening hours and booking rules of a venue's main space.

use domain::availability::Rules;
use domain::id::{VendorId, VenueId};
use domain::space::Space;
use store::Transaction;

use super::own;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// # Errors
/// [`Error::NotFound`].
pub async fn rules(app: &App, vendor: VendorId, id: VenueId) -> Result<Rules> {
    let venue = own(app, vendor, id).await?;
    let space = venue.main_space;
    Ok(app
        .store()
        .offer_of(venue, space)
        .await?
        .ok_or(Error::NotFound)?
        .rules)
}

/// No booking is decided on the old rules from then on; bookings that were made stand. The zone stays
/// the venue's own.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_rules(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    rules: Rules,
) -> Result<Outcome<Rules>> {
    let rules = &rules;
    once::write(app, once, |_| async move {
        let venue = own(app, vendor, id).await?;
        let space = app
            .store()
            .space(id, venue.main_space)
            .await?
            .ok_or(Error::NotFound)?;
        let rules = Rules {
            zone: venue.location.zone.clone(),
            ..rules.clone()
        };
        let mut transaction = Transaction::new();
        let next = Space {
            rules_version: space.rules_version.saturating_add(1),
            ..space.clone()
        };
        transaction.put_space(&next, Some(space.rules_version));
        transaction.put_rules(&next, &rules);
        Ok((transaction, rules))
    })
    .await
}
