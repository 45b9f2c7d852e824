//! Everything between an HTTP request and a use case: who asks ([`caller`]), what they ask
//! ([`body`], [`query`], [`path`], [`page`], [`idempotency`], [`condition`]), how it is answered
//! ([`reply`], [`export`], [`problem`]), what every answer carries ([`layers`]), and the description of all of it
//! ([`openapi`]).
//!
//! A function crate has `pub fn routes() -> web::Api` and
//! `pub fn router(app: App) -> axum::Router { routes().into_router(app) }`. A handler extracts, calls
//! one use case, and returns a view; it neither matches on errors nor logs.
//!
//! No rule of the business is here, and nothing reads or writes a table.

pub mod asset;
pub mod body;
pub mod caller;
pub mod codes;
pub mod condition;
pub mod export;
pub mod idempotency;
pub mod layers;
pub mod limit;
pub mod needs;
pub mod openapi;
pub mod page;
pub mod path;
pub mod problem;
pub mod problems;
pub mod query;
pub mod reply;
mod shape;
pub mod views;

#[cfg(test)]
mod testing;

pub use asset::Asset;
pub use body::{Body, Parse};
pub use caller::{
    Admin, Anyone, Customer, EvenSuspended, EvenSuspendedParticipant, Participant, SignedIn, Vendor,
    VendorCaller,
};
pub use condition::{IfMatch, MaybeIfMatch};
pub use export::BookingsReply;
pub use idempotency::{Idempotent, MaybeIdempotent};
pub use layers::finish;
pub use limit::Network;
pub use openapi::{Api, doc};
pub use page::{Listed, Page, Paged};
pub use path::PathId;
pub use problem::{ConflictView, Problem};
pub use problems::Problems;
pub use query::QueryParams;
pub use reply::{Located, NoContent, Reply, accepted, created, no_content, ok};
pub use views::{IntervalView, MoneyView, RawMoney};

/// What a handler returns.
pub type Answer<T> = std::result::Result<T, Problem>;
