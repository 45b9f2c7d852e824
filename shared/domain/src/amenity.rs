//! What a venue or a space offers, in words that everybody means the same by.
//!
//! People filter by these; what has no word here, a vendor says in a text of its own ([`OTHER_AMENITIES_MAX`]). A word
//! is added where one is missing, and none is ever taken away or changed: venues are stored with them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// All there are.
pub const AMENITIES_MAX: usize = Amenity::ALL.len();
/// What a vendor says a venue offers besides, each a label.
pub const OTHER_AMENITIES_MAX: usize = 20;

/// A word that is no amenity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is none of the amenities that there are")]
pub struct NoAmenity;

macro_rules! amenities {
    ($($amenity:ident = $id:literal,)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Amenity {
            $($amenity,)+
        }

        impl Amenity {
            /// In the order of their ids.
            pub const ALL: &'static [Self] = &[$(Self::$amenity,)+];

            /// Its id, also for clients.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$amenity => $id,)+
                }
            }
        }
    };
}

amenities! {
    AirConditioning = "air-conditioning",
    AlcoholAllowed = "alcohol-allowed",
    Balcony = "balcony",
    Bar = "bar",
    Barbecue = "barbecue",
    BicycleParking = "bicycle-parking",
    Blackout = "blackout",
    Catering = "catering",
    Chairs = "chairs",
    ChangingRoom = "changing-room",
    ChildFriendly = "child-friendly",
    Cloakroom = "cloakroom",
    CoffeeMachine = "coffee-machine",
    Cyclorama = "cyclorama",
    DanceFloor = "dance-floor",
    DjEquipment = "dj-equipment",
    Elevator = "elevator",
    EvCharging = "ev-charging",
    Fireplace = "fireplace",
    FirstAidKit = "first-aid-kit",
    Flipchart = "flipchart",
    Garden = "garden",
    GreenRoom = "green-room",
    Heating = "heating",
    HighCeilings = "high-ceilings",
    Kitchen = "kitchen",
    LoadingDock = "loading-dock",
    Lockers = "lockers",
    Microphone = "microphone",
    Mirrors = "mirrors",
    NaturalLight = "natural-light",
    OutsideCatering = "outside-catering",
    Parking = "parking",
    PetsAllowed = "pets-allowed",
    Piano = "piano",
    Pool = "pool",
    PowerSupply = "power-supply",
    Printer = "printer",
    Projector = "projector",
    PublicTransport = "public-transport",
    Refrigerator = "refrigerator",
    Restroom = "restroom",
    Rooftop = "rooftop",
    Screen = "screen",
    SecurityStaff = "security-staff",
    Shower = "shower",
    SmokingArea = "smoking-area",
    SoundSystem = "sound-system",
    Soundproof = "soundproof",
    Stage = "stage",
    StageLighting = "stage-lighting",
    StepFreeAccess = "step-free-access",
    StepFreeRestroom = "step-free-restroom",
    Tables = "tables",
    Terrace = "terrace",
    VideoConferencing = "video-conferencing",
    View = "view",
    Whiteboard = "whiteboard",
    Wifi = "wifi",
}

impl FromStr for Amenity {
    type Err = NoAmenity;

    fn from_str(id: &str) -> Result<Self, NoAmenity> {
        let place = Self::ALL.binary_search_by(|amenity| amenity.as_str().cmp(id));
        place
            .ok()
            .and_then(|place| Self::ALL.get(place))
            .copied()
            .ok_or(NoAmenity)
    }
}

impl fmt::Display for Amenity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Amenity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Amenity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::LABEL_LENGTH_MAX;

    #[test]
    fn every_amenity_is_found_by_its_id_and_nothing_else_is() {
        let ids: Vec<_> = Amenity::ALL.iter().map(|amenity| amenity.as_str()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
        for amenity in Amenity::ALL {
            assert_eq!(amenity.to_string().parse(), Ok(*amenity));
            let json = serde_json::to_string(amenity).unwrap();
            assert_eq!(serde_json::from_str::<Amenity>(&json).unwrap(), *amenity);
        }
        for id in ["", "WIFI", "Wi Fi", "wi-fi", "wifi ", "whirlpool"] {
            assert_eq!(id.parse::<Amenity>(), Err(NoAmenity), "{id:?}");
        }
    }

    #[test]
    fn an_id_is_lower_case_words_with_hyphens_between_them() {
        for id in Amenity::ALL.iter().map(|amenity| amenity.as_str()) {
            let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(id.len() <= LABEL_LENGTH_MAX && id.split('-').all(is_word), "{id}");
        }
    }
}
