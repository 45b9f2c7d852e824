//! What tests are made of: a world with people in it.
//!
//! [`World`] is the real use cases on the real store, whose SDK reaches a database in this process. The
//! clock stands still until it is moved, queues are worked on when [`World::settle`] is called, and
//! faults are injected between the SDK and the database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says why and stops"
)]

mod build;
mod clock;
pub mod forge;
pub mod keys;
mod people;
mod ports;
mod spaces;
mod world;

pub use build::{VenueBuilder, hours_every_day, venue_edit};
pub use clock::TestClock;
pub use dynamodb_stand_in::Fault;
pub use people::{PASSWORD, Person};
pub use ports::{MailBox, MemoryBlobs, SeededIds, StepQueue, TestSockets};
pub use spaces::space_settings;
pub use world::{NOW, World};
