//! The truth about a booking's payment, straight from the provider. Safe to ask at any time.

use domain::booking::Booking;
use domain::id::BookingId;
use domain::payment::Payment;

use super::settle_intent;
use crate::access::Caller;
use crate::{App, Error, Result};

/// Takes over what the provider says, as its webhook would have, and answers with it.
///
/// # Errors
/// [`Error::NotFound`] for another's booking.
pub async fn verify(app: &App, me: &Caller, id: BookingId) -> Result<(Booking, Option<Payment>)> {
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    if booking.customer != Some(me.user) {
        return Err(Error::NotFound);
    }
    let latest = app.store().payments_of(id).await?.pop();
    let Some(intent) = latest.as_ref().and_then(|p| p.intent.as_deref()) else {
        return Ok((booking, latest));
    };
    let intent = app.payments()?.intent(intent).await?;
    settle_intent(app, &intent, None).await?;
    let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
    Ok((booking, app.store().payments_of(id).await?.pop()))
}
