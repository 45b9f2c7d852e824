//! What people see and change of themselves, and what is decided about them.

mod grant;
mod list;
mod notifications;
mod profile;
mod restrict;

pub use grant::set_admin_role;
pub use list::{Whom, people, person};

pub use notifications::notifications;
pub use profile::{profile, rename};
pub use restrict::{reinstate, restrict};
