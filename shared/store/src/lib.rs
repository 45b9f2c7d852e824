//! The tables: every key, one method for each access pattern, named guards, one way to write.
//!
//! All reads that something is decided on are strongly consistent; all writes are transactions
//! ([`Transaction`]). There is no Scan, and nothing here decides: a failed guard is told by its name.

pub mod bookings;
pub mod calendar;
pub mod change;
pub mod connections;
pub mod fault;
pub mod history;
mod item;
pub mod keys;
pub mod messages;
pub mod payments;
pub mod policies;
pub mod promos;
pub mod revisions;
pub mod transaction;
pub mod transfers;
pub mod transient;
pub mod users;
pub mod vendors;
pub mod venues;

use aws_sdk_dynamodb::Client;

pub use fault::Fault;
pub use keys::Table;
pub use transaction::{Guard, Transaction, Was};

pub type Result<T> = std::result::Result<T, Fault>;

/// The tables of one stage.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    prefix: String,
}

impl Store {
    /// `prefix` stands before every table's name, followed by a hyphen: `tofimotia-prod`.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self {
            client,
            prefix: prefix.into(),
        }
    }

    /// The full name of a table.
    #[must_use]
    pub fn name(&self, table: Table) -> String {
        table.full_name(&self.prefix)
    }

    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }
}
