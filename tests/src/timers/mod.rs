//! What happens by itself: once, when fired twice; late, when fired late.

mod completion;
mod holds;
mod load;
mod provider;

use app::timers::Summary;
use app::{App, payments, timers};
use domain::booking::{Booking, BookingState};
use domain::event::EventKind;
use domain::id::BookingId;
use domain::time::Interval;
use testkit::Person;

use provider::TestProvider;

/// Longer than a hold and a payment may take.
const LONG_MINUTES: i64 = 16;

fn noon() -> Interval {
    Interval::new(
        "2027-02-02T11:00:00Z".parse().unwrap(),
        "2027-02-02T13:00:00Z".parse().unwrap(),
    )
    .unwrap()
}

async fn run(app: &App) -> Summary {
    timers::run(app).await.unwrap()
}

async fn reread(app: &App, id: BookingId) -> Booking {
    app.store().booking(id).await.unwrap().unwrap()
}

async fn state(app: &App, id: BookingId) -> BookingState {
    reread(app, id).await.state
}

/// How often something happened to a booking.
async fn times(app: &App, id: BookingId, kind: EventKind) -> usize {
    let history = app.store().history_of(id).await.unwrap();
    history.iter().filter(|event| event.kind == kind).count()
}

/// Begins to pay, without a card: the browser is to finish it.
async fn begins_to_pay(app: &App, person: &Person, booking: &Booking) -> app::Result<()> {
    let once = person.once(&format!("pay {}", booking.id), "pay");
    payments::process(app, &person.caller, &once, booking.id, None)
        .await
        .map(drop)
}
