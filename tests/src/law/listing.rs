//! Lists of bookings are whole, however little is read at a time, and no request reads without end.

use std::collections::BTreeSet;

use app::bookings::{self, EXPORT_MAX, EXPORT_READ_MAX, HISTORY_READ_MAX, Whose};
use domain::booking::{Booking, BookingCode, BookingState, Filter};
use domain::id::{BookingId, VendorId, VenueId};
use domain::membership::Membership;
use domain::time::{Interval, plus_minutes};
use fastrand::Rng;
use jiff::Timestamp;
use store::history::Part;
use testkit::{VenueBuilder, World};
use uuid::Uuid;

fn start() -> Timestamp {
    "2027-02-03T00:00:00Z".parse().unwrap()
}

/// A booking of which others differ in a few things.
async fn model(world: &World) -> Booking {
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let carl = world.customer("carl").await;
    let interval = Interval::new(start(), plus_minutes(start(), 60)).unwrap();
    world.books(&carl, venue.id, interval).await.unwrap()
}

fn nth(model: &Booking, n: usize, hours: i64, state: BookingState) -> Booking {
    let start = plus_minutes(start(), hours * 60);
    let id = BookingId::from_uuid(Uuid::from_u128(n as u128 + 1));
    Booking {
        id,
        code: BookingCode::of(id),
        interval: Interval::new(start, plus_minutes(start, 60)).unwrap(),
        state,
        ..model.clone()
    }
}

#[derive(Debug, Clone, Copy)]
enum By {
    Customer,
    Vendor,
    Venue,
}

async fn walk(
    world: &World,
    model: &Booking,
    by: By,
    filter: &Filter,
    limit: usize,
    read_max: usize,
) -> Vec<BookingId> {
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let store = world.app.store();
        let part = Part {
            limit,
            read_max,
            after: after.as_deref(),
        };
        let page = match by {
            By::Customer => store.bookings_of_customer(model.booked_by, filter, part).await,
            By::Vendor => store.bookings_of_vendor(model.vendor, filter, part).await,
            By::Venue => store.bookings_of_venue(model.venue, filter, part).await,
        }
        .unwrap();
        assert!(page.items.len() <= limit.min(read_max));
        assert!(page.next.is_none() || page.next != after, "no progress");
        seen.extend(page.items.iter().map(|booking| booking.id));
        match page.next {
            Some(next) => after = Some(next),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn parts_of_a_list_make_the_whole_in_order_from_every_index() {
    let world = World::new();
    let model = model(&world).await;
    let mut rng = Rng::with_seed(7);
    let others = (
        VendorId::from_uuid(Uuid::from_u128(8)),
        VenueId::from_uuid(Uuid::from_u128(9)),
    );
    let mut kept: Vec<Booking> = (0..150)
        .map(|n| {
            let state = BookingState::ALL[rng.usize(..BookingState::ALL.len())];
            // Several begin together.
            let mut booking = nth(&model, n, rng.i64(1..40), state);
            if rng.bool() {
                booking.clocks = booking.zone.clocks(booking.interval);
            }
            if rng.u8(..4) == 0 {
                booking.venue = others.1;
            }
            if rng.u8(..4) == 0 {
                (booking.vendor, booking.venue, booking.customer) = (others.0, others.1, None);
            }
            booking
        })
        .collect();
    world.keeps(&kept).await;
    kept.push(model.clone());
    kept.sort_by_key(|booking| std::cmp::Reverse((booking.interval.start(), booking.id)));
    for round in 0..20 {
        let at = |rng: &mut Rng| rng.bool().then(|| plus_minutes(start(), rng.i64(0..41) * 60));
        let filter = Filter {
            states: (0..rng.usize(..4))
                .map(|_| BookingState::ALL[rng.usize(..BookingState::ALL.len())])
                .collect(),
            from: at(&mut rng),
            to: at(&mut rng),
            venue: rng.bool().then_some(model.venue),
            venues: (rng.u8(..4) == 0).then(|| BTreeSet::from([model.venue])),
            vendor: None,
            other_clocks: rng.u8(..4) == 0,
        };
        let (limit, read_max) = (rng.usize(2..20), rng.usize(BookingState::ALL.len()..60));
        for by in [By::Customer, By::Vendor, By::Venue] {
            let is_theirs = |booking: &&Booking| match by {
                By::Customer => booking.customer == Some(model.booked_by),
                By::Vendor => booking.vendor == model.vendor,
                By::Venue => booking.venue == model.venue,
            };
            let theirs = kept.iter().filter(is_theirs);
            let expected: Vec<_> = theirs.filter(|b| filter.admits(b)).map(|b| b.id).collect();
            let seen = walk(&world, &model, by, &filter, limit, read_max).await;
            assert_eq!(
                seen, expected,
                "round {round}, {by:?}: {filter:?} by {limit}, {read_max}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_reads_so_much_and_the_next_one_goes_on_behind_it() {
    assert_eq!(HISTORY_READ_MAX, 1_000);
    let world = World::new();
    let model = model(&world).await;
    let held = (0..HISTORY_READ_MAX).map(|n| nth(&model, n, 1, BookingState::Held));
    world.keeps(&held.collect::<Vec<_>>()).await;
    world
        .keeps(&[nth(&model, HISTORY_READ_MAX, 0, BookingState::Declined)])
        .await;
    let (mine, declined) = (
        Whose::Customer(model.booked_by),
        Filter::in_state(BookingState::Declined),
    );
    let page = async |after: Option<&str>| {
        bookings::history(&world.app, mine, &declined, 10, after)
            .await
            .unwrap()
    };
    let (found, next) = page(None).await;
    assert_eq!(found, []);
    let (found, next) = page(Some(&next.unwrap())).await;
    assert_eq!((found.len(), next), (1, None));
}

#[tokio::test]
async fn a_file_holds_everything_or_is_refused() {
    assert_eq!((EXPORT_MAX, EXPORT_READ_MAX), (1_000, 5_000));
    let world = World::new();
    let model = model(&world).await;
    // With the model one more than fits.
    let many = (0..EXPORT_MAX).map(|n| nth(&model, n, 1, BookingState::Confirmed));
    world.keeps(&many.collect::<Vec<_>>()).await;
    let narrower = Filter {
        from: Some(plus_minutes(start(), 60)),
        ..Filter::default()
    };
    let member = Membership::applicant(model.vendor).approved();
    for whose in [Whose::Customer(model.booked_by), Whose::Vendor(&member)] {
        let refused = bookings::export(&world.app, whose, &Filter::default()).await;
        let app::Error::Invalid(errors) = refused.unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(errors[0].pointer, "/to");
        let whole = bookings::export(&world.app, whose, &narrower).await.unwrap();
        assert_eq!(whole.len(), EXPORT_MAX);
    }
}
