//! What happens to a booking.

use app::bookings::{cancel, cancellation_preview};
use domain::booking::Change;
use domain::event::EventKind;
use domain::text::Reason;
use testkit::{VenueBuilder, World};

use super::{confirmed, hold, kinds, noon, notes, of, tell};

#[tokio::test]
async fn a_confirmation_is_told_to_the_customer_and_the_vendor_by_note_and_mail() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    tell(&world.app, of(&confirmed(&world, &booking))).await.unwrap();

    let [mail] = world.mails.to(&customer.email).try_into().unwrap();
    assert_eq!(mail.subject, "Booking confirmed: The Loft");
    assert!(mail.text.starts_with("Hello carl,"), "{}", mail.text);
    assert!(
        mail.text
            .contains("Tuesday, 2 February 2027, 12:00 to 14:00 (Europe/Berlin, UTC+01:00)")
    );
    assert!(mail.text.contains("EUR 100.00"), "{}", mail.text);
    assert!(mail.html.contains(booking.code.as_str()), "{}", mail.html);
    let [note] = notes(&world, &customer).await.try_into().unwrap();
    assert_eq!((note.kind.as_str(), note.mailed), ("BookingConfirmed", true));

    let [mail] = world.mails.to(&vendor.email).try_into().unwrap();
    assert_eq!(mail.subject, "New booking: The Loft");
    assert_eq!(kinds(&world, &vendor).await, ["BookingConfirmed"]);
}

#[tokio::test]
async fn nobody_is_told_of_a_hold() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    for event in world.app.store().history_of(booking.id).await.unwrap() {
        assert_eq!(event.kind, EventKind::BookingHeld);
        tell(&world.app, of(&event)).await.unwrap();
    }
    assert_eq!(world.mails.all().len(), 0);
    assert_eq!(
        notes(&world, &customer).await.len() + notes(&world, &vendor).await.len(),
        0
    );
}

#[tokio::test]
async fn a_hold_that_ran_out_is_a_note_to_its_customer_and_no_mail() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    world.clock.advance_minutes(11);
    let event = booking
        .apply(Change::HoldLapsed { payment_open: false }, world.now())
        .unwrap()
        .1;
    tell(&world.app, of(&event)).await.unwrap();
    assert_eq!(kinds(&world, &customer).await, ["BookingHoldExpired"]);
    assert_eq!(notes(&world, &vendor).await.len(), 0);
    assert_eq!(world.mails.all().len(), 0);
}

#[tokio::test]
async fn a_customer_whose_booking_is_cancelled_reads_why() {
    let world = World::new();
    let (customer, vendor, booking) = hold(&world).await;
    let reason = Reason::parse("A burst pipe <sorry>").unwrap();
    let preview = cancellation_preview(&world.app, &vendor.caller, booking.id)
        .await
        .unwrap();
    cancel(
        &world.app,
        &vendor.caller,
        &vendor.once("k", "cancel"),
        booking.id,
        &preview.token,
        Some(reason),
    )
    .await
    .unwrap();
    let event = world
        .app
        .store()
        .history_of(booking.id)
        .await
        .unwrap()
        .pop()
        .unwrap();
    tell(&world.app, of(&event)).await.unwrap();

    let [mail] = world.mails.to(&customer.email).try_into().unwrap();
    assert!(
        mail.text.contains("The venue cancelled your booking"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("> A burst pipe <sorry>"), "{}", mail.text);
    assert!(mail.html.contains("A burst pipe &lt;sorry&gt;"), "{}", mail.html);
    assert_eq!(
        notes(&world, &vendor).await.len(),
        0,
        "the vendor never heard of the hold"
    );
}

#[tokio::test]
async fn whoever_books_at_a_venue_of_their_own_is_told_as_both() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&vendor, venue.id, noon()).await.unwrap();
    tell(&world.app, of(&confirmed(&world, &booking))).await.unwrap();
    let mut titles: Vec<String> = notes(&world, &vendor)
        .await
        .into_iter()
        .map(|n| n.title)
        .collect();
    titles.sort();
    assert_eq!(titles, ["Booking confirmed: The Loft", "New booking: The Loft"]);
    assert_eq!(world.mails.to(&vendor.email).len(), 2);
}
