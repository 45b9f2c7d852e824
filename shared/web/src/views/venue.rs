//! A venue as its vendor and admins see it, and the parts of it that everybody sees.

use std::collections::BTreeSet;

use app::App;
use domain::address::Address;
use domain::amenity::Amenity;
use domain::id::{MediaId, VendorId, VenueId};
use domain::text::{
    AltText, City, Country, Description, HouseRules, Label, PostalCode, Reason, Region, Street, VenueName,
};
use domain::venue::{Location, Photo, Slug, Venue, VenueState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AmenityId, MoneyView, PolicyView};

/// A venue with everything that its vendor set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Venue")]
pub struct VenueView {
    #[schemars(with = "String")]
    pub venue_id: VenueId,
    #[schemars(with = "String")]
    pub vendor_id: VendorId,
    #[schemars(with = "String")]
    pub name: VenueName,
    /// Stands for the id in the address that the public has of it; null until it was live.
    #[schemars(with = "Option<String>")]
    pub slug: Option<Slug>,
    #[schemars(with = "String")]
    pub description: Description,
    pub location: LocationView,
    pub capacity: u32,
    /// Of all its spaces.
    #[schemars(with = "Vec<AmenityId>")]
    pub amenities: BTreeSet<Amenity>,
    /// What it offers besides, in its vendor's words.
    #[schemars(with = "Vec<String>")]
    pub other_amenities: BTreeSet<Label>,
    /// Null until it is set.
    pub price_per_hour: Option<MoneyView>,
    pub cancellation_policy: PolicyView,
    #[schemars(with = "Option<String>")]
    pub house_rules: Option<HouseRules>,
    /// Grows by one when the policy or the house rules change. Bookings keep theirs.
    pub terms_version: u64,
    /// In the order in which they are shown.
    pub photos: Vec<PhotoView>,
    /// `draft`, `submitted`, `live`, `paused` or `archived`.
    #[schemars(with = "String")]
    pub state: VenueState,
    /// What an admin asked to change.
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A venue in a list of those who run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "VenueSummary")]
pub struct VenueSummaryView {
    #[schemars(with = "String")]
    pub venue_id: VenueId,
    #[schemars(with = "String")]
    pub vendor_id: VendorId,
    #[schemars(with = "String")]
    pub name: VenueName,
    /// In one line.
    pub address: String,
    /// `draft`, `submitted`, `live`, `paused` or `archived`.
    #[schemars(with = "String")]
    pub state: VenueState,
    /// What an admin asked to change.
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
    pub capacity: u32,
    pub price_per_hour: Option<MoneyView>,
    /// How many there are.
    pub photos: usize,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Where a venue is, for those who run it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Location")]
pub struct LocationView {
    pub address: AddressView,
    /// Degrees, WGS 84.
    pub lat: f64,
    /// Degrees, WGS 84.
    pub lng: f64,
    /// The IANA time zone that its opening hours are in.
    pub zone: String,
}

/// The address of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Address")]
pub struct AddressView {
    /// With the number of the house.
    #[schemars(with = "Option<String>")]
    pub street: Option<Street>,
    #[schemars(with = "Option<String>")]
    pub postal_code: Option<PostalCode>,
    #[schemars(with = "String")]
    pub city: City,
    #[schemars(with = "Option<String>")]
    pub region: Option<Region>,
    /// ISO 3166-1 alpha-2.
    #[schemars(with = "String")]
    pub country: Country,
    /// All of it in one line.
    pub text: String,
}

/// About where a venue is, as everybody sees it. Whoever has a confirmed booking is told the place by the booking.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PublicLocation")]
pub struct PublicLocationView {
    #[schemars(with = "String")]
    pub city: City,
    #[schemars(with = "Option<String>")]
    pub region: Option<Region>,
    /// ISO 3166-1 alpha-2.
    #[schemars(with = "String")]
    pub country: Country,
    /// Degrees, WGS 84: of the centre of the cell of about 300 metres that the venue lies in.
    pub lat: f64,
    /// Degrees, WGS 84.
    pub lng: f64,
    /// The IANA time zone that its opening hours are in.
    pub zone: String,
}

/// A photo of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Photo")]
pub struct PhotoView {
    #[schemars(with = "String")]
    pub media_id: MediaId,
    /// Where it can be read, for some minutes.
    pub url: String,
    pub content_type: String,
    /// What is to be seen, for those who do not see it.
    #[schemars(with = "Option<String>")]
    pub alt: Option<AltText>,
}

impl VenueView {
    /// With links to its photos.
    ///
    /// # Errors
    /// [`app::Error::Unavailable`] when no links can be made.
    pub async fn of(app: &App, venue: Venue) -> app::Result<Self> {
        Ok(Self {
            photos: PhotoView::all(app, &venue.photos).await?,
            venue_id: venue.id,
            vendor_id: venue.vendor,
            name: venue.name,
            slug: venue.slug,
            description: venue.description,
            location: venue.location.into(),
            capacity: venue.capacity,
            amenities: venue.amenities,
            other_amenities: venue.other_amenities,
            price_per_hour: venue.price_per_hour.map(MoneyView::from),
            cancellation_policy: PolicyView::of(&venue.policy),
            house_rules: venue.house_rules,
            terms_version: venue.terms_version,
            state: venue.state,
            reason: venue.reason,
            created_at: venue.created_at,
            updated_at: venue.updated_at,
        })
    }
}

impl PhotoView {
    /// # Errors
    /// [`app::Error::Unavailable`] when no links can be made.
    pub async fn all(app: &App, photos: &[Photo]) -> app::Result<Vec<Self>> {
        let mut views = Vec::with_capacity(photos.len());
        for photo in photos {
            views.push(Self {
                media_id: photo.id,
                url: app::venues::photo_url(app, &photo.key).await?,
                content_type: photo.content_type.clone(),
                alt: photo.alt.clone(),
            });
        }
        Ok(views)
    }
}

impl From<Venue> for VenueSummaryView {
    fn from(venue: Venue) -> Self {
        Self {
            venue_id: venue.id,
            vendor_id: venue.vendor,
            name: venue.name,
            address: venue.location.address.to_string(),
            state: venue.state,
            reason: venue.reason,
            capacity: venue.capacity,
            price_per_hour: venue.price_per_hour.map(MoneyView::from),
            photos: venue.photos.len(),
            created_at: venue.created_at,
            updated_at: venue.updated_at,
        }
    }
}

impl From<Location> for PublicLocationView {
    fn from(location: Location) -> Self {
        let point = location.public_point();
        Self {
            city: location.address.city,
            region: location.address.region,
            country: location.address.country,
            lat: point.lat(),
            lng: point.lng(),
            zone: location.zone.name().to_owned(),
        }
    }
}

impl From<Address> for AddressView {
    fn from(address: Address) -> Self {
        Self {
            text: address.to_string(),
            street: address.street,
            postal_code: address.postal_code,
            city: address.city,
            region: address.region,
            country: address.country,
        }
    }
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        Self {
            address: location.address.into(),
            lat: location.point.lat(),
            lng: location.point.lng(),
            zone: location.zone.name().to_owned(),
        }
    }
}
