//! A business as its owner and admins see it.

use domain::id::VendorId;
use domain::text::{BusinessName, Country, Email, Reason};
use domain::vendor::{Vendor, VendorState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A business that runs venues, or applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Vendor")]
pub struct VendorView {
    #[schemars(with = "String")]
    pub vendor_id: VendorId,
    #[schemars(with = "String")]
    pub business_name: BusinessName,
    #[schemars(with = "String")]
    pub contact_email: Email,
    /// ISO 3166-1 alpha-2.
    #[schemars(with = "String")]
    pub country: Country,
    /// `applied`, `approved` or `rejected`.
    #[schemars(with = "String")]
    pub state: VendorState,
    /// Why it was rejected.
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Vendor> for VendorView {
    fn from(vendor: Vendor) -> Self {
        Self {
            vendor_id: vendor.id,
            business_name: vendor.business_name,
            contact_email: vendor.contact_email,
            country: vendor.country,
            state: vendor.state,
            reason: vendor.reason,
            created_at: vendor.created_at,
            updated_at: vendor.updated_at,
        }
    }
}
