//! Whether a time could be had, and if not why.

use domain::Refusal;
use domain::calendar::Calendar;
use domain::pricing::Price;
use domain::time::Interval;
use jiff::Timestamp;

use super::alternatives::other_times;
use super::quote::price;
use super::{QuoteRequest, details, plain_total};
use crate::access::Caller;
use crate::{App, Error, Result};

/// What a quote for the same would be answered with, and more of it.
#[derive(Debug)]
pub struct Checked {
    /// Every rule that says no, the one that a quote would be refused by first; none when it would be given.
    pub reasons: Vec<Refusal>,
    /// Other times that can be had, the nearest first, where the time is what stands in the way.
    pub alternatives: Vec<Interval>,
    /// What it would cost, also when it cannot be had; nothing where there is no price.
    pub price: Option<Price>,
    /// It was so at this instant.
    pub as_of: Timestamp,
}

/// Looks only: nothing is kept, no price is pinned.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unauthenticated`] for a promo code without a customer.
pub async fn check(app: &App, caller: Option<&Caller>, ask: &QuoteRequest) -> Result<Checked> {
    let offer = details(app, caller, ask.venue, ask.space).await?;
    let now = app.now();
    let mut reasons = Vec::new();
    let price = match &offer.rates {
        None => Err(Refusal::NoPrice.into()),
        Some(rates) => price(app, caller, &offer, rates, ask, now).await,
    };
    if offer.rates.is_none() {
        reasons.push(Refusal::NoPrice);
    }
    if !offer.space.live {
        reasons.push(Refusal::NotBookable);
    }
    reasons.extend(offer.space.admits(ask.guests, ask.layout.as_ref()).err());
    let spaces = offer.space.locked();
    let request = offer.book.request(&spaces, now);
    let rules = &offer.book.rules;
    let span = ask.interval.widened(
        i64::from(rules.setup_minutes),
        i64::from(rules.turnaround_minutes),
    );
    // Without the calendar first, so that a time of any length costs no more than a legal one.
    let mut of_time = request.reasons(&Calendar::default(), ask.interval);
    let too_long = |refusal: &Refusal| {
        matches!(
            refusal,
            Refusal::MaxDuration { .. } | Refusal::LimitReached { .. }
        )
    };
    if !of_time.iter().any(too_long) {
        of_time = request.reasons(&app.store().calendar(&spaces, span).await?, ask.interval);
    }
    let has_price = |time| plain_total(offer.rates.as_ref(), rules, time, ask.guests, now).is_some();
    let of_price = match &price {
        // Nobody could have this time at a price, others perhaps.
        Err(Error::Refused(refusal)) if !has_price(ask.interval) => Some(refusal),
        Ok(_) | Err(_) => None,
    };
    let alternatives = match of_time.first().or(of_price) {
        None => None,
        Some(first) => {
            let is_sold = |time| offer.space.live && has_price(time);
            other_times(app, request, ask.interval, first, is_sold).await
        }
    };
    reasons.extend(of_time);
    let price = match price {
        Ok(price) => Some(price),
        Err(Error::Refused(Refusal::NoPrice)) => None,
        Err(Error::Refused(refusal)) => {
            if reasons.iter().all(|reason| reason.code() != refusal.code()) {
                reasons.push(refusal);
            }
            None
        }
        Err(other) => return Err(other),
    };
    Ok(Checked {
        reasons,
        alternatives: alternatives.unwrap_or_default(),
        price,
        as_of: now,
    })
}
