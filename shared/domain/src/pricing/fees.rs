//! What the platform takes.

use serde::{Deserialize, Serialize};

/// Shares of a booking, frozen in its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// Basis points on top of what the vendor asks, paid by the customer as a line of its own.
    pub customer_bps: u32,
    /// Basis points of what the vendor asks, tax left out, kept from what the vendor is paid.
    pub vendor_bps: u32,
}

impl Fees {
    /// What holds as long as nobody has set anything else: nothing for the customer, so that the price of an hour
    /// is what is paid, and 15 % from the vendor.
    pub const STANDARD: Self = Self {
        customer_bps: 0,
        vendor_bps: 1_500,
    };
}
