//! One venue.

use std::collections::BTreeSet;

use app::{App, venues};
use axum::extract::State;
use domain::id::{SpaceId, VenueId};
use domain::text::{Amenity, Description, VenueName};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use web::views::{LocationView, MoneyView, PhotoView, PolicyView, RulesView, SpaceView};
use web::{Answer, Anyone, PathId, Reply, ok};

/// Links to photos are good for longer. The tag changes with them, so that nobody is told to go on
/// using links that have died.
const LINKS_SECONDS: i64 = 600;

/// A venue with everything that a customer needs to know.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueDetails")]
pub struct DetailsView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    name: VenueName,
    #[schemars(with = "String")]
    description: Description,
    location: LocationView,
    capacity: u32,
    #[schemars(with = "Vec<String>")]
    amenities: BTreeSet<Amenity>,
    /// Null while it cannot be booked.
    price_per_hour: Option<MoneyView>,
    /// Whether it can be booked at all.
    bookable: bool,
    /// Of the main space.
    rules: RulesView,
    /// All that can be booked, the main space among them.
    spaces: Vec<SpaceView>,
    #[schemars(with = "String")]
    main_space_id: SpaceId,
    cancellation_policy: PolicyView,
    /// In the order in which they are shown.
    photos: Vec<PhotoView>,
}

pub async fn show(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(venue_id): PathId<VenueId>,
) -> Answer<Reply<DetailsView>> {
    let offer = venues::details(&app, me.as_ref(), venue_id, None).await?;
    let spaces = venues::spaces_of(&app, venue_id).await?;
    let (venue, space) = (offer.venue, offer.space);
    // Each of them only ever grows, so that their sum moves with any.
    let versions = spaces.iter().map(|space| space.rules_version);
    let changes = versions.fold(venue.version, u64::saturating_add);
    let version = tag(changes, !venue.photos.is_empty(), app.now());
    let view = DetailsView {
        venue_id,
        photos: PhotoView::all(&app, &venue.photos).await?,
        name: venue.name,
        description: venue.description,
        location: venue.location.into(),
        capacity: space.capacity,
        amenities: venue.amenities,
        bookable: space.live && offer.rates.is_some(),
        price_per_hour: offer.rates.map(|rates| rates.price_per_hour.into()),
        rules: offer.book.rules.into(),
        spaces: spaces
            .into_iter()
            .filter(|s| s.in_use)
            .map(SpaceView::from)
            .collect(),
        main_space_id: space.id,
        cancellation_policy: PolicyView::of(&venue.policy),
    };
    Ok(ok(view).version(version))
}

fn tag(changes: u64, has_links: bool, now: Timestamp) -> u64 {
    let links = if has_links {
        now.as_second() / LINKS_SECONDS
    } else {
        0
    };
    changes
        .saturating_mul(1 << 32)
        .saturating_add(u64::try_from(links).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_moves_with_every_change_and_before_links_die() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2027-03-01T10:00:00Z");
        assert_eq!(tag(3, true, now), tag(3, true, at("2027-03-01T10:09:59Z")));
        assert_ne!(tag(3, true, now), tag(3, true, at("2027-03-01T10:10:00Z")));
        assert_eq!(tag(3, false, now), tag(3, false, at("2028-03-01T10:00:00Z")));
        assert_ne!(tag(3, true, now), tag(4, true, now));
        let links_die = i64::try_from(cloud::READ_URL_SECONDS).unwrap();
        assert!(LINKS_SECONDS < links_die);
    }
}
