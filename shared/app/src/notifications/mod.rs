//! Telling people: mails, and the list of what one was told.
//!
//! [`handle`] works on one message; [`vendor_changed`] and [`venue_changed`] send the messages about what an
//! admin decided, [`invited`] those about invitations, as [`crate::realtime::publish`] does those about bookings. Who is told of what, and by
//! which means, is a table (`audience`); what they read is written by pure functions, one file a family
//! (`account`, `decisions`, `members`, `bookings`), as letters that escape everything (`letter`); `deliver` sees to it
//! that nobody is told twice, as far as that can be.
//!
//! Absent: preferences (everything here belongs to a booking or an account and cannot be switched
//! off), other languages, pictures, links that are counted, and bounces.

mod account;
mod audience;
mod bookings;
mod decisions;
mod deliver;
mod handle;
mod letter;
mod members;
mod when;

pub use decisions::{revision_changed, vendor_changed, venue_changed};
pub use deliver::NOTE_DAYS;
pub use handle::{ADDRESS_MAILS, INVITATION_MAILS, RESET_MAILS, VERIFICATION_MAILS, handle};
pub use members::invited;
