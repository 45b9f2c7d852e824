//! What is written reads back.

use app::bookings::{CALENDAR_MAX, vendor_calendar};
use app::{auth, users};
use domain::booking::{Booking, BookingCode, BookingState, Filter};
use domain::event::BookingEvent;
use domain::id::{BookingId, VenueId};
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use store::Transaction;
use store::history::Part;
use store::transaction::ACTIONS_MAX;
use store::transient::{MailedFor, MailedToken};
use testkit::{VenueBuilder, World};

fn part(limit: usize, after: Option<&str>) -> Part<'_> {
    Part {
        limit,
        read_max: 100,
        after,
    }
}

#[tokio::test]
async fn a_booking_its_history_and_its_day_read_back_as_they_were_written() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world
        .live_venue(
            &vendor,
            VenueBuilder::default().rules(|r| r.turnaround_minutes = 45),
        )
        .await;
    let carl = world.customer("carl").await;
    let interval = Interval::new(
        "2027-02-03T22:00:00Z".parse().unwrap(),
        "2027-02-04T01:00:00Z".parse().unwrap(),
    )
    .unwrap();
    let booked = world.books(&carl, venue.id, interval).await.unwrap();
    let store = world.app.store();
    assert_eq!(store.booking(booked.id).await.unwrap(), Some(booked.clone()));
    let history = store.history_of(booked.id).await.unwrap();
    assert_eq!(
        history.iter().map(BookingEvent::id).collect::<Vec<_>>(),
        [format!("{}.1", booked.id)]
    );
    let calendar = store.calendar(&booked.spaces, interval).await.unwrap();
    assert_eq!(calendar.occupying(&booked.spaces, world.now()), [&booked.entry()]);
    let offer = store.offer(venue.id, None).await.unwrap().unwrap();
    assert_eq!((offer.venue, offer.book.rules.turnaround_minutes), (venue, 45));
    let mine = store
        .bookings_of_customer(carl.caller.user, &Filter::default(), part(10, None))
        .await
        .unwrap();
    assert_eq!(mine.items, std::slice::from_ref(&booked));
    let there = store
        .bookings_at_venue(booked.venue, interval, 10, |_| true)
        .await
        .unwrap();
    assert_eq!(there, (vec![booked], false));
}

#[tokio::test]
async fn a_history_is_whole_however_long_it_is() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let start = "2027-02-03T22:00:00Z".parse().unwrap();
    let interval = Interval::new(start, plus_minutes(start, 60)).unwrap();
    let booked = world.books(&carl, venue.id, interval).await.unwrap();
    let store = world.app.store();
    let first = store.booking_event(booked.id, 1).await.unwrap().unwrap();
    let later = |number| BookingEvent {
        number,
        ..first.clone()
    };
    let later: Vec<BookingEvent> = (2..=250).map(later).collect();
    for events in later.chunks(ACTIONS_MAX) {
        let mut transaction = Transaction::new();
        for event in events {
            transaction.put_event(event);
        }
        store.commit(transaction).await.unwrap();
    }
    let history = store.history_of(booked.id).await.unwrap();
    let numbers: Vec<u64> = history.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=250).collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_of_a_list_are_neither_lost_nor_repeated() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let mut placed = Vec::new();
    for hour in 0..7 {
        // Nobody may hold so many at once.
        world.clock.advance_seconds(600);
        let start = plus_minutes("2027-02-03T00:00:00Z".parse().unwrap(), hour * 60);
        let interval = Interval::new(start, plus_minutes(start, 60)).unwrap();
        placed.insert(0, world.books(&carl, venue.id, interval).await.unwrap().id);
    }
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = world
            .app
            .store()
            .bookings_of_customer(carl.caller.user, &Filter::default(), part(3, after.as_deref()))
            .await
            .unwrap();
        seen.extend(page.items.iter().map(|b| b.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, placed);
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_within_ten_seconds_a_second_time() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let first = auth::refresh(&world.app, &carl.refresh_token).await.unwrap();
    let tab = auth::refresh(&world.app, &carl.refresh_token).await.unwrap();
    assert_eq!(
        first.refresh_token, tab.refresh_token,
        "the parent shown again gives the same successor"
    );
    assert!(
        auth::refresh(&world.app, &carl.refresh_token).await.is_err(),
        "a third time is theft"
    );
    assert!(
        auth::refresh(&world.app, &first.refresh_token).await.is_err(),
        "and ends the session"
    );
    assert!(users::profile(&world.app, &carl.caller).await.is_ok());
    world.clock.advance_seconds(app::access::BELIEVED_SECONDS);
    assert!(
        world.app.authenticate(&carl.access_token).await.is_err(),
        "within a minute also for access tokens"
    );
}

#[tokio::test]
async fn a_parent_shown_after_ten_seconds_ends_the_session() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let first = auth::refresh(&world.app, &carl.refresh_token).await.unwrap();
    world.clock.advance_seconds(auth::GRACE_SECONDS + 1);
    assert!(auth::refresh(&world.app, &carl.refresh_token).await.is_err());
    assert!(auth::refresh(&world.app, &first.refresh_token).await.is_err());
}

#[tokio::test]
async fn a_made_up_refresh_token_does_not_end_a_session() {
    let world = World::new();
    let carl = world.customer("carl").await;
    let mut forged: Vec<&str> = carl.refresh_token.split('.').collect();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    forged[2] = other;
    assert!(auth::refresh(&world.app, &forged.join(".")).await.is_err());
    assert!(auth::refresh(&world.app, &carl.refresh_token).await.is_ok());
}

#[tokio::test]
async fn what_was_written_and_replaced_can_be_written_again_at_once() {
    let world = World::new();
    let (carl, dora) = (
        world.customer("carl").await.caller.user,
        world.customer("dora").await.caller.user,
    );
    let expires_at = plus_minutes(world.now(), 60);
    for user in [carl, dora, carl] {
        let mut transaction = store::Transaction::new();
        let token = MailedToken {
            user,
            credential: 1,
            email: None,
        };
        transaction.put_mailed_token(MailedFor::Verification, "the same", &token, expires_at);
        world.app.store().commit(transaction).await.unwrap();
        let found = world
            .app
            .store()
            .mailed_token(MailedFor::Verification, "the same", world.now())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.user, user);
    }
}

#[tokio::test]
async fn a_venues_calendar_is_found_behind_any_number_of_bookings_that_are_over() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let start = "2027-02-20T10:00:00Z".parse().unwrap();
    let interval = Interval::new(start, plus_minutes(start, 60)).unwrap();
    let booked = world.books(&carl, venue.id, interval).await.unwrap();
    let store = world.app.store();
    for n in 0..1_100_u128 {
        let earlier = plus_minutes(start, -60 - i64::try_from(n).unwrap());
        let mut transaction = Transaction::new();
        let id = BookingId::from_uuid(uuid::Uuid::from_u128(n));
        transaction.put_booking(&Booking {
            id,
            code: BookingCode::of(id),
            state: BookingState::CancelledByCustomer,
            interval: Interval::new(earlier, plus_minutes(earlier, 30)).unwrap(),
            ..booked.clone()
        });
        store.commit(transaction).await.unwrap();
    }
    let week = Interval::new(plus_minutes(start, -7 * 1_440), plus_minutes(start, 1_440)).unwrap();
    let shown = vendor_calendar(&world.app, vendor.member(), venue.id, week).await;
    assert_eq!(shown, Ok((vec![booked.clone()], false)));
    let (some, more) = store
        .bookings_at_venue(venue.id, week, 700, |_| true)
        .await
        .unwrap();
    assert_eq!((some.len(), more), (700, true));
}

#[tokio::test]
async fn a_calendar_that_cannot_show_all_bookings_says_so() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let start = "2027-02-20T10:00:00Z".parse().unwrap();
    let interval = Interval::new(start, plus_minutes(start, 60)).unwrap();
    let first = world.books(&carl, venue.id, interval).await.unwrap();
    let copy = |n: usize| {
        let id = BookingId::from_uuid(uuid::Uuid::from_u128(n as u128));
        Booking {
            id,
            code: BookingCode::of(id),
            ..first.clone()
        }
    };
    let shown = async || {
        let (shown, more) = vendor_calendar(&world.app, vendor.member(), venue.id, interval)
            .await
            .unwrap();
        (shown.len(), more)
    };
    let others: Vec<Booking> = (1..CALENDAR_MAX).map(copy).collect();
    world.keeps(&others).await;
    assert_eq!(shown().await, (CALENDAR_MAX, false));
    world.keeps(&[copy(CALENDAR_MAX)]).await;
    assert_eq!(shown().await, (CALENDAR_MAX, true));
}

#[tokio::test]
async fn every_venue_of_a_crowded_cell_is_found() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let store = world.app.store();
    for n in 0..450_u128 {
        let mut transaction = Transaction::new();
        transaction.put_venue(&Venue {
            id: VenueId::from_uuid(uuid::Uuid::from_u128(n)),
            version: 1,
            ..venue.clone()
        });
        store.commit(transaction).await.unwrap();
    }
    let found = store
        .live_venues_in([venue.location.public_point().cell()])
        .await
        .unwrap();
    assert_eq!((found.venues.len(), found.is_whole), (451, true));
}
