//! A venue's way to the market and off it.

use app::once::Outcome;
use app::{App, venues};
use axum::extract::State;
use domain::id::VenueId;
use domain::venue::Venue;
use web::views::VenueView;
use web::{Answer, MaybeIdempotent, PathId, Reply, Vendor};

pub async fn submit(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::submit(&app, me.vendor, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn pause(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::pause(&app, me.vendor, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn resume(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::resume(&app, me.vendor, once.as_ref(), id).await?;
    shown(&app, venue).await
}

pub async fn archive(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<VenueView>> {
    let venue = venues::archive(&app, me.vendor, once.as_ref(), id).await?;
    shown(&app, venue).await
}

/// A venue after a change, with links to its photos.
pub async fn shown<const STATUS: u16>(app: &App, venue: Outcome<Venue>) -> Answer<Reply<VenueView, STATUS>> {
    let view = VenueView::of(app, venue.value).await?;
    Ok(Reply::of(
        Outcome {
            value: view,
            replayed: venue.replayed,
        },
        std::convert::identity,
    ))
}
