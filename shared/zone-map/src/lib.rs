//! Which time zone a place is in, from a map in the program: no service is asked, and nothing is read from a disk.
//!
//! The map is OpenStreetMap's, by <https://github.com/evansiroky/timezone-boundary-builder>. On land and along the
//! coast it has the zones of the IANA database; out at sea it has `Etc/GMT±n`, which are left out here.
#![expect(
    clippy::float_arithmetic,
    reason = "steps around a place; no money is computed here"
)]

use std::sync::LazyLock;

use app::ports::Zones;
use domain::geo::{METRES_PER_DEGREE, Point};
use domain::time::Zone;
use tzf_rs::EmbeddedFinder;

/// A border may be drawn so far from where it is: the map is right to 111 metres (tzf-rs, "Accuracy"), and so may a
/// point be that somebody chose by hand.
pub const BORDER_METRES: f64 = 250.0;

/// In these directions another zone is looked for.
const AROUND: [(f64, f64); 8] = [
    (1.0, 0.0),
    (0.7, 0.7),
    (0.0, 1.0),
    (-0.7, 0.7),
    (-1.0, 0.0),
    (-0.7, -0.7),
    (0.0, -1.0),
    (0.7, -0.7),
];

/// Opened by the first who asks: most requests of a function never do.
static MAP: LazyLock<EmbeddedFinder> = LazyLock::new(EmbeddedFinder::new);

/// The map as a port.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZoneMap;

impl Zones for ZoneMap {
    fn at(&self, place: Point) -> Vec<Zone> {
        let step = BORDER_METRES / METRES_PER_DEGREE;
        // At a pole every direction is south: there a step east is as good as any.
        let narrower = place.lat().to_radians().cos().max(0.001);
        let around = AROUND.map(|(north, east)| {
            let lat = (place.lat() + north * step).clamp(-90.0, 90.0);
            (lat, place.lng() + east * step / narrower)
        });
        let mut found = Vec::new();
        for (lat, lng) in std::iter::once((place.lat(), place.lng())).chain(around) {
            let lng = (lng + 180.0).rem_euclid(360.0) - 180.0;
            for zone in MAP.get_tz_names(lng, lat).into_iter().filter_map(on_land) {
                if !found.contains(&zone) {
                    found.push(zone);
                }
            }
        }
        found
    }
}

fn on_land(name: &str) -> Option<Zone> {
    if name.starts_with("Etc/") {
        return None;
    }
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_at(lat: f64, lng: f64) -> Vec<String> {
        let zones = ZoneMap.at(Point::new(lat, lng).unwrap());
        zones.iter().map(|zone| zone.name().to_owned()).collect()
    }

    #[test]
    fn every_name_of_the_map_is_one_that_the_program_has_the_clocks_of() {
        let names = MAP.timezonenames();
        assert!(names.len() > 400, "{}", names.len());
        for name in names {
            let zone: Zone = name.parse().unwrap();
            assert_eq!(zone.name(), name);
        }
    }

    #[test]
    fn a_place_is_in_its_zone() {
        for (lat, lng, zone) in [
            (52.52, 13.405, "Europe/Berlin"),
            (40.71, -74.0, "America/New_York"),
            (22.57, 88.36, "Asia/Kolkata"),
            (27.7, 85.32, "Asia/Kathmandu"),
            (-36.85, 174.76, "Pacific/Auckland"),
            (1.87, -157.4, "Pacific/Kiritimati"),
            // The 180th meridian, whichever way it is written.
            (-16.8, 180.0, "Pacific/Fiji"),
            (-16.8, -180.0, "Pacific/Fiji"),
            (-90.0, 0.0, "Antarctica/McMurdo"),
            // The end of a pier.
            (50.815, -0.1372, "Europe/London"),
        ] {
            assert_eq!(names_at(lat, lng)[0], zone, "{lat}, {lng}");
        }
    }

    #[test]
    fn two_zones_may_hold_at_one_place() {
        assert_eq!(names_at(43.82, 87.6), ["Asia/Shanghai", "Asia/Urumqi"]);
    }

    #[test]
    fn near_a_border_the_zone_beyond_is_named_behind_the_places_own() {
        // The border of Arizona and Utah is the 37th parallel.
        assert_eq!(names_at(36.9990, -112.5), ["America/Phoenix", "America/Denver"]);
        assert_eq!(names_at(37.0014, -112.5), ["America/Denver", "America/Phoenix"]);
        assert_eq!(names_at(36.99, -112.5), ["America/Phoenix"]);
        assert_eq!(names_at(37.01, -112.5), ["America/Denver"]);
    }

    #[test]
    fn out_at_sea_and_at_the_north_pole_is_no_zone() {
        assert!(names_at(30.0, -40.0).is_empty());
        assert!(names_at(90.0, 0.0).is_empty());
    }
}
