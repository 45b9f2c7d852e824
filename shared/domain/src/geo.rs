//! Places on the earth (WGS 84), distances, and the cells by which venues are found.
#![expect(
    clippy::float_arithmetic,
    reason = "distances are estimates; no money is computed here"
)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Mean radius of the earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Along a meridian.
pub const METRES_PER_DEGREE: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;
/// A search reaches this far at most, which keeps the number of cells it reads small.
pub const RADIUS_M_MAX: u32 = 50_000;
/// A box is at most so high, and so wide where it is widest: as a circle of [`RADIUS_M_MAX`] is.
pub const BOX_SIDE_M_MAX: u32 = 2 * RADIUS_M_MAX;
/// Geohash characters of a cell: about 39 km by 20 km at the equator.
pub const CELL_PRECISION: usize = 4;
/// Cells one search may read.
pub const CELLS_MAX: usize = 64;

/// Whoever is not told of a place is shown the centre of its cell, which is so high and about so wide, wherever on the
/// earth: some blocks of houses.
pub const BLUR_METRES: u32 = 300;
/// [`BLUR_METRES`] in millionths of a degree of latitude.
const BLUR_E6: i32 = 2_700;

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
    #[error("the south has to be below the north, and the west another than the east")]
    EmptyBox,
    #[error("a side of the box must be at most {BOX_SIDE_M_MAX} metres")]
    BoxSide,
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

    /// The centre of the cell of about [`BLUR_METRES`] that it lies in: all places of a cell have the same one, so that
    /// asking again tells nothing more. Nearer to the poles cells have more degrees of longitude, and so keep their
    /// width.
    #[must_use]
    pub fn blurred(self) -> Self {
        const NORTH_E6: i32 = 90_000_000;
        let row = (self.lat_e6 + NORTH_E6) / BLUR_E6;
        let lat_e6 = row * BLUR_E6 + BLUR_E6 / 2 - NORTH_E6;
        let around = f64::from(AROUND_E6 / BLUR_E6) * (f64::from(lat_e6) / 1e6).to_radians().cos();
        #[expect(clippy::cast_possible_truncation, reason = "at most 133,333")]
        let columns = (around as i64).max(1);
        let around_e6 = i64::from(AROUND_E6);
        let from_west = i64::from((self.lng_e6 + AROUND_E6 / 2).rem_euclid(AROUND_E6));
        let column = from_west * columns / around_e6;
        let centre = (2 * column + 1) * around_e6 / (2 * columns);
        #[expect(clippy::cast_possible_truncation, reason = "once around the earth at most")]
        let lng_e6 = centre as i32 - AROUND_E6 / 2;
        Self { lat_e6, lng_e6 }
    }

    /// The cell it lies in. The 180th meridian is one, whichever way it is written.
    #[must_use]
    pub fn cell(self) -> Cell {
        geohash(self.lat(), wrapped(self.lng()))
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

    fn cover(self) -> Cover {
        let reach = f64::from(self.radius_m);
        let dlat = reach / METRES_PER_DEGREE;
        let dlng = reach / (METRES_PER_DEGREE * self.centre.lat().to_radians().cos().max(0.01));
        Cover::around(self.centre, dlat, dlng)
    }
}

/// From one parallel to another and from one meridian eastwards to another, across the 180th as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    south_west: Point,
    north_east: Point,
}

impl Bounds {
    /// # Errors
    /// [`GeoError::EmptyBox`], [`GeoError::BoxSide`].
    pub fn new(south_west: Point, north_east: Point) -> Result<Self, GeoError> {
        let bounds = Self {
            south_west,
            north_east,
        };
        if south_west.lat_e6 >= north_east.lat_e6 || south_west.lng_e6 == north_east.lng_e6 {
            return Err(GeoError::EmptyBox);
        }
        let (height, width) = bounds.sides_m();
        let most = f64::from(BOX_SIDE_M_MAX);
        if height > most || width > most {
            return Err(GeoError::BoxSide);
        }
        Ok(bounds)
    }

    /// Halfway between its sides.
    #[must_use]
    pub fn centre(self) -> Point {
        let lat_e6 = i32::midpoint(self.south_west.lat_e6, self.north_east.lat_e6);
        let lng_e6 = eastwards(self.south_west.lng_e6, self.width_e6() / 2);
        Point { lat_e6, lng_e6 }
    }

    #[must_use]
    pub fn contains(self, point: Point) -> bool {
        let from_west = (point.lng_e6 - self.south_west.lng_e6).rem_euclid(AROUND_E6);
        (self.south_west.lat_e6..=self.north_east.lat_e6).contains(&point.lat_e6)
            && from_west <= self.width_e6()
    }

    /// Millionths of a degree.
    const fn width_e6(self) -> i32 {
        match (self.north_east.lng_e6 - self.south_west.lng_e6).rem_euclid(AROUND_E6) {
            // From -180 to 180.
            0 => AROUND_E6,
            width => width,
        }
    }

    /// Height, and width where it is widest.
    fn sides_m(self) -> (f64, f64) {
        let (south, north) = (self.south_west.lat(), self.north_east.lat());
        // Parallels are longest at the equator.
        let widest = if south <= 0.0 && north >= 0.0 {
            0.0
        } else {
            south.abs().min(north.abs())
        };
        let width = f64::from(self.width_e6()) / 1e6 * METRES_PER_DEGREE * widest.to_radians().cos();
        ((north - south) * METRES_PER_DEGREE, width)
    }

    fn cover(self) -> Cover {
        let dlat = (self.north_east.lat() - self.south_west.lat()) / 2.0;
        Cover::around(self.centre(), dlat, f64::from(self.width_e6()) / 2e6)
    }
}

/// Where something is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Circle(Circle),
    Box(Bounds),
}

impl Area {
    /// What distances are counted from.
    #[must_use]
    pub fn centre(self) -> Point {
        match self {
            Self::Circle(circle) => circle.centre(),
            Self::Box(bounds) => bounds.centre(),
        }
    }

    #[must_use]
    pub fn contains(self, point: Point) -> bool {
        match self {
            Self::Circle(circle) => circle.contains(point),
            Self::Box(bounds) => bounds.contains(point),
        }
    }

    /// The cells to look into.
    #[must_use]
    pub fn cover(self) -> Cover {
        match self {
            Self::Circle(circle) => circle.cover(),
            Self::Box(bounds) => bounds.cover(),
        }
    }
}

/// Cells that together cover an area, at most [`CELLS_MAX`]: near the poles, where they grow narrow, the farthest
/// are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub cells: BTreeSet<Cell>,
    /// Whether none was left out.
    pub is_whole: bool,
}

impl Cover {
    fn around(middle: Point, dlat: f64, dlng: f64) -> Self {
        // 20 bits: ten for each axis.
        let (height, width) = (180.0 / 1024.0, 360.0 / 1024.0);
        let mut cover = Self {
            cells: BTreeSet::new(),
            is_whole: true,
        };
        for lat in steps(middle.lat(), dlat, height) {
            for lng in steps(middle.lng(), dlng, width) {
                cover.add(geohash(lat.clamp(-90.0, 90.0), wrapped(lng)));
            }
        }
        cover
    }

    fn add(&mut self, cell: Cell) {
        if self.cells.len() < CELLS_MAX {
            self.cells.insert(cell);
        } else if !self.cells.contains(&cell) {
            self.is_whole = false;
        }
    }
}

/// Once around the earth, in millionths of a degree.
const AROUND_E6: i32 = 360_000_000;

/// A longitude from -180 up to, not including, 180 degrees.
fn wrapped(lng: f64) -> f64 {
    (lng + 180.0).rem_euclid(360.0) - 180.0
}

/// A longitude so far east of another.
const fn eastwards(lng_e6: i32, by_e6: i32) -> i32 {
    const HALF: i32 = AROUND_E6 / 2;
    // At most 180 + 360 degrees, and as many again: far inside 32 bits.
    (lng_e6 + HALF + by_e6).rem_euclid(AROUND_E6) - HALF
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
    fn a_cell_of_blurred_places_is_as_high_as_it_is_said_to_be() {
        let height = f64::from(BLUR_E6) / 1e6 * METRES_PER_DEGREE;
        assert!((height - f64::from(BLUR_METRES)).abs() < 1.0, "{height}");
    }

    #[test]
    fn places_of_one_cell_have_one_blurred_point_and_those_of_the_next_another() {
        let one = point(52.5201, 13.4051).blurred();
        let (lat, lng) = (one.lat(), one.lng());
        // Half as high and half as wide as a cell, and a little more.
        let (up, along) = (0.001_35, 0.001_35 / lat.to_radians().cos());
        for (more, same) in [(0.95, true), (1.05, false)] {
            for (north, east) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let other = point(lat + north * more * up, lng + east * more * along).blurred();
                assert_eq!(other == one, same, "{north} {east} {more}");
            }
        }
    }

    #[test]
    fn the_180th_meridian_is_blurred_to_one_point_whichever_way_it_is_written() {
        for lat in [-90.0, -16.8, 0.0, 71.0, 90.0] {
            assert_eq!(point(lat, 180.0).blurred(), point(lat, -180.0).blurred(), "{lat}");
        }
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
        fn a_blurred_point_is_near_and_stays_where_it_is(
            lat in -90.0_f64..=90.0, lng in -180.0_f64..=180.0,
        ) {
            let exact = point(lat, lng);
            let blurred = exact.blurred();
            prop_assert!(Point::new(blurred.lat(), blurred.lng()) == Ok(blurred));
            prop_assert_eq!(blurred.blurred(), blurred);
            let away = exact.distance_m(blurred);
            // Half a diagonal; around the poles a few cells share what is left.
            prop_assert!(away <= if lat.abs() < 80.0 { 213 } else { 2 * BLUR_METRES }, "{}", away);
        }

        #[test]
        fn a_circle_is_covered_by_its_cells(
            lat in -65.0_f64..65.0, lng in -180.0_f64..180.0, radius in 1_u32..=RADIUS_M_MAX,
            bearing in 0.0_f64..std::f64::consts::TAU, share in 0.0_f64..1.0,
        ) {
            let circle = Circle::new(point(lat, lng), radius).unwrap();
            let reach = f64::from(radius) * share / EARTH_RADIUS_M.to_radians();
            let there = point(lat + reach * bearing.sin(), ((lng + reach * bearing.cos() / lat.to_radians().cos()) + 180.0).rem_euclid(360.0) - 180.0);
            prop_assume!(circle.contains(there));
            let cover = circle.cover();
            prop_assert!(cover.is_whole);
            prop_assert!(cover.cells.contains(&there.cell()));
        }

        #[test]
        fn a_box_is_covered_by_its_cells_wherever_it_lies(
            south in -65.0_f64..64.0, west in -180.0_f64..180.0,
            height in 0.001_f64..0.89, width in 0.001_f64..1.0, up in 0.0_f64..=1.0, along in 0.0_f64..=1.0,
        ) {
            // Just within the largest side, where it is widest.
            let widest = if south < 0.0 { south.abs() } else { south + height }.to_radians().cos().max(0.38);
            let width = width * 0.89 / widest;
            let bounds = Bounds::new(point(south, west), point(south + height, wrapped(west + width)));
            prop_assume!(bounds.is_ok());
            let bounds = bounds.unwrap();
            let there = point(south + up * height, wrapped(west + along * width));
            prop_assume!(bounds.contains(there));
            let cover = bounds.cover();
            prop_assert!(cover.is_whole);
            prop_assert!(cover.cells.contains(&there.cell()));
        }
    }

    fn bounds(south: f64, west: f64, north: f64, east: f64) -> Result<Bounds, GeoError> {
        Bounds::new(point(south, west), point(north, east))
    }

    #[test]
    fn a_box_goes_east_from_its_west_side_across_the_180th_meridian_too() {
        let fiji = bounds(-17.0, 179.8, -16.5, -179.7).unwrap();
        for (lng, inside) in [
            (179.9, true),
            (180.0, true),
            (-180.0, true),
            (-179.8, true),
            (179.7, false),
            (-179.6, false),
            (0.0, false),
        ] {
            assert_eq!(fiji.contains(point(-16.8, lng)), inside, "{lng}");
        }
        assert!(!fiji.contains(point(-16.4, 179.9)));
        assert_eq!(fiji.centre(), point(-16.75, -179.95));
        let up_to_it = bounds(0.0, 179.5, 0.5, 180.0).unwrap();
        assert!(up_to_it.contains(point(0.2, -180.0)) && !up_to_it.contains(point(0.2, -179.9)));
        assert!(up_to_it.cover().cells.contains(&point(0.2, -180.0).cell()));
        assert!(up_to_it.cover().cells.contains(&point(0.2, 180.0).cell()));
    }

    #[test]
    fn a_box_has_a_largest_side() {
        let degrees = f64::from(BOX_SIDE_M_MAX) / METRES_PER_DEGREE;
        let (less, more) = (degrees - 0.001, degrees + 0.001);
        assert!(bounds(0.0, 0.0, less, less).is_ok());
        assert_eq!(bounds(0.0, 0.0, more, less), Err(GeoError::BoxSide));
        assert_eq!(bounds(0.0, 0.0, less, more), Err(GeoError::BoxSide));
        // Twice as many degrees of longitude are as wide at 60 degrees; the southern side is the longer one.
        assert!(bounds(60.0, 0.0, 60.5, 2.0 * less).is_ok());
        assert_eq!(bounds(59.5, 0.0, 60.5, 2.0 * less), Err(GeoError::BoxSide));
        assert_eq!(bounds(-60.5, 0.0, -59.5, 2.0 * less), Err(GeoError::BoxSide));
        assert_eq!(bounds(-0.1, -180.0, 0.1, 180.0), Err(GeoError::BoxSide));
        assert_eq!(bounds(-0.1, 10.0, 0.1, 9.0), Err(GeoError::BoxSide));
    }

    #[test]
    fn a_box_without_an_inside_is_refused() {
        assert_eq!(bounds(1.0, 0.0, 1.0, 0.1), Err(GeoError::EmptyBox));
        assert_eq!(bounds(1.0, 0.0, 0.9, 0.1), Err(GeoError::EmptyBox));
        assert_eq!(bounds(1.0, 0.1, 1.1, 0.1), Err(GeoError::EmptyBox));
    }

    #[test]
    fn a_cover_says_when_it_leaves_cells_out() {
        let svalbard = Circle::new(point(78.2, 15.6), RADIUS_M_MAX).unwrap().cover();
        assert_eq!((svalbard.cells.len(), svalbard.is_whole), (CELLS_MAX, false));
        let near = Circle::new(point(78.2, 15.6), 10_000).unwrap().cover();
        assert!(near.is_whole);
    }
}
