//! What happens by itself: once, when fired twice; late, when fired late.

mod completion;
mod holds;
mod late;
mod load;
mod money;
pub mod provider;
mod requests;

use std::sync::Arc;

use app::timers::Summary;
use app::{App, payments, timers};
use domain::booking::{Booking, BookingState};
use domain::event::EventKind;
use domain::id::BookingId;
use domain::payment::Payment;
use domain::time::Interval;
use domain::venue::Venue;
use testkit::{Person, VenueBuilder, World};

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

/// A venue, and somebody who holds its noon.
struct Scene {
    world: World,
    provider: Arc<TestProvider>,
    /// With the provider.
    app: App,
    ada: Person,
    venue: Venue,
    booking: Booking,
}

impl Scene {
    async fn booked() -> Self {
        let world = World::new();
        let provider = Arc::<TestProvider>::default();
        let app = provider.behind(&world);
        let (vendor, ada) = (world.vendor("vera").await, world.customer("ada").await);
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        let booking = world.books(&ada, venue.id, noon()).await.unwrap();
        Self {
            world,
            provider,
            app,
            ada,
            venue,
            booking,
        }
    }

    async fn begins_to_pay(&self) {
        begins_to_pay(&self.app, &self.ada, &self.booking).await.unwrap();
    }

    async fn run(&self) -> Summary {
        run(&self.app).await
    }

    async fn reread(&self) -> Booking {
        self.app.store().booking(self.booking.id).await.unwrap().unwrap()
    }

    async fn state(&self) -> BookingState {
        state(&self.app, self.booking.id).await
    }

    /// How often something happened to the booking.
    async fn times(&self, kind: EventKind) -> usize {
        let history = self.app.store().history_of(self.booking.id).await.unwrap();
        history.iter().filter(|event| event.kind == kind).count()
    }

    /// Its only payment.
    async fn payment(&self) -> Payment {
        let payments = self.app.store().payments_of(self.booking.id).await.unwrap();
        let [payment] = payments.try_into().unwrap();
        payment
    }
}

async fn run(app: &App) -> Summary {
    timers::run(app).await.unwrap()
}

async fn state(app: &App, id: BookingId) -> BookingState {
    app.store().booking(id).await.unwrap().unwrap().state
}

/// Begins to pay, without a card: the browser is to finish it.
async fn begins_to_pay(app: &App, person: &Person, booking: &Booking) -> app::Result<()> {
    let once = person.once(&format!("pay {}", booking.id), "pay");
    payments::process(app, &person.caller, &once, booking.id, None)
        .await
        .map(drop)
}
