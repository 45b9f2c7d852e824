//! Time: instants, half-open intervals of them, UTC days and zones.
//!
//! Overlap and money are decided on instants. Civil time (opening hours) belongs to
//! [`crate::availability`], which resolves it in the venue's zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes from one instant to a later one; negative when it is earlier. Rounded towards zero.
#[must_use]
pub fn minutes_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_mins()
}

/// An instant some minutes later (or earlier); at the ends of time it stays there.
#[must_use]
pub fn plus_minutes(at: Timestamp, minutes: i64) -> Timestamp {
    plus_seconds(at, minutes.saturating_mul(60))
}

/// An instant some seconds later (or earlier); at the ends of time it stays there.
#[must_use]
pub fn plus_seconds(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(at)
}

/// From an instant up to, not including, a later one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawInterval")]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

#[derive(Deserialize)]
struct RawInterval {
    start: Timestamp,
    end: Timestamp,
}

/// The end is not after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end has to be after the start")]
pub struct EmptyInterval;

impl TryFrom<RawInterval> for Interval {
    type Error = EmptyInterval;

    fn try_from(raw: RawInterval) -> Result<Self, EmptyInterval> {
        Self::new(raw.start, raw.end)
    }
}

impl Interval {
    /// # Errors
    /// [`EmptyInterval`] unless the end is after the start.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, EmptyInterval> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(EmptyInterval)
        }
    }

    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant that is no longer in it.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Elapsed minutes, never a difference of wall clocks. Rounded down.
    #[must_use]
    pub fn minutes(self) -> i64 {
        minutes_between(self.start, self.end)
    }

    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// It with some minutes more on either side.
    #[must_use]
    pub fn widened(self, minutes_before: i64, minutes_after: i64) -> Self {
        Self {
            start: plus_minutes(self.start, -minutes_before.max(0)),
            end: plus_minutes(self.end, minutes_after.max(0)),
        }
    }

    /// From the earlier start to the later end of the two.
    #[must_use]
    pub fn through(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// What both have of time; nothing when they do not overlap.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }

    /// It from the last whole multiple of so many minutes (since 1970) before it to the first after it.
    #[must_use]
    pub fn rounded_outward(self, minutes: i64) -> Self {
        let grid = minutes.max(1).saturating_mul(60);
        let down = |at: Timestamp| at.as_second().div_euclid(grid).saturating_mul(grid);
        let instant = |second: i64, otherwise| Timestamp::from_second(second).unwrap_or(otherwise);
        let start = instant(down(self.start), self.start);
        let end = instant(down(self.end), self.end);
        let end = if end < self.end {
            plus_seconds(end, grid)
        } else {
            end
        };
        Self { start, end }
    }

    /// The UTC days it touches, in order. A day that it ends at the first instant of is not one.
    pub fn utc_days(self) -> impl Iterator<Item = UtcDay> {
        let first = UtcDay::of(self.start);
        let last = UtcDay::of(self.end.saturating_sub(1.nanosecond()).unwrap_or(self.start));
        first.through(last)
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

/// A calendar day in UTC: the unit in which the calendar is stored, `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcDay(Date);

impl UtcDay {
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(TimeZone::UTC.to_datetime(at).date())
    }

    /// All of it.
    #[must_use]
    pub fn interval(self) -> Interval {
        let start = TimeZone::UTC
            .to_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()))
            .unwrap_or(Timestamp::MAX);
        Interval {
            start,
            end: plus_seconds(start, 86_400),
        }
    }

    /// This day and all up to the last; none when the last is before it.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |day| day.0.tomorrow().ok().map(Self))
            .take_while(move |day| *day <= last)
    }
}

impl fmt::Display for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcDay {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

/// The year 2100, in seconds: rules that still repeat then agree for ever.
const COMPARED_UNTIL: i64 = 4_102_444_800;

/// A time zone of the IANA database, by its name (`Europe/Berlin`).
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// The name is not one of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an IANA time zone, such as Europe/Berlin")]
pub struct UnknownZone;

impl Zone {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub const fn rules(&self) -> &TimeZone {
        &self.rules
    }

    /// What its clocks show from the start to the end of a time.
    #[must_use]
    pub fn clocks(&self, interval: Interval) -> Clocks {
        let shown = |at| self.rules.to_datetime(at);
        Clocks {
            start: shown(interval.start()),
            end: shown(interval.end()),
        }
    }

    /// Whether both are names of one zone, as `Asia/Calcutta` and `Asia/Kolkata` are: their clocks have agreed since
    /// 1970, which makes one zone of them in the database as well (<https://data.iana.org/time-zones/theory.html>).
    #[must_use]
    pub fn is_also(&self, other: &Self) -> bool {
        let starts_alike =
            self.rules.to_offset(Timestamp::UNIX_EPOCH) == other.rules.to_offset(Timestamp::UNIX_EPOCH);
        starts_alike && self.shifts().eq(other.shifts())
    }

    /// When its clocks were, and will be, put to which offset from UTC.
    fn shifts(&self) -> impl Iterator<Item = (Timestamp, Offset)> {
        self.rules
            .following(Timestamp::UNIX_EPOCH)
            .map(|shift| (shift.timestamp(), shift.offset()))
            .take_while(|(at, _)| at.as_second() < COMPARED_UNTIL)
    }
}

/// A time as the clocks of a place show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    pub start: DateTime,
    pub end: DateTime,
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let rules = TimeZone::get(name).map_err(|_| UnknownZone)?;
        // The database's own spelling, so that one zone has one name.
        let name = rules.iana_name().ok_or(UnknownZone)?.to_owned();
        Ok(Self { name, rules })
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `2027-03-01T10:00Z` and the like, for tests.
    pub(crate) fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    pub(crate) fn between(start: &str, end: &str) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    #[test]
    fn a_zone_has_other_names_and_is_no_other_zone() {
        let zone = |name: &str| name.parse::<Zone>().unwrap();
        for (one, other, same) in [
            ("Asia/Calcutta", "Asia/Kolkata", true),
            ("US/Pacific", "America/Los_Angeles", true),
            ("Europe/Kiev", "Europe/Kyiv", true),
            // Clocks agree now and did not always.
            ("Europe/Berlin", "Europe/Paris", false),
            ("America/Denver", "America/Phoenix", false),
        ] {
            assert_eq!(zone(one).is_also(&zone(other)), same, "{one}, {other}");
        }
    }

    #[test]
    fn an_interval_has_to_end_after_it_starts() {
        assert_eq!(
            Interval::new(at("2027-03-01T10:00Z"), at("2027-03-01T10:00Z")),
            Err(EmptyInterval)
        );
        let backwards = r#"{"start":"2027-03-01T10:00:00Z","end":"2027-03-01T09:00:00Z"}"#;
        assert!(serde_json::from_str::<Interval>(backwards).is_err());
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let morning = between("2027-03-01T10:00Z", "2027-03-01T12:00Z");
        let noon = between("2027-03-01T12:00Z", "2027-03-01T13:00Z");
        assert!(!morning.overlaps(noon) && !noon.overlaps(morning));
        assert!(morning.widened(0, 1).overlaps(noon));
    }

    #[test]
    fn rounding_outward_leaves_nothing_out_and_whole_times_alone() {
        let ragged = between("2027-03-01T10:00:01Z", "2027-03-01T10:57:59.5Z");
        let round = between("2027-03-01T10:00Z", "2027-03-01T11:00Z");
        assert_eq!(ragged.rounded_outward(5), round);
        assert_eq!(round.rounded_outward(5), round);
        let before_1970 = between("1969-12-31T23:58Z", "1970-01-01T00:01Z");
        assert_eq!(
            before_1970.rounded_outward(5),
            between("1969-12-31T23:55Z", "1970-01-01T00:05Z")
        );
    }

    #[test]
    fn an_interval_that_ends_at_midnight_does_not_touch_the_next_day() {
        let days = |i: Interval| i.utc_days().map(|d| d.to_string()).collect::<Vec<_>>();
        assert_eq!(
            days(between("2027-03-01T22:00Z", "2027-03-02T00:00Z")),
            ["2027-03-01"]
        );
        assert_eq!(
            days(between("2027-03-01T22:00Z", "2027-03-02T00:01Z")),
            ["2027-03-01", "2027-03-02"]
        );
    }

    #[test]
    fn clocks_show_the_time_of_the_place_also_when_they_change_in_between() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let clocks = berlin.clocks(between("2027-03-28T00:30Z", "2027-03-28T01:30Z"));
        assert_eq!(clocks.start.to_string(), "2027-03-28T01:30:00");
        assert_eq!(clocks.end.to_string(), "2027-03-28T03:30:00");
    }

    #[test]
    fn a_zone_goes_by_its_database_name() {
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
        assert_eq!("Mars/Olympus".parse::<Zone>(), Err(UnknownZone));
        assert_eq!("+02:00".parse::<Zone>(), Err(UnknownZone));
    }
}
