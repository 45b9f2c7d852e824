//! Sets of time: sorted intervals that neither overlap nor meet.

use std::iter::FromIterator;

use jiff::Timestamp;

use crate::time::Interval;

/// Instants, as the fewest intervals that hold them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Interval>);

impl FromIterator<Interval> for Spans {
    /// Intervals in any order; those that overlap or meet become one.
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut sorted: Vec<Interval> = intervals.into_iter().collect();
        sorted.sort_by_key(|i| (i.start(), i.end()));
        let mut joined: Vec<Interval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match joined.last_mut() {
                Some(last) if next.start() <= last.end() => *last = last.through(next),
                _ => joined.push(next),
            }
        }
        Self(joined)
    }
}

impl Spans {
    #[must_use]
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    #[must_use]
    pub fn into_vec(self) -> Vec<Interval> {
        self.0
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of the interval is in it.
    #[must_use]
    pub fn covers(&self, interval: Interval) -> bool {
        self.ending_after(interval.start())
            .first()
            .is_some_and(|span| span.contains(interval))
    }

    /// Whether anything of the interval is in it.
    #[must_use]
    pub fn meets(&self, interval: Interval) -> bool {
        self.ending_after(interval.start())
            .first()
            .is_some_and(|span| span.overlaps(interval))
    }

    /// What is in this and in the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for span in &self.0 {
            both.extend(other.meeting(*span).filter_map(|o| o.within(*span)));
        }
        Self(both)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for span in &self.0 {
            let mut from = span.start();
            for taken in other.meeting(*span) {
                left.extend(Interval::new(from, taken.start()));
                from = taken.end();
            }
            left.extend(Interval::new(from, span.end()));
        }
        Self(left)
    }

    /// Those of which anything is in the interval, whole.
    pub(crate) fn meeting(&self, interval: Interval) -> impl Iterator<Item = Interval> {
        let ending_after = self.ending_after(interval.start()).iter().copied();
        ending_after.take_while(move |span| span.start() < interval.end())
    }

    fn ending_after(&self, at: Timestamp) -> &[Interval] {
        let first = self.0.partition_point(|span| span.end() <= at);
        self.0.get(first..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::plus_minutes;
    use crate::time::tests::at;
    use proptest::prelude::*;

    fn minute(n: i64) -> Timestamp {
        plus_minutes(at("2027-01-01T00:00Z"), n)
    }

    fn interval((from, length): (i64, i64)) -> Interval {
        Interval::new(minute(from), minute(from + length)).unwrap()
    }

    fn some() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0_i64..60, 1_i64..12), 0..8)
    }

    /// Which of the minutes are in one of the intervals, one by one.
    fn bits(intervals: &[(i64, i64)]) -> Vec<bool> {
        (0..80)
            .map(|n| {
                intervals
                    .iter()
                    .any(|(from, length)| (*from..from + length).contains(&n))
            })
            .collect()
    }

    fn bits_of(spans: &Spans) -> Vec<bool> {
        let one = |n| {
            spans
                .as_slice()
                .iter()
                .filter(|s| s.start() <= minute(n) && minute(n) < s.end())
                .count()
        };
        let counts: Vec<usize> = (0..80).map(one).collect();
        assert!(counts.iter().all(|c| *c <= 1), "two spans share a minute");
        let apart = spans
            .as_slice()
            .windows(2)
            .all(|pair| pair[0].end() < pair[1].start());
        assert!(apart, "two spans meet or are out of order");
        counts.into_iter().map(|c| c == 1).collect()
    }

    proptest! {
        #[test]
        fn sets_behave_as_sets_of_minutes(a in some(), b in some(), wanted in (0_i64..60, 1_i64..12)) {
            let (spans, others): (Spans, Spans) = (a.iter().copied().map(interval).collect(), b.iter().copied().map(interval).collect());
            let (these, those) = (bits(&a), bits(&b));
            let zip = |f: fn(bool, bool) -> bool| -> Vec<bool> { these.iter().zip(&those).map(|(x, y)| f(*x, *y)).collect() };
            prop_assert_eq!(bits_of(&spans), these.clone());
            prop_assert_eq!(bits_of(&spans.and(&others)), zip(|x, y| x && y));
            prop_assert_eq!(bits_of(&spans.minus(&others)), zip(|x, y| x && !y));
            let minutes = || (wanted.0..wanted.0 + wanted.1).map(|n| these[usize::try_from(n).unwrap()]);
            prop_assert_eq!(spans.covers(interval(wanted)), minutes().all(|m| m));
            prop_assert_eq!(spans.meets(interval(wanted)), minutes().any(|m| m));
        }
    }
}
