//! The whole system in one process, without an account: the functions as they are deployed, the
//! stand-ins that they reach through the real SDKs over loopback, and what AWS does between them
//! (gateway, queues' pollers, streams' readers, the schedule).
//!
//! Whatever was acknowledged is in the data folder and survives a SIGKILL.

mod address;
mod bucket;
mod clock;
mod data;
mod demo_data;
mod env_file;
pub mod event_sources;
mod functions;
pub mod gateway;
pub mod journey;
mod keys;
pub mod options;
mod role;
mod stand_ins;
mod system;

pub use clock::ShiftedClock;
pub use demo_data::{DEMO_PASSWORD, DEMO_PEOPLE};
pub use options::Options;
pub use system::{StartError, System};
