//! What its vendor wants to say of a venue that was approved: kept apart until an admin has looked at it.
//!
//! Absent: terms and location. Terms hold for new bookings at once, and an approved venue does not move.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ChosenPhoto, PHOTOS_MAX, Photo, Venue, VenueState};
use crate::Refusal;
use crate::amenity::Amenity;
use crate::id::VenueId;
use crate::text::{Description, Label, Reason, VenueName};

/// What customers choose a venue by, and admins approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presentation {
    pub name: VenueName,
    pub description: Description,
    pub amenities: BTreeSet<Amenity>,
    #[serde(default)]
    pub other_amenities: BTreeSet<Label>,
    /// In the order in which they are shown.
    pub photos: Vec<Photo>,
}

impl Presentation {
    /// In what it differs from another, by names that clients know.
    fn changes_to(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("name", self.name != other.name),
            ("description", self.description != other.description),
            ("amenities", self.amenities != other.amenities),
            ("other_amenities", self.other_amenities != other.other_amenities),
            ("photos", self.photos != other.photos),
        ];
        differs
            .into_iter()
            .filter_map(|(name, differs)| differs.then_some(name))
            .collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// Waiting for an admin.
    Pending,
    /// It is what the public sees, or saw until the next one.
    Approved,
    /// Not approved; its vendor reads why.
    Refused,
    /// Taken back by its vendor.
    Withdrawn,
}

/// What an admin decides about a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevisionVerdict {
    Approve,
    Refuse(Reason),
}

/// The latest revision of a venue. It is kept when it is over, so that no two ever have the same version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    pub venue: VenueId,
    pub presentation: Presentation,
    pub state: RevisionState,
    /// Why it was refused.
    pub reason: Option<Reason>,
    pub asked_at: Timestamp,
    /// When it came into its state.
    pub moved_at: Timestamp,
    /// Names what an admin looks at: it moves with everything that becomes of the revision.
    pub version: u64,
}

impl Revision {
    fn first(venue: VenueId, presentation: Presentation, now: Timestamp) -> Self {
        Self {
            venue,
            presentation,
            state: RevisionState::Pending,
            reason: None,
            asked_at: now,
            moved_at: now,
            version: 1,
        }
    }

    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.state == RevisionState::Pending
    }

    /// Whether its vendor has still to do with it: it waits, or was refused.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.state {
            RevisionState::Pending | RevisionState::Refused => true,
            RevisionState::Approved | RevisionState::Withdrawn => false,
        }
    }

    /// Another in place of it, whatever became of it.
    fn replaced(mut self, presentation: Presentation, now: Timestamp) -> Self {
        self.presentation = presentation;
        self.asked_at = now;
        self.moved(RevisionState::Pending, None, now)
    }

    fn decided(self, seen: u64, verdict: RevisionVerdict, now: Timestamp) -> Result<Self, Refusal> {
        if !self.is_pending() || self.version != seen {
            return Err(Refusal::RevisionOutdated);
        }
        Ok(match verdict {
            RevisionVerdict::Approve => self.moved(RevisionState::Approved, None, now),
            RevisionVerdict::Refuse(reason) => self.moved(RevisionState::Refused, Some(reason), now),
        })
    }

    fn moved(mut self, state: RevisionState, reason: Option<Reason>, now: Timestamp) -> Self {
        self.state = state;
        self.reason = reason;
        self.moved_at = now;
        self.version = self.version.saturating_add(1);
        self
    }
}

/// A venue, and what its vendor wants changed of what was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    pub venue: Venue,
    pub revision: Option<Revision>,
}

impl Revised {
    /// The revision, while its vendor has still to do with it.
    #[must_use]
    pub fn open(&self) -> Option<&Revision> {
        self.revision.as_ref().filter(|revision| revision.is_open())
    }

    /// In what the open revision differs from what the public sees.
    #[must_use]
    pub fn changes(&self) -> Vec<&'static str> {
        let public = self.venue.presentation();
        let open = self.open();
        open.map_or_else(Vec::new, |revision| revision.presentation.changes_to(&public))
    }

    fn pending(&self) -> Option<&Revision> {
        self.revision.as_ref().filter(|revision| revision.is_pending())
    }

    /// What its vendor wants it to be: what waits, or what there is. What was refused is wanted no more.
    #[must_use]
    pub fn wanted(&self) -> Presentation {
        self.pending().map_or_else(
            || self.venue.presentation(),
            |revision| revision.presentation.clone(),
        )
    }

    /// These photos in their order and with what is said of them, of those that the public sees and those that wait or
    /// were refused.
    ///
    /// # Errors
    /// The place of the first that is none of these, or that comes a second time.
    pub fn photos_of(&self, chosen: &[ChosenPhoto]) -> Result<Vec<Photo>, usize> {
        let asked = self.open().map(|revision| &revision.presentation.photos);
        let known = || self.venue.photos.iter().chain(asked.into_iter().flatten());
        let mut photos: Vec<Photo> = Vec::with_capacity(chosen.len());
        for (place, ChosenPhoto { id, alt }) in chosen.iter().enumerate() {
            let is_there = photos.iter().any(|photo| photo.id == *id);
            let photo = known().find(|photo| photo.id == *id && !is_there);
            photos.push(Photo {
                alt: alt.clone(),
                ..photo.ok_or(place)?.clone()
            });
        }
        Ok(photos)
    }

    /// A draft is changed, an approved venue gets a revision in place of the one before. Nothing waits when
    /// everything shall be as it is; what waits already goes on waiting.
    ///
    /// # Errors
    /// [`Refusal::InvalidTransition`] while an admin looks at the venue itself and once it is given up;
    /// [`Refusal::Incomplete`] when an approved venue would be left without a photo.
    pub fn present(mut self, wanted: Presentation, now: Timestamp) -> Result<Self, Refusal> {
        self.venue.check_editable()?;
        if self.venue.state == VenueState::Draft {
            self.venue = self.venue.presenting(wanted).touched(now);
            return Ok(self);
        }
        if wanted.photos.is_empty() {
            return Err(Refusal::Incomplete {
                missing: vec!["photo"],
            });
        }
        if wanted == self.venue.presentation() {
            self = self.without_open(now);
        } else if wanted != self.wanted() {
            self.revision = Some(match self.revision {
                Some(revision) => revision.replaced(wanted, now),
                None => Revision::first(self.venue.id, wanted, now),
            });
        }
        self.venue = self.venue.touched(now);
        Ok(self)
    }

    /// One photo more than is wanted. A photo that is there already changes nothing.
    ///
    /// # Errors
    /// As [`Revised::present`]; [`Refusal::LimitReached`] at [`PHOTOS_MAX`].
    pub fn with_photo(self, photo: Photo, now: Timestamp) -> Result<Self, Refusal> {
        let mut wanted = self.wanted();
        if wanted.photos.iter().any(|p| p.id == photo.id) {
            return Ok(self);
        }
        if wanted.photos.len() >= PHOTOS_MAX {
            return Err(Refusal::LimitReached { limit: PHOTOS_MAX });
        }
        wanted.photos.push(photo);
        self.present(wanted, now)
    }

    /// What an admin decides who saw the revision of version `seen`, and no other.
    ///
    /// # Errors
    /// [`Refusal::RevisionOutdated`] when it is not that one which waits.
    pub fn decided(mut self, seen: u64, verdict: RevisionVerdict, now: Timestamp) -> Result<Self, Refusal> {
        let revision = self.revision.ok_or(Refusal::RevisionOutdated)?;
        let revision = revision.decided(seen, verdict, now)?;
        if revision.state == RevisionState::Approved {
            self.venue = self.venue.presenting(revision.presentation.clone());
        }
        self.revision = Some(revision);
        self.venue = self.venue.touched(now);
        Ok(self)
    }

    /// Everything stays as it is: what waits is withdrawn, and what was refused is put away.
    #[must_use]
    pub fn without_open(mut self, now: Timestamp) -> Self {
        self.revision = self.revision.map(|revision| {
            if revision.is_open() {
                revision.moved(RevisionState::Withdrawn, None, now)
            } else {
                revision
            }
        });
        self
    }
}

#[cfg(test)]
mod tests;
