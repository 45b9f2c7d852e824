//! Accounts, sessions and tokens.
//!
//! - `POST /api/v1/auth/register`
//! - `POST /api/v1/auth/verify-email`
//! - `POST /api/v1/auth/login`
//! - `POST /api/v1/auth/refresh-token`
//! - `POST /api/v1/auth/logout`
//! - `GET /api/v1/auth/sessions`, `DELETE` the same, `DELETE …/{session_id}`
//! - `POST /api/v1/auth/password`, `POST /api/v1/auth/password-reset`, `POST …/confirm`
//! - `POST /api/v1/auth/email`, `POST /api/v1/auth/email/confirm`
//! - `GET /.well-known/jwks.json`
//!
//! Absent: cookies. Tokens go in bodies, so that no browser sends one by itself.

mod account;
mod email;
mod keys;
mod password;
mod session;
mod sessions;

use app::{App, limits};
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("auth", "Accounts, sessions and tokens.")
        .post(
            "/api/v1/auth/register",
            account::register,
            doc("Register")
                .details("The answer is the same whether or not the address has an account; a mail tells its owner.")
                .problems(&[codes::UNAVAILABLE])
                .limited(&limits::MAIL),
        )
        .post(
            "/api/v1/auth/verify-email",
            account::verify_email,
            doc("Prove an e-mail address")
                .details(
                    "With the token that was mailed to it, which works once, and the password it was registered with. \
                     Sessions from before end.",
                )
                .limited(&limits::SIGN_IN),
        )
        .post(
            "/api/v1/auth/login",
            session::login,
            doc("Sign in")
                .details(
                    "After some wrong passwords each further try has to wait longer, up to a quarter of an hour; a try \
                     before that is refused with 429, right or wrong, and does not count.",
                )
                .problems(&[codes::UNAUTHENTICATED, codes::FORBIDDEN])
                .limited(&limits::SIGN_IN),
        )
        .post(
            "/api/v1/auth/refresh-token",
            session::refresh,
            doc("Stay signed in")
                .details(
                    "A refresh token is good once; it may be shown again within ten seconds, by a client that did \
                     not hear the answer. Used later than that, it ends the session.",
                )
                .problems(&[codes::UNAUTHENTICATED]),
        )
        .post("/api/v1/auth/logout", session::logout, "Sign out")
        .get(
            "/api/v1/auth/sessions",
            sessions::list,
            "List where I am signed in, the place that was seen last first",
        )
        .delete(
            "/api/v1/auth/sessions",
            sessions::end_all,
            doc("Sign out everywhere")
                .details("Here too. Access tokens work on for a minute at most; live connections end at once.")
                .problems(&[codes::UNAVAILABLE]),
        )
        .delete(
            "/api/v1/auth/sessions/{session_id}",
            sessions::end,
            doc("Sign out in one place")
                .details("Its access token works on for a minute at most; its live connections end at once.")
                .problems(&[codes::UNAVAILABLE]),
        )
        .post(
            "/api/v1/auth/password",
            password::change,
            doc("Change my password")
                .details("All other sessions end, and a mail tells of it.")
                .problems(&[codes::INVALID, codes::UNAVAILABLE])
                .limited(&limits::SIGN_IN),
        )
        .post(
            "/api/v1/auth/password-reset",
            password::ask_to_reset,
            doc("Ask for a new password")
                .details("The answer is the same whether or not the address has an account; a mail goes to one that has.")
                .problems(&[codes::UNAVAILABLE])
                .limited(&limits::MAIL),
        )
        .post(
            "/api/v1/auth/password-reset/confirm",
            password::reset,
            doc("Set a new password")
                .details("With the token that was mailed, which works once, for an hour. All sessions end, and a mail tells of it.")
                .problems(&[codes::INVALID, codes::UNAVAILABLE])
                .limited(&limits::SIGN_IN),
        )
        .post(
            "/api/v1/auth/email",
            email::ask,
            doc("Ask for another address")
                .details(
                    "A mail with a token goes to it, and one that tells of it to the present one. The answer is the same \
                     whether or not it has an account.",
                )
                .problems(&[codes::INVALID, codes::UNAVAILABLE])
                .limited(&limits::MAIL),
        )
        .post(
            "/api/v1/auth/email/confirm",
            email::confirm,
            doc("Change my address")
                .details(
                    "With the token that was mailed to it, which works once, for a day, and the password. All sessions end, and \
                     the address before is told.",
                )
                .problems(&[codes::INVALID, codes::UNAVAILABLE])
                .limited(&limits::SIGN_IN),
        )
        .get(
            "/.well-known/jwks.json",
            keys::jwks,
            doc("Public keys of access tokens").details("A JSON Web Key Set (RFC 7517)."),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
