//! How a batch gets done although parts of it fail: retry, cut in two, give up. Pure.

use std::collections::VecDeque;
use std::ops::Range;

/// How often to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Attempts at several records before they are cut in two; at least one is made.
    pub before_bisecting: u32,
    /// Attempts at a record on its own before it is given up, at least one; nothing for no end of them.
    pub of_one_record: Option<u32>,
}

/// What an invocation with a part of the batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The records before this one, counted within the part, are done; this one is not.
    FailedFrom(usize),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Done,
    /// Pause, then go on with [`Work::next`]; this many attempts in a row have failed at the same record.
    Retry {
        attempts: u32,
    },
    /// This record cannot be handled: report it, then call [`Work::given_up`].
    GiveUp {
        record: usize,
        attempts: u32,
    },
}

/// The parts of a batch that are not done, in order.
#[derive(Debug)]
pub(super) struct Work {
    parts: VecDeque<Part>,
    length: usize,
    patience: Patience,
}

#[derive(Debug)]
struct Part {
    records: Range<usize>,
    /// Attempts that failed at the first of the records.
    attempts: u32,
}

impl Work {
    pub fn new(length: usize, patience: Patience) -> Self {
        let parts = if length == 0 {
            VecDeque::new()
        } else {
            [Part {
                records: 0..length,
                attempts: 0,
            }]
            .into()
        };
        Self {
            parts,
            length,
            patience,
        }
    }

    /// The records to invoke the function with, or nothing when all are done.
    pub fn next(&self) -> Option<Range<usize>> {
        self.parts.front().map(|part| part.records.clone())
    }

    /// How many records, from the first on, need no more attempts.
    pub fn done(&self) -> usize {
        self.parts.front().map_or(self.length, |part| part.records.start)
    }

    pub fn record(&mut self, outcome: Outcome) -> Step {
        let Some(mut part) = self.parts.pop_front() else {
            return Step::Done;
        };
        let failed_at = match outcome {
            Outcome::Done => return Step::Done,
            Outcome::FailedFrom(offset) => part.records.start.saturating_add(offset),
        };
        if failed_at >= part.records.end {
            return Step::Done;
        }
        let got_further = failed_at > part.records.start;
        part.records.start = failed_at;
        part.attempts = if got_further {
            1
        } else {
            part.attempts.saturating_add(1)
        };
        let Part { records, attempts } = part;

        if records.len() == 1 {
            self.parts.push_front(Part { records, attempts });
            return if self.patience.of_one_record.is_some_and(|max| attempts >= max) {
                Step::GiveUp {
                    record: failed_at,
                    attempts,
                }
            } else {
                Step::Retry { attempts }
            };
        }
        if attempts >= self.patience.before_bisecting {
            let middle = records.start.saturating_add(records.len() / 2);
            self.parts.push_front(Part {
                records: middle..records.end,
                attempts: 0,
            });
            self.parts.push_front(Part {
                records: records.start..middle,
                attempts: 0,
            });
        } else {
            self.parts.push_front(Part { records, attempts });
        }
        Step::Retry { attempts }
    }

    /// The record of [`Step::GiveUp`] has been reported.
    pub fn given_up(&mut self) {
        if self.next().is_some_and(|records| records.len() == 1) {
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        before_bisecting: 2,
        of_one_record: Some(3),
    };

    /// What happened to a batch: which parts were invoked, which records given up.
    #[derive(Debug, Default)]
    struct Course {
        invoked: Vec<Range<usize>>,
        succeeded: Vec<usize>,
        given_up: Vec<usize>,
    }

    fn play(length: usize, mut function: impl FnMut(Range<usize>) -> Outcome) -> Course {
        const INVOCATIONS_MAX: usize = 10_000;
        let mut work = Work::new(length, PATIENCE);
        let mut course = Course::default();
        let mut done = 0;
        while let Some(part) = work.next() {
            assert!(course.invoked.len() < INVOCATIONS_MAX, "the work never ends");
            assert_eq!(
                part.start,
                work.done(),
                "a record was left out or came again after it was done"
            );
            course.invoked.push(part.clone());
            let outcome = function(part.clone());
            let handled = match outcome {
                Outcome::Done => part.end,
                Outcome::FailedFrom(offset) => part.start + offset,
            };
            course.succeeded.extend(part.start..handled);
            if let Step::GiveUp { record, attempts } = work.record(outcome) {
                assert_eq!(Some(attempts), PATIENCE.of_one_record);
                assert_eq!(
                    work.done(),
                    record,
                    "a record counts as done before it was reported"
                );
                course.given_up.push(record);
                work.given_up();
            }
            assert!(work.done() >= done, "the checkpoint went back");
            done = work.done();
        }
        assert_eq!(work.done(), length);
        course
    }

    /// A function without partial failures: one poisonous record fails all that come with it.
    fn all_or_nothing(poison: &[usize]) -> impl FnMut(Range<usize>) -> Outcome {
        move |part| match poison.iter().any(|record| part.contains(record)) {
            true => Outcome::FailedFrom(0),
            false => Outcome::Done,
        }
    }

    /// A function that handles records in order and names the one it stopped at.
    fn stops_at(poison: &[usize]) -> impl FnMut(Range<usize>) -> Outcome {
        move |part| match part.clone().position(|record| poison.contains(&record)) {
            Some(offset) => Outcome::FailedFrom(offset),
            None => Outcome::Done,
        }
    }

    #[test]
    fn an_empty_batch_needs_no_invocation() {
        assert!(play(0, all_or_nothing(&[])).invoked.is_empty());
    }

    #[test]
    fn a_batch_that_succeeds_is_invoked_once() {
        let course = play(10, all_or_nothing(&[]));
        assert_eq!(
            (course.invoked.len(), course.invoked.first()),
            (1, Some(&(0..10)))
        );
    }

    #[test]
    fn a_passing_failure_is_retried_whole() {
        let mut failures = 1;
        let course = play(10, |_| {
            failures -= 1;
            if failures == 0 {
                Outcome::FailedFrom(0)
            } else {
                Outcome::Done
            }
        });
        assert_eq!(course.invoked, [0..10, 0..10]);
        assert!(course.given_up.is_empty());
    }

    #[test]
    fn wherever_the_poison_is_every_other_record_is_handled_once_and_in_order() {
        for length in [1, 2, 3, 7, 10] {
            for first in 0..length {
                for second in first..length {
                    let poison = [first, second];
                    let healthy: Vec<_> = (0..length).filter(|it| !poison.contains(it)).collect();
                    let mut bad = poison.to_vec();
                    bad.dedup();
                    for course in [
                        play(length, all_or_nothing(&poison)),
                        play(length, stops_at(&poison)),
                    ] {
                        assert_eq!(course.succeeded, healthy, "{length} {poison:?}");
                        assert_eq!(course.given_up, bad, "{length} {poison:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_failing_batch_is_cut_in_two_after_its_attempts() {
        let course = play(4, all_or_nothing(&[3]));
        assert_eq!(
            course.invoked,
            [0..4, 0..4, 0..2, 2..4, 2..4, 2..3, 3..4, 3..4, 3..4]
        );
        assert_eq!(course.given_up, [3]);
    }

    #[test]
    fn after_a_partial_failure_only_the_rest_comes_again() {
        let mut failing = true;
        let course = play(10, |_| match std::mem::take(&mut failing) {
            true => Outcome::FailedFrom(6),
            false => Outcome::Done,
        });
        assert_eq!(course.invoked, [0..10, 6..10]);
    }

    #[test]
    fn patience_without_an_end_never_gives_a_record_up() {
        let endless = Patience {
            of_one_record: None,
            ..PATIENCE
        };
        let mut work = Work::new(1, endless);
        for attempts in 1..=1_000 {
            assert_eq!(work.record(Outcome::FailedFrom(0)), Step::Retry { attempts });
            assert_eq!(work.next(), Some(0..1));
        }
        assert_eq!(work.record(Outcome::Done), Step::Done);
        assert_eq!(work.next(), None);
    }

    #[test]
    fn getting_further_counts_as_a_first_attempt() {
        // Stops one record later each time: nothing is ever cut in two or given up.
        let course = play(5, |part| {
            if part.len() > 1 {
                Outcome::FailedFrom(1)
            } else {
                Outcome::Done
            }
        });
        assert_eq!(course.invoked, [0..5, 1..5, 2..5, 3..5, 4..5]);
    }
}
