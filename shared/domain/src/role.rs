//! What a person may be on the platform. One person can be several of these.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everybody with a verified address.
    Customer,
    /// Member of at least one approved vendor.
    Vendor,
    /// Runs the platform.
    Admin,
}

/// Who did something, as the history of a booking records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Customer,
    Vendor,
    Admin,
    /// A timer or a payment provider's message.
    System,
}
