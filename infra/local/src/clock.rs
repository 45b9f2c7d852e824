//! The machine's clock, which tests can move ahead.

use std::sync::atomic::{AtomicI64, Ordering};

use app::ports::Clock;
use jiff::Timestamp;

#[derive(Debug, Default)]
pub struct ShiftedClock {
    ahead_seconds: AtomicI64,
}

impl ShiftedClock {
    /// Milliseconds that it is ahead.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_seconds.load(Ordering::SeqCst).saturating_mul(1_000)
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.ahead_seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        domain::time::plus_seconds(Timestamp::now(), self.ahead_seconds.load(Ordering::SeqCst))
    }
}
