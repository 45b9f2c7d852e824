//! Registering, proving an address, signing in and staying signed in.

mod login;
mod logout;
mod password;
mod refresh;
mod register;
mod verify_email;

pub use login::{Login, SignedIn, login};
pub use logout::logout;
pub use refresh::{GRACE_SECONDS, SESSION_SECONDS, refresh};
pub use register::{Registration, register};
pub use verify_email::{VERIFICATION_SECONDS, new_verification, verify_email};
