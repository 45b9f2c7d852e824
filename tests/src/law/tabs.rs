//! Two editors that saw the same, under faults: one of them wins, the other is told, and what is kept is the winner's.

use app::once::Once;
use app::venues::{self, SpaceSettings, VenueEdit};
use app::{Error, Result};
use domain::availability::Rules;
use domain::text::{Description, VenueName};
use domain::venue::Venue;
use futures_util::future::join;
use testkit::{Fault, Person, VenueBuilder, World, space_settings, venue_edit};

use super::under_a_virtual_clock;

/// Of each form.
const SEEDS: u32 = 40;

#[derive(Debug, Clone, Copy)]
enum Form {
    Hours,
    Venue,
    Space,
}

struct Place {
    world: World,
    vera: Person,
    venue: Venue,
}

/// Another one for each number, and some that close time, which is announced before it is decided.
fn rules(n: u32) -> Rules {
    Rules {
        lead_minutes: n,
        ..testkit::hours_every_day("Europe/Berlin", n % 3 * 60, 1_440)
    }
}

fn name(n: u32) -> VenueName {
    VenueName::parse(&format!("Number {n}")).unwrap()
}

impl Place {
    async fn tag(&self, form: Form) -> u64 {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        match form {
            Form::Hours => {
                let (_, book) = venues::rules(app, vendor, id, None).await.unwrap();
                venues::rules_tag(&book.rules, app.now()).unwrap()
            }
            Form::Venue => {
                let overview = venues::overview(app, vendor, id).await.unwrap();
                venues::venue_tag(&overview.revised).unwrap()
            }
            Form::Space => {
                let spaces = venues::spaces(app, vendor, id).await.unwrap();
                venues::space_tag(&spaces[0]).unwrap()
            }
        }
    }

    /// The number that was set last.
    async fn holds(&self, form: Form) -> String {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        match form {
            Form::Hours => {
                let (_, book) = venues::rules(app, vendor, id, None).await.unwrap();
                assert_eq!(book.pending, None, "nothing is left closed");
                assert_eq!(book.rules, rules(book.rules.lead_minutes));
                format!("Number {}", book.rules.lead_minutes)
            }
            Form::Venue => {
                let overview = venues::overview(app, vendor, id).await.unwrap();
                overview.revised.wanted().name.to_string()
            }
            Form::Space => venues::spaces(app, vendor, id).await.unwrap()[0].name.to_string(),
        }
    }

    async fn sets(&self, form: Form, n: u32, seen: u64) -> Result<()> {
        let (app, vendor, id) = (&self.world.app, self.vera.member(), self.venue.id);
        let once: Once = self.vera.once(&format!("{form:?} {n}"), "set");
        let (once, seen) = (Some(&once), Some(seen));
        match form {
            Form::Hours => venues::set_rules(app, vendor, once, id, None, rules(n), seen)
                .await
                .map(drop),
            Form::Venue => {
                let edit = VenueEdit {
                    name: name(n),
                    description: Description::parse("").unwrap(),
                    ..venue_edit(&self.venue)
                };
                venues::edit(app, vendor, once, id, &edit, seen).await.map(drop)
            }
            Form::Space => {
                let settings = SpaceSettings {
                    name: name(n),
                    ..space_settings("Hall", Vec::new())
                };
                venues::set_space(app, vendor, once, id, self.venue.main_space, &settings, seen)
                    .await
                    .map(drop)
            }
        }
    }
}

fn one_editor_wins_for_each_tag(form: Form) {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        let place = Place { world, vera, venue };
        let mut wins = [0, 0];
        for seed in 0..SEEDS {
            let seen = place.tag(form).await;
            let mut random = fastrand::Rng::with_seed(seed.into());
            let waits = [random.u64(0..30), random.u64(0..30)];
            let late = |n: usize| tokio::time::sleep(std::time::Duration::from_millis(waits[n]));
            let (one, other) = (seed * 2 + 1, seed * 2 + 2);
            place.world.faults.by_chance(
                seed.into(),
                &[
                    (Fault::Conflict, 100),
                    (Fault::ReplyLost, 60),
                    (Fault::Throttled, 20),
                    (Fault::Failed, 20),
                ],
            );
            let first = async {
                late(0).await;
                place.sets(form, one, seen).await
            };
            let second = async {
                late(1).await;
                place.sets(form, other, seen).await
            };
            let heard = join(first, second).await;
            place.world.faults.heal();
            assert!(
                !matches!(heard, (Ok(()), Ok(()))),
                "seed {seed}: one overwrote the other"
            );

            // Whoever knows nothing asks again, and hears what became of it.
            let told = (
                place.sets(form, one, seen).await,
                place.sets(form, other, seen).await,
            );
            let winner = match told {
                (Ok(()), Err(Error::PreconditionFailed)) => 0,
                (Err(Error::PreconditionFailed), Ok(())) => 1,
                neither => panic!("seed {seed}: {neither:?}, first {heard:?}"),
            };
            for (n, heard) in [heard.0, heard.1].into_iter().enumerate() {
                match heard {
                    Ok(()) => assert_eq!(n, winner, "seed {seed}: told yes, and it is gone"),
                    Err(Error::PreconditionFailed) => assert_ne!(n, winner, "seed {seed}"),
                    Err(Error::Unavailable(_)) => {}
                    Err(wrong) => panic!("seed {seed}: {wrong:?}"),
                }
            }
            let kept = format!("Number {}", [one, other][winner]);
            assert_eq!(place.holds(form).await, kept, "seed {seed}");
            wins[winner] += 1;
        }
        assert!(wins.iter().all(|wins| *wins > 0), "{wins:?}: that is no race");
    });
}

#[test]
fn one_editor_of_hours_wins_for_each_tag_however_they_race() {
    one_editor_wins_for_each_tag(Form::Hours);
}

#[test]
fn one_editor_of_a_venue_wins_for_each_tag_however_they_race() {
    one_editor_wins_for_each_tag(Form::Venue);
}

#[test]
fn one_editor_of_a_space_wins_for_each_tag_however_they_race() {
    one_editor_wins_for_each_tag(Form::Space);
}
