//! What another time costs more is paid before the booking moves; what it costs less goes back.

use app::{Error, timers};
use domain::Refusal;
use domain::booking::{ACCEPTED_MINUTES, BookingState, PaymentState, REFUND_MINUTES};
use domain::event::EventKind;
use domain::payment::PaymentStatus;
use domain::refund::RefundStatus;
use domain::time::plus_minutes;
use testkit::VenueBuilder;

use super::{Scene, hours};

/// Hours that are free of each other's timers: a week later.
const LATER: i64 = 24 * 7;

#[tokio::test]
async fn what_another_time_costs_less_goes_back_and_the_booking_goes_on() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(0, 1)).await.unwrap();
    let moved = scene.accepts(&scene.vera, proposal.id).await.unwrap();
    assert_eq!((moved.payment, moved.unsettled), (PaymentState::Paid, true));
    assert_eq!((moved.price.total.amount(), scene.kept().await), (5_000, 5_000));
    assert_eq!(scene.refunds_arrive().await, [5_000]);
    let settled = scene.booking().await;
    assert_eq!(
        (settled.state, settled.payment),
        (BookingState::Confirmed, PaymentState::Paid)
    );
    assert!(!settled.unsettled);
    // Cancelled, the rest comes back.
    let cancelled = scene.world.cancels(&scene.ada, scene.id).await.unwrap();
    assert_eq!(cancelled.cancellation.unwrap().shares.refund.amount(), 5_000);
    assert_eq!(scene.kept().await, 0);
    assert_eq!(scene.refunds_arrive().await.iter().sum::<i64>(), 10_000);
    assert_eq!(scene.booking().await.payment, PaymentState::Refunded);
}

#[tokio::test]
async fn a_booking_moves_with_the_money_for_it_and_not_before() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    let nothing = scene.begins_to_pay("early").await.unwrap_err();
    assert_eq!(nothing, Error::Refused(Refusal::NothingToPay));
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    assert_eq!(scene.booking().await.interval, hours(0, 2));
    scene.pays("difference").await.unwrap();
    scene.stands_at(hours(LATER, 3)).await;
    let moved = scene.booking().await;
    assert_eq!((moved.price.total.amount(), scene.kept().await), (15_000, 15_000));
    let payments = scene.app.store().payments_of(scene.id).await.unwrap();
    let of_payments: Vec<_> = payments.iter().map(|p| (p.amount.amount(), p.proposal)).collect();
    assert_eq!(of_payments, [(10_000, None), (5_000, Some(proposal.id))]);
    // Both come back when it is cancelled, and it is refunded when both have arrived.
    scene.world.cancels(&scene.ada, scene.id).await.unwrap();
    assert_eq!(scene.kept().await, 0);
    let refunds = scene.app.store().refunds_of(scene.id).await.unwrap();
    assert_eq!(refunds.len(), 2);
    scene.refund_arrives(&refunds[0]).await;
    assert_eq!(scene.booking().await.payment, PaymentState::RefundPending);
    scene.refund_arrives(&refunds[1]).await;
    assert_eq!(scene.booking().await.payment, PaymentState::Refunded);
    let history = scene.app.store().history_of(scene.id).await.unwrap();
    let arrived = history.iter().filter(|e| e.kind == EventKind::BookingRefunded);
    let amounts: i64 = arrived.map(|e| e.settled.unwrap().amount()).sum();
    assert_eq!(amounts, 15_000);
}

#[tokio::test]
async fn a_refund_that_fails_is_told_when_nothing_else_is_on_its_way() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.pays("difference").await.unwrap();
    scene.world.cancels(&scene.ada, scene.id).await.unwrap();
    let refunds = scene.app.store().refunds_of(scene.id).await.unwrap();
    let settles = |index: usize, status| {
        let (scene, refund) = (&scene, &refunds[index]);
        async move {
            let seen = app::ports::ProviderRefund {
                provider_id: format!("re_{}", refund.id),
                status,
                amount: refund.amount,
                booking: Some(refund.booking),
                refund: Some(refund.id),
            };
            app::payments::settle_refund(&scene.app, &seen, None)
                .await
                .unwrap();
            scene.booking().await.payment
        }
    };
    assert_eq!(
        settles(0, RefundStatus::Failed).await,
        PaymentState::RefundPending
    );
    assert_eq!(
        settles(1, RefundStatus::Succeeded).await,
        PaymentState::RefundFailed
    );
}

#[tokio::test]
async fn a_difference_that_nobody_pays_leaves_the_booking_where_it_is() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    let accepted = scene.accepts(&scene.vera, proposal.id).await.unwrap();
    let until = accepted.to_be_paid().unwrap().until;
    let by = plus_minutes(scene.world.now(), ACCEPTED_MINUTES).min(plus_minutes(hours(0, 2).start(), -60));
    assert_eq!(until, by);
    scene.begins_to_pay("begun").await.unwrap();
    let until = scene.booking().await.to_be_paid().unwrap().until;
    scene.world.clock.set(until);
    // The provider is asked for the last word, and nobody can pay it any more.
    let (one, other) = tokio::try_join!(timers::run(&scene.app), timers::run(&scene.app)).unwrap();
    assert_eq!((one.expired + other.expired, one.failed + other.failed), (1, 0));
    let payments = scene.app.store().payments_of(scene.id).await.unwrap();
    assert_eq!(payments[1].status, PaymentStatus::Cancelled);
    let booking = scene.booking().await;
    assert_eq!((booking.proposal, booking.unsettled), (None, false));
    scene.stands_at(hours(0, 2)).await;
    assert!(scene.free(hours(LATER, 3)).await);
}

#[tokio::test]
async fn a_payment_whose_webhook_was_lost_moves_the_booking() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    scene.provider.is_paid(scene.id);
    let until = scene.booking().await.to_be_paid().unwrap().until;
    scene.world.clock.set(until);
    assert_eq!(timers::run(&scene.app).await.unwrap().settled, 1);
    scene.stands_at(hours(LATER, 3)).await;
}

#[tokio::test]
async fn money_for_a_time_that_another_has_meanwhile_goes_back_and_the_booking_stays() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    let until = scene.booking().await.to_be_paid().unwrap().until;
    scene.world.clock.set(until);
    let olga = scene.world.customer("olga").await;
    scene
        .world
        .books(&olga, scene.venue.id, hours(LATER + 1, 1))
        .await
        .unwrap();
    scene.provider.is_paid(scene.id);
    timers::run(&scene.app).await.unwrap();
    scene.stands_at(hours(0, 2)).await;
    let booking = scene.booking().await;
    assert_eq!((booking.payment, booking.unsettled), (PaymentState::Paid, true));
    assert_eq!((booking.proposal.as_ref(), scene.kept().await), (None, 10_000));
    assert_eq!(scene.refunds_arrive().await, [5_000]);
    assert!(!scene.booking().await.unsettled);
}

#[tokio::test]
async fn money_that_comes_late_moves_the_booking_where_the_time_is_still_to_be_had() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    let until = scene.booking().await.to_be_paid().unwrap().until;
    scene.world.clock.set(until);
    assert!(scene.free(hours(LATER, 3)).await);
    scene.provider.is_paid(scene.id);
    timers::run(&scene.app).await.unwrap();
    scene.stands_at(hours(LATER, 3)).await;
}

#[tokio::test]
async fn a_bank_that_is_still_at_work_on_a_difference_is_followed() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    let until = scene.booking().await.to_be_paid().unwrap().until;
    scene.world.clock.set(until);
    scene.provider.is_busy(true);
    assert_eq!(timers::run(&scene.app).await.unwrap().expired, 1);
    assert!(scene.booking().await.unsettled);
    // What the bank does comes to light though nobody tells: first nothing, then the money, which goes back.
    scene.world.clock.advance_minutes(REFUND_MINUTES);
    let looked = timers::run(&scene.app).await.unwrap();
    assert_eq!((looked.untouched, looked.failed), (1, 0));
    scene.provider.is_paid(scene.id);
    scene.world.clock.advance_minutes(REFUND_MINUTES);
    assert_eq!(timers::run(&scene.app).await.unwrap().settled, 1);
    assert_eq!(scene.kept().await, 10_000);
    assert_eq!(scene.refunds_arrive().await, [5_000]);
    assert!(!scene.booking().await.unsettled);
    scene.stands_at(hours(0, 2)).await;
}

#[tokio::test]
async fn a_cancelled_booking_keeps_nothing_of_a_difference_that_was_about_to_be_paid() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    scene.world.cancels(&scene.ada, scene.id).await.unwrap();
    assert_eq!(scene.entries().await, []);
    scene.provider.is_paid(scene.id);
    scene.world.clock.advance_minutes(REFUND_MINUTES);
    timers::run(&scene.app).await.unwrap();
    assert_eq!(scene.kept().await, 0);
    let mut back = scene.refunds_arrive().await;
    back.sort_unstable();
    assert_eq!(back, [5_000, 10_000]);
    let booking = scene.booking().await;
    assert_eq!(
        (booking.payment, booking.unsettled),
        (PaymentState::Refunded, false)
    );
}

#[tokio::test]
async fn a_refund_of_a_difference_whose_message_was_lost_is_sent_again() {
    let scene = Scene::new().await;
    let proposal = scene.proposes(&scene.ada, hours(0, 1)).await.unwrap();
    scene.accepts(&scene.vera, proposal.id).await.unwrap();
    while scene.world.queue.next().is_some() {}
    scene.world.clock.advance_minutes(REFUND_MINUTES);
    timers::run(&scene.app).await.unwrap();
    let refund = scene.app.store().refunds_of(scene.id).await.unwrap().remove(0);
    let message = app::message::Message::refund(refund.id, scene.id);
    assert!(scene.world.queue.waiting().contains(&message));
    // And the visit does not wait for it.
    scene.world.clock.set(hours(0, 1).end());
    assert_eq!(timers::run(&scene.app).await.unwrap().completed, 1);
    scene.refunds_arrive().await;
    let booking = scene.booking().await;
    assert_eq!(
        (booking.state, booking.unsettled),
        (BookingState::Completed, false)
    );
}

#[tokio::test]
async fn near_its_start_whoever_booked_has_to_come() {
    let builder = VenueBuilder::default().rules(|rules| rules.cancellation_lock_minutes = 12 * 60);
    let scene = Scene::at(builder).await;
    scene.world.clock.set(plus_minutes(hours(0, 2).start(), -12 * 60));
    let ada = scene.world.signs_in(&scene.ada.email).await;
    let invalid = |error| matches!(error, Error::Refused(Refusal::InvalidTransition { .. }));
    assert!(invalid(scene.proposes(&ada, hours(5, 2)).await.unwrap_err()));
    assert!(invalid(scene.world.cancels(&ada, scene.id).await.unwrap_err()));
    let vera = scene.world.signs_in(&scene.vera.email).await;
    scene.proposes(&vera, hours(5, 2)).await.unwrap();
    scene.world.cancels(&vera, scene.id).await.unwrap();
}

#[tokio::test]
async fn a_refund_that_is_on_its_way_disturbs_nobody_who_pays_for_the_next_time() {
    let scene = Scene::new().await;
    let shorter = scene.proposes(&scene.ada, hours(0, 1)).await.unwrap();
    scene.accepts(&scene.vera, shorter.id).await.unwrap();
    let longer = scene.proposes(&scene.ada, hours(LATER, 3)).await.unwrap();
    scene.accepts(&scene.vera, longer.id).await.unwrap();
    scene.begins_to_pay("begun").await.unwrap();
    // The refund of the first move is looked after meanwhile, and arrives.
    scene.world.clock.advance_minutes(REFUND_MINUTES);
    timers::run(&scene.app).await.unwrap();
    let payments = scene.app.store().payments_of(scene.id).await.unwrap();
    assert_eq!(payments[1].status, PaymentStatus::RequiresMethod);
    scene.refunds_arrive().await;
    assert!(!scene.booking().await.unsettled);
    scene.provider.is_paid(scene.id);
    let ada = scene.world.signs_in(&scene.ada.email).await;
    app::payments::verify(&scene.app, &ada.caller, scene.id)
        .await
        .unwrap();
    scene.stands_at(hours(LATER, 3)).await;
    assert_eq!(scene.kept().await, 15_000);
    assert!(!scene.booking().await.unsettled);
}

#[tokio::test]
async fn a_promo_code_holds_on_over_a_time_that_is_too_cheap_for_it() {
    let scene = Scene::new().await;
    let booking = scene.booking().await;
    assert_eq!(booking.wishes, booking.price.wishes());
    let code: domain::pricing::PromoCode = "LONG".parse().unwrap();
    let store = scene.app.store();
    let promo = domain::pricing::Promo {
        code: code.clone(),
        vendor: scene.vera.vendor(),
        effect: domain::pricing::PromoEffect::Percent(1_000),
        uses_max: None,
        uses_per_customer_max: None,
        from: None,
        until: None,
        minimum_spend: Some(booking.price.total),
        venues: Vec::new(),
        created_at: booking.created_at,
        updated_at: booking.created_at,
        version: 1,
    };
    let mut transaction = store::Transaction::new();
    transaction.put_promo(&promo);
    store.commit(transaction).await.unwrap();
    let olga = scene.world.customer("olga").await;
    let wanted = hours(LATER, 2);
    let quoted = scene
        .world
        .quote_with(&olga, scene.venue.id, wanted, Some(code))
        .await;
    let quote = quoted.unwrap();
    let held = scene.world.takes(&olga, &quote).await.unwrap();
    let booked = scene.world.confirms(&held).await;
    assert_eq!(booked.price.total.amount(), 9_000);
    let moves = async |interval, key: &str| {
        let once = olga.once(key, "propose");
        let asked = app::bookings::propose(
            &scene.app,
            &olga.caller,
            &once,
            booked.id,
            app::bookings::Ask::plain(interval),
        )
        .await;
        let proposal = asked.unwrap().value.proposal.unwrap();
        let once = scene.vera.once(key, "accept");
        let vera = &scene.vera.caller;
        app::bookings::accept_proposal(&scene.app, vera, &once, booked.id, proposal.id)
            .await
            .unwrap()
            .value
    };
    assert_eq!(moves(hours(LATER, 1), "short").await.price.total.amount(), 5_000);
    let long = moves(hours(LATER + 24, 2), "long").await;
    assert_eq!(long.to_be_paid().unwrap().price.total.amount(), 9_000);
}
