//! How long somebody who did not get in has to wait before the next try. Nobody is kept out for good, and a try during
//! the wait is none: it neither succeeds nor makes the wait longer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::plus_seconds;

/// After so long without a try all earlier ones are forgotten.
pub const FORGOTTEN_SECONDS: i64 = 86_400;

/// How patient one is: so many tries are free, then each waits twice as long as the one before, from a second up to a
/// limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub free: u32,
    pub longest_seconds: i64,
}

/// At the password of one account from one network.
pub const AT_ONE_PASSWORD: Patience = Patience {
    free: 4,
    longest_seconds: 900,
};

/// At the password of one account from all networks together from which it was not signed in to lately. The longest
/// wait is short: whoever is abroad while somebody guesses at theirs gets in all the same.
pub const FROM_STRANGE_NETWORKS: Patience = Patience {
    free: 20,
    longest_seconds: 60,
};

/// At any password from one network; everybody in an office shares one.
pub const FROM_ONE_NETWORK: Patience = Patience {
    free: 60,
    longest_seconds: 900,
};

/// Tries so far, successful ones not among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    pub count: u32,
    pub last: Option<Timestamp>,
}

impl Tries {
    /// Those that are not forgotten.
    fn remembered(self, now: Timestamp) -> u32 {
        match self.last {
            Some(last) if now < plus_seconds(last, FORGOTTEN_SECONDS) => self.count,
            Some(_) | None => 0,
        }
    }

    /// Until when the next try has to wait, if it does.
    #[must_use]
    pub fn wait_until(self, patience: Patience, now: Timestamp) -> Option<Timestamp> {
        let beyond = self.remembered(now).checked_sub(patience.free)?;
        let seconds = 1_i64.checked_shl(beyond).filter(|seconds| *seconds > 0);
        let seconds = seconds.map_or(patience.longest_seconds, |s| s.min(patience.longest_seconds));
        let until = plus_seconds(self.last?, seconds);
        (now < until).then_some(until)
    }

    #[must_use]
    pub fn one_more(self, now: Timestamp) -> Self {
        Self {
            count: self.remembered(now).saturating_add(1),
            last: Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn after(count: u32) -> Tries {
        Tries {
            count,
            last: Some(NOW),
        }
    }

    fn wait(count: u32, patience: Patience) -> i64 {
        let until = after(count).wait_until(patience, NOW);
        until.map_or(0, Timestamp::as_second)
    }

    #[test]
    fn some_tries_are_free_and_then_each_waits_twice_as_long() {
        let waits: Vec<_> = (0..17).map(|count| wait(count, AT_ONE_PASSWORD)).collect();
        assert_eq!(
            waits,
            [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
        );
        assert_eq!(wait(19, FROM_STRANGE_NETWORKS), 0);
        assert_eq!(wait(20, FROM_STRANGE_NETWORKS), 1);
        assert_eq!(wait(60, FROM_STRANGE_NETWORKS), 60);
        for count in [100, u32::MAX] {
            assert_eq!(wait(count, FROM_ONE_NETWORK), 900, "{count}");
        }
    }

    #[test]
    fn a_wait_ends_to_the_millisecond() {
        let until = plus_seconds(NOW, 2);
        let tries = after(5);
        let before = until.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        assert_eq!(tries.wait_until(AT_ONE_PASSWORD, before), Some(until));
        assert_eq!(tries.wait_until(AT_ONE_PASSWORD, until), None);
    }

    #[test]
    fn a_day_without_a_try_and_all_are_forgotten() {
        let patience = Patience {
            free: 0,
            longest_seconds: 10 * FORGOTTEN_SECONDS,
        };
        let tries = after(30);
        let late = plus_seconds(NOW, FORGOTTEN_SECONDS);
        assert!(tries.wait_until(patience, plus_seconds(late, -1)).is_some());
        assert_eq!(tries.wait_until(patience, late), None);
        assert_eq!(tries.one_more(late).count, 1);
        assert_eq!(tries.one_more(plus_seconds(late, -1)).count, 31);
    }
}
