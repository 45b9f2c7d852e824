//! Registering, proving an address, signing in and staying signed in.

mod change_email;
mod change_password;
mod login;
mod logout;
mod mailed;
mod password;
mod prove;
mod refresh;
mod register;
mod reset_password;
mod sessions;
mod tries;
mod verify_email;

pub use change_email::{ask_to_change_email, change_email};
pub use change_password::change_password;
pub use login::{Login, SignedIn, login};
pub use logout::logout;
pub use mailed::{RESET_SECONDS, VERIFICATION_SECONDS, new_address_token, new_token};
pub use refresh::{GRACE_SECONDS, SESSION_SECONDS, refresh};
pub use register::{Registration, register};
pub use reset_password::{ask_to_reset, reset_password};
pub use sessions::{end_all_sessions, end_session, sessions};
pub use tries::KNOWN_SECONDS;
pub use verify_email::verify_email;
