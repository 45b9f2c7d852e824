//! What a vendor does.
//!
//! - `POST /api/v1/vendor/profile/settings`, `GET /api/v1/vendor/profile/settings`
//! - `GET /api/v1/vendor/members`, `PUT …/{user_id}`, `DELETE …/{user_id}`
//! - `POST /api/v1/vendor/members/invitations`, `DELETE …/{invitation_id}`
//! - `POST /api/v1/vendor/venues/manage`, `GET /api/v1/vendor/venues/manage`
//! - `GET /api/v1/vendor/venues/manage/{venue_id}`, `PUT` the same, `DELETE …/revision`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/submit`, `…/pause`, `…/resume`, `…/archive`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/photos`
//! - `POST /api/v1/vendor/venues/manage/{venue_id}/photos/{media_id}`
//! - `GET /api/v1/vendor/venues/manage/{venue_id}/spaces`, `POST` the same, `PUT …/spaces/{space_id}`
//! - `GET /api/v1/vendor/venues/availability/{venue_id}`, `PUT` the same, `POST …/preview`
//! - `PUT /api/v1/vendor/venues/availability/{venue_id}/special-days`, `DELETE …/special-days/{date}`
//! - `POST /api/v1/vendor/venues/availability/{venue_id}/special-days/preview`
//! - `POST /api/v1/vendor/venues/availability/{venue_id}/blocks`, `DELETE …/blocks/{block_id}`
//! - `GET /api/v1/vendor/venues/pricing/{venue_id}`, `PUT` the same
//! - `GET /api/v1/vendor/bookings/calendar`, `POST` the same, `GET /api/v1/vendor/bookings/calendar/days`
//! - `GET /api/v1/vendor/bookings/requests`
//! - `GET /api/v1/vendor/bookings/history`
//!
//! One booking is shown, cancelled, accepted and so on by the function `bookings`, to vendors as well.

mod availability;
mod blocks;
mod bookings;
mod calendar;
mod foreseen;
mod holidays;
mod lifecycle;
mod location;
mod members;
mod of_space;
mod photos;
mod pricing;
mod profile;
mod promos;
mod spaces;
mod special_days;
mod venues;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    let api = Api::new("vendor", "Running venues.");
    bookings(prices(hours(spaces(media(manage(members(profile(api))))))))
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}

fn members(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/members",
        members::list,
        "List who works for the business, and who is invited to",
    )
    .post(
        "/api/v1/vendor/members/invitations",
        members::invite,
        doc("Invite somebody to work for the business")
            .details(
                "By mail, for seven days. The answer does not tell whether the address has an account. Another invitation \
                 of the same address replaces the one before. 100 people at most, invitations counted.",
            )
            .problems(&[codes::INVALID, codes::LIMIT_REACHED, codes::UNAVAILABLE]),
    )
    .delete(
        "/api/v1/vendor/members/invitations/{invitation_id}",
        members::withdraw,
        doc("Withdraw an invitation").problems(&[codes::NOT_FOUND, codes::UNAVAILABLE]),
    )
    .put(
        "/api/v1/vendor/members/{user_id}",
        members::set,
        doc("Change what somebody does, and where")
            .details(
                "It holds within a minute, and live connections of theirs end. `If-Match` with the version that was \
                 listed keeps you from overwriting what somebody else has set meanwhile.",
            )
            .problems(&[codes::INVALID, codes::OWNER_STAYS, codes::UNAVAILABLE]),
    )
    .delete(
        "/api/v1/vendor/members/{user_id}",
        members::remove,
        doc("Let somebody go")
            .details("Within a minute they can do nothing for the business any more; live connections of theirs end.")
            .problems(&[codes::NOT_FOUND, codes::OWNER_STAYS, codes::UNAVAILABLE]),
    )
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
    .put(
        "/api/v1/vendor/venues/manage/{venue_id}",
        venues::edit,
        doc("Change what is said of a venue")
            .details(
                "All of it. Of an approved venue, name, description, amenities and photos wait for an admin as a `revision`, \
                 in place of the one before, and the public sees what was approved until then. Terms hold at once; bookings \
                 and quotes that were made keep those they were made under. `If-Match` with the ETag of what you saw keeps you \
                 from overwriting what somebody else has set meanwhile.",
            )
            .problems(&[codes::INVALID, codes::INVALID_TRANSITION, codes::INCOMPLETE]),
    )
    .delete(
        "/api/v1/vendor/venues/manage/{venue_id}/revision",
        venues::withdraw,
        doc("Leave a venue as it was approved")
            .details("What waits for an admin is withdrawn, what was refused is put away."),
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
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/archive",
        lifecycle::archive,
        doc("Give a venue up")
            .details("A draft or a paused one, for good; nobody may still be to come.")
            .problems(&[codes::INVALID_TRANSITION, codes::BOOKINGS_IN_THE_WAY]),
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
        doc("Take an uploaded photo over")
            .details("Into a draft at once; at an approved venue it waits for an admin with the rest of the `revision`.")
            .problems(&[codes::INVALID, codes::INVALID_TRANSITION, codes::LIMIT_REACHED]),
    )
}

fn spaces(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/venues/manage/{venue_id}/spaces",
        spaces::list,
        "List the spaces of a venue",
    )
    .post(
        "/api/v1/vendor/venues/manage/{venue_id}/spaces",
        spaces::add,
        doc("Add a space to a venue")
            .details("A venue has one from the start. Whoever books a space has its parts as well, and nobody else has them then.")
            .problems(&[codes::INVALID, codes::LIMIT_REACHED]),
    )
    .put(
        "/api/v1/vendor/venues/manage/{venue_id}/spaces/{space_id}",
        spaces::set,
        doc("Change a space")
            .details(
                "All of it. Bookings that were made keep what they were promised; other parts are possible only while nobody \
                 has booked the space. `If-Match` with its `etag` keeps you from overwriting what somebody else has set \
                 meanwhile.",
            )
            .problems(&[codes::INVALID, codes::BOOKINGS_IN_THE_WAY, codes::LIMIT_REACHED]),
    )
}

fn hours(api: Api) -> Api {
    let problems = &[codes::BOOKINGS_IN_THE_WAY, codes::LIMIT_REACHED];
    api.get(
        "/api/v1/vendor/venues/availability/{venue_id}",
        availability::show,
        "Show opening hours, blocks and booking rules",
    )
    .put(
        "/api/v1/vendor/venues/availability/{venue_id}",
        availability::set,
        doc("Set opening hours and booking rules")
            .details(
                "All of them; what is left out gets its default, and blocks stay. Refused with the bookings that would be left \
                 outside the hours. `If-Match` with the ETag of what you saw keeps you from overwriting what somebody else has \
                 set meanwhile; blocks, prices and pauses leave that tag as it is.",
            )
            .problems(problems),
    )
    .post(
        "/api/v1/vendor/venues/availability/{venue_id}/preview",
        availability::preview,
        doc("Try opening hours and booking rules")
            .details(
                "What setting them would do: the bookings it would be refused with, and which bookable time of the \
                 next 60 days it would open and close. Nothing is changed.",
            )
            .problems(&[codes::LIMIT_REACHED]),
    )
    .put(
        "/api/v1/vendor/venues/availability/{venue_id}/special-days",
        special_days::set,
        doc("Give dates hours of their own")
            .details(
                "In place of all others, on each of the dates: those of `dates`, or the public holidays of an iCalendar file \
                 whose text is `calendar`. Of a file, whole days count that are not cancelled, with their recurrences, from \
                 the venue's today to 730 days later; the rest of it is left out. Hours belong to the date they begin on. \
                 `If-Match` takes the tag of the opening hours.",
            )
            .problems(problems),
    )
    .post(
        "/api/v1/vendor/venues/availability/{venue_id}/special-days/preview",
        special_days::preview,
        doc("Try hours of their own for dates")
            .details("As with opening hours. Nothing is changed.")
            .problems(&[codes::LIMIT_REACHED]),
    )
    .delete(
        "/api/v1/vendor/venues/availability/{venue_id}/special-days/{date}",
        special_days::clear,
        doc("Give a date its usual hours back")
            .details("`If-Match` takes the tag of the opening hours.")
            .problems(problems),
    )
    .post(
        "/api/v1/vendor/venues/availability/{venue_id}/blocks",
        blocks::create,
        doc("Block a time")
            .details("It comes before all hours, and holds for every space that has anything in common with this one. Refused with the bookings that are in the way.")
            .problems(&[codes::BOOKINGS_IN_THE_WAY, codes::LIMIT_REACHED, codes::PAST]),
    )
    .delete(
        "/api/v1/vendor/venues/availability/{venue_id}/blocks/{block_id}",
        blocks::delete,
        "Take a block away",
    )
}

fn prices(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/venues/pricing/{venue_id}",
        pricing::show,
        "Show what a space costs",
    )
    .put(
        "/api/v1/vendor/venues/pricing/{venue_id}",
        pricing::set,
        doc("Set what a space costs").details(
            "For new quotes; those that were given are honoured. `If-Match` with the ETag of what you saw keeps you from \
             overwriting what somebody else has set meanwhile. A price is made in this order: the time, cut where \
             the rate changes by the venue's clock; what it lacks to the minimum spend; add-ons; the cleaning fee; \
             discounts, each of the undiscounted time; a promo code; the platform's fee; the tax of each line.",
        ),
    )
    .post(
        "/api/v1/vendor/venues/pricing/{venue_id}/preview",
        pricing::preview,
        doc("Try rates on a booking")
            .details("With rates that are not set yet, or with those that are. Nothing is kept, and no time is taken.")
            .problems(&[codes::NO_PRICE, codes::ADD_ON, codes::AMOUNT, codes::AMOUNT_TOO_SMALL, codes::TOO_MANY_RATES]),
    )
    .get(
        "/api/v1/vendor/promo-codes",
        promos::list,
        "List my promo codes and how often they were used",
    )
    .put(
        "/api/v1/vendor/promo-codes/{code}",
        promos::set,
        doc("Set the terms of a promo code")
            .details(
                "A new one, or one that there is. It costs you, nobody else; `until` ends it. `If-Match` with its version \
                 keeps you from overwriting what somebody else has set meanwhile.",
            )
            .problems(&[codes::LIMIT_REACHED]),
    )
}

fn bookings(api: Api) -> Api {
    api.get(
        "/api/v1/vendor/bookings/calendar",
        bookings::calendar,
        doc("Show what occupies a venue")
            .details("Holds as long as they have not lapsed, and bookings, by start. Days with hours, buffers and blocks are at `…/calendar/days`.")
            .problems(&[codes::NOT_FOUND]),
    )
    .post(
        "/api/v1/vendor/bookings/calendar",
        bookings::enter,
        doc("Enter a booking that was made elsewhere")
            .details(
                "By telephone or at the door: it is firm at once, and nothing is charged. Hours, blocks and other \
                 bookings hold as for customers; lead time and horizon do not.",
            )
            .refuses_times()
            .problems(&[
                codes::NOT_FOUND,
                codes::NOT_BOOKABLE,
                codes::NO_PRICE,
                codes::CAPACITY,
                codes::LAYOUT,
                codes::UNAVAILABLE,
            ]),
    )
    .get(
        "/api/v1/vendor/bookings/calendar/days",
        calendar::days,
        doc("Show days of my venues, space by space")
            .details(
                "A day, a week or a month of all venues or of some: opening hours, bookings with their buffers, holds \
                 that count, blocks and what is free, by the same decision that accepts bookings. Instants are in UTC \
                 and by the venue's clock. A page reads 2000 days of spaces at most and shows 2000 bookings and blocks; \
                 the next one goes on with the venues that are left. Where one venue alone has more, `/to` is told to \
                 be wrong; ask for fewer days then.",
            )
            .problems(&[codes::NOT_FOUND]),
    )
    .get(
        "/api/v1/vendor/bookings/requests",
        bookings::requests,
        doc("List requests that I have to answer, the latest start first")
            .details("`hold_until` is when the answer is due. Accept and decline them at `/api/v1/bookings/{booking_id}/`."),
    )
    .get(
        "/api/v1/vendor/bookings/history",
        bookings::history,
        doc("List bookings at my venues, the latest start first")
            .details(
                "In any state, unless some are named. In pages, or as a file by `format`. A page may have fewer items \
                 than `limit`, even none, and still not be the last: a request looks at 1000 bookings at most. A file \
                 is never cut off: where it could not hold all that is asked for, `/to` is told to be wrong; ask for a \
                 shorter time then.",
            )
            .problems(&[codes::NOT_FOUND]),
    )
}
