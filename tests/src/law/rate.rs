//! A rate against a bucket of tokens that is counted by hand.

use proptest::prelude::*;
use store::transient::Rate;
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
                prop_assert_eq!(taken, Ok(bucket.gives()));
            }
            Ok(())
        })?;
    }
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
    assert_eq!(taken.iter().filter(|t| **t == Ok(true)).count(), 7);
    assert_eq!(
        world.app.store().take("test", "another", rate, now).await,
        Ok(true)
    );
    assert_eq!(
        world.app.store().take("other", "somebody", rate, now).await,
        Ok(true)
    );
}
