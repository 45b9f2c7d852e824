//! C-T2: whoever answers a request first has answered it. There is an offer in its place as well.

use app::bookings::{Ask, Step, accept_proposal, propose, step};
use app::once::Once;
use app::{App, Error, Result};
use domain::Refusal;
use domain::booking::{Booking, BookingState};
use domain::id::{BookingId, ProposalId};
use domain::text::Reason;
use domain::time::{Interval, UtcDay, plus_minutes};
use futures_util::future::join_all;
use testkit::{Fault, Person, VenueBuilder, World};

use super::under_a_virtual_clock;

const SEEDS: u32 = 60;

enum Answer {
    Step(Step),
    TakeOffer(ProposalId),
}

impl Answer {
    async fn give(self, app: &App, who: &Person, once: &Once, id: BookingId) -> Result<Booking> {
        let outcome = match self {
            Self::Step(answer) => step(app, &who.caller, once, id, answer).await,
            Self::TakeOffer(offer) => accept_proposal(app, &who.caller, once, id, offer).await,
        };
        outcome.map(|outcome| outcome.value)
    }
}

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
            let other = Interval::new(interval.end(), plus_minutes(interval.end(), 60)).unwrap();
            let once = vera.once(&format!("offer {seed}"), "propose");
            let offered = propose(&world.app, &vera.caller, &once, request.id, Ask::plain(other)).await;
            let offer = offered.unwrap().value.proposal.unwrap().id;
            let reason = Reason::parse("a wedding").unwrap();
            let answers = [
                (&vera, Answer::Step(Step::Accept), BookingState::Held, interval),
                (
                    &vera,
                    Answer::Step(Step::Decline(reason)),
                    BookingState::Declined,
                    interval,
                ),
                (
                    &carl,
                    Answer::Step(Step::Withdraw(None)),
                    BookingState::Withdrawn,
                    interval,
                ),
                (&carl, Answer::TakeOffer(offer), BookingState::Held, other),
            ];
            world.faults.by_chance(
                seed.into(),
                &[
                    (Fault::Conflict, 150),
                    (Fault::ReplyLost, 20),
                    (Fault::Throttled, 20),
                ],
            );
            let race = answers
                .into_iter()
                .enumerate()
                .map(|(n, (who, answer, state, time))| {
                    let once = who.once(&format!("answer {seed} {n}"), "answer");
                    let (app, id) = (&world.app, request.id);
                    async move {
                        // Not always the same one first.
                        let wait = (u64::from(seed) * 7 + n as u64 * 5) % 11;
                        tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                        (answer.give(app, who, &once, id).await, (state, time))
                    }
                });
            let heard = join_all(race).await;
            world.faults.heal();
            let now = world.app.store().booking(request.id).await.unwrap().unwrap();
            let is = (now.state, now.interval);
            for (answer, wanted) in &heard {
                match answer {
                    Ok(booking) => assert_eq!(
                        ((booking.state, booking.interval), *wanted),
                        (is, is),
                        "seed {seed}"
                    ),
                    // The offer is gone with the request.
                    Err(Error::Refused(Refusal::InvalidTransition { .. }) | Error::NotFound) => {
                        assert_ne!(*wanted, is, "seed {seed}")
                    }
                    Err(Error::Unavailable(_)) => {}
                    Err(other) => panic!("seed {seed}: {other:?}"),
                }
            }
            assert!(
                heard.iter().filter(|(answer, _)| answer.is_ok()).count() <= 1,
                "seed {seed}"
            );
            let day = UtcDay::of(interval.start());
            let mut entries = world
                .app
                .store()
                .entries_from(venue.main_space, day)
                .await
                .unwrap();
            entries.retain(|entry| entry.booking == request.id && entry.counts_at(world.now()));
            let taken: Vec<_> = entries.iter().map(|entry| entry.interval).collect();
            let mut expected = vec![now.interval];
            if now.state == BookingState::Requested {
                // Nobody got through.
                expected.push(other);
            } else if !now.state.occupies() {
                expected.clear();
            }
            assert_eq!(taken, expected, "seed {seed}");
            winners.insert((now.state.as_str(), now.interval == other));
            // What was accepted is kept for a day.
            world.clock.advance_minutes(1_440);
        }
        assert!(winners.len() >= 4, "{winners:?}: that is no race");
    });
}
