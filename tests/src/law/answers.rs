//! C-T2: whoever answers a request first has answered it.

use app::Error;
use app::bookings::{Step, step};
use domain::Refusal;
use domain::booking::BookingState;
use domain::text::Reason;
use domain::time::{Interval, UtcDay, plus_minutes};
use futures_util::future::join_all;
use testkit::{Fault, VenueBuilder, World};

use super::under_a_virtual_clock;

const SEEDS: u32 = 60;

#[test]
fn c_t2_of_those_who_answer_a_request_at_once_one_wins_and_the_others_are_told() {
    under_a_virtual_clock(async {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let builder = VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(600));
        let venue = world.live_venue(&vera, builder).await;
        let carl = world.customer("carl").await;
        let mut winners = std::collections::BTreeSet::new();
        for seed in 0..SEEDS {
            let start = plus_minutes(world.now(), 48 * 60);
            let start = UtcDay::of(start).interval().start();
            let interval = Interval::new(start, plus_minutes(start, 60)).unwrap();
            let request = world.books(&carl, venue.id, interval).await.unwrap();
            let reason = Reason::parse("a wedding").unwrap();
            let answers = [
                (&vera, Step::Accept, BookingState::Held),
                (&vera, Step::Decline(reason), BookingState::Declined),
                (&carl, Step::Withdraw(None), BookingState::Withdrawn),
            ];
            world.faults.by_chance(
                seed.into(),
                &[
                    (Fault::Conflict, 150),
                    (Fault::ReplyLost, 20),
                    (Fault::Throttled, 20),
                ],
            );
            let race = answers.into_iter().enumerate().map(|(n, (who, answer, state))| {
                let once = who.once(&format!("answer {seed} {n}"), "answer");
                let (app, caller, id) = (&world.app, &who.caller, request.id);
                async move {
                    // Not always the same one first.
                    let wait = (u64::from(seed) * 7 + n as u64 * 5) % 11;
                    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                    (step(app, caller, &once, id, answer).await, state)
                }
            });
            let heard = join_all(race).await;
            world.faults.heal();
            let now = world.app.store().booking(request.id).await.unwrap().unwrap();
            for (answer, state) in &heard {
                match answer {
                    Ok(outcome) => assert_eq!(
                        (outcome.value.state, *state),
                        (now.state, now.state),
                        "seed {seed}"
                    ),
                    Err(Error::Refused(Refusal::InvalidTransition { .. })) => {
                        assert_ne!(*state, now.state, "seed {seed}")
                    }
                    Err(Error::Unavailable(_)) => {}
                    Err(other) => panic!("seed {seed}: {other:?}"),
                }
            }
            assert!(
                heard.iter().filter(|(answer, _)| answer.is_ok()).count() <= 1,
                "seed {seed}"
            );
            let calendar = world
                .app
                .store()
                .calendar(&[venue.main_space], interval)
                .await
                .unwrap();
            let occupying = calendar.occupying(&[venue.main_space], world.now());
            let occupied = occupying.iter().any(|entry| entry.booking == request.id);
            assert_eq!(occupied, now.state.occupies(), "seed {seed}");
            winners.insert(now.state.as_str());
            // What was accepted is kept for a day.
            world.clock.advance_minutes(1_440);
        }
        assert!(winners.len() >= 3, "{winners:?}: that is no race");
    });
}
