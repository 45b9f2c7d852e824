//! The contract of every endpoint, through its function's router: what it answers, to whom, and what it
//! says to a request that is not right.

mod access;
mod admin;
pub(crate) mod ask;
mod auth;
mod bookings;
mod email;
mod limits;
mod matrix;
mod members;
mod payments;
mod people;
mod places;
mod policies;
mod provider;
mod realtime;
mod search;
mod sessions;
mod similar;
mod slugs;
mod tokens;
mod transfers;
mod users;
mod vendor;
mod venues;

use domain::time::{Interval, plus_minutes};
use testkit::NOW;

/// An hour that begins so many hours after a world does.
fn hour(hours_ahead: i64) -> Interval {
    let start = plus_minutes(NOW.parse().unwrap(), hours_ahead * 60);
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}
