//! What a time costs.

use crate::availability::RawCheck;
use app::App;
use app::venues::{self, QuoteRequest};
use axum::extract::State;
use domain::id::{SpaceId, VenueId};
use domain::pricing::{Quote, QuoteId};
use domain::text::{Label, VenueName};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input::{self, RawChosen};
use web::views::{PolicyView, PriceView};
use web::{Answer, Anyone, Body, Parse, PathId, Problems, Reply, created, ok};

/// A time at a venue.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "QuoteRequest")]
#[serde(deny_unknown_fields)]
pub struct RawQuoteRequest {
    venue_id: String,
    /// The venue's main space when it is left out.
    space_id: Option<String>,
    start: Timestamp,
    end: Timestamp,
    guests: u32,
    /// How the space is to be furnished: the name of one of its layouts.
    layout: Option<String>,
    /// At most 50, by their names.
    #[serde(default)]
    add_ons: Vec<RawChosen>,
    /// Of the venue's vendor; only for those who are signed in.
    promo_code: Option<String>,
}

impl Parse for RawQuoteRequest {
    type Into = QuoteRequest;

    fn parse(self, problems: &mut Problems) -> Option<QuoteRequest> {
        let venue = input::id(problems, "venue_id", &self.venue_id);
        let wanted = RawCheck {
            space_id: self.space_id,
            start: self.start,
            end: self.end,
            guests: self.guests,
            layout: self.layout,
            add_ons: self.add_ons,
            promo_code: self.promo_code,
        };
        let wanted = wanted.parse(problems);
        Some(wanted?.at(venue?))
    }
}

/// A price that is honoured until it expires, with the terms that go with it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Quote")]
pub struct QuoteView {
    #[schemars(with = "String")]
    quote_id: QuoteId,
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    venue_name: VenueName,
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "String")]
    space_name: VenueName,
    start: Timestamp,
    end: Timestamp,
    /// The venue's IANA time zone.
    zone: String,
    guests: u32,
    #[schemars(with = "Option<String>")]
    layout: Option<Label>,
    price: PriceView,
    /// Of the rates that the price was made from.
    rates_version: u64,
    cancellation_policy: PolicyView,
    /// Of the venue's terms that a booking is made under: the policy, and the house rules as the details show them.
    terms_version: u64,
    /// Whether paying is enough; otherwise the venue is asked first.
    instant: bool,
    /// How long the venue takes to answer.
    answer_minutes: Option<u32>,
    /// From then on to the start the booking can no longer be cancelled or changed by whoever booked.
    locked_from: Timestamp,
    expires_at: Timestamp,
}

impl From<Quote> for QuoteView {
    fn from(quote: Quote) -> Self {
        let locked_from = quote.locked_from();
        Self {
            quote_id: quote.id,
            venue_id: quote.venue,
            venue_name: quote.venue_name,
            space_id: quote.space,
            space_name: quote.space_name,
            start: quote.interval.start(),
            end: quote.interval.end(),
            zone: quote.zone.name().to_owned(),
            guests: quote.guests,
            layout: quote.layout,
            price: (&quote.price).into(),
            rates_version: quote.price.rates_version,
            cancellation_policy: PolicyView::with_lock(
                &quote.policy,
                quote.lock_minutes,
                Some(quote.interval.start()),
            ),
            terms_version: quote.terms_version,
            instant: quote.answer_minutes.is_none(),
            answer_minutes: quote.answer_minutes,
            locked_from,
            expires_at: quote.expires_at,
        }
    }
}

/// No key is needed: nothing is taken, and a second quote is as good as the first.
pub async fn create(
    State(app): State<App>,
    Anyone(me): Anyone,
    Body(ask): Body<RawQuoteRequest>,
) -> Answer<Reply<QuoteView, 201>> {
    let quote = venues::quote(&app, me.as_ref(), None, ask).await?;
    Ok(created(quote.value.into()))
}

pub async fn show(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(id): PathId<QuoteId>,
) -> Answer<Reply<QuoteView>> {
    Ok(ok(venues::show_quote(&app, me.as_ref(), id).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_with_a_request_is_told_at_once() {
        let raw = RawQuoteRequest {
            space_id: None,
            layout: None,
            add_ons: Vec::new(),
            promo_code: Some("?".into()),
            venue_id: "bkg_01900000000070008000000000000001".into(),
            start: "2027-03-01T10:00:00Z".parse().unwrap(),
            end: "2027-03-01T09:00:00Z".parse().unwrap(),
            guests: 0,
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/venue_id", "/end", "/guests", "/promo_code"]);
    }
}
