//! What an hour costs.

use domain::id::{SpaceId, VendorId, VenueId};
use domain::money::Money;
use domain::pricing::Rates;
use domain::venue::Venue;
use store::Transaction;

use super::own;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// Of a space, the main one unless another is named. From now on new quotes have this price; quotes that were
/// given are honoured.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_price(
    app: &App,
    vendor: VendorId,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    price_per_hour: Money,
) -> Result<Outcome<Rates>> {
    once::write(app, once, |now| async move {
        let venue = own(app, vendor, id).await?;
        let space = space.unwrap_or(venue.main_space);
        let offer = app
            .store()
            .offer_of(venue.clone(), space)
            .await?
            .ok_or(Error::NotFound)?;
        let version = offer.rates.map_or(0, |rates| rates.version).saturating_add(1);
        let rates = Rates {
            price_per_hour,
            version,
        };
        let mut transaction = Transaction::new();
        transaction.put_rates(id, space, &rates);
        if space == venue.main_space {
            transaction.put_venue(
                &Venue {
                    price_per_hour: Some(price_per_hour),
                    ..venue
                }
                .touched(now),
            );
        }
        Ok((transaction, rates))
    })
    .await
}
