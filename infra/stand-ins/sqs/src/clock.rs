//! Where the stand-in takes the time from: every delay, visibility deadline, retention and long poll
//! asks this clock and nothing else, so that a test moves time instead of waiting for it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// The machine's clock, or one that stands still until it is told to move. Clones share the time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// The machine's wall clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `now_ms` (milliseconds since 1970) until [`Clock::advance`] or [`Clock::set_ms`].
    pub fn manual(now_ms: i64) -> Self {
        Self(Source::Manual(Arc::new(watch::Sender::new(now_ms))))
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock forward and wakes whoever waits for the new time. The system clock stays.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            now.send_modify(|now_ms| *now_ms = now_ms.saturating_add(by_ms));
        }
    }

    /// Sets a manual clock, for a simulation that keeps the time itself. The system clock stays.
    pub fn set_ms(&self, to_ms: i64) {
        if let Source::Manual(now) = &self.0 {
            now.send_replace(to_ms);
        }
    }

    /// Completes once the clock shows `at_ms` or later.
    pub(crate) async fn reach(&self, at_ms: i64) {
        match &self.0 {
            // A wall clock may be set back while this sleeps, hence the second look.
            Source::System => {
                while let Ok(left_ms @ 1..) = u64::try_from(at_ms.saturating_sub(self.now_ms())) {
                    tokio::time::sleep(Duration::from_millis(left_ms)).await;
                }
            }
            Source::Manual(now) => {
                // The sender lives in `self`, so the channel cannot close while this waits.
                let _ = now.subscribe().wait_for(|now_ms| *now_ms >= at_ms).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_its_waiters_only_when_the_time_is_reached() {
        let clock = Clock::manual(1_000);
        let waiter = {
            let clock = clock.clone();
            tokio::spawn(async move { clock.reach(3_000).await })
        };
        clock.advance(Duration::from_millis(1_999));
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        clock.set_ms(3_000);
        waiter.await.unwrap();
    }

    #[tokio::test]
    async fn a_time_already_passed_is_reached_at_once() {
        Clock::system().reach(0).await;
        Clock::manual(5).reach(5).await;
    }

    #[test]
    fn the_system_clock_cannot_be_moved() {
        let clock = Clock::system();
        clock.set_ms(0);
        clock.advance(Duration::from_secs(1));
        assert!(clock.now_ms() > 1_700_000_000_000);
    }
}
