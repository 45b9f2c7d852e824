//! A venue's way to the market and off it.

use app::once::Outcome;
use app::{App, venues};
use axum::extract::State;
use domain::id::VenueId;
use domain::venue::{Revised, Venue};
use web::views::{RevisedVenueView, VenueView};
use web::{Answer, MaybeIdempotent, PathId, Reply, Vendor, needs};

pub async fn submit(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::submit(&app, &me.member, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn pause(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::pause(&app, &me.member, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn resume(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::resume(&app, &me.member, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn archive(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::archive(&app, &me.member, once.as_ref(), id).await?;
    shown(&app, venue).await
}

/// A venue after a change, with links to its photos.
pub async fn shown<const STATUS: u16>(app: &App, venue: Outcome<Venue>) -> Answer<Reply<VenueView, STATUS>> {
    let Outcome { value, replayed } = venue;
    let value = VenueView::of(app, value).await?;
    Ok(Reply::of(Outcome { value, replayed }, std::convert::identity))
}

/// A venue with its revision after a change, with links to all photos.
pub async fn revised(app: &App, revised: Outcome<Revised>) -> Answer<Reply<RevisedVenueView>> {
    let Outcome { value, replayed } = revised;
    let tag = venues::venue_tag(&value)?;
    let value = RevisedVenueView::of(app, value).await?;
    Ok(Reply::of(Outcome { value, replayed }, std::convert::identity).replaceable(tag))
}
