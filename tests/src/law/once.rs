//! A request that is sent twice has one effect.

use app::{Error, bookings};
use domain::time::Interval;
use testkit::{Fault, Person, VenueBuilder, World};

fn hour() -> Interval {
    Interval::new(
        "2027-02-03T10:00:00Z".parse().unwrap(),
        "2027-02-03T11:00:00Z".parse().unwrap(),
    )
    .unwrap()
}

async fn scene() -> (World, Person, domain::pricing::QuoteId) {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let customer = world.customer("carl").await;
    let quote = world.quote(&customer, venue.id, hour()).await.unwrap().id;
    (world, customer, quote)
}

#[tokio::test]
async fn the_same_key_and_request_get_the_same_booking() {
    let (world, carl, quote) = scene().await;
    let once = carl.once("k1", "book");
    let first = bookings::create(&world.app, &carl.caller, &once, quote)
        .await
        .unwrap();
    let again = bookings::create(&world.app, &carl.caller, &once, quote)
        .await
        .unwrap();
    assert_eq!(first.value, again.value);
    assert_eq!((first.replayed, again.replayed), (false, true));
}

#[tokio::test]
async fn the_same_key_for_another_request_is_refused_without_effect() {
    let (world, carl, quote) = scene().await;
    bookings::create(&world.app, &carl.caller, &carl.once("k1", "book"), quote)
        .await
        .unwrap();
    let other = bookings::create(
        &world.app,
        &carl.caller,
        &carl.once("k1", "something else"),
        quote,
    )
    .await;
    assert_eq!(other.unwrap_err(), Error::KeyReused);
}

#[tokio::test]
async fn keys_belong_to_their_owner() {
    let (world, carl, quote) = scene().await;
    let dora = world.customer("dora").await;
    bookings::create(&world.app, &carl.caller, &carl.once("k1", "book"), quote)
        .await
        .unwrap();
    let hers = bookings::create(&world.app, &dora.caller, &dora.once("k1", "book"), quote).await;
    assert_eq!(
        hers.unwrap_err(),
        Error::NotFound,
        "another's quote, not another's booking"
    );
}

#[tokio::test]
async fn two_at_once_have_one_effect() {
    let (world, carl, quote) = scene().await;
    let once = carl.once("k1", "book");
    let (one, two) = tokio::join!(
        bookings::create(&world.app, &carl.caller, &once, quote),
        bookings::create(&world.app, &carl.caller, &once, quote),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.value.id, two.value.id);
    assert!(one.replayed ^ two.replayed, "one did it and the other was told");
}

#[tokio::test]
async fn a_reply_that_is_lost_after_the_commit_is_answered_as_the_success_it_was() {
    let (world, carl, quote) = scene().await;
    world.faults.next("TransactWriteItems", Fault::ReplyLost);
    let booked = bookings::create(&world.app, &carl.caller, &carl.once("k1", "book"), quote)
        .await
        .unwrap();
    let stored = world.app.store().booking(booked.value.id).await.unwrap().unwrap();
    assert_eq!(stored, booked.value, "the SDK asked again with the same token");
}

#[tokio::test]
async fn when_every_reply_is_lost_the_next_request_with_the_key_finds_the_booking() {
    let (world, carl, quote) = scene().await;
    for _ in 0..3 {
        world.faults.next("TransactWriteItems", Fault::ReplyLost);
    }
    let once = carl.once("k1", "book");
    let unknown = bookings::create(&world.app, &carl.caller, &once, quote)
        .await
        .unwrap_err();
    assert!(matches!(unknown, Error::Unavailable(_)), "{unknown:?}");
    let found = bookings::create(&world.app, &carl.caller, &once, quote)
        .await
        .unwrap();
    assert!(found.replayed, "its own booking does not stand in its way");
    let history = world.app.store().history_of(found.value.id).await.unwrap();
    assert_eq!(history.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let (world, carl, quote) = scene().await;
    let once = carl.once("k1", "book");
    world.clock.advance_minutes(16);
    let expired = bookings::create(&world.app, &carl.caller, &once, quote)
        .await
        .unwrap_err();
    assert!(matches!(
        expired,
        Error::Refused(domain::Refusal::QuoteExpired { .. })
    ));
    assert_eq!(
        world
            .app
            .store()
            .once(&carl.caller.user.to_string(), "k1", world.now())
            .await
            .unwrap(),
        None
    );
}
