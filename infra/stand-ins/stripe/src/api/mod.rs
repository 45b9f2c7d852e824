//! The operations of Stripe's API: one file for each family of objects.
//!
//! An operation is a function `(work, params, id) -> Outcome`. It reads and refuses its parameters first and
//! touches the state after, so that a refusal of parameters is told from a refusal by state.

mod balance_transactions;
mod charges;
mod customers;
mod events;
mod lists;
pub(crate) mod payment_intents;
mod payment_methods;
pub(crate) mod refunds;
mod shapes;
mod webhook_endpoints;

use crate::api_error::ApiError;
use crate::http::reply::Reply;
use crate::params::Params;
use crate::work::Work;

pub type Outcome = Result<Reply, ApiError>;
pub type Operation = fn(&mut Work<'_>, Params, &str) -> Outcome;

/// An operation found by its method and path.
pub struct Route<'path> {
    /// Its name, by which faults are aimed: `payment_intents.capture`.
    pub name: &'static str,
    pub run: Operation,
    /// The id in the path, empty without one.
    pub id: &'path str,
}

impl<'path> Route<'path> {
    fn new(name: &'static str, run: Operation, id: &'path str) -> Option<Self> {
        Some(Self { name, run, id })
    }
}

/// Finds the operation; `path` is what follows `/v1/`.
pub fn route<'path>(method: &str, path: &'path str) -> Option<Route<'path>> {
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let (family, rest) = segments.split_first()?;
    match *family {
        "balance_transactions" => balance_transactions::route(method, rest),
        "charges" => charges::route(method, rest),
        "customers" => customers::route(method, rest),
        "events" => events::route(method, rest),
        "payment_intents" => payment_intents::route(method, rest),
        "payment_methods" => payment_methods::route(method, rest),
        "refunds" => refunds::route(method, rest),
        "webhook_endpoints" => webhook_endpoints::route(method, rest),
        _ => None,
    }
}
