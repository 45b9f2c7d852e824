//! What people see and change of themselves.

mod notifications;
mod profile;

pub use notifications::notifications;
pub use profile::{profile, rename};
