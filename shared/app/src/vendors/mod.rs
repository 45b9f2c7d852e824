//! Businesses: applying, and being decided about.

mod apply;
mod decide;
mod list;

pub use apply::{Application, apply};
pub use decide::decide;
pub use list::{mine, waiting};
