//! A price that holds for a quarter of an hour.

use domain::Refusal;
use domain::id::{SpaceId, VendorId, VenueId};
use domain::pricing::{
    Chosen, Counted, Fees, Order, Price, Promo, PromoCode, PromoObstacle, QUOTE_MINUTES, Quote, QuoteId,
    Rates,
};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use jiff::Timestamp;
use store::Transaction;
use store::venues::Offer;

use super::{alternatives, details, plain_total};
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub struct QuoteRequest {
    pub venue: VenueId,
    /// The main one when none is named.
    pub space: Option<SpaceId>,
    pub interval: Interval,
    pub guests: u32,
    /// How the space is to be furnished.
    pub layout: Option<Label>,
    pub add_ons: Vec<Chosen>,
    pub promo_code: Option<PromoCode>,
}

impl QuoteRequest {
    /// The time alone, in the space as it stands.
    #[must_use]
    pub const fn plain(venue: VenueId, space: Option<SpaceId>, interval: Interval, guests: u32) -> Self {
        Self {
            venue,
            space,
            interval,
            guests,
            layout: None,
            add_ons: Vec::new(),
            promo_code: None,
        }
    }
}

/// # Errors
/// [`Error::NotFound`]; the rules' refusal of the time, with others that are free;
/// [`Refusal::Capacity`], [`Refusal::Layout`], [`Refusal::NoPrice`]; [`Refusal::Promo`];
/// [`Error::Unauthenticated`] for a promo code without a customer; those of [`Rates::price`].
pub async fn quote(
    app: &App,
    caller: Option<&Caller>,
    once: Option<&Once>,
    ask: QuoteRequest,
) -> Result<Outcome<Quote>> {
    let ask = &ask;
    once::write(app, once, |now| async move {
        let offer = details(app, caller, ask.venue, ask.space).await?;
        let rates = offer.rates.as_ref().ok_or(Refusal::NoPrice)?;
        if !offer.space.live {
            return Err(Refusal::NotBookable.into());
        }
        offer.space.admits(ask.guests, ask.layout.as_ref())?;
        let rules = &offer.book.rules;
        let (setup, turnaround) = (rules.setup_minutes, rules.turnaround_minutes);
        let span = ask.interval.widened(i64::from(setup), i64::from(turnaround));
        let spaces = offer.space.locked();
        let request = offer.book.request(&spaces, now);
        // Without the calendar first, so that a time of any length costs no more than a legal one.
        let refused = match request.decide(&domain::calendar::Calendar::default(), ask.interval) {
            Err(refusal) => Err(refusal),
            Ok(()) => request.decide(&app.store().calendar(&spaces, span).await?, ask.interval),
        };
        let is_sold = |time| plain_total(Some(rates), rules, time, ask.guests, now).is_some();
        if let Err(refusal) = refused {
            return Err(alternatives(app, request, ask.interval, refusal, is_sold).await);
        }
        let price = match price(app, caller, &offer, rates, ask, now).await {
            // Nobody could have this time at a price, others perhaps.
            Err(Error::Refused(refusal)) if !is_sold(ask.interval) => {
                return Err(alternatives(app, request, ask.interval, refusal, is_sold).await);
            }
            priced => priced?,
        };
        let quote = Quote {
            id: QuoteId::new(
                app.ids().uuid(),
                ask.venue,
                offer.space.id,
                ask.interval,
                setup,
                turnaround,
            )?,
            venue: ask.venue,
            venue_name: offer.venue.name.clone(),
            point: offer.venue.location.point,
            address: offer.venue.location.address.clone(),
            zone: offer.venue.location.zone.clone(),
            vendor: offer.venue.vendor,
            space: offer.space.id,
            space_name: offer.space.name.clone(),
            interval: ask.interval,
            guests: ask.guests,
            layout: ask.layout.clone(),
            price,
            policy: offer.venue.policy.clone(),
            terms_version: offer.venue.terms_version,
            answer_minutes: rules.answer_minutes,
            lock_minutes: rules.cancellation_lock_minutes,
            customer: caller.map(|c| c.user),
            created_at: now,
            expires_at: plus_minutes(now, QUOTE_MINUTES),
        };
        let mut transaction = Transaction::new();
        transaction.put_quote(&quote);
        Ok((transaction, quote))
    })
    .await
}

/// A quote that is still honoured, for whoever asked for it; one that nobody signed in for is anybody's who has its id.
///
/// # Errors
/// [`Error::NotFound`], also once it has expired.
pub async fn show_quote(app: &App, caller: Option<&Caller>, id: QuoteId) -> Result<Quote> {
    let quote = app.store().quote(id.uuid).await?.filter(|quote| quote.id == id);
    let is_theirs = |quote: &Quote| match caller {
        Some(me) => quote.is_for(me.user),
        None => quote.customer.is_none(),
    };
    quote
        .filter(|quote| is_theirs(quote) && quote.check(app.now()).is_ok())
        .ok_or(Error::NotFound)
}

/// What a quote names.
pub(super) async fn price(
    app: &App,
    caller: Option<&Caller>,
    offer: &Offer,
    rates: &Rates,
    ask: &QuoteRequest,
    now: Timestamp,
) -> Result<Price> {
    let promo = match &ask.promo_code {
        Some(code) => Some(promo(app, caller, &offer.venue, code, now).await?),
        None => None,
    };
    Ok(rates.price(&Order {
        interval: ask.interval,
        guests: ask.guests,
        add_ons: &ask.add_ons,
        promo: promo.as_ref(),
        special_offer: None,
        first_booking: is_first(app, caller, rates, offer.venue.vendor).await?,
        space: &offer.book.rules,
        fees: Fees::STANDARD,
        now,
    })?)
}

/// A code that holds here, and that this customer may use once more. It is not taken: that is for the booking.
async fn promo(
    app: &App,
    caller: Option<&Caller>,
    venue: &Venue,
    code: &PromoCode,
    now: Timestamp,
) -> Result<Promo> {
    // Whoever tries codes is somebody.
    let me = caller.ok_or(Error::Unauthenticated)?;
    if !me.verified {
        return Err(Refusal::Unverified.into());
    }
    let found = app.store().promo(venue.vendor, code).await?;
    let obstacle = PromoObstacle::Unknown;
    let promo = found.ok_or(Refusal::Promo { obstacle })?;
    promo.check(venue.id, now)?;
    let claims = promo.claims(me.user);
    let counted: Vec<Counted> = claims.iter().map(|claim| claim.on.clone()).collect();
    let uses = app.store().uses(&counted).await?;
    claims
        .iter()
        .zip(uses)
        .try_for_each(|(claim, uses)| claim.check(uses))?;
    Ok(promo)
}

/// Whether somebody is known never to have had a booking with a vendor who minds.
async fn is_first(app: &App, caller: Option<&Caller>, rates: &Rates, vendor: VendorId) -> Result<bool> {
    let Some(me) = caller.filter(|_| rates.favours_first_bookings()) else {
        return Ok(false);
    };
    let uses = app.store().uses(&[Counted::Bookings(vendor, me.user)]).await?;
    Ok(uses.iter().all(|uses| *uses == 0))
}
