//! Places on the earth (WGS 84), distances, and the cells by which venues are found.
#![expect(
    clippy::float_arithmetic,
    reason = "distances are estimates; no money is computed here"
)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Mean radius of the earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// A search reaches this far at most, which keeps the number of cells it reads small.
pub const RADIUS_M_MAX: u32 = 50_000;
/// Geohash characters of a cell: about 39 km by 20 km at the equator.
pub const CELL_PRECISION: usize = 4;
/// Cells one search may read.
pub const CELLS_MAX: usize = 64;

const BASE32: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// Latitude and longitude in millionths of a degree (11 cm).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    lat_e6: i32,
    lng_e6: i32,
}

/// The numbers are no place on the earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeoError {
    #[error("latitude must be between -90 and 90")]
    Latitude,
    #[error("longitude must be between -180 and 180")]
    Longitude,
    #[error("the radius must be between 1 and {RADIUS_M_MAX} metres")]
    Radius,
}

impl Point {
    /// # Errors
    /// [`GeoError`] when a number is out of range or not a number.
    pub fn new(lat: f64, lng: f64) -> Result<Self, GeoError> {
        let e6 = |degrees: f64, limit: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "at most 180 million, checked here"
            )]
            (degrees.abs() <= limit).then(|| (degrees * 1e6).round() as i32)
        };
        Ok(Self {
            lat_e6: e6(lat, 90.0).ok_or(GeoError::Latitude)?,
            lng_e6: e6(lng, 180.0).ok_or(GeoError::Longitude)?,
        })
    }

    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e6) / 1e6
    }

    #[must_use]
    pub fn lng(self) -> f64 {
        f64::from(self.lng_e6) / 1e6
    }

    /// Great-circle distance in metres.
    #[must_use]
    pub fn distance_m(self, other: Self) -> u32 {
        let (lat1, lat2) = (self.lat().to_radians(), other.lat().to_radians());
        let dlat = (lat2 - lat1) / 2.0;
        let dlng = (other.lng() - self.lng()).to_radians() / 2.0;
        let h = dlat.sin().powi(2) + lat1.cos() * lat2.cos() * dlng.sin().powi(2);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 20,100 km"
        )]
        let metres = (2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()).round() as u32;
        metres
    }

    /// The cell it lies in.
    #[must_use]
    pub fn cell(self) -> Cell {
        geohash(self.lat(), self.lng())
    }
}

/// A geohash of [`CELL_PRECISION`] characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(String);

impl Cell {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place and how far around it to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circle {
    centre: Point,
    radius_m: u32,
}

impl Circle {
    /// # Errors
    /// [`GeoError::Radius`].
    pub fn new(centre: Point, radius_m: u32) -> Result<Self, GeoError> {
        if (1..=RADIUS_M_MAX).contains(&radius_m) {
            Ok(Self { centre, radius_m })
        } else {
            Err(GeoError::Radius)
        }
    }

    #[must_use]
    pub const fn centre(self) -> Point {
        self.centre
    }

    #[must_use]
    pub fn contains(self, point: Point) -> bool {
        self.centre.distance_m(point) <= self.radius_m
    }

    /// Cells that together cover it, at most [`CELLS_MAX`]: near the poles, where they grow narrow,
    /// the farthest are left out.
    #[must_use]
    pub fn cells(self) -> BTreeSet<Cell> {
        let metres_per_degree = EARTH_RADIUS_M.to_radians();
        let reach = f64::from(self.radius_m);
        let dlat = reach / metres_per_degree;
        let dlng = reach / (metres_per_degree * self.centre.lat().to_radians().cos().max(0.01));
        // 20 bits: ten for each axis.
        let (height, width) = (180.0 / 1024.0, 360.0 / 1024.0);
        let mut cells = BTreeSet::new();
        for lat in steps(self.centre.lat(), dlat, height) {
            for lng in steps(self.centre.lng(), dlng, width) {
                if cells.len() < CELLS_MAX {
                    let lng = (lng + 180.0).rem_euclid(360.0) - 180.0;
                    cells.insert(geohash(lat.clamp(-90.0, 90.0), lng));
                }
            }
        }
        cells
    }
}

/// The middle and what lies around it in steps of at most a cell's size, ends included, nearest first.
fn steps(middle: f64, reach: f64, size: f64) -> Vec<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "a few dozen at most")]
    let count = ((reach / size).ceil() as i32).clamp(1, 64);
    let mut offsets: Vec<i32> = (-count..=count).collect();
    offsets.sort_by_key(|i| i.abs());
    offsets
        .into_iter()
        .map(|i| middle + reach * f64::from(i) / f64::from(count))
        .collect()
}

/// <https://en.wikipedia.org/wiki/Geohash>: bits of longitude and latitude in turn, five a character.
fn geohash(lat: f64, lng: f64) -> Cell {
    let (mut lats, mut lngs) = ((-90.0, 90.0), (-180.0, 180.0));
    let mut hash = String::with_capacity(CELL_PRECISION);
    let mut even = true;
    for _ in 0..CELL_PRECISION {
        let mut character = 0_usize;
        for _ in 0..5 {
            let (range, value) = if even { (&mut lngs, lng) } else { (&mut lats, lat) };
            let middle = f64::midpoint(range.0, range.1);
            character <<= 1;
            if value >= middle {
                character |= 1;
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            even = !even;
        }
        hash.extend(BASE32.get(character).map(|b| char::from(*b)));
    }
    Cell(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(lat: f64, lng: f64) -> Point {
        Point::new(lat, lng).unwrap()
    }

    #[test]
    fn a_cell_is_a_geohash() {
        // The example of the Wikipedia article: 57.64911, 10.40744 is u4pruydqqvj.
        assert_eq!(point(57.64911, 10.40744).cell().as_str(), "u4pr");
    }

    #[test]
    fn distances_are_those_of_the_earth() {
        let (berlin, hamburg) = (point(52.52, 13.405), point(53.5511, 9.9937));
        let distance = berlin.distance_m(hamburg);
        assert!((254_000..257_000).contains(&distance), "{distance}");
        assert_eq!(berlin.distance_m(berlin), 0);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        assert_eq!(Point::new(90.1, 0.0), Err(GeoError::Latitude));
        assert_eq!(Point::new(0.0, -180.1), Err(GeoError::Longitude));
        assert_eq!(Point::new(f64::NAN, 0.0), Err(GeoError::Latitude));
        assert_eq!(Circle::new(point(0.0, 0.0), 0), Err(GeoError::Radius));
        assert_eq!(
            Circle::new(point(0.0, 0.0), RADIUS_M_MAX + 1),
            Err(GeoError::Radius)
        );
    }

    proptest! {
        #[test]
        fn a_circle_is_covered_by_its_cells(
            lat in -65.0_f64..65.0, lng in -180.0_f64..180.0, radius in 1_u32..=RADIUS_M_MAX,
            bearing in 0.0_f64..std::f64::consts::TAU, share in 0.0_f64..1.0,
        ) {
            let circle = Circle::new(point(lat, lng), radius).unwrap();
            let reach = f64::from(radius) * share / EARTH_RADIUS_M.to_radians();
            let there = point(lat + reach * bearing.sin(), ((lng + reach * bearing.cos() / lat.to_radians().cos()) + 180.0).rem_euclid(360.0) - 180.0);
            prop_assume!(circle.contains(there));
            let cells = circle.cells();
            prop_assert!(cells.len() < CELLS_MAX);
            prop_assert!(cells.contains(&there.cell()));
        }
    }
}
