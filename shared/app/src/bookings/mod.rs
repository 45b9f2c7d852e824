//! Bookings: placing one, seeing it, cancelling it.

mod calendar;
mod cancel;
mod create;
mod history;
mod status;

pub use calendar::{CALENDAR_MAX, vendor_calendar};
pub use cancel::cancel;
pub use create::create;
pub use history::{history, vendor_history};
pub use status::{Status, status};

use domain::booking::Booking;
use domain::role::{Actor, Role};

use crate::access::Caller;

/// What the caller is to a booking; nothing to a stranger, for whom it does not exist.
fn standing(caller: &Caller, booking: &Booking) -> Option<Actor> {
    if booking.customer == caller.user {
        Some(Actor::Customer)
    } else if caller.is(Role::Vendor) && caller.vendor == Some(booking.vendor) {
        Some(Actor::Vendor)
    } else if caller.is(Role::Admin) {
        Some(Actor::Admin)
    } else {
        None
    }
}
