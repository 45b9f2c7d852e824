//! How many times one person may hold at once, so that nobody can keep a venue's calendar busy without paying.

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::id::{BookingId, UserId, VenueId};

/// Holds of one person.
pub const HOLDS_MAX: usize = 10;
/// Of these at one venue.
pub const HOLDS_PER_VENUE_MAX: usize = 5;

/// A person's bookings that were holds when somebody last looked. Which of them still are is for the bookings
/// themselves to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    pub user: UserId,
    holds: Vec<Hold>,
    /// 0 until it is written for the first time; every write adds one.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hold {
    booking: BookingId,
    venue: VenueId,
}

impl Holds {
    /// Of somebody who never held anything.
    #[must_use]
    pub const fn none(user: UserId) -> Self {
        Self {
            user,
            holds: Vec::new(),
            version: 0,
        }
    }

    pub fn bookings(&self) -> impl Iterator<Item = BookingId> {
        self.holds.iter().map(|hold| hold.booking)
    }

    /// Whether there may be one more at a venue.
    ///
    /// # Errors
    /// [`Refusal::TooManyHolds`].
    pub fn check(&self, venue: VenueId) -> Result<(), Refusal> {
        if self.holds.len() >= HOLDS_MAX {
            return Err(Refusal::TooManyHolds { limit: HOLDS_MAX });
        }
        if self.holds.iter().filter(|hold| hold.venue == venue).count() >= HOLDS_PER_VENUE_MAX {
            return Err(Refusal::TooManyHolds {
                limit: HOLDS_PER_VENUE_MAX,
            });
        }
        Ok(())
    }

    /// With one more.
    ///
    /// # Errors
    /// As [`Holds::check`].
    pub fn with(mut self, booking: BookingId, venue: VenueId) -> Result<Self, Refusal> {
        self.check(venue)?;
        self.holds.push(Hold { booking, venue });
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// Only those that are still held.
    #[must_use]
    pub fn only(mut self, held: impl Fn(BookingId) -> bool) -> Self {
        self.holds.retain(|hold| held(hold.booking));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn venue(n: u128) -> VenueId {
        VenueId::from_uuid(Uuid::from_u128(n))
    }

    fn booking(n: u128) -> BookingId {
        BookingId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_person_has_so_many_holds_at_most_and_fewer_at_one_venue() {
        let mut holds = Holds::none(UserId::from_uuid(Uuid::from_u128(1)));
        for n in 0..HOLDS_PER_VENUE_MAX as u128 {
            holds = holds.with(booking(n), venue(1)).unwrap();
        }
        let limit = HOLDS_PER_VENUE_MAX;
        assert_eq!(holds.check(venue(1)), Err(Refusal::TooManyHolds { limit }));
        for n in HOLDS_PER_VENUE_MAX as u128..HOLDS_MAX as u128 {
            holds = holds.with(booking(n), venue(n)).unwrap();
        }
        let limit = HOLDS_MAX;
        assert_eq!(
            holds.clone().with(booking(99), venue(99)),
            Err(Refusal::TooManyHolds { limit })
        );
        let fewer = holds.only(|b| b != booking(3));
        assert_eq!(fewer.bookings().count(), HOLDS_MAX - 1);
        assert_eq!(fewer.check(venue(1)), Ok(()));
    }
}
