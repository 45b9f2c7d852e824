//! What stands in a space's time, thing by thing. Together it is what [`Request::free`] leaves out of the opening
//! hours.

use super::timetable::Timetable;
use super::{Block, Request, Rules};
use crate::calendar::{Calendar, Entry};
use crate::spans::Spans;
use crate::time::Interval;

/// A space in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupancy<'a> {
    pub open: Spans,
    /// Bookings and holds that count, also of spaces that are locked with it, by start. Not cut to the window.
    pub entries: Vec<Occupying<'a>>,
    /// Blocks, each time that they recur, cut to the window, by start.
    pub blocks: Vec<(&'a Block, Interval)>,
    /// When the calendar takes no more bookings, cut to the window.
    pub full: Spans,
    /// Open, and nothing of the above.
    pub free: Spans,
}

/// A booking or hold with the time around it that nobody else can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupying<'a> {
    pub entry: &'a Entry,
    /// Its setup, or what would be needed after whoever came before it, where that is longer.
    pub before: Option<Interval>,
    /// Its turnaround, or what would be needed before whoever came after it, where that is longer.
    pub after: Option<Interval>,
}

impl<'a> Occupying<'a> {
    fn new(entry: &'a Entry, whole: Interval) -> Self {
        let time = entry.interval;
        Self {
            entry,
            before: Interval::new(whole.start(), time.start()).ok(),
            after: Interval::new(time.end(), whole.end()).ok(),
        }
    }
}

impl<'a> Request<'a> {
    /// What a new booking by these rules finds in the window. The calendar has to hold the window with the rules'
    /// buffers around it.
    #[must_use]
    pub fn occupancy(&self, calendar: &'a Calendar, window: Interval) -> Occupancy<'a> {
        let shape = self.shape(window);
        let entries = calendar.occupying(self.spaces, self.now).into_iter();
        let entries = entries.filter_map(|entry| {
            let whole = entry.keeps_off(&shape);
            whole.overlaps(window).then(|| Occupying::new(entry, whole))
        });
        let full = calendar.full(self.spaces, &shape, self.now);
        let table = Timetable::new(*self, calendar, window);
        Occupancy {
            entries: entries.collect(),
            blocks: self.blocks(window),
            full: full.filter_map(|full| full.within(window)).collect(),
            open: table.open,
            free: table.free,
        }
    }

    fn blocks(&self, window: Interval) -> Vec<(&'a Block, Interval)> {
        let of = |rules: &'a Rules| {
            rules.blocks.iter().flat_map(move |block| {
                let times = block.time.within(&rules.zone, window).into_iter();
                times.map(move |time| (block, time))
            })
        };
        let announced = self.pending.into_iter().flat_map(of);
        let announced = announced.filter(|(block, _)| !self.rules.blocks.contains(block));
        let mut blocks: Vec<_> = of(self.rules).chain(announced).collect();
        blocks.sort_by_key(|(block, time)| (time.start(), block.id));
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::{BlockTime, RuleBook};
    use crate::calendar::{Day, ENTRIES_PER_DAY_MAX};
    use crate::id::{BlockId, BookingId, SpaceId};
    use crate::time::UtcDay;
    use crate::time::tests::{at, between};
    use uuid::Uuid;

    const HALL: SpaceId = SpaceId::from_uuid(Uuid::from_u128(1));
    const DAY: (&str, &str) = ("2027-01-12T00:00Z", "2027-01-13T00:00Z");

    fn entry(n: usize, start: &str, end: &str) -> Entry {
        Entry {
            booking: BookingId::from_uuid(Uuid::from_u128(n as u128)),
            space: HALL,
            interval: between(start, end),
            setup_minutes: 0,
            turnaround_minutes: 30,
            hold_until: None,
            proposed: false,
        }
    }

    fn calendar(entries: Vec<Entry>) -> Calendar {
        let day = Day { version: 1, entries };
        Calendar::new([((HALL, UtcDay::of(at(DAY.0))), day)].into())
    }

    fn book() -> RuleBook {
        RuleBook {
            rules: Rules {
                setup_minutes: 45,
                ..Rules::closed("UTC".parse().unwrap())
            },
            pending: None,
            version: 1,
        }
    }

    #[test]
    fn what_keeps_others_away_is_the_longer_of_a_bookings_buffers_and_the_rules() {
        let (book, window) = (book(), between(DAY.0, DAY.1));
        let calendar = calendar(vec![entry(1, "2027-01-12T10:00Z", "2027-01-12T12:00Z")]);
        let request = book.request(&[HALL], at("2027-01-01T00:00Z"));
        let shown = request.occupancy(&calendar, window).entries;
        assert_eq!(shown[0].before, None);
        assert_eq!(
            shown[0].after,
            Some(between("2027-01-12T12:00Z", "2027-01-12T12:45Z"))
        );
        // Its buffer alone reaches into a window, or nothing of it does.
        let touches = |start: &str| {
            let shown = request.occupancy(&calendar, between(start, DAY.1));
            shown.entries.len()
        };
        assert_eq!(
            (touches("2027-01-12T12:44Z"), touches("2027-01-12T12:45Z")),
            (1, 0)
        );
    }

    #[test]
    fn a_day_that_takes_no_more_is_shown_as_full() {
        let (book, window) = (book(), between(DAY.0, DAY.1));
        let shown = |count: usize| {
            let entries = (1..=count).map(|n| entry(n, "2027-01-12T10:00Z", "2027-01-12T10:01Z"));
            let calendar = calendar(entries.collect());
            let request = book.request(&[HALL], at("2027-01-01T00:00Z"));
            request.occupancy(&calendar, window).full
        };
        assert!(shown(ENTRIES_PER_DAY_MAX - 1).as_slice().is_empty());
        assert!(shown(ENTRIES_PER_DAY_MAX).covers(window));
    }

    #[test]
    fn a_block_that_is_only_announced_is_shown_and_one_that_stays_is_shown_once() {
        let block = |n: u128, start: &str, end: &str| Block {
            id: BlockId::from_uuid(Uuid::from_u128(n)),
            space: HALL,
            time: BlockTime::Once(between(start, end)),
            reason: None,
        };
        let mut book = book();
        book.rules.blocks = vec![block(1, "2027-01-12T14:00Z", "2027-01-12T15:00Z")];
        let mut pending = book.rules.clone();
        pending
            .blocks
            .push(block(2, "2027-01-11T10:00Z", "2027-01-12T09:00Z"));
        book.pending = Some(pending);
        let (calendar, now) = (Calendar::default(), at("2027-01-01T00:00Z"));
        let shown = book
            .request(&[HALL], now)
            .occupancy(&calendar, between(DAY.0, DAY.1));
        let times: Vec<Interval> = shown.blocks.iter().map(|(_, time)| *time).collect();
        assert_eq!(
            times,
            [
                between(DAY.0, "2027-01-12T09:00Z"),
                between("2027-01-12T14:00Z", "2027-01-12T15:00Z")
            ]
        );
    }
}
