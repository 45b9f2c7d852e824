//! What a vendor does with a venue's place on the market.

use domain::availability::RuleBook;
use domain::calendar::Entry;
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::space::Space;
use domain::time::UtcDay;
use domain::venue::{Revised, Revision, Venue, VenueEvent};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use store::Transaction;

use super::own;
use super::plan::may_still_come;
use super::revision::own_revised;
use super::slug;
use crate::error::Conflict;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

/// Hands a draft to the admins.
///
/// # Errors
/// [`Error::NotFound`]; [`domain::Refusal::Incomplete`], [`domain::Refusal::InvalidTransition`].
pub async fn submit(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
) -> Result<Outcome<Venue>> {
    step(app, member, once, id, VenueEvent::Submit).await
}

/// Takes a live venue off the market. Bookings stand.
///
/// # Errors
/// As [`submit`].
pub async fn pause(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
) -> Result<Outcome<Venue>> {
    step(app, member, once, id, VenueEvent::Pause).await
}

/// Brings a paused venue back.
///
/// # Errors
/// As [`submit`].
pub async fn resume(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
) -> Result<Outcome<Venue>> {
    step(app, member, once, id, VenueEvent::Resume).await
}

/// Gives up a draft or a paused venue for good. Nobody may still be to come: while it is paused nobody can book,
/// so whoever is found is all there is. What was to be said of it otherwise is not looked at any more.
///
/// # Errors
/// As [`submit`]; [`Error::BookingsInTheWay`].
pub async fn archive(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
) -> Result<Outcome<Venue>> {
    once::write(app, once, |now| async move {
        let before = own_revised(app, member, id).await?;
        let (mut transaction, venue) = moved(app, before.venue.clone(), VenueEvent::Archive, now).await?;
        put_away(&mut transaction, before, now);
        check_nobody_comes(app, id, now).await?;
        Ok((transaction, venue))
    })
    .await
}

/// What was to be said of a venue otherwise is not looked at any more. Gives what is left of it.
pub(super) fn put_away(transaction: &mut Transaction, before: Revised, now: Timestamp) -> Option<Revision> {
    let Revised { revision, .. } = before.clone().without_open(now);
    if let Some(revision) = revision.as_ref().filter(|_| revision != before.revision) {
        transaction.put_revision(revision);
    }
    revision
}

/// Whether all bookings of a venue are over. Asked after the venue was seen not to be live, it stays so as long as the
/// venue's version does not move.
///
/// # Errors
/// [`Error::BookingsInTheWay`].
pub(super) async fn check_nobody_comes(app: &App, id: VenueId, now: Timestamp) -> Result<()> {
    let spaces = app.store().spaces(id).await?;
    let coming = spaces.iter().map(|space| to_come(app, space.id, now));
    let conflicts = try_join_all(coming).await?.concat();
    if conflicts.is_empty() {
        Ok(())
    } else {
        Err(Error::BookingsInTheWay(Conflict::first(conflicts)))
    }
}

/// The bookings of a space that are not over.
async fn to_come(app: &App, space: SpaceId, now: Timestamp) -> Result<Vec<Conflict>> {
    let entries = app.store().entries_from(space, UtcDay::of(now)).await?;
    let to_come = |entry: &Entry| entry.space == space && may_still_come(entry, now);
    Ok(entries
        .iter()
        .filter(|entry| to_come(entry))
        .map(Conflict::from)
        .collect())
}

async fn step(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    id: VenueId,
    event: VenueEvent,
) -> Result<Outcome<Venue>> {
    let event = &event;
    once::write(app, once, |now| async move {
        let venue = own(app, member, id).await?;
        moved(app, venue, event.clone(), now).await
    })
    .await
}

/// A venue after an event, under a slug once it is live. Whether it is live decides whether its spaces can be booked,
/// and whose it is with whom, so both are written together.
pub(super) async fn moved(
    app: &App,
    venue: Venue,
    event: VenueEvent,
    now: Timestamp,
) -> Result<(Transaction, Venue)> {
    let spaces = app.store().spaces_with_rules(venue.id).await?;
    let main = spaces.iter().find(|(space, _)| space.id == venue.main_space);
    let has_hours = main.is_some_and(|(_, book)| book.rules.has_hours());
    let mut venue = venue.apply(event, has_hours, now)?;
    let mut transaction = Transaction::new();
    if venue.is_live() && venue.slug.is_none() {
        let (named, claimed) = slug::named(app, venue).await?;
        venue = named;
        if let Some(slug) = claimed {
            transaction.claim_slug(&slug, venue.id);
        }
    }
    transaction.put_venue(&venue);
    for (space, book) in spaces {
        let live = venue.is_live() && space.in_use;
        let is_others = venue.vendor != space.vendor;
        if live != space.live || is_others {
            let next = Space {
                live,
                vendor: venue.vendor,
                rules_version: space.rules_version.saturating_add(1),
                ..space.clone()
            };
            transaction.put_space(&next, Some(space.rules_version));
            // What the business before announced and had not decided comes to nothing.
            let pending = book.pending.filter(|_| !is_others);
            transaction.put_rules(&next, &RuleBook { pending, ..book });
        }
    }
    Ok((transaction, venue))
}
