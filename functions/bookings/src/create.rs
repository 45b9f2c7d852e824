//! Booking the time of a quote.

use app::{App, bookings};
use axum::extract::State;
use domain::pricing::QuoteId;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::{BookingView, input};
use web::{Answer, Body, Customer, Idempotent, Parse, Problems, Reply};

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

pub async fn create(
    State(app): State<App>,
    Customer(me): Customer,
    Idempotent(once): Idempotent,
    Body(quote): Body<RawBooking>,
) -> Answer<Reply<BookingView, 201>> {
    let booking = bookings::create(&app, &me, &once, quote).await?;
    Ok(Reply::of(booking, BookingView::from))
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
