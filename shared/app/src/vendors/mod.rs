//! Businesses: applying, and being decided about.

mod application;
mod apply;
mod decide;
mod list;
mod promos;

pub use application::application;
pub use apply::{Application, apply};
pub use decide::decide;
pub use list::{mine, waiting};
pub use promos::{PromoTerms, PromoWithUses, promos, set_promo};
