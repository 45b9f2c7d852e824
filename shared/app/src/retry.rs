//! Deciding again when somebody else was faster, and asking again when a service was away.

use std::future::Future;
use std::time::Duration;

use store::Fault;

use crate::{Error, Result};

/// Decisions that one request makes before it gives up with 503.
pub const DECISIONS_MAX: u32 = 8;
/// The first wait is up to this long, each further one up to twice as long as the one before.
const WAIT_MS_BASE: u64 = 25;
const WAIT_MS_MAX: u64 = 1_000;

/// What came of one attempt.
pub enum Attempt<T> {
    Done(T),
    /// A version moved, or a transaction stood in the way.
    Conflict,
}

/// A commit as an attempt: races are told apart from everything else. A guard that is no race is left
/// to the caller.
///
/// # Errors
/// Every fault that is no conflict.
pub fn raced(committed: store::Result<()>) -> store::Result<Attempt<()>> {
    match committed {
        Ok(()) => Ok(Attempt::Done(())),
        Err(Fault::Conflict) => Ok(Attempt::Conflict),
        Err(Fault::Guard(guard)) if guard.is_race() => Ok(Attempt::Conflict),
        Err(fault) => Err(fault),
    }
}

/// Runs a use case (read, decide, write) until it is not in anybody's way, with full jitter between
/// the attempts: without it n racers need n(n+1)/2 of them.
///
/// # Errors
/// Whatever the use case refuses with; [`Error::Unavailable`] after [`DECISIONS_MAX`] attempts.
pub async fn on_conflict<T, F, Fut>(mut attempt: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Attempt<T>>>,
{
    for round in 0..DECISIONS_MAX {
        if round > 0 {
            tokio::time::sleep(wait(round)).await;
        }
        if let Attempt::Done(value) = attempt().await? {
            return Ok(value);
        }
    }
    Err(Error::Unavailable("too many concurrent changes".to_owned()))
}

fn wait(round: u32) -> Duration {
    let ceiling = WAIT_MS_BASE
        .saturating_mul(1 << (round - 1).min(16))
        .min(WAIT_MS_MAX);
    Duration::from_millis(fastrand::u64(0..=ceiling))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test(start_paused = true)]
    async fn a_conflict_is_decided_again_until_it_succeeds() {
        let tries = Cell::new(0);
        let result = on_conflict(|| async {
            tries.set(tries.get() + 1);
            Ok(if tries.get() < 4 {
                Attempt::Conflict
            } else {
                Attempt::Done("booked")
            })
        })
        .await;
        assert_eq!((result, tries.get()), (Ok("booked"), 4));
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_eight_decisions() {
        let tries = Cell::new(0);
        let result: Result<()> = on_conflict(|| async {
            tries.set(tries.get() + 1);
            Ok(Attempt::Conflict)
        })
        .await;
        assert!(matches!(result, Err(Error::Unavailable(_))));
        assert_eq!(tries.get(), DECISIONS_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_final() {
        let tries = Cell::new(0);
        let result: Result<()> = on_conflict(|| async {
            tries.set(tries.get() + 1);
            Err(Error::Refused(domain::Refusal::SlotTaken))
        })
        .await;
        assert_eq!(
            (result, tries.get()),
            (Err(Error::Refused(domain::Refusal::SlotTaken)), 1)
        );
    }

    #[test]
    fn waits_grow_up_to_a_limit() {
        for round in 1..40 {
            assert!(wait(round) <= Duration::from_millis(WAIT_MS_MAX));
        }
        assert!((0..200).all(|_| wait(1) <= Duration::from_millis(WAIT_MS_BASE)));
    }
}
