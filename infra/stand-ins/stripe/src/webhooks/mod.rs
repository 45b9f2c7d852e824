//! Webhooks: events become deliveries in the transaction of their effect, the courier sends them until a 2xx,
//! and the behaviour switch duplicates, delays, reorders, holds or loses them.

mod behaviour;
pub(crate) mod courier;
pub(crate) mod emission;
mod sender;
pub mod signature;

pub use behaviour::{DUPLICATES_MAX, Order, SignatureMode, WebhookBehaviour};
pub use courier::Attempt;
pub use sender::{HttpSender, WebhookSender};
