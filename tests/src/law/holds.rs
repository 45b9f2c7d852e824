//! Nobody keeps more time than the cap allows, and nobody is kept from booking by what they no longer hold.

use app::Error;
use domain::Refusal;
use domain::hold::HOLDS_PER_VENUE_MAX;
use domain::time::{Interval, plus_minutes};
use futures_util::future::join_all;
use testkit::{VenueBuilder, World};

use super::under_a_virtual_clock;

fn hour(n: usize) -> Interval {
    let first = "2027-02-03T00:00:00Z".parse().unwrap();
    let start = plus_minutes(first, i64::try_from(n).unwrap() * 60);
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}

const TOO_MANY: Error = Error::Refused(Refusal::TooManyHolds {
    limit: HOLDS_PER_VENUE_MAX,
});

#[tokio::test]
async fn whoever_holds_too_much_is_refused_until_something_is_given_back() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let mut held = Vec::new();
    for n in 0..HOLDS_PER_VENUE_MAX {
        held.push(world.books(&carl, venue.id, hour(n)).await.unwrap());
    }
    assert_eq!(
        world.books(&carl, venue.id, hour(20)).await.unwrap_err(),
        TOO_MANY
    );
    // Others are not concerned, and neither are other venues.
    let olga = world.customer("olga").await;
    world.books(&olga, venue.id, hour(20)).await.unwrap();
    let other = world.live_venue(&vendor, VenueBuilder::default()).await;
    world.books(&carl, other.id, hour(0)).await.unwrap();
    world.cancels(&carl, held[0].id).await.unwrap();
    world.books(&carl, venue.id, hour(21)).await.unwrap();
    assert_eq!(
        world.books(&carl, venue.id, hour(22)).await.unwrap_err(),
        TOO_MANY
    );
    // Lapsed holds hold nothing, although nothing ran.
    world.clock.advance_seconds(600);
    for n in 0..HOLDS_PER_VENUE_MAX {
        world.books(&carl, venue.id, hour(22 + n)).await.unwrap();
    }
    assert_eq!(
        world.books(&carl, venue.id, hour(30)).await.unwrap_err(),
        TOO_MANY
    );
}

#[test]
fn whoever_asks_for_everything_at_once_gets_no_more_than_the_cap() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vendor = world.vendor("vera").await;
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        let carl = world.customer("carl").await;
        for seed in 0..20 {
            let times = (0..8).map(|n| hour(seed * 24 + n));
            let heard = join_all(times.map(|time| world.books(&carl, venue.id, time))).await;
            let held = heard.iter().filter(|h| h.is_ok()).count();
            assert!(held <= HOLDS_PER_VENUE_MAX, "seed {seed}: {held}");
            for refused in heard.iter().filter_map(|h| h.as_ref().err()) {
                let busy = matches!(refused, Error::Unavailable(_));
                assert!(busy || *refused == TOO_MANY, "seed {seed}: {refused:?}");
            }
            assert!(
                held + heard
                    .iter()
                    .filter(|h| matches!(h, Err(Error::Unavailable(_))))
                    .count()
                    >= HOLDS_PER_VENUE_MAX
            );
            world.clock.advance_seconds(600);
        }
    });
}
