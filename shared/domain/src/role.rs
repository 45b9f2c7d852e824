//! What a person may be on the platform. One person can be several of these.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everybody with a verified address.
    Customer,
    /// Member of an approved vendor.
    Vendor,
    /// Runs the platform.
    Admin,
}

/// What a member of a business does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Whose business it is. Everything; one person.
    Owner,
    /// Runs venues from day to day, prices included.
    Manager,
    /// Sees what is earned, and changes nothing.
    Finance,
    /// Receives guests, answers requests.
    FrontDesk,
}

impl MemberRole {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Manager, Self::Finance, Self::FrontDesk];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Finance => "finance",
            Self::FrontDesk => "front_desk",
        }
    }
}

/// What one of the platform's own people does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// Everything, the others' roles included.
    Super,
    /// Sees bookings and their money.
    Finance,
    /// Helps customers and vendors.
    Support,
    /// Decides what is on the market.
    Moderation,
}

impl AdminRole {
    pub const ALL: [Self; 4] = [Self::Super, Self::Finance, Self::Support, Self::Moderation];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Super => "super",
            Self::Finance => "finance",
            Self::Support => "support",
            Self::Moderation => "moderation",
        }
    }
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
