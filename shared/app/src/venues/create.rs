//! A new venue, as a draft.

use std::collections::BTreeSet;

use domain::amenity::Amenity;
use domain::availability::{RuleBook, Rules};
use domain::id::{SpaceId, VenueId};
use domain::membership::Membership;
use domain::money::Money;
use domain::pricing::Rates;
use domain::space::{Plan, Planned, Space};
use domain::text::{Description, HouseRules, Label, PolicyName, VenueName};
use domain::venue::{Venue, VenueState};
use store::Transaction;

use super::location::{NewLocation, located};
use crate::once::{self, Once, Outcome};
use crate::{App, Result, policies};

#[derive(Debug, Clone)]
pub struct NewVenue {
    pub name: VenueName,
    pub description: Description,
    pub location: NewLocation,
    pub capacity: u32,
    pub amenities: BTreeSet<Amenity>,
    pub other_amenities: BTreeSet<Label>,
    pub policy: PolicyName,
    pub house_rules: Option<HouseRules>,
    /// Hours and booking rules, which get the zone of the place; closed with defaults when nothing is said.
    pub rules: Option<Rules>,
    pub price_per_hour: Option<Money>,
}

/// The venue with its main space, which a simple client never sees.
///
/// # Errors
/// [`crate::Error::Invalid`] where no zone holds, or another one than was said; [`crate::Error::Unavailable`].
pub async fn create(
    app: &App,
    member: &Membership,
    once: Option<&Once>,
    ask: NewVenue,
) -> Result<Outcome<Venue>> {
    let ask = &ask;
    once::write(app, once, |now| async move {
        let id = VenueId::from_uuid(app.ids().uuid());
        let space = SpaceId::from_uuid(app.ids().uuid());
        let location = located(app, &ask.location)?;
        let closed = Rules::closed(location.zone.clone());
        let rules = match ask.rules.clone() {
            Some(rules) => Rules {
                zone: closed.zone,
                ..rules
            },
            None => closed,
        };
        let policy = policies::chosen(app, &ask.policy, &location, None).await?;
        let venue = Venue {
            id,
            vendor: member.vendor,
            name: ask.name.clone(),
            slug: None,
            description: ask.description.clone(),
            location,
            amenities: ask.amenities.clone(),
            other_amenities: ask.other_amenities.clone(),
            policy,
            house_rules: ask.house_rules.clone(),
            terms_version: 1,
            main_space: space,
            capacity: ask.capacity,
            price_per_hour: ask.price_per_hour,
            spaces: Vec::new(),
            photos: Vec::new(),
            state: VenueState::Draft,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let main = Space {
            id: space,
            venue: id,
            vendor: member.vendor,
            name: ask.name.clone(),
            capacity: ask.capacity,
            amenities: BTreeSet::new(),
            layouts: Vec::new(),
            parts: Vec::new(),
            locks: Vec::new(),
            in_use: true,
            live: false,
            rules_version: 1,
        };
        let planned = Planned {
            space: main.clone(),
            rules: rules.clone(),
        };
        let venue = venue.showing(&Plan::from_iter([planned]));
        let mut transaction = Transaction::new();
        transaction.put_venue(&venue);
        transaction.put_terms(&venue.terms(now));
        transaction.put_space(&main, None);
        let book = RuleBook {
            rules,
            pending: None,
            version: main.rules_version,
        };
        transaction.put_rules(&main, &book);
        if let Some(price_per_hour) = ask.price_per_hour {
            transaction.put_rates(id, space, &Rates::flat(price_per_hour));
        }
        Ok((transaction, venue))
    })
    .await
}
