//! Where a venue is, as its vendor says it.

use app::venues::NewLocation;
use domain::address::Address;
use domain::text::{City, Country, PostalCode, Region, Street};
use schemars::JsonSchema;
use serde::Deserialize;
use web::Problems;
use web::views::input;

/// Where a venue is.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewLocation")]
#[serde(deny_unknown_fields)]
pub struct RawLocation {
    pub address: RawAddress,
    /// Degrees, WGS 84.
    pub lat: f64,
    /// Degrees, WGS 84.
    pub lng: f64,
    /// The IANA time zone that its opening hours are in. The place's own when it is left out; else it has to be one
    /// that holds there (`Asia/Calcutta` is `Asia/Kolkata`; right at a border the zone beyond does, too).
    pub zone: Option<String>,
}

/// The address of a place: as much of it as there is.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewAddress")]
#[serde(deny_unknown_fields)]
pub struct RawAddress {
    /// With the number of the house; at most 120 characters.
    pub street: Option<String>,
    /// Letters, digits, spaces and hyphens, 2 to 12 of them.
    pub postal_code: Option<String>,
    /// At most 100 characters.
    pub city: String,
    /// A state, province or the like; at most 100 characters.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

impl RawAddress {
    fn parse(self, problems: &mut Problems) -> Option<Address> {
        let street = problems.optional("street", self.street, |text| Street::parse(&text));
        let postal_code = problems.optional("postal_code", self.postal_code, |text| PostalCode::parse(&text));
        let city = problems.field("city", City::parse(&self.city));
        let region = problems.optional("region", self.region, |text| Region::parse(&text));
        let country = problems.field("country", Country::parse(&self.country));
        Some(Address {
            street: street?,
            postal_code: postal_code?,
            city: city?,
            region: region?,
            country: country?,
        })
    }
}

impl RawLocation {
    pub fn parse(self, problems: &mut Problems) -> Option<NewLocation> {
        let address = problems.within("address", |here| self.address.parse(here));
        let point = input::point(problems, self.lat, self.lng);
        let zone = problems.optional("zone", self.zone, |name| name.parse());
        Some(NewLocation {
            point: point?,
            address: address?,
            zone: zone?,
        })
    }
}
