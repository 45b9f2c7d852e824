//! Who asks, who answers, and what is kept for whom meanwhile.

use app::{Error, bookings, venues};
use domain::Refusal;
use domain::availability::{BlockTime, Hours, StartAlignment, WALK_IN_MINUTES};
use domain::booking::{ASKS_MAX, Guest, PROPOSAL_MINUTES};
use domain::event::EventKind;
use domain::id::ProposalId;
use domain::money::Money;
use domain::pricing::{Effect, RateRule, Rates, When};
use domain::text::{Label, PersonName};
use domain::time::{Interval, plus_minutes};
use testkit::{Person, VenueBuilder};
use uuid::Uuid;

use super::{Scene, hours};

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

fn refusal(error: Error) -> Refusal {
    let (Error::Refused(refusal) | Error::RefusedTime(refusal, _)) = error else {
        panic!("{error:?}")
    };
    refusal
}

impl Scene {
    /// Another rate from then till then of every day, fifty else.
    async fn charges(&self, effect: Effect, open_minute: u32, close_minute: u32) {
        let hours = Hours {
            open_minute,
            close_minute,
        };
        let rule = RateRule {
            name: Label::parse("another rate").unwrap(),
            priority: 0,
            when: When {
                hours: Some(hours),
                ..When::default()
            },
            effect,
        };
        let rates = Rates {
            rules: vec![rule],
            ..Rates::flat(eur(5_000))
        };
        let vendor = self.vera.member();
        venues::set_rates(&self.app, vendor, None, self.venue.id, None, &rates, None)
            .await
            .unwrap();
    }

    /// How many of the times could be proposed.
    async fn previews(&self, who: &Person, times: &[Interval]) -> usize {
        let mut possible = 0;
        for time in times {
            let ask = bookings::Ask::plain(*time);
            let previewed = bookings::preview_proposal(&self.app, &who.caller, self.id, ask).await;
            possible += usize::from(previewed.is_ok());
        }
        possible
    }
}

#[tokio::test]
async fn a_booking_moves_when_the_other_side_agrees_and_its_old_time_is_free() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
    // Both times are hers until then.
    assert!(!scene.free(hours(0, 1)).await);
    assert!(!scene.free(hours(5, 1)).await);
    assert_eq!(scene.booking().await.interval, hours(0, 2));
    let moved = scene.accepts(&scene.vera, proposal.id).await.unwrap();
    assert_eq!(moved.proposal, None);
    scene.stands_at(hours(5, 2)).await;
    assert!(scene.free(hours(0, 2)).await);
    assert!(!scene.free(hours(6, 1)).await);
    let history = scene.app.store().history_of(scene.id).await.unwrap();
    let last: Vec<_> = history.iter().rev().take(2).map(|e| e.kind).collect();
    assert_eq!(last, [EventKind::BookingMoved, EventKind::BookingChangeProposed]);
    assert_eq!(scene.kept().await, 10_000);
}

#[tokio::test]
async fn a_vendor_asks_as_well_and_the_customer_answers() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    let own = scene.accepts(&scene.vera, proposal.id).await.unwrap_err();
    assert!(matches!(refusal(own), Refusal::InvalidTransition { .. }));
    scene.accepts(&scene.ada, proposal.id).await.unwrap();
    scene.stands_at(hours(5, 2)).await;
}

#[tokio::test]
async fn a_proposal_that_is_declined_or_taken_back_leaves_everything_as_it_was() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
    let once = scene.vera.once("no", "decline");
    bookings::decline_proposal(&scene.app, &scene.vera.caller, &once, scene.id, proposal.id)
        .await
        .unwrap();
    scene.stands_at(hours(0, 2)).await;
    assert!(scene.free(hours(5, 2)).await);

    let proposal = scene.proposes(&scene.ada, hours(8, 2)).await.unwrap();
    let once = scene.ada.once("back", "withdraw");
    let withdrawn = |who| bookings::withdraw_proposal(&scene.app, who, &once, scene.id, proposal.id);
    assert!(withdrawn(&scene.vera.caller).await.is_err(), "it is not hers");
    withdrawn(&scene.ada.caller).await.unwrap();
    scene.stands_at(hours(0, 2)).await;
    assert!(scene.free(hours(8, 2)).await);
}

#[tokio::test]
async fn a_proposal_that_nobody_answers_lapses_whether_or_not_its_timer_runs() {
    let scene = Scene::new().await;
    // Until an hour before it begins.
    let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
    assert_eq!(proposal.until, plus_minutes(hours(0, 2).start(), -60));
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    // A day of a booking that is a week away.
    let far = scene.proposes(&scene.ada, hours(24 * 7, 2)).await.unwrap();
    scene.accepts(&scene.vera, far.id).await.unwrap();
    let proposal = scene.proposes(&scene.vera, hours(24 * 9, 2)).await.unwrap();
    assert_eq!(proposal.until, plus_minutes(scene.world.now(), PROPOSAL_MINUTES));
    scene.world.clock.advance_minutes(PROPOSAL_MINUTES);
    let ada = scene.world.signs_in(&scene.ada.email).await;
    let late = scene.accepts(&ada, proposal.id).await.unwrap_err();
    assert!(matches!(refusal(late), Refusal::InvalidTransition { .. }));
    assert!(scene.free(hours(24 * 9, 2)).await, "nothing had to run for it");
    let run = || app::timers::run(&scene.app);
    let (one, other) = tokio::try_join!(run(), run()).unwrap();
    assert_eq!((one.expired + other.expired, one.failed + other.failed), (1, 0));
    assert_eq!(run().await.unwrap().expired, 0);
    let history = scene.app.store().history_of(scene.id).await.unwrap();
    let lapsed = history
        .iter()
        .filter(|e| e.kind == EventKind::BookingChangeLapsed);
    assert_eq!(lapsed.count(), 1);
    scene.stands_at(hours(24 * 7, 2)).await;
    assert_eq!(scene.booking().await.proposal, None);
}

#[tokio::test]
async fn b8_a_booking_grows_and_shrinks_over_its_own_time_and_not_over_anothers() {
    let scene = Scene::new().await;
    let olga = scene.world.customer("olga").await;
    scene
        .world
        .books(&olga, scene.venue.id, hours(3, 1))
        .await
        .unwrap();
    let taken = scene.proposes(&scene.ada, hours(1, 3)).await.unwrap_err();
    let Error::RefusedTime(Refusal::SlotTaken, alternatives) = taken else {
        panic!("{taken:?}")
    };
    assert!(!alternatives.is_empty());
    // An hour earlier and an hour longer.
    let proposal = scene.proposes(&scene.ada, hours(-1, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.pays("longer").await.unwrap();
    scene.stands_at(hours(-1, 3)).await;
    let proposal = scene.proposes(&scene.ada, hours(0, 1)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.stands_at(hours(0, 1)).await;
}

#[tokio::test]
async fn the_time_that_a_booking_has_is_not_offered_in_place_of_another() {
    let builder = VenueBuilder::default().rules(|rules| {
        rules.start_alignment = Some(StartAlignment {
            every_minutes: 120,
            offset_minutes: 0,
        });
    });
    let scene = Scene::at(builder).await;
    let olga = scene.world.customer("olga").await;
    let taken = hours(2, 2);
    scene.world.books(&olga, scene.venue.id, taken).await.unwrap();
    let refused = scene.proposes(&scene.ada, taken).await.unwrap_err();
    let Error::RefusedTime(Refusal::SlotTaken, alternatives) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(alternatives.first(), Some(&hours(4, 2)));
    assert!(!alternatives.contains(&hours(0, 2)), "{alternatives:?}");
}

#[tokio::test]
async fn a_time_without_a_price_is_no_other_time_and_others_are_named_that_have_one() {
    let scene = Scene::new().await;
    scene.charges(Effect::Set(eur(0)), 0, 360).await;
    // From two to four in the morning; half an hour before midnight is paid for.
    let refused = scene.proposes(&scene.ada, hours(14, 2)).await.unwrap_err();
    let Error::RefusedTime(Refusal::AmountTooSmall { .. }, alternatives) = refused else {
        panic!("{refused:?}")
    };
    let late = plus_minutes(hours(11, 2).start(), 30);
    assert_eq!(alternatives[0].start(), late);
    let proposal = scene.proposes(&scene.ada, alternatives[0]).await.unwrap();
    assert_eq!(proposal.price.total, eur(2_500));
}

#[tokio::test]
async fn a_difference_too_small_to_be_charged_is_refused_with_times_that_can_be_paid() {
    let scene = Scene::new().await;
    // Twenty cents more for both hours, from six in the evening on.
    scene.charges(Effect::Add(eur(10)), 1_080, 1_440).await;
    let refused = scene.proposes(&scene.ada, hours(6, 2)).await.unwrap_err();
    let Error::RefusedTime(Refusal::AmountTooSmall { .. }, others) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(others.first(), Some(&hours(4, 2)), "{others:?}");
    assert_eq!(scene.previews(&scene.ada, &others).await, 3);
}

#[tokio::test]
async fn a_vendor_who_asks_for_a_time_that_has_begun_is_refused_with_later_ones() {
    let scene = Scene::new().await;
    let now = scene.world.now();
    // A walk-in may be written down that late, but nobody could still answer.
    for minutes in [-WALK_IN_MINUTES, 0] {
        let start = plus_minutes(now, minutes);
        let begun = Interval::new(start, plus_minutes(start, 120)).unwrap();
        let refused = scene.proposes(&scene.vera, begun).await.unwrap_err();
        let Error::RefusedTime(Refusal::Past, others) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(others[0].start(), plus_minutes(now, 30));
        assert_eq!(scene.previews(&scene.vera, &others).await, 3);
    }
}

#[tokio::test]
async fn strangers_and_those_who_have_not_seen_it_answer_to_nothing() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
    let olga = scene.world.customer("olga").await;
    let other = ProposalId::from_uuid(Uuid::from_u128(9));
    assert_eq!(scene.accepts(&olga, proposal.id).await, Err(Error::NotFound));
    assert_eq!(scene.accepts(&scene.vera, other).await, Err(Error::NotFound));
    assert_eq!(scene.proposes(&olga, hours(6, 2)).await, Err(Error::NotFound));
    let second = scene.proposes(&scene.vera, hours(8, 2)).await.unwrap_err();
    assert!(matches!(refusal(second), Refusal::InvalidTransition { .. }));
}

async fn code(scene: &Scene, who: &Person, interval: Interval) -> &'static str {
    refusal(scene.proposes(who, interval).await.unwrap_err()).code()
}

#[tokio::test]
async fn the_rules_hold_for_another_time_as_for_the_first() {
    let builder = VenueBuilder::default().rules(|rules| {
        rules.lead_minutes = 120;
        rules.min_minutes = 60;
        rules.max_minutes = 240;
    });
    let scene = Scene::at(builder).await;
    assert_eq!(code(&scene, &scene.ada, hours(5, 5)).await, "max_duration");
    let soon = plus_minutes(scene.world.now(), 60);
    let soon = Interval::new(soon, plus_minutes(soon, 120)).unwrap();
    assert_eq!(code(&scene, &scene.ada, soon).await, "lead_time");
    let (vendor, venue) = (scene.vera.member(), scene.venue.id);
    let time = BlockTime::Once(hours(5, 2));
    venues::block(&scene.app, vendor, None, venue, None, time, None)
        .await
        .unwrap();
    assert_eq!(code(&scene, &scene.vera, hours(6, 2)).await, "blocked");
    // The time that it has is no other time.
    let same = scene.proposes(&scene.ada, hours(0, 2)).await.unwrap_err();
    assert!(matches!(same, Error::Invalid(_)), "{same:?}");
}

#[tokio::test]
async fn a_booking_that_begins_soon_is_made_longer_without_more_notice() {
    let builder = VenueBuilder::default().rules(|rules| rules.lead_minutes = 24 * 60);
    let scene = Scene::at(builder).await;
    // Within the lead time of today, in which nobody else could book.
    scene.world.clock.advance_minutes(8 * 60);
    let ada = scene.world.signs_in("ada@example.com").await;
    assert_eq!(code(&scene, &ada, hours(-1, 3)).await, "lead_time");
    let proposal = scene.proposes(&ada, hours(0, 3)).await.unwrap();
    assert_eq!(
        proposal.difference(&scene.booking().await).unwrap().amount(),
        5_000
    );
}

/// Each keeps a second time from others, for up to a day.
#[tokio::test]
async fn a_customer_who_asks_again_and_again_is_stopped() {
    let scene = Scene::new().await;
    for n in 0..i64::from(ASKS_MAX) {
        let proposal = scene.proposes(&scene.ada, hours(5 + n, 1)).await.unwrap();
        let once = scene.ada.once(&n.to_string(), "withdraw");
        bookings::withdraw_proposal(&scene.app, &scene.ada.caller, &once, scene.id, proposal.id)
            .await
            .unwrap();
    }
    assert_eq!(code(&scene, &scene.ada, hours(5, 2)).await, "limit_reached");
    scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
}

#[tokio::test]
async fn nobody_closes_a_time_that_is_kept_for_a_proposal() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
    let (vendor, venue) = (scene.vera.member(), scene.venue.id);
    let time = || BlockTime::Once(hours(6, 4));
    let refused = venues::block(&scene.app, vendor, None, venue, None, time(), None).await;
    let Err(Error::BookingsInTheWay(conflicts)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((conflicts.len(), conflicts[0].booking), (1, scene.id));
    let once = scene.vera.once("no", "decline");
    bookings::decline_proposal(&scene.app, &scene.vera.caller, &once, scene.id, proposal.id)
        .await
        .unwrap();
    venues::block(&scene.app, vendor, None, venue, None, time(), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_booking_that_its_vendor_entered_moves_at_once() {
    let scene = Scene::new().await;
    let ask = bookings::OffPlatform {
        venue: scene.venue.id,
        space: None,
        interval: hours(5, 2),
        guests: 2,
        layout: None,
        guest: Guest {
            name: PersonName::parse("Greta").unwrap(),
            contact: None,
        },
    };
    let (vera, vendor) = (&scene.vera, scene.vera.member());
    let entered = bookings::enter(&scene.app, &vera.caller, vendor, &vera.once("e", "enter"), &ask)
        .await
        .unwrap()
        .value;
    let once = vera.once("m", "propose");
    let moved = bookings::propose(
        &scene.app,
        &vera.caller,
        &once,
        entered.id,
        bookings::Ask::plain(hours(8, 3)),
    )
    .await
    .unwrap()
    .value;
    assert_eq!((moved.interval, moved.proposal), (hours(8, 3), None));
    assert!(moved.price.total.is_zero());
    assert!(scene.free(hours(5, 2)).await);
    assert!(!scene.free(hours(10, 1)).await);
}

#[tokio::test]
async fn of_two_that_change_a_booking_at_once_one_decides() {
    for run in 0..10 {
        let scene = Scene::new().await;
        let proposal = scene.proposes(&scene.ada, hours(5, 2)).await.unwrap();
        let once = scene.ada.once("back", "withdraw");
        let (accepted, withdrawn) = tokio::join!(
            scene.accepts(&scene.vera, proposal.id),
            bookings::withdraw_proposal(&scene.app, &scene.ada.caller, &once, scene.id, proposal.id)
        );
        assert_ne!(accepted.is_ok(), withdrawn.is_ok(), "run {run}");
        let at = if accepted.is_ok() {
            hours(5, 2)
        } else {
            hours(0, 2)
        };
        scene.stands_at(at).await;

        let scene = Scene::new().await;
        let (ours, theirs) = tokio::join!(
            scene.proposes(&scene.ada, hours(5, 2)),
            scene.proposes(&scene.vera, hours(8, 2))
        );
        assert_ne!(ours.is_ok(), theirs.is_ok(), "run {run}");
        let proposed = scene.entries().await;
        let times: Vec<_> = proposed.iter().map(|e| e.interval).collect();
        let other = if ours.is_ok() { hours(5, 2) } else { hours(8, 2) };
        assert_eq!(times, [hours(0, 2), other]);
    }
}
