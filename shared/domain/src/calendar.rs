//! Who has a space when: one versioned document a space and UTC day, and what may be put into it.
//!
//! An entry stands in every day that it touches with its buffers, so that whatever it could collide
//! with shares at least one of its days. A hold stops counting when its time has come, by comparison;
//! nothing has to run for that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::availability::MINUTES_PER_DAY;
use crate::id::{BookingId, SpaceId};
use crate::spans::Spans;
use crate::time::{Interval, UtcDay};

/// Entries a day document holds: about 150 bytes each, far below DynamoDB's 400 KB an item.
pub const ENTRIES_PER_DAY_MAX: usize = 200;
/// Day documents one transaction may write. DynamoDB allows 100 actions; the rest is for the booking,
/// its event, the guards.
pub const DAYS_PER_TRANSACTION_MAX: usize = 90;

/// A booking's place in a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub booking: BookingId,
    /// The space that was booked; the entry also stands in those that are locked with it.
    pub space: SpaceId,
    pub interval: Interval,
    pub setup_minutes: u32,
    pub turnaround_minutes: u32,
    /// Until when it counts; a firm booking has no such limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_until: Option<Timestamp>,
    /// Whether it is a time that the booking may be moved to, beside the one that it has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proposed: bool,
}

impl Entry {
    /// Which of a booking's entries it is. In one space it has one of each at most.
    #[must_use]
    pub const fn role(&self) -> (BookingId, bool) {
        (self.booking, self.proposed)
    }

    /// Whether it keeps others out at that instant. A hold ends with the instant it names.
    #[must_use]
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.hold_until.is_none_or(|until| now < until)
    }

    /// Its time with what is needed before and after it.
    #[must_use]
    pub fn span(&self) -> Interval {
        self.interval
            .widened(i64::from(self.setup_minutes), i64::from(self.turnaround_minutes))
    }

    /// The days in whose documents it stands.
    pub fn days(&self) -> impl Iterator<Item = UtcDay> {
        self.span().utc_days()
    }

    /// When nothing with the buffers of the other can be, because of this one: its time, before it the longer of its
    /// setup and the other's turnaround, after it the longer of its turnaround and the other's setup.
    #[must_use]
    pub fn keeps_off(&self, other: &Self) -> Interval {
        self.interval.widened(
            i64::from(self.setup_minutes.max(other.turnaround_minutes)),
            i64::from(self.turnaround_minutes.max(other.setup_minutes)),
        )
    }

    /// The gap between two bookings has to be the larger of the earlier one's turnaround and the later
    /// one's setup.
    fn collision(&self, other: &Self) -> Option<Refusal> {
        if self.interval.overlaps(other.interval) {
            return Some(if self.space == other.space {
                Refusal::SlotTaken
            } else {
                Refusal::LinkedSpace
            });
        }
        let (earlier, later) = if self.interval.start() < other.interval.start() {
            (self, other)
        } else {
            (other, self)
        };
        let gap = earlier.turnaround_minutes.max(later.setup_minutes);
        earlier
            .interval
            .widened(0, i64::from(gap))
            .overlaps(later.interval)
            .then_some(Refusal::Buffer)
    }
}

/// One space on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Day {
    /// 0 until it is written for the first time; every write adds one.
    pub version: u64,
    pub entries: Vec<Entry>,
}

impl Day {
    /// Whether the entry would fit.
    ///
    /// # Errors
    /// [`Refusal::SlotTaken`], [`Refusal::LinkedSpace`], [`Refusal::Buffer`], [`Refusal::DayFull`].
    pub fn check(&self, entry: &Entry, now: Timestamp) -> Result<(), Refusal> {
        self.refusals(entry, now).min_by_key(rank).map_or(Ok(()), Err)
    }

    /// Everything that is in the entry's way.
    fn refusals(&self, entry: &Entry, now: Timestamp) -> impl Iterator<Item = Refusal> {
        let full = self.is_full(entry.booking, now).then_some(Refusal::DayFull);
        self.others(entry.booking, now)
            .filter_map(|other| other.collision(entry))
            .chain(full)
    }

    /// Entries that count and are not this booking's.
    fn others(&self, booking: BookingId, now: Timestamp) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |e| e.booking != booking && e.counts_at(now))
    }

    fn is_full(&self, booking: BookingId, now: Timestamp) -> bool {
        self.entries.len() >= ENTRIES_PER_DAY_MAX && self.others(booking, now).count() >= ENTRIES_PER_DAY_MAX
    }

    /// Puts the entry in, in place of what the same booking had as such, and drops holds that have lapsed.
    ///
    /// # Errors
    /// As [`Day::check`]; then nothing has changed.
    pub fn reserve(&mut self, entry: Entry, now: Timestamp) -> Result<(), Refusal> {
        self.check(&entry, now)?;
        self.entries
            .retain(|e| e.role() != entry.role() && e.counts_at(now));
        self.entries.push(entry);
        self.entries.sort_by_key(|e| (e.interval.start(), e.role()));
        Ok(())
    }

    /// Takes out what the booking has as such an entry, and lapsed holds with it. Whether anything was there.
    fn release(&mut self, role: (BookingId, bool), now: Timestamp) -> bool {
        let had = self.entries.iter().any(|e| e.role() == role);
        self.entries.retain(|e| e.role() != role && e.counts_at(now));
        had
    }
}

/// Of several refusals the lowest is told: a time that is taken is told as such, also when a neighbour's
/// buffer is in the way as well.
fn rank(refusal: &Refusal) -> usize {
    let worst = [Refusal::SlotTaken, Refusal::LinkedSpace, Refusal::Buffer];
    worst
        .iter()
        .position(|worse| worse == refusal)
        .unwrap_or(worst.len())
}

/// The day documents that a decision reads, and those of them that it changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    days: BTreeMap<(SpaceId, UtcDay), Day>,
    changed: BTreeSet<(SpaceId, UtcDay)>,
}

impl Calendar {
    /// Days as they were read. A day that has no document yet is a [`Day::default`].
    #[must_use]
    pub fn new(days: BTreeMap<(SpaceId, UtcDay), Day>) -> Self {
        Self {
            days,
            changed: BTreeSet::new(),
        }
    }

    /// Adds days that were read of other spaces.
    pub fn add(&mut self, other: Self) {
        self.days.extend(other.days);
        self.changed.extend(other.changed);
    }

    /// Whether one transaction could put the entry into all of these spaces.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`] beyond [`DAYS_PER_TRANSACTION_MAX`].
    pub fn check_size(spaces: &[SpaceId], entry: &Entry) -> Result<(), Refusal> {
        let limit = DAYS_PER_TRANSACTION_MAX;
        if entry.days().take(limit + 1).count().saturating_mul(spaces.len()) > limit {
            return Err(Refusal::LimitReached { limit });
        }
        Ok(())
    }

    /// How long an entry with its buffers may be so that one transaction can put it into so many spaces, whenever it
    /// begins.
    #[must_use]
    pub fn minutes_that_fit(spaces: usize) -> u32 {
        let days = u32::try_from(DAYS_PER_TRANSACTION_MAX / spaces.max(1)).unwrap_or(u32::MAX);
        // Whatever begins within a day ends on another one.
        days.saturating_sub(1).saturating_mul(MINUTES_PER_DAY)
    }

    /// How many days one transaction writes that takes an entry out of its spaces and puts another one into its own.
    ///
    /// # Errors
    /// As [`Calendar::check_size`].
    pub fn check_move(from: (&[SpaceId], &Entry), to: (&[SpaceId], &Entry)) -> Result<usize, Refusal> {
        let mut places: BTreeSet<(SpaceId, UtcDay)> = BTreeSet::new();
        for (spaces, entry) in [from, to] {
            Self::check_size(spaces, entry)?;
            places.extend(
                entry
                    .days()
                    .flat_map(|day| spaces.iter().map(move |space| (*space, day))),
            );
        }
        let limit = DAYS_PER_TRANSACTION_MAX;
        if places.len() > limit {
            return Err(Refusal::LimitReached { limit });
        }
        Ok(places.len())
    }

    /// Whether the entry would fit into every space on every day it touches. What the same booking has
    /// there already is not in its way.
    ///
    /// # Errors
    /// As [`Calendar::check_size`] and [`Day::check`].
    pub fn check(&self, spaces: &[SpaceId], entry: &Entry, now: Timestamp) -> Result<(), Refusal> {
        Self::check_size(spaces, entry)?;
        entry
            .days()
            .flat_map(|day| {
                spaces
                    .iter()
                    .filter_map(move |space| self.days.get(&(*space, day)))
            })
            .flat_map(|document| document.refusals(entry, now))
            .min_by_key(rank)
            .map_or(Ok(()), Err)
    }

    /// When nothing with the buffers of this entry can be in these spaces: what [`Calendar::check`] refuses,
    /// as a set of time.
    #[must_use]
    pub fn taken(&self, spaces: &[SpaceId], entry: &Entry, now: Timestamp) -> Spans {
        let entries = self
            .of(spaces)
            .flat_map(|(_, day)| day.others(entry.booking, now).map(|other| other.keeps_off(entry)));
        entries.chain(self.full(spaces, entry, now)).collect()
    }

    /// When nothing with the buffers of this entry can be in these spaces, as so many are there already.
    pub fn full(&self, spaces: &[SpaceId], entry: &Entry, now: Timestamp) -> impl Iterator<Item = Interval> {
        self.of(spaces)
            .filter(move |(_, day)| day.is_full(entry.booking, now))
            .map(move |(day, _)| {
                day.interval().widened(
                    i64::from(entry.turnaround_minutes),
                    i64::from(entry.setup_minutes),
                )
            })
    }

    /// The documents of these spaces.
    fn of(&self, spaces: &[SpaceId]) -> impl Iterator<Item = (UtcDay, &Day)> {
        self.days
            .iter()
            .filter(move |((space, _), _)| spaces.contains(space))
            .map(|((_, day), document)| (*day, document))
    }

    /// Puts the entry into every space on every day it touches, or into none. What the booking had
    /// as such an entry in the loaded days goes, so that this confirms a hold and moves a booking as well.
    ///
    /// # Errors
    /// As [`Calendar::check`].
    pub fn reserve(&mut self, spaces: &[SpaceId], entry: &Entry, now: Timestamp) -> Result<(), Refusal> {
        self.check(spaces, entry, now)?;
        self.release(entry, now);
        for day in entry.days() {
            for space in spaces {
                let key = (*space, day);
                self.days.entry(key).or_default().reserve(entry.clone(), now)?;
                self.changed.insert(key);
            }
        }
        Ok(())
    }

    /// Takes what a booking has as such an entry out of all loaded days.
    pub fn release(&mut self, entry: &Entry, now: Timestamp) {
        for (key, day) in &mut self.days {
            if day.release(entry.role(), now) {
                self.changed.insert(*key);
            }
        }
    }

    /// Whether every day that the entry touches was read.
    #[must_use]
    pub fn covers(&self, spaces: &[SpaceId], entry: &Entry) -> bool {
        entry
            .days()
            .all(|day| spaces.iter().all(|space| self.days.contains_key(&(*space, day))))
    }

    /// Whether the booking stands as such an entry in every space on every day of the entry, lapsed or not.
    #[must_use]
    pub fn has(&self, spaces: &[SpaceId], entry: &Entry) -> bool {
        let stands = |key: &(SpaceId, UtcDay)| {
            self.days
                .get(key)
                .is_some_and(|day| day.entries.iter().any(|e| e.role() == entry.role()))
        };
        entry
            .days()
            .all(|day| spaces.iter().all(|space| stands(&(*space, day))))
    }

    /// What keeps others out of these spaces, each entry once, in order of start.
    #[must_use]
    pub fn occupying(&self, spaces: &[SpaceId], now: Timestamp) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self
            .of(spaces)
            .flat_map(|(_, day)| &day.entries)
            .filter(|e| e.counts_at(now))
            .collect();
        entries.sort_by_key(|e| (e.interval.start(), e.role()));
        entries.dedup_by_key(|e| e.role());
        entries
    }

    /// The documents to write, each with the version that was read.
    pub fn changes(&self) -> impl Iterator<Item = (SpaceId, UtcDay, &Day)> {
        self.changed
            .iter()
            .filter_map(|key| self.days.get(key).map(|day| (key.0, key.1, day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::plus_minutes;
    use crate::time::tests::{at, between};
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: &str = "2027-01-01T00:00Z";
    const HALL: SpaceId = SpaceId::from_uuid(Uuid::from_u128(1));

    fn booking(n: u128) -> BookingId {
        BookingId::from_uuid(Uuid::from_u128(n))
    }

    fn entry(n: u128, start: &str, end: &str) -> Entry {
        Entry {
            booking: booking(n),
            space: HALL,
            interval: between(start, end),
            setup_minutes: 0,
            turnaround_minutes: 0,
            hold_until: None,
            proposed: false,
        }
    }

    #[test]
    fn a_taken_time_is_refused_and_nothing_changes() {
        let mut day = Day::default();
        day.reserve(entry(1, "2027-01-12T10:00Z", "2027-01-12T12:00Z"), at(NOW))
            .unwrap();
        let before = day.clone();
        let refused = day.reserve(entry(2, "2027-01-12T11:00Z", "2027-01-12T13:00Z"), at(NOW));
        assert_eq!(refused, Err(Refusal::SlotTaken));
        assert_eq!(day, before);
        assert_eq!(
            day.reserve(entry(3, "2027-01-12T12:00Z", "2027-01-12T13:00Z"), at(NOW)),
            Ok(())
        );
    }

    #[test]
    fn a_hold_stops_counting_with_the_instant_it_names() {
        let mut day = Day::default();
        let hold = Entry {
            hold_until: Some(at("2027-01-01T00:10Z")),
            ..entry(1, "2027-01-12T10:00Z", "2027-01-12T12:00Z")
        };
        day.reserve(hold, at(NOW)).unwrap();
        let other = entry(2, "2027-01-12T10:00Z", "2027-01-12T12:00Z");
        assert_eq!(
            day.check(&other, at("2027-01-01T00:09:59.999Z")),
            Err(Refusal::SlotTaken)
        );
        assert_eq!(day.reserve(other, at("2027-01-01T00:10Z")), Ok(()));
        assert_eq!(
            day.entries.len(),
            1,
            "the lapsed hold is dropped when the day is written"
        );
    }

    #[test]
    fn a_confirmed_hold_replaces_itself_and_takes_its_time_again_when_it_is_still_free() {
        let mut calendar = Calendar::default();
        let firm = entry(1, "2027-01-12T23:00Z", "2027-01-13T02:00Z");
        let hold = Entry {
            hold_until: Some(at("2027-01-01T00:10Z")),
            ..firm.clone()
        };
        calendar.reserve(&[HALL], &hold, at(NOW)).unwrap();
        let late = at("2027-01-01T00:30Z");
        let mut confirmed = calendar.clone();
        assert_eq!(confirmed.reserve(&[HALL], &firm, late), Ok(()));
        assert_eq!(confirmed.occupying(&[HALL], late), [&firm]);
        assert_eq!(confirmed.changes().count(), 2);

        let other = entry(2, "2027-01-13T01:00Z", "2027-01-13T03:00Z");
        calendar.reserve(&[HALL], &other, late).unwrap();
        assert_eq!(calendar.reserve(&[HALL], &firm, late), Err(Refusal::SlotTaken));
        assert_eq!(calendar.occupying(&[HALL], late), [&other]);
        assert!(!calendar.has(&[HALL], &firm));
    }

    #[test]
    fn a_day_has_room_for_so_many_entries_and_no_more() {
        let mut day = Day::default();
        let start = at("2027-01-12T00:00Z");
        let nth = |n: u32| {
            let from = plus_minutes(start, i64::from(n) * 5);
            Entry {
                interval: Interval::new(from, plus_minutes(from, 5)).unwrap(),
                ..entry(u128::from(n) + 1, "2027-01-12T00:00Z", "2027-01-12T00:05Z")
            }
        };
        for n in 0..ENTRIES_PER_DAY_MAX as u32 {
            assert_eq!(day.reserve(nth(n), at(NOW)), Ok(()));
        }
        assert_eq!(
            day.reserve(nth(ENTRIES_PER_DAY_MAX as u32), at(NOW)),
            Err(Refusal::DayFull)
        );
    }

    #[test]
    fn what_has_lapsed_takes_no_room_in_a_full_day() {
        let held = |n: u128| Entry {
            hold_until: (n == 1).then(|| at("2027-01-01T00:10Z")),
            ..entry(n, "2027-01-12T00:00Z", "2027-01-12T00:05Z")
        };
        let day = Day {
            version: 1,
            entries: (1..=ENTRIES_PER_DAY_MAX as u128).map(held).collect(),
        };
        let one_more = entry(1_000, "2027-01-12T10:00Z", "2027-01-12T11:00Z");
        assert_eq!(
            day.check(&one_more, at("2027-01-01T00:09Z")),
            Err(Refusal::DayFull)
        );
        assert_eq!(day.check(&one_more, at("2027-01-01T00:10Z")), Ok(()));
    }

    #[test]
    fn only_days_in_which_something_stood_are_written_when_it_goes() {
        let firm = entry(1, "2027-01-12T23:00Z", "2027-01-13T02:00Z");
        let mut written = Calendar::default();
        written.reserve(&[HALL], &firm, at(NOW)).unwrap();
        let mut calendar = Calendar::new(written.days);
        calendar.add(Calendar::new(BTreeMap::from([(
            (HALL, UtcDay::of(at("2027-01-14T00:00Z"))),
            Day::default(),
        )])));
        assert!(calendar.covers(&[HALL], &entry(2, "2027-01-13T00:00Z", "2027-01-14T10:00Z")));
        assert!(!calendar.covers(&[HALL], &entry(2, "2027-01-14T23:00Z", "2027-01-15T10:00Z")));
        assert!(calendar.has(&[HALL], &firm));
        assert!(!calendar.has(&[HALL], &entry(2, "2027-01-12T23:00Z", "2027-01-13T02:00Z")));
        calendar.release(&entry(2, "2027-01-12T10:00Z", "2027-01-12T11:00Z"), at(NOW));
        assert_eq!(calendar.changes().count(), 0);
        calendar.release(&firm, at(NOW));
        let days: Vec<UtcDay> = calendar.changes().map(|(_, day, _)| day).collect();
        assert_eq!(days, firm.days().collect::<Vec<_>>());
        assert_eq!(calendar.occupying(&[HALL], at(NOW)), Vec::<&Entry>::new());
    }

    #[test]
    fn a_booking_writes_at_most_so_many_days() {
        let spaces: Vec<SpaceId> = (0..3).map(|n| SpaceId::from_uuid(Uuid::from_u128(n))).collect();
        let long = entry(1, "2027-01-01T01:00Z", "2027-01-31T23:00Z");
        assert_eq!(
            Calendar::default().check(&spaces, &long, at(NOW)),
            Err(Refusal::LimitReached {
                limit: DAYS_PER_TRANSACTION_MAX
            })
        );
        assert_eq!(Calendar::default().check(&spaces[..2], &long, at(NOW)), Ok(()));
        // Ninety days of one space, and ninety-one.
        let (most, more) = (
            entry(1, "2027-01-01T00:00Z", "2027-04-01T00:00Z"),
            entry(1, "2027-01-01T00:00Z", "2027-04-01T00:01Z"),
        );
        assert_eq!(Calendar::check_size(&[HALL], &most), Ok(()));
        assert!(Calendar::check_size(&[HALL], &more).is_err());
    }

    #[test]
    fn what_fits_whenever_it_begins_is_a_day_shorter_than_what_fits_at_best() {
        let spaces: Vec<SpaceId> = (0..100).map(|n| SpaceId::from_uuid(Uuid::from_u128(n))).collect();
        for count in 1..=DAYS_PER_TRANSACTION_MAX {
            let minutes = i64::from(Calendar::minutes_that_fit(count));
            let fits = |start, minutes| {
                let interval = Interval::new(start, plus_minutes(start, minutes)).unwrap();
                let entry = Entry {
                    interval,
                    ..entry(1, "2027-01-01T00:00Z", "2027-01-02T00:00Z")
                };
                Calendar::check_size(&spaces[..count], &entry).is_ok()
            };
            for second in ["00:00:00", "12:00:00", "23:59:59"] {
                let start = at(&format!("2027-01-01T{second}Z"));
                assert!(minutes == 0 || fits(start, minutes), "{count} at {second}");
            }
            assert!(!fits(at("2027-01-01T23:59:00Z"), minutes + 2), "{count}");
        }
        assert_eq!(Calendar::minutes_that_fit(DAYS_PER_TRANSACTION_MAX + 1), 0);
    }

    #[test]
    fn a_booking_keeps_its_time_beside_the_one_that_is_proposed() {
        let (own, other) = (
            entry(1, "2027-01-12T10:00Z", "2027-01-12T12:00Z"),
            Entry {
                hold_until: Some(at("2027-01-02T00:00Z")),
                proposed: true,
                ..entry(1, "2027-01-12T11:00Z", "2027-01-12T14:00Z")
            },
        );
        let mut calendar = Calendar::default();
        calendar.reserve(&[HALL], &own, at(NOW)).unwrap();
        calendar.reserve(&[HALL], &other, at(NOW)).unwrap();
        assert_eq!(calendar.occupying(&[HALL], at(NOW)), [&own, &other]);
        let stranger = |start, end| calendar.check(&[HALL], &entry(2, start, end), at(NOW));
        for taken in [
            ("2027-01-12T10:00Z", "2027-01-12T11:00Z"),
            ("2027-01-12T13:00Z", "2027-01-12T14:00Z"),
        ] {
            assert_eq!(stranger(taken.0, taken.1), Err(Refusal::SlotTaken));
        }
        let moved = Entry {
            hold_until: None,
            proposed: false,
            ..other.clone()
        };
        calendar.reserve(&[HALL], &moved, at(NOW)).unwrap();
        calendar.release(&other, at(NOW));
        assert_eq!(calendar.occupying(&[HALL], at(NOW)), [&moved]);
    }

    #[test]
    fn a_booking_is_moved_by_one_transaction_or_refused_before() {
        let spaces: Vec<SpaceId> = (0..3).map(|n| SpaceId::from_uuid(Uuid::from_u128(n))).collect();
        let days = |start, end| entry(1, start, end);
        // Thirty days of three spaces, and a move within them, beside them by one day, and away from them.
        let long = days("2027-01-01T01:00Z", "2027-01-30T23:00Z");
        let within = days("2027-01-02T01:00Z", "2027-01-30T23:00Z");
        let later = days("2027-01-02T01:00Z", "2027-01-31T23:00Z");
        assert_eq!(Calendar::check_move((&spaces, &long), (&spaces, &within)), Ok(90));
        let limit = DAYS_PER_TRANSACTION_MAX;
        assert_eq!(
            Calendar::check_move((&spaces, &long), (&spaces, &later)),
            Err(Refusal::LimitReached { limit })
        );
        assert_eq!(
            Calendar::check_move((&spaces[..1], &long), (&spaces[1..], &later)),
            Ok(90)
        );
    }

    #[derive(Debug, Clone)]
    enum Step {
        Hold {
            booking: u128,
            start: i64,
            minutes: i64,
            setup: u32,
            turnaround: u32,
            hold: i64,
            proposed: bool,
        },
        Confirm {
            booking: u128,
        },
        Move {
            booking: u128,
        },
        Release {
            booking: u128,
            proposed: bool,
        },
        Wait {
            minutes: i64,
        },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (1_u128..12, 0_i64..600, 1_i64..40, 0_u32..20, 0_u32..20, 1_i64..60, any::<bool>()).prop_map(
                |(booking, start, length, setup, turnaround, hold, proposed)| Step::Hold {
                    booking, start: start * 5, minutes: length * 5, setup, turnaround, hold, proposed
                }
            ),
            2 => (1_u128..12).prop_map(|booking| Step::Confirm { booking }),
            2 => (1_u128..12).prop_map(|booking| Step::Move { booking }),
            1 => (1_u128..12, any::<bool>()).prop_map(|(booking, proposed)| Step::Release { booking, proposed }),
            1 => (1_i64..40).prop_map(|minutes| Step::Wait { minutes }),
        ]
    }

    proptest! {
        /// The law of the calendar, judged without the calendar's own code: minute by minute.
        #[test]
        fn no_two_bookings_ever_share_a_minute_or_break_a_gap(steps in prop::collection::vec(step(), 1..60)) {
            let base = at("2027-01-12T12:00Z");
            let mut now = at(NOW);
            let mut calendar = Calendar::default();
            for step in steps {
                let find = |calendar: &Calendar, role| {
                    calendar.days.values().flat_map(|d| &d.entries).find(|e| e.role() == role).cloned()
                };
                match step {
                    Step::Hold { booking: n, start, minutes, setup, turnaround, hold, proposed } => {
                        let from = plus_minutes(base, start);
                        let wish = Entry {
                            booking: booking(n),
                            space: HALL,
                            interval: Interval::new(from, plus_minutes(from, minutes)).unwrap(),
                            setup_minutes: setup,
                            turnaround_minutes: turnaround,
                            hold_until: Some(plus_minutes(now, hold)),
                            proposed,
                        };
                        let _ = calendar.reserve(&[HALL], &wish, now);
                    }
                    Step::Confirm { booking: n } => {
                        if let Some(entry) = find(&calendar, (booking(n), false)) {
                            let _ = calendar.reserve(&[HALL], &Entry { hold_until: None, ..entry }, now);
                        }
                    }
                    Step::Move { booking: n } => {
                        if let Some(other) = find(&calendar, (booking(n), true)) {
                            let firm = Entry { hold_until: None, proposed: false, ..other.clone() };
                            if calendar.reserve(&[HALL], &firm, now).is_ok() {
                                calendar.release(&other, now);
                            }
                        }
                    }
                    Step::Release { booking: n, proposed } => {
                        if let Some(entry) = find(&calendar, (booking(n), proposed)) {
                            calendar.release(&entry, now);
                        }
                    }
                    Step::Wait { minutes } => now = plus_minutes(now, minutes),
                }
                let live = calendar.occupying(&[HALL], now);
                for (i, a) in live.iter().enumerate() {
                    for b in live[i + 1..].iter().filter(|b| b.booking != a.booking) {
                        let gap = crate::time::minutes_between(a.interval.end(), b.interval.start());
                        prop_assert!(gap >= i64::from(a.turnaround_minutes.max(b.setup_minutes)), "{a:?} {b:?}");
                    }
                }
            }
        }
    }
}
