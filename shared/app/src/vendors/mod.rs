//! Businesses: applying, and being decided about.

mod application;
mod apply;
mod decide;
mod list;

pub use application::application;
pub use apply::{Application, apply};
pub use decide::decide;
pub use list::{mine, waiting};
