//! An admin decides about a revision while its vendor replaces it, withdraws it, pauses or gives up the venue, and
//! while another admin decides: what becomes public is what somebody approved who saw it.

use app::venues::{self, VenueEdit, Verdict};
use app::{App, Error};
use domain::Refusal;
use domain::id::VenueId;
use domain::text::{Description, Reason, VenueName};
use domain::venue::{Revised, RevisionState, Venue};
use futures_util::future::{join, join3};
use testkit::{Fault, Person, VenueBuilder, World};

use super::under_a_virtual_clock;

const SEEDS: u32 = 60;

fn named(venue: &Venue, name: &str) -> VenueEdit {
    VenueEdit {
        name: VenueName::parse(name).unwrap(),
        description: Description::parse("").unwrap(),
        amenities: venue.amenities.clone(),
        policy: venue.policy.clone(),
        photos: None,
        location: None,
    }
}

async fn renames(app: &App, vera: &Person, venue: &Venue, name: &str) -> app::Result<Revised> {
    venues::edit(app, vera.vendor(), None, venue.id, &named(venue, name))
        .await
        .map(|outcome| outcome.value)
}

async fn decides(app: &App, venue: VenueId, seen: u64, verdict: Verdict) -> app::Result<Revised> {
    venues::decide_revision(app, None, venue, seen, verdict)
        .await
        .map(|outcome| outcome.value)
}

fn no() -> Verdict {
    Verdict::RequestChanges(Reason::parse("No.").unwrap())
}

/// A yes or a no of the rules; whoever could not be served knows nothing.
fn was_done<T>(heard: &app::Result<T>, seed: u32) -> Option<bool> {
    match heard {
        Ok(_) => Some(true),
        Err(Error::Refused(Refusal::RevisionOutdated)) => Some(false),
        Err(Error::Unavailable(_)) => None,
        Err(other) => panic!("seed {seed}: {other:?}"),
    }
}

fn later(random: &mut fastrand::Rng) -> tokio::time::Sleep {
    tokio::time::sleep(std::time::Duration::from_millis(random.u64(0..12)))
}

fn faults(world: &World, seed: u32) {
    world.faults.by_chance(
        seed.into(),
        &[
            (Fault::Conflict, 150),
            (Fault::ReplyLost, 20),
            (Fault::Throttled, 20),
        ],
    );
}

#[test]
fn nothing_becomes_public_that_nobody_approved_however_vendors_and_admins_race() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let mut ends = std::collections::BTreeMap::<_, u32>::new();
        for seed in 0..SEEDS {
            let venue = world.live_venue(&vera, VenueBuilder::default()).await;
            let (app, id) = (&world.app, venue.id);
            let first = renames(app, &vera, &venue, "First").await.unwrap();
            let seen = first.open().unwrap().version;
            faults(&world, seed);
            let mut random = fastrand::Rng::with_seed(seed.into());
            let (yes_at, no_at, vendor_at) = (later(&mut random), later(&mut random), later(&mut random));
            let yes = async {
                yes_at.await;
                decides(app, id, seen, Verdict::Approve).await
            };
            let refused = async {
                no_at.await;
                decides(app, id, seen, no()).await
            };
            let replaced = async {
                vendor_at.await;
                renames(app, &vera, &venue, "Second").await
            };
            let (yes, refused, replaced) = join3(yes, refused, replaced).await;
            world.faults.heal();
            let (yes, refused) = (was_done(&yes, seed), was_done(&refused, seed));
            let replaced = was_done(&replaced, seed);
            assert_ne!((yes, refused), (Some(true), Some(true)), "seed {seed}");

            let now = app.store().revised(id).await.unwrap().unwrap();
            let public = now.venue.name.as_str();
            assert_ne!(public, "Second", "seed {seed}: nobody approved it");
            match yes {
                Some(true) => assert_eq!(public, "First", "seed {seed}"),
                Some(false) => assert_eq!(public, "The Loft", "seed {seed}"),
                None => {}
            }
            let revision = now.revision.unwrap();
            if replaced == Some(true) {
                let kept = (revision.presentation.name.as_str(), revision.state);
                assert_eq!(kept, ("Second", RevisionState::Pending), "seed {seed}");
            }
            *ends
                .entry((public.to_owned(), yes == Some(false), refused == Some(true)))
                .or_default() += 1;
        }
        assert!(ends.len() >= 3, "{ends:?}: that is no race");
    });
}

#[test]
fn a_venue_that_is_given_up_leaves_nothing_to_look_at() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let (mut given_up, mut edited) = (0, 0);
        for seed in 0..SEEDS {
            let venue = world.live_venue(&vera, VenueBuilder::default()).await;
            let app = &world.app;
            venues::pause(app, vera.vendor(), None, venue.id).await.unwrap();
            faults(&world, seed);
            let mut random = fastrand::Rng::with_seed(seed.into());
            let (archive_at, edit_at) = (later(&mut random), later(&mut random));
            let archive = async {
                archive_at.await;
                venues::archive(app, vera.vendor(), None, venue.id).await
            };
            let edit = async {
                edit_at.await;
                renames(app, &vera, &venue, "First").await
            };
            let (archived, renamed) = join(archive, edit).await;
            world.faults.heal();
            given_up += u32::from(archived.is_ok());
            edited += u32::from(renamed.is_ok());
            let now = app.store().revised(venue.id).await.unwrap().unwrap();
            if archived.is_ok() {
                assert_eq!(now.open(), None, "seed {seed}");
            }
        }
        assert!(
            given_up > 0 && edited > 0 && edited < SEEDS,
            "{given_up} given up, {edited} edited: that is no race"
        );
    });
}
