//! A booking's whole way through the HTTP API, as a person would go it: `make demo` prints it, a test
//! plays it and looks closer.
//!
//! register, verify by the mailed token, sign in, apply as a vendor, be approved, set up a venue, upload
//! a photo, submit, be approved; another person searches, reads availability, asks for a quote, holds,
//! pays, is confirmed, cancels, is refunded.

mod client;
mod socket;
mod steps;

pub use client::Ask;
pub use client::{Client, Narrator, Silent, StepError};
pub use steps::{
    Business, Held, Person, Scene, business, cancel, hold, is_free, live_venue, newcomer, pay, preview,
    quote, scene, sign_in,
};
