//! The use cases on a database in this process, with a clock that stands still.

use std::sync::Arc;

use app::message::Message;
use app::{App, Config, notifications, realtime};
use domain::time::plus_minutes;
use dynamodb_stand_in::Faults;
use jiff::Timestamp;
use store::Store;
use store::bookings::{Due, PUBLISH_MINUTES};
use zone_map::ZoneMap;

use crate::TestClock;
use crate::keys::{PUBLIC_KEY_PEM, SIGNING_KEY_PEM, TOKEN_KEY};
use crate::ports::{MailBox, MemoryBlobs, SeededIds, StepQueue, TestSockets};

/// When a world begins: a Monday.
pub const NOW: &str = "2027-02-01T10:00:00Z";
const PREFIX: &str = "tofimotia-test";
/// Rounds after which a world that does not come to rest is a fault.
const SETTLE_ROUNDS_MAX: usize = 100;

pub struct World {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub faults: Arc<Faults>,
    pub queue: Arc<StepQueue>,
    pub mails: Arc<MailBox>,
    pub sockets: Arc<TestSockets>,
    pub blobs: Arc<MemoryBlobs>,
}

impl Default for World {
    fn default() -> Self {
        Self::seeded(1)
    }
}

impl World {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same world for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        // The SDK's and our own jitter draw from it.
        fastrand::seed(seed);
        let faults = Arc::new(Faults::default());
        let database = dynamodb_stand_in::memory(PREFIX).unwrap();
        let store = Store::new(dynamodb_stand_in::client(database, faults.clone()), PREFIX);
        let clock = Arc::new(TestClock::at(NOW.parse().unwrap()));
        let (queue, mails) = (Arc::<StepQueue>::default(), Arc::<MailBox>::default());
        let (sockets, blobs) = (Arc::<TestSockets>::default(), Arc::<MemoryBlobs>::default());
        let app = App::builder(store, config(), clock.clone(), Arc::new(SeededIds::new(seed)))
            .unwrap()
            .with_queue(queue.clone())
            .with_mailer(mails.clone())
            .with_sockets(sockets.clone())
            .with_blobs(blobs.clone())
            .with_zones(Arc::new(ZoneMap))
            .build();
        Self {
            app,
            clock,
            faults,
            queue,
            mails,
            sockets,
            blobs,
        }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Publishes what is not published and works on what is queued for notifications, until nothing is
    /// left. Messages for the payment provider's workers stay: this world has no provider.
    pub async fn settle(&self) {
        for _ in 0..SETTLE_ROUNDS_MAX {
            let due = self
                .app
                .store()
                .due(plus_minutes(self.now(), PUBLISH_MINUTES), 100)
                .await
                .unwrap();
            let mut moved = false;
            for due in due {
                if let Due::Event(booking, number) = due {
                    let event = self
                        .app
                        .store()
                        .booking_event(booking, number)
                        .await
                        .unwrap()
                        .unwrap();
                    realtime::publish(&self.app, &event).await.unwrap();
                    moved = true;
                }
            }
            let mut others = Vec::new();
            while let Some(message) = self.queue.next() {
                match message {
                    Message::Notification(message) => {
                        notifications::handle(&self.app, message).await.unwrap();
                        moved = true;
                    }
                    other @ (Message::Payment(_) | Message::Refund(_)) => others.push(other),
                }
            }
            for message in others {
                self.app.queue().unwrap().send(&message).await.unwrap();
            }
            if !moved {
                return;
            }
        }
        panic!("the world does not come to rest");
    }
}

fn config() -> Config {
    Config {
        stage: "test".to_owned(),
        public_url: "http://localhost:3000".to_owned(),
        ws_url: "ws://localhost:3000/ws".to_owned(),
        jwt_issuer: "tofimotia-test".to_owned(),
        jwt_signing_key: Some(SIGNING_KEY_PEM.into()),
        jwt_public_keys: PUBLIC_KEY_PEM.to_owned(),
        token_key: Some(TOKEN_KEY.into()),
        allowed_origins: vec!["http://localhost:3000".to_owned()],
        bootstrap_admin: Some("admin@example.com".to_owned()),
    }
}
