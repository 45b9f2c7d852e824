//! The HTTP side: what a request passes through from its bytes to the saved answer.

pub mod auth;
mod expand;
mod idempotency;
pub(crate) mod pipeline;
pub mod reply;

pub(crate) use idempotency::InFlight;
pub use idempotency::{KEEP_MS, KEY_CHARACTERS_MAX};
pub use pipeline::BODY_BYTES_MAX;
