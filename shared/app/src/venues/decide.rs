//! An admin's word on a venue.

use domain::id::VenueId;
use domain::text::Reason;
use domain::venue::{Revised, RevisionVerdict, Venue, VenueEvent};

use super::lifecycle::moved;
use super::revision::changes;
use super::slug;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub enum Verdict {
    Approve,
    RequestChanges(Reason),
}

/// An approved venue is live at once. Its vendor is told, after the fact
/// ([`crate::notifications::venue_changed`]). The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::InvalidTransition`]; [`domain::Refusal::Incomplete`] when it has lost what
/// it was submitted with.
pub async fn decide(app: &App, once: Option<&Once>, id: VenueId, verdict: Verdict) -> Result<Outcome<Venue>> {
    let event = match verdict {
        Verdict::Approve => VenueEvent::Approve,
        Verdict::RequestChanges(reason) => VenueEvent::RequestChanges(reason),
    };
    let event = &event;
    once::write(app, once, |now| async move {
        let venue = app.store().venue(id).await?.ok_or(Error::NotFound)?;
        moved(app, venue, event.clone(), now).await
    })
    .await
}

/// An admin's word on what its vendor wants changed of an approved venue, as it was shown under the version `seen`.
/// Approved, it is what the public sees at once. Its vendor is told, after the fact
/// ([`crate::notifications::revision_changed`]). The caller is an admin.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::RevisionOutdated`] when something else waits, or nothing.
pub async fn decide_revision(
    app: &App,
    once: Option<&Once>,
    id: VenueId,
    seen: u64,
    verdict: Verdict,
) -> Result<Outcome<Revised>> {
    let verdict = match verdict {
        Verdict::Approve => RevisionVerdict::Approve,
        Verdict::RequestChanges(reason) => RevisionVerdict::Refuse(reason),
    };
    let verdict = &verdict;
    once::write(app, once, |now| async move {
        let before = app.store().revised(id).await?.ok_or(Error::NotFound)?;
        let mut after = before.clone().decided(seen, verdict.clone(), now)?;
        let mut claimed = None;
        if after.venue.name != before.venue.name {
            (after.venue, claimed) = slug::named(app, after.venue).await?;
        }
        let mut transaction = changes(&before, &after);
        if let Some(slug) = claimed {
            transaction.claim_slug(&slug, id);
        }
        Ok((transaction, after))
    })
    .await
}
