//! One venue.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use app::venues::Sold;
use app::{App, venues};
use axum::extract::State;
use domain::amenity::Amenity;
use domain::id::{SpaceId, VenueId};
use domain::pricing::Rates;
use domain::text::{Description, HouseRules, Label, VenueName};
use domain::venue::{Handle, Slug};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{
    AddOnView, AmenityId, DiscountView, MoneyView, PhotoView, PolicyView, PublicLocationView, RulesView,
    SpaceView, TaxView,
};
use web::{Answer, Anyone, Located, Parse, PathId, Problems, QueryParams, ok};

/// Links to photos are good for longer. The tag changes with them, so that nobody is told to go on
/// using links that have died.
const LINKS_SECONDS: i64 = 600;

/// Which of its spaces is shown with its rules.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DetailsQuery")]
#[serde(deny_unknown_fields)]
pub struct RawDetailsQuery {
    /// The main space when it is left out.
    space_id: Option<String>,
    /// When a booking would start; then the cancellation policy says until when each of its tiers would hold.
    start: Option<Timestamp>,
}

pub struct DetailsQuery {
    space: Option<SpaceId>,
    start: Option<Timestamp>,
}

impl Parse for RawDetailsQuery {
    type Into = DetailsQuery;

    fn parse(self, problems: &mut Problems) -> Option<DetailsQuery> {
        let space = problems.optional("space_id", self.space_id, |text| text.parse());
        Some(DetailsQuery {
            space: space?,
            start: self.start,
        })
    }
}

impl DetailsQuery {
    /// As it was asked.
    fn query(&self) -> String {
        let space = self.space.map(|space| format!("space_id={space}"));
        let start = self.start.map(|start| format!("start={start}"));
        let asked: Vec<String> = space.into_iter().chain(start).collect();
        if asked.is_empty() {
            String::new()
        } else {
            format!("?{}", asked.join("&"))
        }
    }
}

/// A venue with everything that a customer needs to know.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueDetails")]
pub struct DetailsView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    name: VenueName,
    /// Stands for the id in the address of this. It moves with the name, and an old one leads here as well; null until
    /// the venue was live.
    #[schemars(with = "Option<String>")]
    slug: Option<Slug>,
    #[schemars(with = "String")]
    description: Description,
    location: PublicLocationView,
    /// Of the space that was asked for.
    capacity: u32,
    /// Of all its spaces.
    #[schemars(with = "Vec<AmenityId>")]
    amenities: BTreeSet<Amenity>,
    /// What it offers besides, in its vendor's words.
    #[schemars(with = "Vec<String>")]
    other_amenities: BTreeSet<Label>,
    /// Of the space that was asked for; null while it cannot be booked.
    price_per_hour: Option<MoneyView>,
    /// Whether the space that was asked for can be booked at all.
    bookable: bool,
    /// Of the space that was asked for.
    rules: RulesView,
    /// All that can be booked, the main space among them.
    spaces: Vec<OfferedSpaceView>,
    #[schemars(with = "String")]
    main_space_id: SpaceId,
    cancellation_policy: PolicyView,
    /// What is asked of guests. They hold for a booking as they were when its price was given.
    #[schemars(with = "Option<String>")]
    house_rules: Option<HouseRules>,
    /// Of the policy and the house rules.
    terms_version: u64,
    /// In the order in which they are shown.
    photos: Vec<PhotoView>,
}

/// A space with what is asked for it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OfferedSpace")]
pub struct OfferedSpaceView {
    #[serde(flatten)]
    space: SpaceView,
    /// Null while it has no price. A quote says what a booking costs: rules may change the hour.
    pricing: Option<OfferedRatesView>,
}

/// What a customer needs to know of what a space costs, before asking for a quote.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OfferedRates")]
pub struct OfferedRatesView {
    /// The base price of an hour.
    price_per_hour: MoneyView,
    /// The time of a booking costs at least this.
    minimum_spend: Option<MoneyView>,
    /// Once a booking.
    cleaning_fee: Option<MoneyView>,
    /// To be chosen with the quote.
    add_ons: Vec<AddOnView>,
    discounts: Vec<DiscountView>,
    tax: Option<TaxView>,
    /// Kept safe and given back.
    deposit: Option<MoneyView>,
}

impl From<Sold> for OfferedSpaceView {
    fn from(sold: Sold) -> Self {
        Self {
            space: sold.space.into(),
            pricing: sold.rates.map(OfferedRatesView::from),
        }
    }
}

impl From<Rates> for OfferedRatesView {
    fn from(rates: Rates) -> Self {
        Self {
            price_per_hour: rates.price_per_hour.into(),
            minimum_spend: rates.minimum_spend.map(MoneyView::from),
            cleaning_fee: rates.cleaning_fee.map(MoneyView::from),
            add_ons: rates.add_ons.into_iter().map(AddOnView::from).collect(),
            discounts: rates.discounts.into_iter().map(DiscountView::from).collect(),
            tax: rates.tax.map(TaxView::from),
            deposit: rates.deposit.map(MoneyView::from),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    Anyone(me): Anyone,
    PathId(handle): PathId<Handle>,
    QueryParams(ask): QueryParams<RawDetailsQuery>,
) -> Answer<Located<DetailsView>> {
    let offer = venues::details_of(&app, me.as_ref(), &handle, ask.space).await?;
    let (venue, space) = (offer.venue, offer.space);
    if let (Handle::Slug(asked), Some(slug)) = (&handle, &venue.slug)
        && asked != slug
    {
        return Ok(Located::There(format!("{slug}{}", ask.query())));
    }
    let spaces = venues::sold_spaces(&app, venue.id).await?;
    let lock_minutes = offer.book.rules.cancellation_lock_minutes;
    let links = (!venue.photos.is_empty()).then(|| links(app.now()));
    let fingerprint = fingerprint(venue.version, &spaces, links);
    let view = DetailsView {
        venue_id: venue.id,
        slug: venue.slug,
        photos: PhotoView::all(&app, &venue.photos).await?,
        name: venue.name,
        description: venue.description,
        location: venue.location.into(),
        capacity: space.capacity,
        amenities: venue.amenities,
        other_amenities: venue.other_amenities,
        bookable: space.live && offer.rates.is_some(),
        price_per_hour: offer.rates.map(|rates| rates.price_per_hour.into()),
        rules: offer.book.rules.into(),
        spaces: spaces.into_iter().map(OfferedSpaceView::from).collect(),
        main_space_id: venue.main_space,
        cancellation_policy: PolicyView::with_lock(&venue.policy, lock_minutes, ask.start),
        house_rules: venue.house_rules,
        terms_version: venue.terms_version,
    };
    Ok(Located::Here(ok(view).fingerprint(fingerprint)))
}

/// Moves with every change of the venue or of one of its spaces, and before links die.
fn fingerprint(version: u64, spaces: &[Sold], links: Option<i64>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (version, links).hash(&mut hasher);
    for Sold { space, rates, .. } in spaces {
        let rates = rates.as_ref().map(|rates| rates.version);
        (space.id, space.rules_version, rates).hash(&mut hasher);
    }
    hasher.finish()
}

fn links(now: Timestamp) -> i64 {
    now.as_second() / LINKS_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_given_anew_before_they_die() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2027-03-01T10:00:00Z");
        assert_eq!(links(now), links(at("2027-03-01T10:09:59Z")));
        assert_ne!(links(now), links(at("2027-03-01T10:10:00Z")));
        let links_die = i64::try_from(cloud::READ_URL_SECONDS).unwrap();
        assert!(LINKS_SECONDS < links_die);
        assert_eq!(fingerprint(3, &[], Some(1)), fingerprint(3, &[], Some(1)));
        assert_ne!(fingerprint(3, &[], Some(1)), fingerprint(3, &[], Some(2)));
        assert_ne!(fingerprint(3, &[], None), fingerprint(4, &[], None));
    }
}
