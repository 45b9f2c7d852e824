//! Telling people: who, by which means, and once.

mod accounts;
mod bookings;
mod decisions;
mod delivery;

use app::App;
use app::message::{About, MESSAGE_VERSION, NotificationMessage};
use domain::booking::{Booking, Change};
use domain::event::BookingEvent;
use domain::time::Interval;
use store::messages::Note;
use testkit::{Person, VenueBuilder, World};

async fn tell(app: &App, about: About) -> app::Result<()> {
    app::notifications::handle(
        app,
        NotificationMessage {
            v: MESSAGE_VERSION,
            about,
        },
    )
    .await
}

fn of(event: &BookingEvent) -> About {
    About::Booking {
        event: Box::new(event.clone()),
    }
}

/// What somebody was told, newest first.
async fn notes(world: &World, person: &Person) -> Vec<Note> {
    world
        .app
        .store()
        .notes_of(person.caller.user, 100, None)
        .await
        .unwrap()
        .items
}

async fn kinds(world: &World, person: &Person) -> Vec<String> {
    notes(world, person)
        .await
        .into_iter()
        .map(|note| note.kind)
        .collect()
}

fn noon() -> Interval {
    Interval::new(
        "2027-02-02T11:00:00Z".parse().unwrap(),
        "2027-02-02T13:00:00Z".parse().unwrap(),
    )
    .unwrap()
}

/// A customer's hold at a vendor's venue, with nobody told of anything yet.
async fn hold(world: &World) -> (Person, Person, Booking) {
    let vendor = world.vendor("vera").await;
    let customer = world.customer("carl").await;
    let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
    let booking = world.books(&customer, venue.id, noon()).await.unwrap();
    (customer, vendor, booking)
}

/// The event of a hold that is paid.
fn confirmed(world: &World, hold: &Booking) -> BookingEvent {
    hold.apply(Change::Paid, world.now()).unwrap().1
}
