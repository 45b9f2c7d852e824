//! Live updates, as far as they go over HTTP.
//!
//! - `POST /api/v1/realtime/token`
//! - `GET /api/v1/realtime/events`
//!
//! Absent: the sockets themselves (function `websocket`).

mod events;
mod token;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("realtime", "Live updates, as far as they go over HTTP.")
        .post(
            "/api/v1/realtime/token",
            token::create,
            doc("Get a token for the socket").details(
                "It goes into the first command on the socket, and is good for ten minutes; an open connection \
                 outlives it.",
            ),
        )
        .get(
            "/api/v1/realtime/events",
            events::list,
            doc("Read what was published on a channel")
                .details(
                    "For clients without sockets, with the same offsets. Go on from the `offset` of the last event; \
                     when `complete` is false some events are lost: read the thing itself, and go on from `offset`.",
                )
                .problems(&[codes::NOT_FOUND]),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
