//! An admin decides about a revision while its vendor replaces it, withdraws it, pauses or gives up the venue, and
//! while another admin decides: what becomes public is what somebody approved who saw it.

use std::cell::Cell;

use app::venues::{self, VenueEdit, Verdict};
use app::{App, Error};
use domain::Refusal;
use domain::id::VenueId;
use domain::text::{Description, Reason, VenueName};
use domain::venue::{ChosenPhoto, Photo, Presentation, Revised, RevisionState, Venue};
use futures_util::future::{join, join3, join4};
use testkit::{Fault, Person, VenueBuilder, World, venue_edit};

use super::under_a_virtual_clock;

const SEEDS: u32 = 60;
/// The number of no revision.
const NEVER: u64 = 0;
const WALKS: u32 = 30;
/// How often everybody does something in a walk.
const ROUNDS: u32 = 8;
/// How often the public looks meanwhile.
const LOOKS: usize = 4;

fn named(venue: &Venue, name: &str) -> VenueEdit {
    VenueEdit {
        name: VenueName::parse(name).unwrap(),
        description: Description::parse("").unwrap(),
        ..venue_edit(venue)
    }
}

async fn renames(app: &App, vera: &Person, venue: &Venue, name: &str) -> app::Result<Revised> {
    venues::edit(app, vera.member(), None, venue.id, &named(venue, name), None)
        .await
        .map(|outcome| outcome.value)
}

/// Admins send a key, so that a yes whose reply was lost is not taken for somebody else's.
struct Admins<'w> {
    world: &'w World,
    person: Person,
    asked: Cell<u32>,
}

impl<'w> Admins<'w> {
    async fn of(world: &'w World) -> Self {
        Self {
            world,
            person: world.admin().await,
            asked: Cell::new(0),
        }
    }

    async fn decide(&self, venue: VenueId, seen: u64, verdict: Verdict) -> app::Result<Revised> {
        self.asked.set(self.asked.get() + 1);
        let key = self.asked.get().to_string();
        let once = self.person.once(&key, "decision");
        venues::decide_revision(&self.world.app, Some(&once), venue, seen, verdict)
            .await
            .map(|outcome| outcome.value)
    }
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
        let (vera, admins) = (world.vendor("vera").await, Admins::of(&world).await);
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
                admins.decide(id, seen, Verdict::Approve).await
            };
            let refused = async {
                no_at.await;
                admins.decide(id, seen, no()).await
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
            venues::pause(app, vera.member(), None, venue.id).await.unwrap();
            faults(&world, seed);
            let mut random = fastrand::Rng::with_seed(seed.into());
            let (archive_at, edit_at) = (later(&mut random), later(&mut random));
            let archive = async {
                archive_at.await;
                venues::archive(app, vera.member(), None, venue.id).await
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

/// Asks for something else, for what there was at first, or takes back what waits.
async fn goes_on(app: &App, vera: &Person, venue: &Venue, mut random: fastrand::Rng) -> app::Result<Revised> {
    if random.u8(0..4) == 0 {
        let left = venues::withdraw_revision(app, vera.member(), None, venue.id).await;
        return left.map(|outcome| outcome.value);
    }
    let chosen = |photo: &Photo| ChosenPhoto {
        id: photo.id,
        alt: None,
    };
    let mut photos: Vec<_> = venue.photos.iter().map(chosen).collect();
    random.shuffle(&mut photos);
    photos.truncate(random.usize(1..=photos.len()));
    let names = ["The Loft", "The Attic", "The Cellar"];
    let edit = VenueEdit {
        photos: Some(photos),
        ..named(venue, random.choice(names).unwrap())
    };
    let edited = venues::edit(app, vera.member(), None, venue.id, &edit, None).await;
    edited.map(|outcome| outcome.value)
}

/// What anybody sees, a few times.
async fn looks(app: &App, id: VenueId, mut random: fastrand::Rng) -> Vec<Presentation> {
    let mut seen = Vec::new();
    for _ in 0..LOOKS {
        later(&mut random).await;
        // Who could not be served saw nothing.
        if let Ok(offer) = venues::details(app, None, id, None).await {
            seen.push(offer.venue.presentation());
        }
    }
    seen
}

#[test]
fn at_every_moment_the_public_sees_what_an_admin_approved_last() {
    under_a_virtual_clock(async {
        let world = World::new();
        let (vera, admins) = (world.vendor("vera").await, Admins::of(&world).await);
        let app = &world.app;
        let (mut approved, mut outdated) = (0, 0);
        for seed in 0..WALKS {
            let draft = world.draft(&vera, VenueBuilder::default()).await;
            world.photo(&vera, draft.id).await;
            venues::submit(app, vera.member(), None, draft.id).await.unwrap();
            let live = venues::decide(app, None, draft.id, Verdict::Approve).await;
            let venue = live.unwrap().value;
            let mut random = fastrand::Rng::with_seed(seed.into());
            let mut public = venue.presentation();
            let mut shown = std::collections::BTreeMap::new();
            for round in 0..ROUNDS {
                let at = format!("seed {seed}, round {round}");
                let review = venues::review(app, venue.id).await.unwrap();
                if let Some(revision) = review.open() {
                    let earlier = shown.insert(revision.version, revision.presentation.clone());
                    let same = earlier.is_none_or(|earlier| earlier == revision.presentation);
                    assert!(same, "{at}: one version has one content");
                }
                // One admin has just looked, the other some time ago, perhaps.
                let versions: Vec<u64> = shown.keys().copied().collect();
                let latest = versions.last().copied().unwrap_or(NEVER);
                let some = random.choice(&versions).copied().unwrap_or(NEVER);
                faults(&world, seed * ROUNDS + round);
                let decides_about = async |seen, verdict, mut random: fastrand::Rng| {
                    later(&mut random).await;
                    admins.decide(venue.id, seen, verdict).await
                };
                let agrees = random.bool();
                let second = if agrees { Verdict::Approve } else { no() };
                let (one, other, _, seen) = join4(
                    decides_about(latest, Verdict::Approve, random.fork()),
                    decides_about(some, second, random.fork()),
                    goes_on(app, &vera, &venue, random.fork()),
                    looks(app, venue.id, random.fork()),
                )
                .await;
                world.faults.heal();

                let one = (latest, true, was_done(&one, seed));
                let other = (some, agrees, was_done(&other, seed));
                let decisions = [one, other];
                let approvals = |heard: Option<bool>| {
                    let of = decisions
                        .iter()
                        .filter(move |(_, yes, was)| *yes && *was == heard);
                    of.filter_map(|(version, _, _)| shown.get(version)).cloned()
                };
                let sure: Vec<Presentation> = approvals(Some(true)).collect();
                let perhaps: Vec<Presentation> = approvals(None).collect();
                assert!(sure.len() <= 1, "{at}: both approved");
                let now = venues::review(app, venue.id).await.unwrap().venue.presentation();
                for seen in seen.iter().chain([&now]) {
                    let is_known = *seen == public || sure.contains(seen) || perhaps.contains(seen);
                    assert!(is_known, "{at}: {seen:?} was not approved");
                }
                if let (Some(sure), []) = (sure.first(), &perhaps[..]) {
                    assert_eq!(now, *sure, "{at}");
                }
                public = now;
                approved += sure.len();
                outdated += decisions.iter().filter(|(_, _, was)| *was == Some(false)).count();
            }
        }
        assert!(
            approved > 20 && outdated > 20,
            "{approved} approved, {outdated} outdated: that is no race"
        );
    });
}
