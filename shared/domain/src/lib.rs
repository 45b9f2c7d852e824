//! The rules of TOFIMOTIA: what may be booked, when, at what price, and what follows.
//!
//! Values in, a value or a [`Refusal`] out. Nothing here waits, reads a clock, makes an id, logs or
//! knows of HTTP or a database; callers pass the time and the ids in.

pub mod address;
pub mod amenity;
pub mod availability;
pub mod booking;
pub mod calendar;
pub mod cancellation;
pub mod channel;
pub mod charge;
pub mod event;
pub mod geo;
pub mod hold;
pub mod id;
pub mod invitation;
pub mod membership;
pub mod money;
pub mod payment;
pub mod permission;
pub mod pricing;
pub mod rate;
pub mod refund;
pub mod refusal;
pub mod role;
pub mod search;
pub mod space;
pub mod spans;
pub mod text;
pub mod time;
pub mod tries;
pub mod user;
pub mod vendor;
pub mod venue;

#[cfg(test)]
mod tests;

pub use refusal::Refusal;
