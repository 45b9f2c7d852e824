//! What a space costs.

use domain::Refusal;
use domain::availability::Rules;
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::money::Money;
use domain::pricing::{Chosen, Fees, Order, Price, Rates};
use domain::time::Interval;
use jiff::Timestamp;
use store::Transaction;

use super::{managed, own};
use crate::once::{self, Once, Outcome};
use crate::{App, Error, FieldError, Result};

/// Of a space, the main one unless another is named. From now on new quotes have these rates; quotes that were
/// given are honoured. `expected` is the version that the caller saw, if they looked: 0 is no rates.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::PreconditionFailed`] when the rates are others; [`Error::Invalid`] for a season that the
/// space has not got.
pub async fn set_rates(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    space: Option<SpaceId>,
    rates: &Rates,
    expected: Option<u64>,
) -> Result<Outcome<Rates>> {
    once::write(app, once, |now| async move {
        let venue = own(app, member, id).await?;
        let space = space.unwrap_or(venue.main_space);
        let offer = app
            .store()
            .offer_of(venue.clone(), space)
            .await?
            .ok_or(Error::NotFound)?;
        let version = offer.rates.map_or(0, |rates| rates.version);
        if expected.is_some_and(|expected| expected != version) {
            return Err(Error::PreconditionFailed);
        }
        check_seasons(rates, &offer.book.rules, "")?;
        let rates = Rates {
            version: version.saturating_add(1),
            ..rates.clone()
        };
        let mut transaction = Transaction::new();
        transaction.put_rates(id, space, &rates);
        let venue = venue.priced(space, rates.price_per_hour, rates.tax);
        transaction.put_venue(&venue.touched(now));
        Ok((transaction, rates))
    })
    .await
}

/// A season is named by a rule once it is there. One that is taken away later leaves rules that never hold.
fn check_seasons(rates: &Rates, space: &Rules, within: &str) -> Result<()> {
    let unknown = |n| {
        let pointer = format!("{within}/rules/{n}/when/season");
        FieldError::new(pointer, "is no season of the space")
    };
    let errors: Vec<FieldError> = rates.unknown_seasons(space).map(unknown).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

/// What a time would cost somebody who is not known, with nothing besides; nothing where no price can be named: the
/// space has none, or the total is too small to be charged, or too large.
pub(crate) fn plain_total(
    rates: Option<&Rates>,
    rules: &Rules,
    time: Interval,
    guests: u32,
    now: Timestamp,
) -> Option<Money> {
    let price = rates?.price(&Order::plain(time, guests, rules, now)).ok()?;
    Some(price.total)
}

/// A booking that a vendor tries rates on.
#[derive(Debug, Clone)]
pub struct Trial {
    pub interval: Interval,
    pub guests: u32,
    pub add_ons: Vec<Chosen>,
    pub first_booking: bool,
}

/// What a booking would cost by these rates, or by those that hold when none are given. Nothing is kept.
///
/// # Errors
/// [`Error::NotFound`], [`Refusal::NoPrice`]; [`Error::Invalid`] for seasons as above; those of [`Rates::price`].
pub async fn try_rates(
    app: &App,
    member: &Membership,
    id: VenueId,
    space: Option<SpaceId>,
    rates: Option<Rates>,
    trial: &Trial,
) -> Result<Price> {
    let offer = managed(app, member, id, space).await?;
    if let Some(rates) = &rates {
        check_seasons(rates, &offer.book.rules, "/rates")?;
    }
    let rates = rates.or(offer.rates).ok_or(Refusal::NoPrice)?;
    Ok(rates.price(&Order {
        interval: trial.interval,
        guests: trial.guests,
        add_ons: &trial.add_ons,
        promo: None,
        special_offer: None,
        first_booking: trial.first_booking,
        space: &offer.book.rules,
        fees: Fees::STANDARD,
        now: app.now(),
    })?)
}
