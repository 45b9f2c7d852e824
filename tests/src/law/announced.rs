//! A change of a venue that was announced and whose maker died is taken back by itself. One that is still under way
//! is not hurt, and one that was decided stays.

use app::timers::{self, Summary};
use app::venues::{self, ANNOUNCED_SECONDS_MAX};
use domain::Refusal;
use domain::availability::{BlockTime, Rules};
use domain::time::{Interval, plus_seconds};
use domain::venue::Venue;
use futures_util::future::join;
use store::{Guard, Transaction};
use testkit::{Fault, Person, VenueBuilder, World};

use super::under_a_virtual_clock;

const SEEDS: u64 = 25;
/// More writes than a change tries before it gives up.
const WRITES_TRIED: usize = 100;

fn noon() -> Interval {
    Interval::new(
        "2027-02-02T11:00:00Z".parse().unwrap(),
        "2027-02-02T13:00:00Z".parse().unwrap(),
    )
    .unwrap()
}

struct Place {
    world: World,
    vera: Person,
    ada: Person,
    venue: Venue,
}

impl Place {
    async fn new() -> Self {
        let world = World::new();
        let (vera, ada) = (world.vendor("vera").await, world.customer("ada").await);
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self {
            world,
            vera,
            ada,
            venue,
        }
    }

    async fn blocks_noon(&self) -> app::Result<()> {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        let once = self.vera.once("block", "noon");
        let time = BlockTime::Once(noon());
        let blocked = venues::block(app, vendor, Some(&once), id, None, time, None).await;
        blocked.map(drop)
    }

    /// Of a change of the venue, so many writes arrive.
    async fn dies_after(&self, writes: usize) {
        let faults = &self.world.faults;
        (0..writes).for_each(|_| faults.next("TransactWriteItems", Fault::None));
        (0..WRITES_TRIED).for_each(|_| faults.next("TransactWriteItems", Fault::Failed));
        self.blocks_noon().await.unwrap_err();
        faults.heal();
    }

    async fn sweeps(&self) -> Summary {
        timers::run(&self.world.app).await.unwrap()
    }

    /// The rules that hold, and whether others are about to.
    async fn rules(&self) -> (Rules, bool) {
        let store = self.world.app.store();
        let stored = store.space_with_rules(self.venue.id, self.venue.main_space).await;
        let (_, book) = stored.unwrap().unwrap();
        (book.rules, book.pending.is_some())
    }
}

fn summary(withdrawn: usize, untouched: usize) -> Summary {
    Summary {
        withdrawn,
        untouched,
        ..Summary::default()
    }
}

#[test]
fn what_was_announced_and_never_decided_is_taken_back_after_two_minutes() {
    under_a_virtual_clock(async {
        let place = Place::new().await;
        place.sweeps().await;
        let before = place.rules().await;
        place.dies_after(1).await;
        assert!(place.rules().await.1, "it is announced");
        let refused = place.world.quote(&place.ada, place.venue.id, noon()).await;
        assert!(
            matches!(&refused, Err(app::Error::RefusedTime(Refusal::Blocked, _))),
            "{refused:?}"
        );

        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX - 1);
        assert_eq!(place.sweeps().await, summary(0, 0));
        place.world.clock.advance_seconds(1);
        assert_eq!(place.sweeps().await, summary(1, 0));
        assert_eq!(place.rules().await, before);
        let booked = place.world.books(&place.ada, place.venue.id, noon()).await;
        booked.unwrap();
        assert_eq!(place.sweeps().await, summary(0, 0), "nothing is left to do");
    });
}

#[test]
fn what_nobody_heard_of_leaves_nothing_to_take_back() {
    under_a_virtual_clock(async {
        let place = Place::new().await;
        place.sweeps().await;
        place.dies_after(0).await;
        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX);
        assert_eq!(place.sweeps().await, summary(0, 0));
    });
}

#[test]
fn what_was_decided_stays_and_is_looked_at_once() {
    under_a_virtual_clock(async {
        let place = Place::new().await;
        place.sweeps().await;
        place.blocks_noon().await.unwrap();
        let decided = place.rules().await;
        assert_eq!(decided.0.blocks.len(), 1);
        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX);
        assert_eq!(place.sweeps().await, summary(0, 1));
        assert_eq!(place.rules().await, decided);
        assert_eq!(place.sweeps().await, summary(0, 0));
    });
}

#[test]
fn of_several_that_died_the_last_one_says_when_they_are_taken_back() {
    under_a_virtual_clock(async {
        let place = Place::new().await;
        place.sweeps().await;
        place.dies_after(1).await;
        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX / 2);
        place.dies_after(1).await;
        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX / 2);
        assert_eq!(place.sweeps().await, summary(0, 0));
        place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX / 2);
        let (one, other) = join(place.sweeps(), place.sweeps()).await;
        assert_eq!(one.withdrawn + other.withdrawn, 1);
        assert_eq!((one.failed, other.failed), (0, 0));
        assert!(!place.rules().await.1);
    });
}

/// The index lags: a sweep may know only of what was announced before.
#[tokio::test]
async fn a_sweep_that_is_late_leaves_what_was_announced_since() {
    let place = Place::new().await;
    let (store, id, now) = (place.world.app.store(), place.venue.id, place.world.now());
    let mut announced = Transaction::new();
    announced.put_announcement(id, plus_seconds(now, 60));
    store.commit(announced).await.unwrap();
    let removal = |until| {
        let mut removal = Transaction::new();
        removal.remove_announcement(id, until);
        store.commit(removal)
    };
    let earlier = removal(plus_seconds(now, 59)).await;
    assert_eq!(earlier, Err(store::Fault::Guard(Guard::AnnouncementUnchanged)));
    assert_eq!(removal(plus_seconds(now, 60)).await, Ok(()));
}

#[test]
fn a_change_that_takes_longer_than_it_may_is_made_whole_or_not_at_all() {
    under_a_virtual_clock(async {
        let (mut made, mut taken_back) = (0, 0);
        for seed in 0..SEEDS {
            let place = Place::new().await;
            place.sweeps().await;
            let before = place.rules().await.0;
            let faults = &place.world.faults;
            faults.by_chance(seed, &[(Fault::Conflict, 350), (Fault::ReplyLost, 30)]);
            let time_passes = async {
                let mut withdrawn = 0;
                for _ in 0..6 {
                    tokio::time::sleep(std::time::Duration::from_millis(seed % 20 + 1)).await;
                    place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX);
                    withdrawn += timers::run(&place.world.app).await.map_or(0, |s| s.withdrawn);
                }
                withdrawn
            };
            let (blocked, withdrawn) = join(place.blocks_noon(), time_passes).await;
            faults.heal();
            place.world.clock.advance_seconds(ANNOUNCED_SECONDS_MAX);
            place.sweeps().await;
            let (after, is_pending) = place.rules().await;
            assert!(!is_pending, "seed {seed}");
            let is_made = after.blocks.len() == 1;
            if blocked.is_ok() {
                assert!(is_made, "seed {seed}: told yes");
            }
            assert!(is_made || after == before, "seed {seed}: {after:?}");
            made += usize::from(is_made);
            taken_back += withdrawn;
        }
        assert!(
            made > 0 && taken_back > 0,
            "{made} were made, {taken_back} taken back meanwhile: that is no race"
        );
    });
}
