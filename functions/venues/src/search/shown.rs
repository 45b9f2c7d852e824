//! What a search answers.

use std::collections::BTreeSet;

use app::venues::{self, Found, Summary};
use app::{App, Result};
use domain::amenity::Amenity;
use domain::id::{SpaceId, VenueId};
use domain::search::{Facets, Fit, Hit};
use domain::text::{AltText, VenueName};
use domain::venue::Slug;
use schemars::JsonSchema;
use serde::Serialize;
use web::page::{Page, PageView};
use web::views::{AmenityId, IntervalView, MoneyView, PublicLocationView, TaxView};
use web::{Listed, Problem};

/// A page of what was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueResults")]
pub struct ResultsView {
    data: Vec<CardView>,
    page: PageView,
    /// Of everything that was found, on the first page alone.
    summary: Option<SummaryView>,
}

/// What was found, on whichever page it is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueResultsSummary")]
struct SummaryView {
    /// So many venues.
    total: usize,
    /// False when there was more than one search looks at: then the counts are of the venues that come first, and
    /// later pages may bring more, unless they are sorted by `total`.
    complete: bool,
    facets: FacetsView,
}

/// How many of the venues that were found would be left by one filter more. A venue counts where one of its
/// spaces that fit does.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueFacets")]
struct FacetsView {
    /// The most frequent first; of the venues or of their spaces that fit.
    amenities: Vec<AmenityCount>,
    /// Left by `instant=true`.
    instant: usize,
    /// With a space that is booked by asking its vendor.
    on_request: usize,
    /// Left by `price_max`: in steps from the cheapest to the dearest, for each currency.
    prices: Vec<PriceCount>,
    /// Left by `total_max`: in steps as above; empty when no time was asked for.
    totals: Vec<TotalCount>,
    /// Left by more `guests`, in steps.
    guests: Vec<GuestCount>,
}

/// How many venues offer something.
#[derive(Debug, Serialize, JsonSchema)]
struct AmenityCount {
    #[schemars(with = "AmenityId")]
    amenity: Amenity,
    count: usize,
}

/// How many venues have a space for at most so much an hour.
#[derive(Debug, Serialize, JsonSchema)]
struct PriceCount {
    price_max: MoneyView,
    count: usize,
}

/// How many venues have a time that costs at most so much in all.
#[derive(Debug, Serialize, JsonSchema)]
struct TotalCount {
    total_max: MoneyView,
    count: usize,
}

/// How many venues have a space for so many guests.
#[derive(Debug, Serialize, JsonSchema)]
struct GuestCount {
    guests: u32,
    count: usize,
}

/// A venue that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "VenueCard")]
pub struct CardView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[schemars(with = "String")]
    name: VenueName,
    /// Stands for the id in the address of its details.
    #[schemars(with = "Option<String>")]
    slug: Option<Slug>,
    location: PublicLocationView,
    /// From the place or the venue that was asked for, or from the middle of the box.
    distance_m: u32,
    /// Of the largest of its spaces that fit.
    capacity: u32,
    /// The base price of the cheapest of its spaces that fit.
    price_per_hour: Option<MoneyView>,
    /// Of all its spaces.
    #[schemars(with = "Vec<AmenityId>")]
    amenities: BTreeSet<Amenity>,
    /// Those of its spaces that fit, the cheapest first.
    spaces: Vec<FitView>,
    /// Where its first photo can be read, for some minutes.
    photo_url: Option<String>,
    /// What is to be seen in it.
    #[schemars(with = "Option<String>")]
    photo_alt: Option<AltText>,
}

/// A space that fits.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SpaceFit")]
struct FitView {
    #[schemars(with = "String")]
    space_id: SpaceId,
    #[schemars(with = "String")]
    name: VenueName,
    capacity: u32,
    /// Besides what its venue offers.
    #[schemars(with = "Vec<AmenityId>")]
    amenities: BTreeSet<Amenity>,
    /// The base price.
    price_per_hour: MoneyView,
    /// Null where its vendor names none. `total` is always with it.
    tax: Option<TaxView>,
    /// Whether it is booked without asking its vendor.
    instant: bool,
    /// Bookings that would be accepted: of the time that was asked for, or the first three on the day. Empty when
    /// no time was asked for.
    slots: Vec<IntervalView>,
    /// What the first of them costs in all, for somebody who is not signed in; null when no time was asked for.
    total: Option<MoneyView>,
}

impl ResultsView {
    pub async fn of(app: &App, page: &Page, found: Found) -> std::result::Result<Self, Problem> {
        let cards = CardView::all(app, found.hits).await?;
        let next = found.next.map(|next| next.to_string());
        let Listed { data, page } = page.of(app, cards, next.as_deref())?;
        Ok(Self {
            data,
            page,
            summary: found.summary.map(SummaryView::from),
        })
    }
}

impl CardView {
    pub async fn all(app: &App, hits: Vec<Hit>) -> Result<Vec<Self>> {
        let mut cards = Vec::with_capacity(hits.len());
        for hit in hits {
            cards.push(Self::of(app, hit).await?);
        }
        Ok(cards)
    }

    async fn of(
        app: &App,
        Hit {
            venue,
            distance_m,
            fits,
        }: Hit,
    ) -> Result<Self> {
        let photo_url = match venue.photos.first() {
            Some(photo) => Some(venues::photo_url(app, &photo.key).await?),
            None => None,
        };
        let photo_alt = venue.photos.first().and_then(|photo| photo.alt.clone());
        Ok(Self {
            venue_id: venue.id,
            name: venue.name,
            slug: venue.slug,
            location: venue.location.into(),
            distance_m,
            capacity: fits
                .iter()
                .map(|fit| fit.space.capacity)
                .max()
                .unwrap_or_default(),
            price_per_hour: fits.first().map(|fit| fit.price_per_hour.into()),
            amenities: venue.amenities,
            spaces: fits.into_iter().map(FitView::from).collect(),
            photo_url,
            photo_alt,
        })
    }
}

impl From<Fit> for FitView {
    fn from(fit: Fit) -> Self {
        Self {
            space_id: fit.space.id,
            name: fit.space.name,
            capacity: fit.space.capacity,
            amenities: fit.space.amenities,
            price_per_hour: fit.price_per_hour.into(),
            tax: fit.space.tax.map(TaxView::from),
            instant: fit.space.instant,
            slots: fit.slots.into_iter().map(IntervalView::from).collect(),
            total: fit.total.map(MoneyView::from),
        }
    }
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        Self {
            total: summary.total,
            complete: summary.complete,
            facets: summary.facets.into(),
        }
    }
}

impl From<Facets> for FacetsView {
    fn from(facets: Facets) -> Self {
        let amenities = facets.amenities.into_iter();
        let prices = facets.prices.into_iter();
        let totals = facets.totals.into_iter();
        let guests = facets.guests.into_iter();
        Self {
            amenities: amenities
                .map(|(amenity, count)| AmenityCount { amenity, count })
                .collect(),
            instant: facets.instant,
            on_request: facets.on_request,
            prices: prices
                .map(|(price_max, count)| PriceCount {
                    price_max: price_max.into(),
                    count,
                })
                .collect(),
            totals: totals
                .map(|(total_max, count)| TotalCount {
                    total_max: total_max.into(),
                    count,
                })
                .collect(),
            guests: guests
                .map(|(guests, count)| GuestCount { guests, count })
                .collect(),
        }
    }
}
