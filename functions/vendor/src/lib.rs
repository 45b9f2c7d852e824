//! What a vendor does.
//!
//! - `POST /api/v1/vendor/profile/settings`, `GET /api/v1/vendor/profile/settings`
//! - `POST /api/v1/vendor/venues/manage`, `GET /api/v1/vendor/venues/manage`
//! - `GET /api/v1/vendor/venues/manage/{venue_id}`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/submit`, `…/pause`, `…/resume`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/photos`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/photos/{media_id}`
//! - `GET /api/v1/vendor/venues/availability/{venue_id}`, `PUT` the same
//! - `GET /api/v1/vendor/venues/pricing/{venue_id}`, `PUT` the same
//! - `GET /api/v1/vendor/bookings/calendar`
//! - `GET /api/v1/vendor/bookings/history`
//!
//! One booking is shown and cancelled by the function `bookings`, to vendors as well.

mod availability;
mod bookings;
mod lifecycle;
mod photos;
mod pricing;
mod profile;
mod venues;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    settings(bookings(media(manage(profile(Api::new(
        "vendor",
        "Running venues.",
    ))))))
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}

fn profile(api: Api) -> Api {
    api.post(
        "/api/v1/vendor/profile/settings",
        profile::apply,
        doc("Apply to run venues")
            .details("An admin decides.")
            .problems(&[codes::ALREADY_APPLIED]),
    )
    .get(
        "/api/v1/vendor/profile/settings",
        profile::show,
        doc("Show my business")
            .details("Also before it is approved.")
            .problems(&[codes::NOT_FOUND]),
    )
}

fn manage(api: Api) -> Api {
    api.post(
        "/api/v1/vendor/venues/manage",
        venues::create,
        doc("Set up a venue").details("It is a draft until it is submitted and an admin approves it."),
    )
    .get(
        "/api/v1/vendor/venues/manage",
        venues::list,
        "List my venues, newest first",
    )
    .get(
        "/api/v1/vendor/venues/manage/{venue_id}",
        venues::show,
        "Show one of my venues",
    )
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/submit",
        lifecycle::submit,
        doc("Submit a venue")
            .details("It needs opening hours, a price and a photo.")
            .problems(&[codes::INCOMPLETE, codes::INVALID_TRANSITION]),
    )
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/pause",
        lifecycle::pause,
        doc("Take a venue off the market")
            .details("Bookings stand.")
            .problems(&[codes::INVALID_TRANSITION]),
    )
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/resume",
        lifecycle::resume,
        doc("Bring a venue back").problems(&[codes::INVALID_TRANSITION]),
    )
}

fn media(api: Api) -> Api {
    api.post(
        "/api/v1/vendor/venues/manage/{venue_id}/photos",
        photos::begin,
        doc("Begin to upload a photo")
            .details("Post the file with the form's fields straight to its URL, then take it over."),
    )
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/photos/{media_id}",
        photos::take,
        doc("Take an uploaded photo over").problems(&[codes::INVALID, codes::LIMIT_REACHED]),
    )
}

fn settings(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/venues/availability/{venue_id}",
        availability::show,
        "Show opening hours and booking rules",
    )
    .put(
        "/api/v1/vendor/venues/availability/{venue_id}",
        availability::set,
        doc("Set opening hours and booking rules")
            .details("All of them; what is left out gets its default. Bookings that were made stand."),
    )
    .get(
        "/api/v1/vendor/venues/pricing/{venue_id}",
        pricing::show,
        "Show what an hour costs",
    )
    .put(
        "/api/v1/vendor/venues/pricing/{venue_id}",
        pricing::set,
        doc("Set what an hour costs").details("For new quotes; those that were given are honoured."),
    )
}

fn bookings(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/bookings/calendar",
        bookings::calendar,
        doc("Show what occupies a venue")
            .details("Holds as long as they have not lapsed, and bookings, by start.")
            .problems(&[codes::NOT_FOUND]),
    )
    .get(
        "/api/v1/vendor/bookings/history",
        bookings::history,
        "List bookings at my venues in one state, the latest start first",
    )
}
