//! Limits that time and numbers have, at their boundary.

use app::bookings::{self, PREVIEW_MINUTES};
use app::{CONFLICTS_MAX, Error, venues};
use domain::Refusal;
use domain::availability::{BLOCKS_MAX, Block, BlockTime, STEPS_MAX, Season};
use domain::booking::HOLD_MINUTES;
use domain::calendar::{DAYS_PER_TRANSACTION_MAX, Entry};
use domain::id::{BlockId, BookingId, PaymentId, SpaceId};
use domain::payment::Payment;
use domain::text::Label;
use domain::time::{Interval, plus_minutes};
use domain::venue::Venue;
use store::transaction::ACTIONS_MAX;
use testkit::{Person, VenueBuilder, World, space_settings};
use uuid::Uuid;

/// Wednesday, eleven o'clock in Berlin.
fn wanted() -> Interval {
    let start = "2027-02-03T10:00:00Z".parse().unwrap();
    Interval::new(start, plus_minutes(start, 60)).unwrap()
}

async fn scene() -> (World, Person, Venue) {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    (world, vera, venue)
}

async fn blocks(
    world: &World,
    vera: &Person,
    venue: &Venue,
    space: Option<SpaceId>,
    time: Interval,
) -> app::Result<()> {
    let time = BlockTime::Once(time);
    venues::block(&world.app, vera.member(), None, venue.id, space, time, None)
        .await
        .map(drop)
}

/// Half a minute longer than it is held, since a payment may make it firm by a clock that is a little behind.
#[tokio::test]
async fn a_hold_that_lapsed_is_in_the_way_of_a_block_for_half_a_minute() {
    let (world, vera, venue) = scene().await;
    let carl = world.customer("carl").await;
    let held = world.books(&carl, venue.id, wanted()).await.unwrap();
    world.clock.advance_seconds(HOLD_MINUTES * 60 + 29);
    let blocked = blocks(&world, &vera, &venue, None, wanted()).await;
    let Err(Error::BookingsInTheWay(conflicts)) = &blocked else {
        panic!("{blocked:?}")
    };
    assert_eq!(conflicts[0].booking, held.id);
    world.clock.advance_seconds(1);
    blocks(&world, &vera, &venue, None, wanted()).await.unwrap();
}

#[tokio::test]
async fn of_the_bookings_in_the_way_the_first_are_told() {
    let (world, vera, venue) = scene().await;
    let (store, spaces) = (world.app.store(), [venue.main_space]);
    let nth = |n: usize| BookingId::from_uuid(Uuid::from_u128(n as u128 + 1));
    let minutes = |n: usize| plus_minutes(wanted().start(), i64::try_from(n).unwrap() * 5);
    let mut calendar = store.calendar(&spaces, wanted().widened(0, 600)).await.unwrap();
    for n in (0..=CONFLICTS_MAX).rev() {
        let entry = Entry {
            booking: nth(n),
            space: venue.main_space,
            interval: Interval::new(minutes(n), minutes(n + 1)).unwrap(),
            setup_minutes: 0,
            turnaround_minutes: 0,
            hold_until: None,
            proposed: false,
        };
        calendar.reserve(&spaces, &entry, world.now()).unwrap();
    }
    let mut transaction = store::Transaction::new();
    transaction.put_days(&calendar);
    store.commit(transaction).await.unwrap();
    for (count, told) in [(CONFLICTS_MAX, CONFLICTS_MAX), (CONFLICTS_MAX + 1, CONFLICTS_MAX)] {
        let time = Interval::new(minutes(0), minutes(count)).unwrap();
        let blocked = blocks(&world, &vera, &venue, None, time).await;
        let Err(Error::BookingsInTheWay(conflicts)) = blocked else {
            panic!("{blocked:?}")
        };
        let bookings: Vec<_> = conflicts.iter().map(|conflict| conflict.booking).collect();
        assert_eq!(bookings, (0..told).map(nth).collect::<Vec<_>>());
    }
}

/// Those of its parts count as its own.
#[tokio::test]
async fn a_space_has_so_many_blocks_with_those_of_its_parts() {
    let (world, vera, venue) = scene().await;
    let (app, vendor, id) = (&world.app, vera.member(), venue.id);
    let mut rooms = Vec::new();
    for _ in 0..2 {
        let room = space_settings("Room", Vec::new());
        rooms.push(world.adds_space(vendor, id, &room).await);
    }
    let hall = space_settings("Hall", rooms.clone());
    world.sets_space(vendor, id, venue.main_space, &hall).await;
    let nth = |n: usize| {
        let start = plus_minutes(wanted().start(), i64::try_from(n).unwrap() * 5);
        Interval::new(start, plus_minutes(start, 5)).unwrap()
    };
    // All but one, half of them in each room, as the hall carries them.
    let block = |n: usize| Block {
        id: BlockId::from_uuid(Uuid::from_u128(n as u128)),
        space: rooms[n % 2],
        time: BlockTime::Once(nth(n)),
        reason: None,
    };
    let all: Vec<Block> = (1..BLOCKS_MAX).map(block).collect();
    let mut transaction = store::Transaction::new();
    for (space, mut book) in app.store().spaces_with_rules(id).await.unwrap() {
        let carries = |block: &&Block| space.id == venue.main_space || block.space == space.id;
        book.rules.blocks = all.iter().filter(carries).cloned().collect();
        transaction.put_space(&space, Some(space.rules_version));
        transaction.put_rules(&space, &book);
    }
    app.store().commit(transaction).await.unwrap();
    blocks(&world, &vera, &venue, Some(rooms[0]), nth(400))
        .await
        .unwrap();
    let one_more = blocks(&world, &vera, &venue, Some(rooms[1]), nth(401)).await;
    let limit = BLOCKS_MAX;
    assert_eq!(one_more.unwrap_err(), Refusal::LimitReached { limit }.into());
}

/// Eighteen spaces and five days are as many documents as a transaction may write.
#[tokio::test]
async fn a_move_too_far_away_for_one_transaction_is_refused_with_nearer_times() {
    const SPACES: usize = DAYS_PER_TRANSACTION_MAX / 5;
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let builder = VenueBuilder::default().rules(|rules| rules.max_minutes = 3 * 1_440);
    let venue = world.live_venue(&vera, builder).await;
    let mut rooms = Vec::new();
    while rooms.len() + 1 < SPACES {
        let room = space_settings("Room", Vec::new());
        rooms.push(world.adds_space(vera.member(), venue.id, &room).await);
    }
    let hall = space_settings("Hall", rooms);
    world
        .sets_space(vera.member(), venue.id, venue.main_space, &hall)
        .await;
    // Two whole days touch three.
    let days_after = |days: i64| {
        let start = plus_minutes(wanted().start(), days * 1_440);
        Interval::new(start, plus_minutes(start, 2 * 1_440)).unwrap()
    };
    let held = world.books(&carl, venue.id, days_after(0)).await.unwrap();
    let booking = world.confirms(&held).await;
    let preview = |time| {
        let ask = bookings::Ask::plain(time);
        bookings::preview_proposal(&world.app, &carl.caller, booking.id, ask)
    };
    let refused = preview(days_after(4)).await.unwrap_err();
    let Error::RefusedTime(Refusal::LimitReached { limit }, others) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(limit, DAYS_PER_TRANSACTION_MAX);
    // From midnight to midnight they touch only two, which makes five with those of the booking.
    let starts: Vec<_> = others.iter().map(|other| other.start().to_string()).collect();
    assert_eq!(starts, ["2027-02-07T00:00:00Z"]);
    for other in others {
        preview(other).await.unwrap();
    }
    // Five days can be written, and beside them what gives back as many payments as still fit.
    let nearer = days_after(2);
    let store = world.app.store();
    let paid = store.payments_of(booking.id).await.unwrap().remove(0);
    let is_paid_again = async |n: u128| {
        let mut transaction = store::Transaction::new();
        transaction.put_payment(&Payment {
            id: PaymentId::from_uuid(Uuid::from_u128(n)),
            intent: Some(format!("pi_{n}")),
            version: 1,
            ..paid.clone()
        });
        store.commit(transaction).await.unwrap();
    };
    preview(nearer).await.unwrap();
    is_paid_again(1).await;
    preview(nearer).await.unwrap();
    is_paid_again(2).await;
    let refused = preview(nearer).await.unwrap_err();
    let Error::RefusedTime(Refusal::LimitReached { limit }, others) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(limit, ACTIONS_MAX);
    assert!(!others.is_empty());
    for other in others {
        preview(other).await.unwrap();
    }
}

#[tokio::test]
async fn a_preview_is_honoured_for_so_many_minutes_and_not_a_second_longer() {
    for (seconds, is_honoured) in [(-1, true), (0, false)] {
        let (world, _, venue) = scene().await;
        let carl = world.customer("carl").await;
        let held = world.books(&carl, venue.id, wanted()).await.unwrap();
        let booking = world.confirms(&held).await;
        let preview = bookings::cancellation_preview(&world.app, &carl.caller, booking.id)
            .await
            .unwrap();
        assert_eq!(preview.expires_at, plus_minutes(world.now(), PREVIEW_MINUTES));
        world.clock.advance_seconds(PREVIEW_MINUTES * 60 + seconds);
        let once = carl.once("cancel", "cancel");
        let cancelled =
            bookings::cancel(&world.app, &carl.caller, &once, booking.id, &preview.token, None).await;
        if is_honoured {
            cancelled.unwrap();
        } else {
            assert_eq!(cancelled.unwrap_err(), Refusal::PreviewOutdated.into());
        }
    }
}

/// What is named in place of the wanted time, and how many batches of items were read for it.
async fn refused(world: &World, venue: &Venue, code: &str) -> (Vec<Interval>, usize) {
    let carl = world.customer("carl").await;
    world.faults.take_calls();
    let asked = world.quote(&carl, venue.id, wanted()).await.unwrap_err();
    let batches = world.faults.take_calls().into_iter();
    let batches = batches.filter(|(name, _)| name == "BatchGetItem");
    let Error::RefusedTime(refusal, others) = asked else {
        panic!("{asked:?}")
    };
    assert_eq!(refusal.code(), code);
    (others, batches.map(|(_, count)| count).sum())
}

/// The space with its rules and rates is one batch, and the days on which it opens again another.
#[tokio::test]
async fn a_season_that_is_closed_is_passed_over_without_being_read() {
    let (world, vera, venue) = scene().await;
    let mut rules = testkit::hours_every_day("Europe/Berlin", 0, 1_440);
    rules.seasons = vec![Season {
        name: Label::parse("renovation").unwrap(),
        from: "2027-01-01".parse().unwrap(),
        to: "2027-09-30".parse().unwrap(),
        priority: 0,
        weekly: Vec::new(),
        min_minutes: None,
        lead_minutes: None,
    }];
    venues::set_rules(&world.app, vera.member(), None, venue.id, None, rules, None)
        .await
        .unwrap();
    let (others, batches) = refused(&world, &venue, "season").await;
    let reopening = "2027-09-30T22:00:00Z".parse().unwrap();
    let nth = |n: i64| plus_minutes(reopening, n * 60);
    let hours = [0, 1, 2].map(|n| Interval::new(nth(n), nth(n + 1)).unwrap());
    assert_eq!((others, batches), (hours.into(), 2));
}

/// The space, the wanted day, and then so many steps.
#[tokio::test]
async fn who_is_booked_out_is_asked_for_other_times_in_so_many_batches() {
    let (world, _, venue) = scene().await;
    let (store, spaces) = (world.app.store(), [venue.main_space]);
    let first = "2027-01-30T00:00:00Z".parse().unwrap();
    let booked_out = |n: i64| {
        let start = plus_minutes(first, n * 1_440);
        Interval::new(start, plus_minutes(start, 1_440)).unwrap()
    };
    for month in 0..13 {
        let days = month * 30..(month + 1) * 30;
        let whole = booked_out(days.start).through(booked_out(days.end - 1));
        let mut calendar = store.calendar(&spaces, whole).await.unwrap();
        for n in days {
            let entry = Entry {
                booking: BookingId::from_uuid(Uuid::from_u128(u128::try_from(n).unwrap() + 1)),
                space: venue.main_space,
                interval: booked_out(n),
                setup_minutes: 0,
                turnaround_minutes: 0,
                hold_until: None,
                proposed: false,
            };
            calendar.reserve(&spaces, &entry, world.now()).unwrap();
        }
        let mut transaction = store::Transaction::new();
        transaction.put_days(&calendar);
        store.commit(transaction).await.unwrap();
    }
    let (others, batches) = refused(&world, &venue, "slot_taken").await;
    assert_eq!((others, batches), (Vec::new(), 2 + STEPS_MAX));
}
