//! Finding venues, seeing when they are free and what they cost.
//!
//! - `GET /api/v1/venues/search`
//! - `GET /api/v1/venues/availability/{venue_id}`
//! - `POST /api/v1/venues/availability/{venue_id}/check`
//! - `GET /api/v1/venues/details/{venue_id}`
//! - `GET /api/v1/venues/details/{venue_id}/similar`
//! - `POST /api/v1/venues/quotes`
//! - `GET /api/v1/venues/policies`
//! - `GET /api/v1/venues/quotes/{quote_id}`
//!
//! Nobody has to sign in for any of it. Absent: what vendors do with their venues (function `vendor`).

mod availability;
mod details;
mod policies;
mod quotes;
mod search;
mod similar;

use app::{App, limits};
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("venues", "Finding venues, seeing when they are free and what they cost.")
        .get(
            "/api/v1/venues/search",
            search::search,
            doc("Find venues near a place or in a box")
                .details(
                    "A venue is found when one of its spaces fits in everything. With `start` and `end`, or `date` and \
                     `minutes`, only spaces that would accept a booking are named. The first page counts how many \
                     there are in all, and how many would be left by one filter more.",
                )
                .limited(&limits::SEARCH),
        )
        .get(
            "/api/v1/venues/availability/{venue_id}",
            availability::show,
            doc("Show when a venue is free")
                .details("Free intervals, and with `minutes` every start at which so long a booking would be accepted.")
                .limited(&limits::SEARCH),
        )
        .post(
            "/api/v1/venues/availability/{venue_id}/check",
            availability::check,
            doc("Ask whether a time could be had, and if not why")
                .details("By the same rules as a quote, with every reason that stands in the way. Nothing is kept.")
                .limited(&limits::SEARCH),
        )
        .get(
            "/api/v1/venues/details/{venue_id}",
            details::show,
            doc("Show a venue").details("By its id or its slug. A slug that it had before leads to the one that it has."),
        )
        .get(
            "/api/v1/venues/details/{venue_id}/similar",
            similar::list,
            doc("Find venues that are free in place of one")
                .details(
                    "Within 10 km of it, at most half as dear again an hour in the same currency, and for a time that \
                     they would accept. The nearest come first, six at most.",
                )
                .limited(&limits::SEARCH),
        )
        .get(
            "/api/v1/venues/policies",
            policies::list,
            doc("List the cancellation policies that a venue can have")
                .details("What a venue's own says besides in its country stands with the venue."),
        )
        .post(
            "/api/v1/venues/quotes",
            quotes::create,
            doc("Ask what a time costs")
                .details("The price holds for 15 minutes, whatever happens to the rates meanwhile. It does not keep the time.")
                .refuses_times()
                .problems(&[
                    codes::NOT_FOUND,
                    codes::NOT_BOOKABLE,
                    codes::CAPACITY,
                    codes::LAYOUT,
                    codes::NO_PRICE,
                    codes::AMOUNT,
                    codes::AMOUNT_TOO_SMALL,
                    codes::TOO_MANY_RATES,
                    codes::ADD_ON,
                    codes::PROMO_CODE,
                ])
                .limited(&limits::SEARCH),
        )
        .get(
            "/api/v1/venues/quotes/{quote_id}",
            quotes::show,
            doc("Show a quote")
                .details("For whoever asked for it, as long as it is honoured, with every line of the price explained."),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
