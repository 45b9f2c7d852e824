//! A price that holds for a quarter of an hour.

use domain::Refusal;
use domain::id::{SpaceId, VenueId};
use domain::pricing::{QUOTE_MINUTES, Quote, QuoteId};
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use store::Transaction;

use super::{alternatives, details};
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Result};

#[derive(Debug, Clone)]
pub struct QuoteRequest {
    pub venue: VenueId,
    /// The main one when none is named.
    pub space: Option<SpaceId>,
    pub interval: Interval,
    pub guests: u32,
    /// How the space is to be furnished.
    pub layout: Option<Label>,
}

/// # Errors
/// [`crate::Error::NotFound`]; the rules' refusal of the time, with others that are free;
/// [`Refusal::Capacity`], [`Refusal::Layout`], [`Refusal::NoPrice`].
pub async fn quote(
    app: &App,
    caller: Option<&Caller>,
    once: Option<&Once>,
    ask: QuoteRequest,
) -> Result<Outcome<Quote>> {
    let ask = &ask;
    once::write(app, once, |now| async move {
        let offer = details(app, caller, ask.venue, ask.space).await?;
        let rates = offer.rates.ok_or(Refusal::NoPrice)?;
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
        if let Err(refusal) = refused {
            return Err(alternatives(app, request, ask.interval, refusal).await);
        }
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
            zone: offer.venue.location.zone.clone(),
            vendor: offer.venue.vendor,
            space: offer.space.id,
            space_name: offer.space.name.clone(),
            interval: ask.interval,
            guests: ask.guests,
            layout: ask.layout.clone(),
            price: rates.price(ask.interval)?,
            policy: offer.venue.policy.clone(),
            answer_minutes: rules.answer_minutes,
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
