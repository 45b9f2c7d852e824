//! Where a venue is, as its vendor says it.

use app::venues::NewLocation;
use domain::text::{Address, Country};
use schemars::JsonSchema;
use serde::Deserialize;
use web::Problems;
use web::views::input;

/// Where a venue is.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewLocation")]
#[serde(deny_unknown_fields)]
pub struct RawLocation {
    /// As one would write it on a letter.
    pub address: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Degrees, WGS 84.
    pub lat: f64,
    /// Degrees, WGS 84.
    pub lng: f64,
    /// The IANA time zone that its opening hours are in. The place's own when it is left out; else it has to be one
    /// that holds there (`Asia/Calcutta` is `Asia/Kolkata`; right at a border the zone beyond does, too).
    pub zone: Option<String>,
}

impl RawLocation {
    pub fn parse(self, problems: &mut Problems) -> Option<NewLocation> {
        let address = problems.field("address", Address::parse(&self.address));
        let country = problems.field("country", Country::parse(&self.country));
        let point = input::point(problems, self.lat, self.lng);
        let zone = problems.optional("zone", self.zone, |name| name.parse());
        Some(NewLocation {
            point: point?,
            address: address?,
            country: country?,
            zone: zone?,
        })
    }
}
