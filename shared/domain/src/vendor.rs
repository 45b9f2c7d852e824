//! A business that runs venues, from its application to its approval.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::id::{UserId, VendorId};
use crate::text::{BusinessName, Country, Email, Reason};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorState {
    Applied,
    Approved,
    Rejected,
}

impl VendorState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vendor {
    pub id: VendorId,
    /// Who applied, and may do everything for it.
    pub owner: UserId,
    pub business_name: BusinessName,
    pub contact_email: Email,
    pub country: Country,
    pub state: VendorState,
    /// Why it was rejected.
    pub reason: Option<Reason>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
}

/// What an admin decides about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Approve,
    Reject(Reason),
}

impl Vendor {
    /// # Errors
    /// [`Refusal::InvalidTransition`] unless the application is still open.
    pub fn decided(mut self, verdict: Verdict, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            VendorState::Applied => {}
            VendorState::Approved | VendorState::Rejected => {
                return Err(Refusal::InvalidTransition {
                    from: self.state.as_str(),
                    allowed: Vec::new(),
                });
            }
        }
        match verdict {
            Verdict::Approve => self.state = VendorState::Approved,
            Verdict::Reject(reason) => {
                self.state = VendorState::Rejected;
                self.reason = Some(reason);
            }
        }
        Ok(self.touched(now))
    }

    /// Something that goes with it was changed.
    #[must_use]
    pub const fn touched(mut self, now: Timestamp) -> Self {
        self.updated_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}
