//! A venue with what its vendor wants changed of it.

use std::collections::BTreeSet;

use app::App;
use domain::amenity::Amenity;
use domain::text::{Description, Label, Reason, VenueName};
use domain::venue::{Revised, Revision, RevisionState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AmenityId, PhotoView, VenueSummaryView, VenueView};

/// What a vendor wants to be said of an approved venue. Until an admin approves it, the public sees what was
/// approved before.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "VenueRevision")]
pub struct RevisionView {
    /// Names what is shown here, to be told with the decision.
    pub revision: u64,
    /// `pending` or `refused`.
    #[schemars(with = "String")]
    pub state: RevisionState,
    /// Why it was refused.
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    /// Of `name`, `description`, `amenities`, `other_amenities` and `photos`, what differs from what the public sees.
    pub changes: Vec<&'static str>,
    #[schemars(with = "String")]
    pub name: VenueName,
    #[schemars(with = "String")]
    pub description: Description,
    #[schemars(with = "Vec<AmenityId>")]
    pub amenities: BTreeSet<Amenity>,
    #[schemars(with = "Vec<String>")]
    pub other_amenities: BTreeSet<Label>,
    /// In the order in which they would be shown.
    pub photos: Vec<PhotoView>,
    pub asked_at: Timestamp,
}

/// A venue, and what its vendor wants changed of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "RevisedVenue")]
pub struct RevisedVenueView {
    #[serde(flatten)]
    venue: VenueView,
    /// Null unless it waits for an admin or was refused.
    revision: Option<RevisionView>,
}

/// That a vendor wants something else to be said of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "VenueRevisionSummary")]
pub struct RevisionSummaryView {
    pub revision: u64,
    /// `pending` or `refused`.
    #[schemars(with = "String")]
    pub state: RevisionState,
    /// Of `name`, `description`, `amenities`, `other_amenities` and `photos`, what differs from what the public sees.
    pub changes: Vec<&'static str>,
    pub asked_at: Timestamp,
}

/// A venue in a list of admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RevisedVenueSummary")]
pub struct RevisedSummaryView {
    #[serde(flatten)]
    venue: VenueSummaryView,
    /// Null unless one waits for an admin or was refused.
    revision: Option<RevisionSummaryView>,
}

impl RevisionView {
    async fn open(app: &App, revised: &Revised) -> app::Result<Option<Self>> {
        let Some(revision) = revised.open() else {
            return Ok(None);
        };
        let Revision {
            venue: _,
            presentation,
            state,
            reason,
            asked_at,
            moved_at: _,
            version,
        } = revision.clone();
        Ok(Some(Self {
            revision: version,
            state,
            reason,
            changes: revised.changes(),
            photos: PhotoView::all(app, &presentation.photos).await?,
            name: presentation.name,
            description: presentation.description,
            amenities: presentation.amenities,
            other_amenities: presentation.other_amenities,
            asked_at,
        }))
    }
}

impl RevisedVenueView {
    /// With links to all photos.
    ///
    /// # Errors
    /// [`app::Error::Unavailable`] when no links can be made.
    pub async fn of(app: &App, revised: Revised) -> app::Result<Self> {
        Ok(Self {
            revision: RevisionView::open(app, &revised).await?,
            venue: VenueView::of(app, revised.venue).await?,
        })
    }
}

impl From<Revised> for RevisedSummaryView {
    fn from(revised: Revised) -> Self {
        let revision = revised.open().map(|revision| RevisionSummaryView {
            revision: revision.version,
            state: revision.state,
            changes: revised.changes(),
            asked_at: revision.asked_at,
        });
        Self {
            revision,
            venue: revised.venue.into(),
        }
    }
}
