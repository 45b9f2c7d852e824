//! Spaces of a venue.

use std::collections::BTreeSet;

use app::venues::{self, SpaceSettings};
use domain::availability::Rules;
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::money::Money;
use domain::pricing::Rates;
use domain::text::VenueName;

use crate::World;

/// A space for forty, in use, without layouts and amenities of its own.
#[must_use]
pub fn space_settings(name: &str, parts: Vec<SpaceId>) -> SpaceSettings {
    SpaceSettings {
        name: VenueName::parse(name).unwrap(),
        capacity: 40,
        amenities: BTreeSet::new(),
        layouts: Vec::new(),
        parts,
        in_use: true,
    }
}

impl World {
    /// Another space of a venue, closed and without a price.
    pub async fn adds_space(&self, vendor: &Membership, venue: VenueId, settings: &SpaceSettings) -> SpaceId {
        let added = venues::add_space(&self.app, vendor, None, venue, settings).await;
        added.unwrap().value.id
    }

    /// Another space of a venue, by these rules and for so much an hour.
    pub async fn opens_space(
        &self,
        vendor: &Membership,
        venue: VenueId,
        settings: &SpaceSettings,
        rules: Rules,
        per_hour: Money,
    ) -> SpaceId {
        let space = self.adds_space(vendor, venue, settings).await;
        let app = &self.app;
        venues::set_rules(app, vendor, None, venue, Some(space), rules, None)
            .await
            .unwrap();
        let rates = Rates::flat(per_hour);
        venues::set_rates(app, vendor, None, venue, Some(space), &rates, None)
            .await
            .unwrap();
        space
    }

    pub async fn sets_space(
        &self,
        vendor: &Membership,
        venue: VenueId,
        space: SpaceId,
        settings: &SpaceSettings,
    ) {
        venues::set_space(&self.app, vendor, None, venue, space, settings, None)
            .await
            .unwrap();
    }
}
