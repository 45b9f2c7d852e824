//! How a table call can fail.

use crate::transaction::Guard;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A condition of the transaction did not hold, and nothing was written.
    #[error("guard {0:?} failed")]
    Guard(Guard),
    /// Another transaction was at the same items; deciding again may succeed.
    #[error("conflict")]
    Conflict,
    #[error("throttled")]
    Throttled,
    /// No answer, or an error of the service. **The write may have happened.**
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// An item that does not read as what it has to be, or a request that cannot be.
    #[error("corrupt: {0}")]
    Corrupt(String),
}
