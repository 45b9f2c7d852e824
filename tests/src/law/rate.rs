//! A rate against a bucket of tokens that is counted by hand.

use domain::rate::{Rate, Standing};
use proptest::prelude::*;
use testkit::World;

use super::under_a_virtual_clock;

/// What is in the bucket, in milliseconds of its refilling.
struct Bucket {
    credit: i64,
    rate: Rate,
}

impl Bucket {
    const fn full(rate: Rate) -> Self {
        Self {
            credit: rate.interval_ms * rate.burst,
            rate,
        }
    }

    fn passes(&mut self, milliseconds: i64) {
        self.credit = (self.credit + milliseconds).min(self.rate.interval_ms * self.rate.burst);
    }

    const fn gives(&mut self) -> bool {
        let gives = self.credit >= self.rate.interval_ms;
        if gives {
            self.credit -= self.rate.interval_ms;
        }
        gives
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_rate_gives_what_a_bucket_of_tokens_gives(
        interval_ms in 1_i64..500,
        burst in 1_i64..6,
        pauses in prop::collection::vec(prop_oneof![Just(0), 0_i64..700, 0_i64..5_000], 1..40),
    ) {
        let rate = Rate { interval_ms, burst };
        under_a_virtual_clock(async {
            let world = World::new();
            let mut bucket = Bucket::full(rate);
            let mut now = world.now();
            for pause in pauses {
                now += jiff::SignedDuration::from_millis(pause);
                bucket.passes(pause);
                let taken = world.app.store().take("test", "somebody", rate, now).await;
                let standing = taken.unwrap();
                prop_assert_eq!(standing.admitted, bucket.gives());
                prop_assert_eq!(standing.left, bucket.credit / rate.interval_ms);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn whoever_has_used_up_the_burst_is_told_when_to_come_back() {
    let world = World::new();
    let rate = Rate {
        interval_ms: 1_000,
        burst: 2,
    };
    let now = world.now();
    let take = |at| world.app.store().take("test", "somebody", rate, at);
    let mut told = Vec::new();
    for _ in 0..3 {
        let standing = take(now).await.unwrap();
        told.push((
            standing.admitted,
            standing.left,
            standing.wait_ms,
            standing.full_in_ms,
        ));
    }
    assert_eq!(
        told,
        [
            (true, 1, 0, 1_000),
            (true, 0, 1_000, 2_000),
            (false, 0, 1_000, 2_000)
        ]
    );
    let later = now + jiff::SignedDuration::from_millis(1_000);
    assert!(take(later).await.unwrap().admitted);
}

#[tokio::test]
async fn of_many_who_take_at_the_same_time_exactly_the_burst_gets_through() {
    let world = World::new();
    let rate = Rate {
        interval_ms: 1_000,
        burst: 7,
    };
    let now = world.now();
    let takes = (0..30).map(|_| world.app.store().take("test", "somebody", rate, now));
    let taken = futures_util::future::join_all(takes).await;
    let admitted = |taken: &store::Result<Standing>| taken.as_ref().unwrap().admitted;
    assert_eq!(taken.iter().filter(|taken| admitted(taken)).count(), 7);
    for (class, who) in [("test", "another"), ("other", "somebody")] {
        assert!(admitted(&world.app.store().take(class, who, rate, now).await));
    }
}
