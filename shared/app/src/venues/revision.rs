//! What is to be said of an approved venue, until an admin has looked at it.

use domain::id::VenueId;
use domain::membership::Membership;
use domain::venue::Revised;
use jiff::Timestamp;
use store::Transaction;

use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// A venue that a member works at with its revision; any other does not exist for them.
pub(super) async fn own_revised(app: &App, member: &Membership, id: VenueId) -> Result<Revised> {
    let revised = app.store().revised(id).await?.ok_or(Error::NotFound)?;
    if member.works_at(revised.venue.vendor, id) {
        Ok(revised)
    } else {
        Err(Error::NotFound)
    }
}

/// What changed. The venue is written whenever its revision is, so that neither is decided on without the
/// other: whoever archives a venue or moves it on has seen what waits.
pub(super) fn changes(before: &Revised, after: &Revised) -> Transaction {
    let mut transaction = Transaction::new();
    if after.venue != before.venue {
        transaction.put_venue(&after.venue);
        if after.venue.terms_version != before.venue.terms_version {
            transaction.put_terms(&after.venue.terms(after.venue.updated_at));
        }
    }
    if let Some(revision) = after
        .revision
        .as_ref()
        .filter(|_| after.revision != before.revision)
    {
        transaction.put_revision(revision);
    }
    transaction
}

/// The venue stays as it was approved. A revision that was refused is put away.
///
/// # Errors
/// [`Error::NotFound`], also when nothing waits and nothing was refused.
pub async fn withdraw_revision(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
) -> Result<Outcome<Revised>> {
    once::write(app, once, |now| async move {
        let before = own_revised(app, member, id).await?;
        before.open().ok_or(Error::NotFound)?;
        let after = withdrawn(before.clone(), now);
        Ok((changes(&before, &after), after))
    })
    .await
}

fn withdrawn(revised: Revised, now: Timestamp) -> Revised {
    let Revised { venue, revision } = revised.without_open(now);
    Revised {
        venue: venue.touched(now),
        revision,
    }
}
