//! C-T3: what time brings to a booking comes once, whether its timer fires twice, late, or never.

use app::bookings::{Step, step};
use app::{App, Error};
use domain::Refusal;
use domain::booking::{Booking, BookingState, CLOSE_MINUTES_AFTER};
use domain::event::EventKind;
use domain::time::plus_minutes;
use testkit::{Person, VenueBuilder, World};

use super::{Scene, noon, run, state};

struct Asked {
    world: World,
    app: App,
    vera: Person,
    carl: Person,
    venue: domain::venue::Venue,
    request: Booking,
}

async fn asked() -> Asked {
    let world = World::new();
    let (vera, carl) = (world.vendor("vera").await, world.customer("carl").await);
    let builder = VenueBuilder::default().rules(|rules| rules.answer_minutes = Some(120));
    let venue = world.live_venue(&vera, builder).await;
    let request = world.books(&carl, venue.id, noon()).await.unwrap();
    let app = world.app.clone();
    Asked {
        world,
        app,
        vera,
        carl,
        venue,
        request,
    }
}

async fn expiries(app: &App, booking: &Booking) -> usize {
    let history = app.store().history_of(booking.id).await.unwrap();
    history
        .iter()
        .filter(|e| e.kind == EventKind::BookingRequestExpired)
        .count()
}

#[tokio::test]
async fn c_t3_a_request_that_nobody_answers_expires_once() {
    let asked = asked().await;
    asked.world.clock.advance_seconds(120 * 60 - 1);
    assert_eq!(run(&asked.app).await.expired, 0);
    assert_eq!(state(&asked.app, asked.request.id).await, BookingState::Requested);
    asked.world.clock.advance_seconds(1);
    let (one, other) = tokio::join!(run(&asked.app), run(&asked.app));
    assert_eq!((one.failed, other.failed, one.expired + other.expired), (0, 0, 1));
    assert_eq!(
        state(&asked.app, asked.request.id).await,
        BookingState::RequestExpired
    );
    assert_eq!(run(&asked.app).await.expired, 0);
    assert_eq!(expiries(&asked.app, &asked.request).await, 1);
}

#[tokio::test]
async fn c_t3_a_request_that_lapsed_is_over_although_no_timer_ran_and_repaired_when_one_does() {
    let asked = asked().await;
    asked.world.clock.advance_minutes(120);
    let once = asked.vera.once("k", "accept");
    let late = step(
        &asked.app,
        &asked.vera.caller,
        &once,
        asked.request.id,
        Step::Accept,
    )
    .await;
    assert_eq!(late.unwrap_err(), Error::Refused(Refusal::HoldLapsed));
    // Somebody else has the time at once.
    let other = asked
        .world
        .books(&asked.carl, asked.venue.id, noon())
        .await
        .unwrap();
    asked.world.clock.advance_minutes(20);
    assert_eq!(
        run(&asked.app).await.expired,
        1,
        "the first one; the other has an hour and more"
    );
    assert_eq!(
        state(&asked.app, asked.request.id).await,
        BookingState::RequestExpired
    );
    let calendar = asked
        .app
        .store()
        .calendar(&[asked.venue.main_space], noon())
        .await
        .unwrap();
    let occupying = calendar.occupying(&[asked.venue.main_space], asked.world.now());
    assert_eq!(
        occupying.iter().map(|e| e.booking).collect::<Vec<_>>(),
        [other.id]
    );
}

#[tokio::test]
async fn c_t3_a_booking_completes_and_closes_once_also_when_its_timers_come_late() {
    let scene = Scene::booked().await;
    scene.world.confirms(&scene.booking).await;
    // Both are overdue by a week when the first run comes.
    scene
        .world
        .clock
        .set(plus_minutes(noon().end(), CLOSE_MINUTES_AFTER + 7 * 1_440));
    let first = scene.run().await;
    assert_eq!((first.completed, first.failed), (1, 0));
    assert_eq!(scene.state().await, BookingState::Completed);
    let (one, other) = tokio::join!(scene.run(), scene.run());
    assert_eq!((one.closed + other.closed, one.failed + other.failed), (1, 0));
    assert_eq!(scene.state().await, BookingState::Closed);
    assert_eq!(scene.times(EventKind::BookingCompleted).await, 1);
    assert_eq!(scene.times(EventKind::BookingClosed).await, 1);
    let last = scene.run().await;
    assert_eq!((last.completed, last.closed), (0, 0));
}
