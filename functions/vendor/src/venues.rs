//! Setting a venue up, and looking at one's own.

use app::App;
use app::venues::{self, NewVenue, Overview, VenueEdit};
use axum::extract::State;
use domain::amenity::OTHER_AMENITIES_MAX;
use domain::id::VenueId;
use domain::text::{AltText, Description, HouseRules, Label, PolicyName, VenueName};
use domain::venue::{ChosenPhoto, PHOTOS_MAX};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::page::NoParameters;
use web::views::{AmenityId, RevisedVenueView, VenueSummaryView, VenueView, input};
use web::{
    Answer, Body, Listed, MaybeIdempotent, MaybeIfMatch, Paged, Parse, PathId, Problems, RawMoney, Reply,
    Vendor, needs, ok,
};

use crate::availability::{RawRules, ZonelessRules};
use crate::lifecycle::{revised, shown};
use crate::location::RawLocation;
use crate::pricing::price_per_hour;

/// What a vendor gets who does not say.
const POLICY_DEFAULT: &str = "very_flexible";

/// A new venue.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewVenue")]
#[serde(deny_unknown_fields)]
pub struct RawVenue {
    /// 2 to 120 characters.
    name: String,
    /// At most 4000 characters.
    description: Option<String>,
    location: RawLocation,
    /// How many people fit.
    capacity: u32,
    /// What it offers in all its spaces.
    #[serde(default)]
    #[schemars(with = "Vec<AmenityId>")]
    amenities: Vec<String>,
    /// What it offers besides, in words of its own; at most 20 of at most 60 characters.
    #[serde(default)]
    other_amenities: Vec<String>,
    /// One of those that are offered (`venues/policies`), or the one that it has; `very_flexible` when it is left out.
    cancellation_policy: Option<String>,
    /// What is asked of guests; at most 2000 characters.
    house_rules: Option<String>,
    /// Opening hours and booking rules; may be set later.
    rules: Option<RawRules>,
    /// May be set later.
    price_per_hour: Option<RawMoney>,
}

/// What shall be said of a venue. All of it; what is left out gets its default, but for
/// location and photos, which stay.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VenueEdit")]
#[serde(deny_unknown_fields)]
pub struct RawEdit {
    /// 2 to 120 characters.
    name: String,
    /// At most 4000 characters.
    description: Option<String>,
    /// What it offers in all its spaces.
    #[serde(default)]
    #[schemars(with = "Vec<AmenityId>")]
    amenities: Vec<String>,
    /// What it offers besides, in words of its own; at most 20 of at most 60 characters.
    #[serde(default)]
    other_amenities: Vec<String>,
    /// One of those that are offered (`venues/policies`), or the one that it has; `very_flexible` when it is left out.
    cancellation_policy: Option<String>,
    /// What is asked of guests; at most 2000 characters.
    house_rules: Option<String>,
    /// Those that shall be shown, in this order, the first before all others; at most 50. As they are when it is left
    /// out.
    photos: Option<Vec<RawChosenPhoto>>,
    /// Only of a draft, and no further than its zone reaches.
    location: Option<RawLocation>,
}

/// A photo of the venue.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChosenPhoto")]
#[serde(deny_unknown_fields)]
pub struct RawChosenPhoto {
    media_id: String,
    /// What is to be seen, for those who do not see it; at most 250 characters.
    alt: Option<String>,
}

impl Parse for RawChosenPhoto {
    type Into = ChosenPhoto;

    fn parse(self, problems: &mut Problems) -> Option<ChosenPhoto> {
        let id = problems.field("media_id", self.media_id.parse());
        let alt = problems.optional("alt", self.alt, |text| AltText::parse(&text));
        Some(ChosenPhoto { id: id?, alt: alt? })
    }
}

impl Parse for RawVenue {
    type Into = NewVenue;

    fn parse(self, problems: &mut Problems) -> Option<NewVenue> {
        let location = Some(self.location);
        let said = RawEdit {
            name: self.name,
            description: self.description,
            amenities: self.amenities,
            other_amenities: self.other_amenities,
            cancellation_policy: self.cancellation_policy,
            house_rules: self.house_rules,
            photos: None,
            location,
        };
        let said = said.parse(problems);
        let capacity = input::guests(problems, "capacity", self.capacity);
        let rules = match self.rules {
            Some(rules) => problems.within("rules", |here| rules.read(here)).map(Some),
            None => Some(None),
        };
        let price = match self.price_per_hour {
            Some(price) => price_per_hour(problems, price).map(Some),
            None => Some(None),
        };
        let VenueEdit {
            name,
            description,
            amenities,
            other_amenities,
            policy,
            house_rules,
            photos: _,
            location,
        } = said?;
        Some(NewVenue {
            name,
            description,
            location: location?,
            capacity: capacity?,
            amenities,
            other_amenities,
            policy,
            house_rules,
            rules: rules?.map(ZonelessRules::anywhere),
            price_per_hour: price?,
        })
    }
}

impl Parse for RawEdit {
    type Into = VenueEdit;

    fn parse(self, problems: &mut Problems) -> Option<VenueEdit> {
        let name = problems.field("name", VenueName::parse(&self.name));
        let description = self.description.unwrap_or_default();
        let description = problems.field("description", Description::parse(&description));
        let location = match self.location {
            Some(raw) => problems.within("location", |here| raw.parse(here)).map(Some),
            None => Some(None),
        };
        let amenities = input::amenities(problems, "amenities", self.amenities);
        let other = self.other_amenities;
        let other_amenities = problems.each("other_amenities", other, OTHER_AMENITIES_MAX, |here, text| {
            Label::parse(&text).map_err(|e| here.here(e)).ok()
        });
        let policy = self.cancellation_policy.as_deref().unwrap_or(POLICY_DEFAULT);
        let policy = problems.field("cancellation_policy", PolicyName::parse(policy));
        let house_rules = problems.optional("house_rules", self.house_rules, |text| HouseRules::parse(&text));
        let photos = match self.photos {
            Some(photos) => problems
                .each("photos", photos, PHOTOS_MAX, |here, photo| photo.parse(here))
                .map(Some),
            None => Some(None),
        };
        Some(VenueEdit {
            name: name?,
            description: description?,
            amenities: amenities?,
            other_amenities: other_amenities?.into_iter().collect(),
            policy: policy?,
            house_rules: house_rules?,
            photos: photos?,
            location: location?,
        })
    }
}

pub async fn create(
    State(app): State<App>,
    Vendor(me): Vendor<needs::AddVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    Body(ask): Body<RawVenue>,
) -> Answer<Reply<VenueView, 201>> {
    let venue = venues::create(&app, &me.member, once.as_ref(), ask).await?;
    shown(&app, venue).await
}

pub async fn list(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeVenues>,
    Paged { page, .. }: Paged<NoParameters>,
) -> Answer<Reply<Listed<VenueSummaryView>>> {
    let (found, next) = venues::mine(&app, &me.member, page.limit(), page.after()).await?;
    let views = found.into_iter().map(VenueSummaryView::from).collect();
    Ok(ok(page.of(&app, views, next.as_deref())?))
}

/// A venue, what its vendor wants changed of it, and what it lacks to be submitted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ManagedVenue")]
pub struct ManagedView {
    #[serde(flatten)]
    venue: RevisedVenueView,
    /// Of `opening_hours`, `price_per_hour` and `photo`, what customers need and is not there yet.
    missing: Vec<&'static str>,
}

pub async fn show(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeVenues>,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<ManagedView>> {
    let Overview { revised, missing } = venues::overview(&app, &me.member, id).await?;
    let tag = venues::venue_tag(&revised)?;
    let venue = RevisedVenueView::of(&app, revised).await?;
    Ok(ok(ManagedView { venue, missing }).replaceable(tag))
}

pub async fn edit(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
    MaybeIfMatch(expected): MaybeIfMatch,
    Body(ask): Body<RawEdit>,
) -> Answer<Reply<RevisedVenueView>> {
    let venue = venues::edit(&app, &me.member, once.as_ref(), id, &ask, expected).await?;
    revised(&app, venue).await
}

pub async fn withdraw(
    State(app): State<App>,
    Vendor(me): Vendor<needs::ManageVenues>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(id): PathId<VenueId>,
) -> Answer<Reply<RevisedVenueView>> {
    let venue = venues::withdraw_revision(&app, &me.member, once.as_ref(), id).await?;
    revised(&app, venue).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::RawAddress;
    use domain::amenity::AMENITIES_MAX;
    use domain::space::GUESTS_MAX;
    use domain::text::REGION_LENGTH_MAX;

    fn raw() -> RawVenue {
        RawVenue {
            name: "The Loft".into(),
            description: None,
            location: RawLocation {
                address: RawAddress {
                    street: Some("Torstr. 1".into()),
                    postal_code: Some("10119".into()),
                    city: "Berlin".into(),
                    region: None,
                    country: "DE".into(),
                },
                lat: 52.5,
                lng: 13.4,
                zone: None,
            },
            capacity: 40,
            amenities: Vec::new(),
            other_amenities: Vec::new(),
            cancellation_policy: None,
            house_rules: None,
            rules: None,
            price_per_hour: None,
        }
    }

    fn pointers(raw: RawVenue) -> Vec<String> {
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_venue_needs_little_to_begin_with() {
        let venue = raw().parse(&mut Problems::new()).unwrap();
        assert_eq!(venue.policy.as_str(), POLICY_DEFAULT);
        assert!(venue.rules.is_none() && venue.price_per_hour.is_none());
    }

    #[test]
    fn everything_wrong_with_a_venue_is_told_at_once() {
        let wrong = RawVenue {
            name: "x".into(),
            description: Some("\u{0}".into()),
            location: RawLocation {
                address: RawAddress {
                    street: Some("\n".into()),
                    postal_code: Some("1".into()),
                    city: String::new(),
                    region: Some("x".repeat(REGION_LENGTH_MAX + 1)),
                    country: "de".into(),
                },
                lat: 90.1,
                lng: -180.1,
                zone: Some("Mars/Olympus".into()),
            },
            capacity: GUESTS_MAX + 1,
            amenities: vec!["wifi".into(), "?".into()],
            other_amenities: vec!["Ice machine".into(), "\u{0}".into()],
            cancellation_policy: Some("Lenient".into()),
            house_rules: Some(" ".into()),
            rules: Some(serde_json::from_str(r#"{"weekly":[],"step_minutes":7}"#).unwrap()),
            price_per_hour: Some(RawMoney {
                amount: 0,
                currency: "EUR".into(),
                exponent: None,
            }),
        };
        let expected = [
            "/name",
            "/description",
            "/location/address/street",
            "/location/address/postal_code",
            "/location/address/city",
            "/location/address/region",
            "/location/address/country",
            "/location/lat",
            "/location/lng",
            "/location/zone",
            "/amenities/1",
            "/other_amenities/1",
            "/cancellation_policy",
            "/house_rules",
            "/capacity",
            "/rules/step_minutes",
            "/price_per_hour/amount",
        ];
        assert_eq!(pointers(wrong), expected);
    }

    #[test]
    fn what_is_offered_has_a_limit() {
        let wifi = |n| RawVenue {
            amenities: vec!["wifi".to_owned(); n],
            ..raw()
        };
        assert!(wifi(AMENITIES_MAX).parse(&mut Problems::new()).is_some());
        assert_eq!(pointers(wifi(AMENITIES_MAX + 1)), ["/amenities"]);
        let others = |n: usize| RawVenue {
            other_amenities: (0..n).map(|n| format!("Room {n}")).collect(),
            ..raw()
        };
        let most = others(OTHER_AMENITIES_MAX).parse(&mut Problems::new()).unwrap();
        assert_eq!(most.other_amenities.len(), OTHER_AMENITIES_MAX);
        assert_eq!(pointers(others(OTHER_AMENITIES_MAX + 1)), ["/other_amenities"]);
    }
}
