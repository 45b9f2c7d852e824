//! AWS behind the ports of `app`, and what a function does before its first request ([`Boot`]).
//!
//! Every adapter has a public constructor that takes an SDK client and settings, so that the local
//! system and tests build the same ones. Absent: Stripe (`stripe-gateway`), the tables (`store`), and
//! any rule.

pub mod batch;
mod boot;
mod clock;
pub mod emf;
mod failure;
mod ids;
pub mod log;
mod post_policy;
mod s3;
pub mod sdk;
mod ses;
mod settings;
mod sockets;
mod sqs;
#[cfg(test)]
mod wire;

pub use boot::{Boot, BootError};
pub use clock::SystemClock;
pub use ids::RandomIds;
pub use s3::{READ_URL_SECONDS, S3Blobs};
pub use ses::SesMailer;
pub use settings::{Lookup, MissingSetting, Settings};
pub use sockets::ApiGatewaySockets;
pub use sqs::{CORRELATION_ATTRIBUTE, QueueUrls, SqsQueue};
