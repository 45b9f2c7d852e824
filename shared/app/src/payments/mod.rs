//! Money: paying for a booking, hearing from the provider, sending money back.
//!
//! What the provider says is read from the provider; a webhook only says that it is time to look.

mod give_back;
mod handle;
mod process;
mod refund;
mod settle;
mod verify;
mod webhook;

pub(crate) use give_back::give_back;
pub use handle::handle;
pub(crate) use process::new_intent;
pub use process::{Processed, process};
pub use refund::send_refund;
pub use settle::{settle_intent, settle_refund};
pub use verify::verify;
pub use webhook::webhook;
