//! Accounts, sessions and tokens.
//!
//! - `POST /api/v1/auth/register`
//! - `POST /api/v1/auth/verify-email`
//! - `POST /api/v1/auth/login`
//! - `POST /api/v1/auth/refresh-token`
//! - `POST /api/v1/auth/logout`
//! - `GET /.well-known/jwks.json`
//!
//! Absent: cookies. Tokens go in bodies, so that no browser sends one by itself.

mod account;
mod keys;
mod session;

use app::App;
use axum::Router;
use web::{Api, codes, doc};

pub fn routes() -> Api {
    Api::new("auth", "Accounts, sessions and tokens.")
        .post(
            "/api/v1/auth/register",
            account::register,
            doc("Register")
                .details("The answer is the same whether or not the address has an account; a mail tells its owner.")
                .problems(&[codes::UNAVAILABLE]),
        )
        .post(
            "/api/v1/auth/verify-email",
            account::verify_email,
            doc("Prove an e-mail address").details(
                "With the token that was mailed to it, which works once, and the password it was registered with. \
                 Sessions from before end.",
            ),
        )
        .post(
            "/api/v1/auth/login",
            session::login,
            doc("Sign in").problems(&[codes::UNAUTHENTICATED]),
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
            "/.well-known/jwks.json",
            keys::jwks,
            doc("Public keys of access tokens").details("A JSON Web Key Set (RFC 7517)."),
        )
}

pub fn router(app: App) -> Router {
    routes().into_router(app)
}
