//! Booking the time of a quote.

use app::{App, bookings};
use axum::extract::State;
use domain::booking::Booking;
use domain::pricing::QuoteId;
use domain::role::Actor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{BookingView, input};
use web::{Answer, Body, Customer, Idempotent, Parse, Problems, Reply};

use crate::status::AllowedView;

/// What is booked.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBooking")]
#[serde(deny_unknown_fields)]
pub struct RawBooking {
    quote_id: String,
}

impl Parse for RawBooking {
    type Into = QuoteId;

    fn parse(self, problems: &mut Problems) -> Option<QuoteId> {
        input::id(problems, "quote_id", &self.quote_id)
    }
}

/// A new booking, with what its customer may do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlacedBooking")]
pub struct PlacedView {
    #[serde(flatten)]
    booking: BookingView,
    /// What the customer may do from the moment in which it was made.
    allowed: Vec<AllowedView>,
}

impl From<Booking> for PlacedView {
    fn from(booking: Booking) -> Self {
        // As of then, so that a repeated request has the same answer.
        let allowed = booking.allowed(Actor::Customer, booking.created_at);
        Self {
            booking: booking.into(),
            allowed: allowed.into_iter().map(AllowedView::from).collect(),
        }
    }
}

pub async fn create(
    State(app): State<App>,
    Customer(me): Customer,
    Idempotent(once): Idempotent,
    Body(quote): Body<RawBooking>,
) -> Answer<Reply<PlacedView, 201>> {
    let booking = bookings::create(&app, &me, &once, quote).await?;
    Ok(Reply::of(booking, PlacedView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_quote_is_wrong_at_its_field() {
        for quote_id in ["", "quo_1", "bkg_01900000000070008000000000000001"] {
            let mut problems = Problems::new();
            assert_eq!(
                RawBooking {
                    quote_id: quote_id.into()
                }
                .parse(&mut problems),
                None
            );
            assert_eq!(problems.into_errors().remove(0).pointer, "/quote_id");
        }
    }
}
