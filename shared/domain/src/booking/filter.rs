//! Which of somebody's bookings are meant.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Booking, BookingState};
use crate::id::{VendorId, VenueId};

/// Every booking, unless something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In one of these; none named means any.
    pub states: Vec<BookingState>,
    /// Starts at this instant or later.
    pub from: Option<Timestamp>,
    /// Starts before this instant.
    pub to: Option<Timestamp>,
    pub venue: Option<VenueId>,
    /// At one of these, where they are named.
    pub venues: Option<BTreeSet<VenueId>>,
    /// Made with this business, whoever runs the venue now.
    pub vendor: Option<VendorId>,
    /// [`Booking::has_other_clocks`], and somebody may still come.
    pub other_clocks: bool,
}

impl Filter {
    /// All in one state.
    #[must_use]
    pub fn in_state(state: BookingState) -> Self {
        Self {
            states: vec![state],
            ..Self::default()
        }
    }

    /// Whether times and places alone decide, so that little is read in vain.
    #[must_use]
    pub const fn is_read_off_an_index(&self) -> bool {
        self.states.is_empty() && !self.other_clocks && self.venues.is_none()
    }

    #[must_use]
    pub fn admits(&self, booking: &Booking) -> bool {
        let start = booking.interval.start();
        (self.states.is_empty() || self.states.contains(&booking.state))
            && self.from.is_none_or(|from| from <= start)
            && self.to.is_none_or(|to| start < to)
            && self.venue.is_none_or(|venue| venue == booking.venue)
            && self
                .venues
                .as_ref()
                .is_none_or(|venues| venues.contains(&booking.venue))
            && self.vendor.is_none_or(|vendor| vendor == booking.vendor)
            && (!self.other_clocks || (booking.is_to_come() && booking.has_other_clocks()))
    }
}
