//! B-T4: a move is whole or nothing. Whatever fails on the way, the booking keeps the time that it has.

use app::{payments, timers};
use testkit::Fault;

use super::{Scene, hours};
use crate::law::under_a_virtual_clock;

/// After every call to the database that a step makes, of either kind, at each place.
const PLACES: usize = 9;
const FAULTS: [Fault; 4] = [Fault::Throttled, Fault::Failed, Fault::ReplyLost, Fault::Conflict];

/// Every call from the `n`th on goes wrong until it heals, as when a function dies there.
fn break_off(scene: &Scene, n: usize, fault: Fault) {
    for operation in ["TransactWriteItems", "GetItem", "BatchGetItem", "Query"] {
        for _ in 0..n {
            scene.world.faults.next(operation, Fault::None);
        }
        for _ in 0..3 {
            scene.world.faults.next(operation, fault);
        }
    }
}

/// It is at the one or at the other time, in the calendar as well, and what it costs is what is kept.
async fn is_whole(scene: &Scene, what: &str) -> bool {
    let booking = scene.booking().await;
    let entries = scene.entries().await;
    let firm: Vec<_> = entries
        .iter()
        .filter(|e| !e.proposed)
        .map(|e| e.interval)
        .collect();
    assert_eq!(firm, [booking.interval], "{what}");
    let proposed: Vec<_> = entries
        .iter()
        .filter(|e| e.proposed)
        .map(|e| e.interval)
        .collect();
    let expected: Vec<_> = booking.proposal.iter().map(|p| p.place.interval).collect();
    assert_eq!(proposed, expected, "{what}");
    assert_eq!(booking.price.total.amount(), scene.kept().await, "{what}");
    booking.interval != hours(0, 2)
}

#[test]
fn b_t4_a_move_that_breaks_off_anywhere_leaves_the_booking_at_one_time() {
    under_a_virtual_clock(async {
        let mut moved = [0, 0];
        for fault in FAULTS {
            for n in 0..PLACES {
                let what = format!("{fault:?} after {n}");
                let scene = Scene::new().await;
                let proposal = scene.proposes(&scene.ada, hours(5, 1)).await.unwrap();
                break_off(&scene, n, fault);
                let accepted = scene.accepts(&scene.vera, proposal.id).await;
                scene.world.faults.heal();
                let is_moved = is_whole(&scene, &what).await;
                moved[usize::from(is_moved)] += 1;
                assert!(accepted.is_err() || is_moved, "{what}");
                // Asked once more, with the same key, it is as if nothing had gone wrong.
                scene.accepts(&scene.vera, proposal.id).await.unwrap();
                assert!(is_whole(&scene, &what).await, "{what}");
            }
        }
        assert!(moved.iter().all(|count| *count > 0), "{moved:?}");
    });
}

#[test]
fn b_t4_money_for_a_move_that_breaks_off_anywhere_moves_it_or_goes_back() {
    under_a_virtual_clock(async {
        let mut moved = [0, 0];
        for fault in FAULTS {
            for n in 0..PLACES {
                let what = format!("{fault:?} after {n}");
                let scene = Scene::new().await;
                let proposal = scene.proposes(&scene.ada, hours(5, 3)).await.unwrap();
                scene.accepts(&scene.vera, proposal.id).await.unwrap();
                scene.begins_to_pay("difference").await.unwrap();
                scene.provider.is_paid(scene.id);
                break_off(&scene, n, fault);
                let _ = payments::verify(&scene.app, &scene.ada.caller, scene.id).await;
                scene.world.faults.heal();
                moved[usize::from(is_whole(&scene, &what).await)] += 1;
                // A message that comes again, or the timer, brings it about.
                let until = scene.booking().await.proposal.map(|proposal| proposal.until);
                if let Some(until) = until {
                    scene.world.clock.set(until);
                }
                timers::run(&scene.app).await.unwrap();
                assert!(is_whole(&scene, &what).await, "{what}");
            }
        }
        assert!(moved.iter().all(|count| *count > 0), "{moved:?}");
    });
}

#[test]
fn b_t4_under_faults_by_chance_a_booking_is_always_at_one_time() {
    under_a_virtual_clock(async {
        for seed in 0..24 {
            let scene = Scene::new().await;
            let mut random = fastrand::Rng::with_seed(seed);
            scene.world.faults.by_chance(
                seed,
                &[
                    (Fault::Throttled, 40),
                    (Fault::ReplyLost, 60),
                    (Fault::Failed, 40),
                    (Fault::Conflict, 60),
                ],
            );
            for step in 0..8 {
                let who = if random.bool() { &scene.ada } else { &scene.vera };
                let interval = hours(random.i64(3..40), random.i64(1..4));
                let _ = scene.proposes(who, interval).await;
                let open = scene.app.store().booking(scene.id).await.ok().flatten();
                if let Some(proposal) = open.and_then(|booking| booking.proposal) {
                    let _ = scene.accepts(&scene.ada, proposal.id).await;
                    let _ = scene.accepts(&scene.vera, proposal.id).await;
                    let _ = scene.pays(&format!("pay {step}")).await;
                }
            }
            scene.world.faults.heal();
            is_whole(&scene, &format!("seed {seed}")).await;
        }
    });
}
