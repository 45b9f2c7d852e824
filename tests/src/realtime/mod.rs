//! Live updates on the real tables: publishing, connecting, listening, delivering, and what is left of it
//! when sockets break.

mod connecting;
mod delivering;
mod listening;
mod losing;
mod publishing;
mod socket;

use app::realtime;
use domain::booking::Booking;
use domain::channel::Channel;
use domain::event::BookingEvent;
use domain::time::Interval;
use domain::venue::Venue;
use jiff::Timestamp;
use store::Transaction;
use store::messages::{ChannelEvent, ChannelHead};
use testkit::{Person, VenueBuilder, World};

/// A world with somebody who sells and somebody who buys.
pub struct Scene {
    pub world: World,
    pub vendor: Person,
    pub customer: Person,
    pub venue: Venue,
}

impl Scene {
    pub async fn new() -> Self {
        Self::seeded(1).await
    }

    pub async fn seeded(seed: u64) -> Self {
        let world = World::seeded(seed);
        let vendor = world.vendor("vera").await;
        let customer = world.customer("carl").await;
        let venue = world.live_venue(&vendor, VenueBuilder::default()).await;
        Self {
            world,
            vendor,
            customer,
            venue,
        }
    }

    /// The customer books two hours that begin so many hours from now; nothing is published yet.
    pub async fn books(&self, in_hours: i64) -> Booking {
        let start = domain::time::plus_minutes(self.world.now(), in_hours * 60);
        let interval = Interval::new(start, domain::time::plus_minutes(start, 120)).unwrap();
        self.world
            .books(&self.customer, self.venue.id, interval)
            .await
            .unwrap()
    }

    pub async fn cancels(&self, booking: &Booking) {
        self.world.cancels(&self.customer, booking.id).await.unwrap();
    }

    /// Somebody's session has ended, and whoever ended it broke off before anything else was done.
    pub async fn revokes(&self, who: &Person) {
        let store = self.world.app.store();
        let session = store.session(who.caller.session, self.world.now()).await;
        let session = session.unwrap().unwrap();
        let mut transaction = Transaction::new();
        transaction.put_session(&store::transient::Session {
            revoked: true,
            version: session.version + 1,
            ..session
        });
        store.commit(transaction).await.unwrap();
    }

    pub async fn event(&self, booking: &Booking, number: u64) -> BookingEvent {
        self.world
            .app
            .store()
            .booking_event(booking.id, number)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn publish(&self, booking: &Booking, number: u64) {
        realtime::publish(&self.world.app, &self.event(booking, number).await)
            .await
            .unwrap();
    }

    pub async fn published_on(&self, channel: Channel) -> Vec<ChannelEvent> {
        self.world
            .app
            .store()
            .channel_events_after(&channel, 0, 1_000)
            .await
            .unwrap()
    }

    /// Publishes something of a size on a channel, past the use cases.
    pub async fn tells(&self, channel: Channel, bytes: usize) -> ChannelEvent {
        let store = self.world.app.store();
        let head = store.channel_head(&channel).await.unwrap();
        let head = head.unwrap_or(ChannelHead {
            offset: 0,
            epoch: "e".to_owned(),
            version: 0,
        });
        let offset = head.offset + 1;
        let event = ChannelEvent {
            channel,
            offset,
            event: format!("event {offset}"),
            at: self.world.now(),
            data: serde_json::json!({
                "type": "SomethingLong",
                "id": format!("event {offset}"),
                "at": self.world.now(),
                "v": 1,
                "reference": "a".repeat(bytes),
            })
            .to_string(),
            ttl: self.world.now().as_second() + 7 * 86_400,
        };
        let mut transaction = Transaction::new();
        transaction.append_channel_event(
            &event,
            &ChannelHead {
                offset,
                version: head.version + 1,
                ..head
            },
        );
        store.commit(transaction).await.unwrap();
        event
    }

    /// Brings to the sockets what was published after an offset, as the stream of the table does.
    pub async fn fan_out_after(&self, channel: Channel, offset: u64) {
        let events = self
            .world
            .app
            .store()
            .channel_events_after(&channel, offset, 1_000)
            .await
            .unwrap();
        for event in events {
            realtime::fan_out(&self.world.app, &event).await.unwrap();
        }
    }

    pub fn passes(&self, days: i64) -> Timestamp {
        self.world.clock.advance_minutes(days * 24 * 60);
        self.world.now()
    }

    pub fn own_channel(&self) -> Channel {
        Channel::User(self.customer.caller.user)
    }
}

pub fn offsets(events: &[ChannelEvent]) -> Vec<u64> {
    events.iter().map(|event| event.offset).collect()
}
