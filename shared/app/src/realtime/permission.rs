//! Who may listen to what.

use domain::booking::BookingHandle;
use domain::channel::Channel;
use domain::membership::{Membership, Reach};
use domain::permission::Permission;

use crate::access::Caller;
use crate::{App, Error, Result, bookings, venues};

/// Whether somebody, or nobody known, may listen to a channel now. What can be read over HTTP can be
/// listened to: the use cases that show a booking or a venue decide.
pub async fn may_listen(app: &App, who: Option<&Caller>, channel: &Channel) -> Result<bool> {
    match channel {
        Channel::User(user) => Ok(who.is_some_and(|caller| caller.user == *user)),
        Channel::Vendor(vendor) => {
            // It tells of all venues, so whoever works at some of them alone has no part in it.
            let sees = |member: &Membership| {
                member.vendor == *vendor
                    && member.reach == Reach::Everywhere
                    && member.may(Permission::SeeBookings)
            };
            Ok(who.and_then(Caller::member).is_some_and(sees))
        }
        Channel::VenueAvailability(venue) => found(venues::details(app, who, *venue, None).await),
        Channel::Booking(booking) => match who {
            Some(caller) => found(bookings::status(app, caller, &BookingHandle::Id(*booking)).await),
            None => Ok(false),
        },
    }
}

fn found<T>(read: Result<T>) -> Result<bool> {
    match read {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}
