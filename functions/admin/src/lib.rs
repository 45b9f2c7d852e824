//! What whoever runs the platform decides.
//!
//! - `GET /api/v1/admin/management/vendors`
//! - `POST /api/v1/admin/management/vendors/{vendor_id}/decision`
//! - `GET /api/v1/admin/management/venues`
//! - `GET /api/v1/admin/management/venues/{venue_id}`
//! - `POST /api/v1/admin/management/venues/{venue_id}/decision`
//! - `POST /api/v1/admin/management/venues/{venue_id}/transfer`
//! - `GET /api/v1/admin/management/venues/{venue_id}/transfers`
//! - `GET /api/v1/admin/management/users`, `GET …/{user_id}`
//! - `PUT /api/v1/admin/management/users/{user_id}/restriction`, `DELETE` the same
//! - `PUT /api/v1/admin/management/users/{user_id}/admin-role`
//! - `GET /api/v1/admin/settings/policies`
//! - `GET /api/v1/admin/settings/policies/{name}`
//! - `PUT /api/v1/admin/settings/policies/{name}`
//!
//! How customers see a venue shows the function `venues`, to admins also of one that is not live.

mod decision;
mod policies;
mod transfers;
mod users;
mod vendors;
mod venues;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    let refusals = &[codes::INVALID_TRANSITION, codes::UNAVAILABLE];
    Api::new("admin", "Running the platform.")
        .get(
            "/api/v1/admin/management/vendors",
            vendors::list,
            "List businesses in one state, the oldest application first",
        )
        .post(
            "/api/v1/admin/management/vendors/{vendor_id}/decision",
            vendors::decide,
            doc("Decide about an application")
                .details("The applicant is told.")
                .problems(refusals),
        )
        .get(
            "/api/v1/admin/management/venues",
            venues::list,
            doc("List venues in one state, the longest in it first")
                .details("With `state=revised` those with a revision that waits, the longest waiting first."),
        )
        .get(
            "/api/v1/admin/management/venues/{venue_id}",
            venues::show,
            doc("Show a venue, and what is to be decided about it")
                .details("What was approved, and beside it the `revision` with what its vendor wants instead."),
        )
        .post(
            "/api/v1/admin/management/venues/{venue_id}/decision",
            venues::decide,
            doc("Decide about a venue")
                .details(
                    "An approved venue is live at once; otherwise it goes back to its vendor as a draft. With the number \
                     of a `revision` the decision is about that: approved, the public sees it at once; otherwise the \
                     venue stays as it was. Should its vendor have replaced or withdrawn it meanwhile, or another \
                     admin have decided, nothing is decided.",
                )
                .problems(&[codes::INVALID_TRANSITION, codes::REVISION_OUTDATED, codes::UNAVAILABLE]),
        )
        .post(
            "/api/v1/admin/management/venues/{venue_id}/transfer",
            transfers::transfer,
            doc("Hand a venue over to another business")
                .details(
                    "A draft or a paused venue, with its spaces, hours, prices and terms, when nobody is still to come; \
                     otherwise the bookings are told. A revision is withdrawn. Bookings that are over stay with the \
                     business that they were made with, as do its promo codes; quotes that it gave are no longer \
                     honoured. Both businesses are told.",
                )
                .problems(&[
                    codes::INVALID_TRANSITION,
                    codes::BOOKINGS_IN_THE_WAY,
                    codes::UNAVAILABLE,
                ]),
        )
        .get(
            "/api/v1/admin/management/venues/{venue_id}/transfers",
            transfers::list,
            "List who ran a venue before, the latest transfer first",
        )
        .get(
            "/api/v1/admin/management/users",
            users::list,
            doc("Find people")
                .details("By their address, or those of a role who registered in a month, whoever registered last first."),
        )
        .get(
            "/api/v1/admin/management/users/{user_id}",
            users::show,
            doc("Show a person").problems(&[codes::NOT_FOUND]),
        )
        .put(
            "/api/v1/admin/management/users/{user_id}/restriction",
            users::restrict,
            doc("Suspend or ban somebody")
                .details(
                    "It holds within a minute, and live connections end. Their bookings stand: whoever is suspended may \
                     still look at them and cancel them, and acts for no business. Nobody with a role of the platform's \
                     own is restricted; take the role first.",
                )
                .problems(refusals),
        )
        .delete(
            "/api/v1/admin/management/users/{user_id}/restriction",
            users::reinstate,
            doc("Let somebody back").problems(&[codes::UNAVAILABLE]),
        )
        .put(
            "/api/v1/admin/management/users/{user_id}/admin-role",
            users::grant,
            doc("Give somebody a role of the platform's own, or take it")
                .details("Never one's own. It holds within a minute.")
                .problems(&[codes::INVALID_TRANSITION, codes::UNVERIFIED, codes::UNAVAILABLE]),
        )
        .get(
            "/api/v1/admin/settings/policies",
            policies::list,
            doc("List the cancellation policies that vendors choose from")
                .details("Also those that can be chosen no more, each in its newest version."),
        )
        .get(
            "/api/v1/admin/settings/policies/{name}",
            policies::versions,
            doc("List the versions of a cancellation policy")
                .details("The newest version first, with who set it and when; the 20 newest at most."),
        )
        .put(
            "/api/v1/admin/settings/policies/{name}",
            policies::set,
            doc("Set what a cancellation policy brings")
                .details(
                    "As a new version, or as a new policy. Venues take it over when their vendors next save them; \
                     bookings and quotes keep what they were made under.",
                )
                .problems(&[codes::LIMIT_REACHED]),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
