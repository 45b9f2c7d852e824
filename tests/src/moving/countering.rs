//! What a vendor offers in place of a request, or for less.

use app::bookings::{self, Ask, Step, step};
use app::vendors::{self, PromoTerms};
use app::{Error, venues};
use domain::Refusal;
use domain::booking::{BookingState, PaymentState};
use domain::event::EventKind;
use domain::money::Money;
use domain::pricing::{Item, PromoCode, PromoEffect};
use domain::time::{Interval, plus_minutes};
use testkit::VenueBuilder;

use super::{Scene, hours};

const ANSWER_MINUTES: u32 = 120;

async fn requested() -> Scene {
    let builder = VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(ANSWER_MINUTES));
    let scene = Scene::placed(builder).await;
    assert_eq!(scene.booking().await.state, BookingState::Requested);
    scene
}

fn eur(amount: i64) -> Money {
    Money::new(amount, "EUR".parse().unwrap())
}

async fn times(scene: &Scene) -> Vec<Interval> {
    scene.entries().await.iter().map(|entry| entry.interval).collect()
}

#[tokio::test]
async fn who_takes_what_is_offered_in_place_of_a_request_pays_for_that_and_has_it() {
    let scene = requested().await;
    let offer = scene.proposes(&scene.vera, hours(5, 3)).await.unwrap();
    // Both are kept for her, as long as she may think about it.
    assert_eq!(times(&scene).await, [hours(0, 2), hours(5, 3)]);
    assert_eq!(scene.booking().await.hold_until, Some(offer.until));
    let taken = scene.accepts(&scene.ada, offer.id).await.unwrap();
    assert_eq!((taken.state, taken.interval), (BookingState::Held, hours(5, 3)));
    assert_eq!(times(&scene).await, [hours(5, 3)]);
    assert!(scene.free(hours(0, 2)).await);
    scene.pays("all").await.unwrap();
    let paid = scene.booking().await;
    assert_eq!(
        (paid.state, paid.payment),
        (BookingState::Confirmed, PaymentState::Paid)
    );
    scene.stands_at(hours(5, 3)).await;
    assert_eq!(scene.kept().await, 15_000);
    let history = scene.app.store().history_of(scene.id).await.unwrap();
    let kinds: Vec<_> = history.iter().take(3).map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::BookingRequested,
            EventKind::BookingChangeProposed,
            EventKind::BookingChangeAccepted
        ]
    );
}

#[tokio::test]
async fn a_request_is_still_to_be_answered_when_its_offer_is_declined_or_taken_back() {
    let scene = requested().await;
    let offer = scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    assert!(
        scene.withdraws(&scene.ada, offer.id).await.is_err(),
        "it is not hers"
    );
    scene.withdraws(&scene.vera, offer.id).await.unwrap();
    assert_eq!(times(&scene).await, [hours(0, 2)]);
    let offer = scene.proposes(&scene.vera, hours(8, 2)).await.unwrap();
    let declined = scene.declines(&scene.ada, offer.id).await.unwrap();
    assert_eq!(declined.state, BookingState::Requested);
    assert!(scene.free(hours(8, 2)).await);
    let once = scene.vera.once("yes", "accept");
    let accepted = step(&scene.app, &scene.vera.caller, &once, scene.id, Step::Accept).await;
    assert_eq!(accepted.unwrap().value.state, BookingState::Held);
    assert_eq!(times(&scene).await, [hours(0, 2)]);
}

#[tokio::test]
async fn a_request_ends_with_all_that_was_kept_for_it() {
    let scene = requested().await;
    scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    let once = scene.ada.once("no", "withdraw");
    step(
        &scene.app,
        &scene.ada.caller,
        &once,
        scene.id,
        Step::Withdraw(None),
    )
    .await
    .unwrap();
    assert_eq!(times(&scene).await, []);
    assert!(scene.free(hours(0, 2)).await && scene.free(hours(5, 2)).await);

    // The vendor takes the request as it was while there is an offer.
    let scene = requested().await;
    let offer = scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    let once = scene.vera.once("yes", "accept");
    step(&scene.app, &scene.vera.caller, &once, scene.id, Step::Accept)
        .await
        .unwrap();
    assert_eq!(times(&scene).await, [hours(0, 2)]);
    assert_eq!(scene.accepts(&scene.ada, offer.id).await, Err(Error::NotFound));
}

#[tokio::test]
async fn an_offer_that_nobody_answers_lapses_with_the_request_whether_or_not_its_timer_runs() {
    let scene = requested().await;
    let offer = scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    let until = offer.until;
    scene
        .world
        .clock
        .advance_minutes(domain::time::minutes_between(scene.world.now(), until));
    assert!(
        scene.free(hours(0, 2)).await && scene.free(hours(5, 2)).await,
        "nothing had to run"
    );
    let ada = scene.world.signs_in(&scene.ada.email).await;
    let late = scene.accepts(&ada, offer.id).await.unwrap_err();
    assert_eq!(late, Error::Refused(Refusal::HoldLapsed));
    assert_eq!(app::timers::run(&scene.app).await.unwrap().expired, 1);
    assert_eq!(app::timers::run(&scene.app).await.unwrap().expired, 0);
    let over = scene.booking().await;
    assert_eq!((over.state, over.proposal), (BookingState::RequestExpired, None));
}

#[tokio::test]
async fn an_offer_may_lapse_before_the_request_that_it_answers() {
    let builder = VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(22 * 60));
    let scene = Scene::placed(builder).await;
    // It begins before the answer is due.
    let soon = hours(-20, 1);
    let offer = scene.proposes(&scene.vera, soon).await.unwrap();
    assert_eq!(offer.until, soon.start());
    let minutes = domain::time::minutes_between(scene.world.now(), soon.start());
    scene.world.clock.advance_minutes(minutes);
    assert_eq!(app::timers::run(&scene.app).await.unwrap().expired, 1);
    let stands = scene.booking().await;
    assert_eq!((stands.state, &stands.proposal), (BookingState::Requested, &None));
    assert_eq!(times(&scene).await, [hours(0, 2)]);
    assert_eq!(stands.due_at(), stands.hold_until);
}

#[tokio::test]
async fn a_vendor_offers_the_same_time_for_less_and_nobody_else_does() {
    let scene = requested().await;
    let ada = scene
        .asks(&scene.ada, hours(0, 2), Some(eur(100)))
        .await
        .unwrap_err();
    assert!(
        matches!(ada, Error::Refused(Refusal::InvalidTransition { .. })),
        "{ada:?}"
    );
    let same = scene.proposes(&scene.vera, hours(0, 2)).await.unwrap_err();
    assert!(matches!(same, Error::Invalid(_)), "{same:?}");
    let yen = Money::new(100, "JPY".parse().unwrap());
    let yen = scene.asks(&scene.vera, hours(0, 2), Some(yen)).await.unwrap_err();
    assert!(matches!(yen, Error::Invalid(_)), "{yen:?}");
    let most = scene
        .asks(&scene.vera, hours(0, 2), Some(eur(10_001)))
        .await
        .unwrap_err();
    assert_eq!(most, Error::Refused(Refusal::SpecialOffer { most: eur(10_000) }));
    let offer = scene
        .asks(&scene.vera, hours(0, 2), Some(eur(1_500)))
        .await
        .unwrap();
    assert_eq!(offer.price.total, eur(8_500));
    scene.accepts(&scene.ada, offer.id).await.unwrap();
    scene.pays("less").await.unwrap();
    scene.stands_at(hours(0, 2)).await;
    assert_eq!(scene.kept().await, 8_500);
    let lines = scene.booking().await.price.lines;
    assert!(lines.iter().any(|line| line.item == Item::SpecialOffer));
}

#[tokio::test]
async fn who_has_paid_gets_back_what_the_vendor_takes_off() {
    let scene = Scene::new().await;
    let ada = scene
        .asks(&scene.ada, hours(5, 2), Some(eur(100)))
        .await
        .unwrap_err();
    assert!(matches!(ada, Error::Invalid(_)), "{ada:?}");
    let offer = scene
        .asks(&scene.vera, hours(0, 2), Some(eur(1_500)))
        .await
        .unwrap();
    assert_eq!(times(&scene).await, [hours(0, 2), hours(0, 2)]);
    scene.accepts(&scene.ada, offer.id).await.unwrap();
    scene.stands_at(hours(0, 2)).await;
    assert_eq!(scene.refunds_arrive().await, [1_500]);
    assert_eq!(scene.kept().await, 8_500);
    let told = scene.app.store().history_of(scene.id).await.unwrap();
    let moved = told
        .iter()
        .find(|event| event.kind == EventKind::BookingMoved)
        .unwrap();
    assert_eq!(moved.other.unwrap().total, eur(10_000));
}

/// A shorter time may be too cheap for it.
#[tokio::test]
async fn a_promo_code_that_an_offer_does_without_can_be_used_again() {
    let scene = requested().await;
    let code: PromoCode = "ONCE".parse().unwrap();
    let terms = PromoTerms {
        effect: PromoEffect::Amount(eur(500)),
        uses_max: Some(1),
        uses_per_customer_max: None,
        from: None,
        until: None,
        minimum_spend: Some(eur(10_000)),
        venues: vec![],
    };
    vendors::set_promo(&scene.app, scene.vera.member(), None, &code, &terms, None)
        .await
        .unwrap();
    let olga = scene.world.customer("olga").await;
    let with_code = |after| {
        let code = Some(code.clone());
        scene
            .world
            .quote_with(&olga, scene.venue.id, hours(after, 2), code)
    };
    let quote = with_code(10).await.unwrap();
    let request = scene.world.takes(&olga, &quote).await.unwrap();
    assert!(with_code(14).await.is_err(), "it is used up");
    let once = scene.vera.once("short", "propose");
    let ask = Ask::plain(hours(10, 1));
    let offered = bookings::propose(&scene.app, &scene.vera.caller, &once, request.id, ask).await;
    let offer = offered.unwrap().value.proposal.unwrap();
    assert_eq!(offer.price.total, eur(5_000));
    let once = olga.once("yes", "accept");
    bookings::accept_proposal(&scene.app, &olga.caller, &once, request.id, offer.id)
        .await
        .unwrap();
    assert!(with_code(14).await.is_ok());
}

#[tokio::test]
async fn what_a_vendor_offers_is_free_and_open() {
    let scene = requested().await;
    let other = scene.world.customer("otto").await;
    scene
        .world
        .books(&other, scene.venue.id, hours(5, 2))
        .await
        .unwrap();
    let taken = scene.proposes(&scene.vera, hours(6, 2)).await.unwrap_err();
    assert!(
        matches!(taken, Error::RefusedTime(Refusal::SlotTaken, _)),
        "{taken:?}"
    );
    let time = domain::availability::BlockTime::Once(hours(10, 1));
    venues::block(
        &scene.app,
        scene.vera.member(),
        None,
        scene.venue.id,
        None,
        time,
        None,
    )
    .await
    .unwrap();
    let blocked = scene.proposes(&scene.vera, hours(10, 1)).await.unwrap_err();
    assert!(
        matches!(blocked, Error::RefusedTime(Refusal::Blocked, _)),
        "{blocked:?}"
    );
    assert_eq!(times(&scene).await, [hours(0, 2)]);
}

/// The lock is the vendor's, and so is the offer.
#[tokio::test]
async fn an_offer_for_a_request_can_be_taken_when_its_start_is_nearer_than_the_vendors_lock() {
    let builder = VenueBuilder::default().rules(|rules| {
        rules.answer_minutes = Some(22 * 60);
        rules.cancellation_lock_minutes = 20 * 60;
    });
    let scene = Scene::placed(builder).await;
    let request = scene.booking().await;
    let locked = plus_minutes(request.interval.start(), -20 * 60);
    assert_eq!(request.hold_until, Some(locked));
    let offer = scene.proposes(&scene.vera, hours(5, 2)).await.unwrap();
    assert!(locked < offer.until);
    scene.world.clock.set(locked);
    assert_eq!(app::timers::run(&scene.app).await.unwrap().expired, 0);
    let ada = scene.world.signs_in(&scene.ada.email).await;
    scene.accepts(&ada, offer.id).await.unwrap();
    assert_eq!(scene.booking().await.state, BookingState::Held);
    assert_eq!(times(&scene).await, [hours(5, 2)]);
}

#[tokio::test]
async fn nothing_is_offered_once_the_answer_was_due_or_the_start_is_near() {
    let scene = requested().await;
    scene.world.clock.advance_minutes(i64::from(ANSWER_MINUTES));
    let vera = scene.world.signs_in(&scene.vera.email).await;
    let late = scene.proposes(&vera, hours(5, 2)).await.unwrap_err();
    assert_eq!(late, Error::Refused(Refusal::HoldLapsed));
    assert!(plus_minutes(scene.world.now(), 60) < hours(0, 2).start());
}
