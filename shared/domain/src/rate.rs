//! How often something may be done: a burst after a pause, then once in an interval.
//!
//! By the generic cell rate algorithm (ITU-T I.371, annex A): all that is kept is the instant up to which the rate is
//! used up. It gives what a bucket gives that holds a burst of tokens and is refilled with one in an interval.

/// Instants are in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Milliseconds.
    pub interval_ms: i64,
    pub burst: i64,
}

/// Where somebody stands with a rate after they asked once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub admitted: bool,
    /// How often they may ask again at once.
    pub left: i64,
    /// Milliseconds until they may ask again; none as long as anything is left.
    pub wait_ms: i64,
    /// Milliseconds until the whole burst is there again.
    pub full_in_ms: i64,
}

impl Rate {
    /// So many a second for long, and so many at once after a pause.
    #[must_use]
    pub const fn per_second(times: i64, burst: i64) -> Self {
        Self {
            interval_ms: 1_000 / times,
            burst,
        }
    }

    /// How often it may be done now, of how often somebody wants to; and up to when the rate is used up then.
    #[must_use]
    pub fn admit(self, used_up: i64, now: i64, wanted: u32) -> (u32, i64) {
        let begin = used_up.max(now);
        let end = now.saturating_add(self.burst.saturating_mul(self.interval_ms));
        let room = end.saturating_sub(begin).max(0) / self.interval_ms;
        let admitted = wanted.min(u32::try_from(room).unwrap_or(u32::MAX));
        let used = self.interval_ms.saturating_mul(i64::from(admitted));
        (admitted, begin.saturating_add(used))
    }

    /// The latest instant up to which it may be used up for one more.
    #[must_use]
    pub const fn bound(self, now: i64) -> i64 {
        now.saturating_add(self.burst.saturating_sub(1).saturating_mul(self.interval_ms))
    }

    /// What `used_up` means to somebody who was admitted, or was not.
    #[must_use]
    pub fn standing(self, admitted: bool, used_up: i64, now: i64) -> Standing {
        let (left, _) = self.admit(used_up, now, u32::MAX);
        Standing {
            admitted,
            left: i64::from(left),
            wait_ms: used_up.saturating_sub(self.bound(now)).max(0),
            full_in_ms: used_up.saturating_sub(now).max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_passes_and_then_one_in_an_interval() {
        let rate = Rate::per_second(20, 100);
        let (admitted, used_up) = rate.admit(0, 1_000_000, 105);
        assert_eq!((admitted, used_up), (100, 1_005_000));
        assert_eq!(rate.admit(used_up, 1_000_049, 1), (0, used_up));
        assert_eq!(rate.admit(used_up, 1_000_050, 9), (1, used_up + 50));
        assert_eq!(rate.admit(used_up, 1_005_000, 105).0, 100);
    }

    #[test]
    fn whoever_is_refused_is_told_how_long_to_wait() {
        let rate = Rate {
            interval_ms: 1_000,
            burst: 3,
        };
        let standing = rate.standing(true, 5_000 + 1_000, 5_000);
        assert_eq!(
            standing,
            Standing {
                admitted: true,
                left: 2,
                wait_ms: 0,
                full_in_ms: 1_000
            }
        );
        let used_up = 5_000 + 3_000;
        let standing = rate.standing(false, used_up, 5_000);
        assert_eq!(
            (standing.left, standing.wait_ms, standing.full_in_ms),
            (0, 1_000, 3_000)
        );
        assert_eq!(rate.admit(used_up, 5_000 + standing.wait_ms, 1).0, 1);
        assert_eq!(rate.admit(used_up, 5_000 + standing.wait_ms - 1, 1).0, 0);
    }

    proptest! {
        #[test]
        fn several_at_once_are_as_many_one_after_another(
            interval_ms in 1_i64..500,
            burst in 1_i64..20,
            used_up in 0_i64..20_000,
            now in 0_i64..20_000,
            wanted in 0_u32..30,
        ) {
            let rate = Rate { interval_ms, burst };
            let mut single = (0, used_up.max(now));
            for _ in 0..wanted {
                let (admitted, next) = rate.admit(single.1, now, 1);
                single = (single.0 + admitted, next);
            }
            prop_assert_eq!(rate.admit(used_up, now, wanted), single);
        }

        #[test]
        fn whoever_waits_as_long_as_told_is_admitted_and_no_sooner(
            interval_ms in 1_i64..500,
            burst in 1_i64..20,
            used_up in 0_i64..20_000,
            now in 0_i64..20_000,
        ) {
            let rate = Rate { interval_ms, burst };
            let standing = rate.standing(false, used_up, now);
            prop_assert_eq!(standing.left == 0, standing.wait_ms > 0);
            prop_assert_eq!(rate.admit(used_up, now + standing.wait_ms, 1).0, 1);
            if standing.wait_ms > 0 {
                prop_assert_eq!(rate.admit(used_up, now + standing.wait_ms - 1, 1).0, 0);
            }
            let (full, _) = rate.admit(used_up, now + standing.full_in_ms, u32::MAX);
            prop_assert_eq!(i64::from(full), burst);
        }
    }
}
