//! Booking a time, following it, changing it, cancelling it.
//!
//! - `POST /api/v1/bookings/create`
//! - `GET /api/v1/bookings/status/{booking_id}`
//! - `GET /api/v1/bookings/history`
//! - `GET /api/v1/bookings/{booking_id}/cancellation-preview`, `POST …/cancel`
//! - `POST /api/v1/bookings/{booking_id}/extend-hold`, `…/withdraw` for whoever booked
//! - `POST /api/v1/bookings/{booking_id}/accept`, `…/decline`, `…/check-in` for whoever runs the venue
//! - `POST /api/v1/bookings/{booking_id}/no-show` for both
//! - `POST /api/v1/bookings/{booking_id}/proposals`, `…/proposals/preview`, and
//!   `…/proposals/{proposal_id}/accept`, `…/decline`, `…/withdraw` for both
//!
//! Absent: paying (function `payments`), and what a vendor sees of all bookings (function `vendor`).

mod cancel;
mod create;
mod history;
mod proposals;
mod status;
mod steps;

use app::{App, limits};
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    proposals(requests(visits(booking(Api::new(
        "bookings",
        "Booking a time, following it, changing it, cancelling it.",
    )))))
}

fn booking(api: Api) -> Api {
    api.post(
            "/api/v1/bookings/create",
            create::create,
            doc("Book a time")
                .details(
                    "Holds the time of a quote at its price for ten minutes; paying confirms it. Where the quote is \
                     not `instant`, the venue is asked: the time is kept until its answer is due, and then for a day \
                     to pay.",
                )
                .refuses_times()
                .problems(&[
                    codes::NOT_FOUND,
                    codes::QUOTE_EXPIRED,
                    codes::QUOTE_OUTDATED,
                    codes::NOT_BOOKABLE,
                    codes::CAPACITY,
                    codes::LAYOUT,
                    codes::TOO_MANY_HOLDS,
                    codes::PROMO_CODE,
                    codes::NOT_THE_FIRST,
                    codes::UNAVAILABLE,
                ])
                .limited(&limits::HOLD),
        )
        .get(
            "/api/v1/bookings/status/{booking_id}",
            status::show,
            doc("Show a booking").details("By its id or its code. For its customer, its vendor and admins."),
        )
        .get(
            "/api/v1/bookings/history",
            history::list,
            doc("List my bookings, the latest start first").details(
                "In pages, or as a file by `format`. A page may have fewer items than `limit`, even none, and still not \
                 be the last: a request looks at 1000 bookings at most. A file is never cut off: where it could not \
                 hold all that is asked for, `/to` is told to be wrong; ask for a shorter time then.",
            ),
        )
        .get(
            "/api/v1/bookings/{booking_id}/cancellation-preview",
            cancel::preview,
            doc("Show what cancelling would bring")
                .details("With a token that fixes it for ten minutes, unless the booking changes.")
                .problems(&[codes::INVALID_TRANSITION]),
        )
        .post(
            "/api/v1/bookings/{booking_id}/cancel",
            cancel::cancel,
            doc("Cancel a booking")
                .details(
                    "By its customer, its vendor or an admin, on the terms of a preview. The time is free at once.",
                )
                .problems(CANCEL),
        )
        .post(
            "/api/v1/bookings/{booking_id}/extend-hold",
            steps::extend_hold,
            doc("Hold a time for longer")
                .details("Ten minutes more, once, before a payment is begun.")
                .problems(STEP),
        )
}

const CANCEL: &[web::codes::Code] = &[
    codes::NOT_FOUND,
    codes::INVALID_TRANSITION,
    codes::PREVIEW_OUTDATED,
    codes::UNAVAILABLE,
];

/// What a step may be refused with.
const STEP: &[web::codes::Code] = &[
    codes::NOT_FOUND,
    codes::INVALID_TRANSITION,
    codes::HOLD_LAPSED,
    codes::UNAVAILABLE,
];

fn requests(api: Api) -> Api {
    api.post(
        "/api/v1/bookings/{booking_id}/accept",
        steps::accept,
        doc("Accept a request")
            .details("By whoever runs the venue. The customer has a day to pay, and until it begins.")
            .problems(STEP),
    )
    .post(
        "/api/v1/bookings/{booking_id}/decline",
        steps::decline,
        doc("Decline a request")
            .details("By whoever runs the venue. The time is free at once; the customer is told why.")
            .problems(STEP),
    )
    .post(
        "/api/v1/bookings/{booking_id}/withdraw",
        steps::withdraw,
        doc("Take a request back")
            .details("By whoever asked, as long as it was not answered.")
            .problems(STEP),
    )
}

fn visits(api: Api) -> Api {
    api.post(
        "/api/v1/bookings/{booking_id}/check-in",
        steps::check_in,
        doc("Say that the customer is there")
            .details("By whoever runs the venue, from an hour before the start to the end.")
            .problems(STEP),
    )
    .post(
        "/api/v1/bookings/{booking_id}/no-show",
        steps::report_no_show,
        doc("Say that the other side was not there")
            .details(
                "By the customer or by whoever runs the venue, from a quarter of an hour after the start to a day \
                 after the end. No money moves by it.",
            )
            .problems(STEP),
    )
}

fn proposals(api: Api) -> Api {
    api.post(
        "/api/v1/bookings/{booking_id}/proposals/preview",
        proposals::preview,
        doc("Show what another time would bring")
            .details("What all of the booking would cost then, and the difference. Nothing is kept.")
            .refuses_times()
            .problems(PROPOSE),
    )
    .post(
        "/api/v1/bookings/{booking_id}/proposals",
        proposals::propose,
        doc("Ask for another time")
            .details(
                "Earlier, later, longer or shorter, of a confirmed booking, by its customer or by whoever runs the \
                 venue. The other side has a day to answer, and that time is kept until then beside the one that the \
                 booking has. A booking that the vendor entered moves at once. To a request its vendor makes a \
                 counter-offer in this way. A vendor may also offer less to pay, for another time or the same.",
            )
            .refuses_times()
            .problems(PROPOSE),
    )
    .post(
        "/api/v1/bookings/{booking_id}/proposals/{proposal_id}/accept",
        proposals::accept,
        doc("Agree to another time")
            .details(
                "By the side that was asked. The booking moves at once, and what it costs less goes back; where it \
                 costs more, it moves when the customer has paid the difference, within a day, by \
                 `POST /api/v1/payments/process`. What was offered in place of a request is held for the customer, who \
                 pays all of it in the same way.",
            )
            .problems(ANSWER),
    )
    .post(
        "/api/v1/bookings/{booking_id}/proposals/{proposal_id}/decline",
        proposals::decline,
        doc("Decline another time")
            .details("By the side that was asked. The booking stays as it is; a request is still to be answered.")
            .problems(ANSWER),
    )
    .post(
        "/api/v1/bookings/{booking_id}/proposals/{proposal_id}/withdraw",
        proposals::withdraw,
        doc("Take a proposal back")
            .details("By the side that asked; by the customer also when it was agreed on and is not being paid for.")
            .problems(ANSWER),
    )
}

const PROPOSE: &[web::codes::Code] = &[
    codes::NOT_FOUND,
    codes::INVALID_TRANSITION,
    codes::NOT_BOOKABLE,
    codes::NO_PRICE,
    codes::CAPACITY,
    codes::LAYOUT,
    codes::AMOUNT_TOO_SMALL,
    codes::AMOUNT,
    codes::ADD_ON,
    codes::SPECIAL_OFFER,
    codes::TOO_MANY_RATES,
    codes::HOLD_LAPSED,
    codes::UNAVAILABLE,
];

const ANSWER: &[web::codes::Code] = &[
    codes::NOT_FOUND,
    codes::INVALID_TRANSITION,
    codes::HOLD_LAPSED,
    codes::UNAVAILABLE,
];

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
