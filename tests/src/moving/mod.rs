//! Another time for a booking or a request: proposed by one side, agreed to by the other, paid for or paid back.

mod agreeing;
mod broken;
mod countering;
mod paying;

use std::sync::Arc;

use app::bookings::{self, Ask};
use app::message::{MESSAGE_VERSION, RefundMessage};
use app::payments::{self, send_refund, settle_refund};
use app::ports::Payments;
use app::{App, Result};
use domain::booking::{Booking, PaymentState, Proposal};
use domain::calendar::Entry;
use domain::id::{BookingId, ProposalId, SpaceId};
use domain::money::Money;
use domain::refund::{Refund, RefundStatus};
use domain::time::{Interval, UtcDay, plus_minutes};
use domain::venue::Venue;
use testkit::{Person, VenueBuilder, World};

use crate::timers::provider::TestProvider;

/// The day after the world begins, at noon.
const NOON: &str = "2027-02-02T11:00:00Z";

/// So many hours after [`NOON`], for so many hours.
fn hours(after: i64, length: i64) -> Interval {
    let start = plus_minutes(NOON.parse().unwrap(), after * 60);
    Interval::new(start, plus_minutes(start, length * 60)).unwrap()
}

/// A venue for fifty an hour, and somebody who has paid for its noon.
struct Scene {
    world: World,
    provider: Arc<TestProvider>,
    app: App,
    vera: Person,
    ada: Person,
    venue: Venue,
    id: BookingId,
}

impl Scene {
    async fn new() -> Self {
        Self::at(VenueBuilder::default()).await
    }

    async fn at(builder: VenueBuilder) -> Self {
        let scene = Self::placed(builder).await;
        scene.pays("first").await.unwrap();
        assert_eq!(scene.booking().await.payment, PaymentState::Paid);
        scene
    }

    /// Booked, or requested, and not paid for.
    async fn placed(builder: VenueBuilder) -> Self {
        let world = World::new();
        let provider = Arc::<TestProvider>::default();
        let app = provider.behind(&world);
        let (vera, ada) = (world.vendor("vera").await, world.customer("ada").await);
        let venue = world.live_venue(&vera, builder).await;
        let booking = world.books(&ada, venue.id, hours(0, 2)).await.unwrap();
        Self {
            world,
            provider,
            app,
            vera,
            ada,
            venue,
            id: booking.id,
        }
    }

    async fn booking(&self) -> Booking {
        self.app.store().booking(self.id).await.unwrap().unwrap()
    }

    async fn proposes(&self, who: &Person, interval: Interval) -> Result<Proposal> {
        self.asks(who, interval, None).await
    }

    async fn asks(&self, who: &Person, interval: Interval, special_offer: Option<Money>) -> Result<Proposal> {
        let once = who.once(&format!("{interval:?} {special_offer:?}"), "propose");
        let ask = Ask {
            special_offer,
            ..Ask::plain(interval)
        };
        let booking = bookings::propose(&self.app, &who.caller, &once, self.id, ask).await?;
        Ok(booking.value.proposal.unwrap())
    }

    async fn declines(&self, who: &Person, proposal: ProposalId) -> Result<Booking> {
        let once = who.once(&proposal.to_string(), "decline");
        let declined = bookings::decline_proposal(&self.app, &who.caller, &once, self.id, proposal).await?;
        Ok(declined.value)
    }

    async fn withdraws(&self, who: &Person, proposal: ProposalId) -> Result<Booking> {
        let once = who.once(&proposal.to_string(), "withdraw");
        let back = bookings::withdraw_proposal(&self.app, &who.caller, &once, self.id, proposal).await?;
        Ok(back.value)
    }

    async fn accepts(&self, who: &Person, proposal: ProposalId) -> Result<Booking> {
        let once = who.once(&proposal.to_string(), "accept");
        let accepted = bookings::accept_proposal(&self.app, &who.caller, &once, self.id, proposal).await?;
        Ok(accepted.value)
    }

    /// Pays whatever is to be paid, and the provider says so.
    async fn pays(&self, key: &str) -> Result<()> {
        self.begins_to_pay(key).await?;
        self.provider.is_paid(self.id);
        payments::verify(&self.app, &self.ada.caller, self.id)
            .await
            .map(drop)
    }

    async fn begins_to_pay(&self, key: &str) -> Result<()> {
        let once = self.ada.once(key, "pay");
        payments::process(&self.app, &self.ada.caller, &once, self.id, None)
            .await
            .map(drop)
    }

    /// What stands in the calendar of the space for the booking, and counts.
    async fn entries(&self) -> Vec<Entry> {
        self.entries_in(self.venue.main_space).await
    }

    async fn entries_in(&self, space: SpaceId) -> Vec<Entry> {
        let day = UtcDay::of(hours(-24, 1).start());
        let mut entries = self.app.store().entries_from(space, day).await.unwrap();
        entries.retain(|entry| entry.booking == self.id && entry.counts_at(self.world.now()));
        entries.sort_by_key(|entry| entry.proposed);
        entries
    }

    /// That the booking has this time and no other, in its calendar as well.
    async fn stands_at(&self, interval: Interval) {
        assert_eq!(self.booking().await.interval, interval);
        let entries = self.entries().await;
        let times: Vec<_> = entries
            .iter()
            .map(|e| (e.interval, e.hold_until, e.proposed))
            .collect();
        assert_eq!(times, [(interval, None, false)]);
    }

    /// What is captured and not on its way back.
    async fn kept(&self) -> i64 {
        let payments = self.app.store().payments_of(self.id).await.unwrap();
        payments.iter().map(|p| p.left().unwrap().amount()).sum()
    }

    /// Every refund is sent, and the provider delivers it.
    async fn refunds_arrive(&self) -> Vec<i64> {
        let refunds = self.app.store().refunds_of(self.id).await.unwrap();
        for refund in &refunds {
            self.refund_arrives(refund).await;
        }
        refunds.iter().map(|refund| refund.amount.amount()).collect()
    }

    async fn refund_arrives(&self, refund: &Refund) {
        let message = RefundMessage {
            v: MESSAGE_VERSION,
            refund: refund.id,
            booking: self.id,
        };
        send_refund(&self.app, message).await.unwrap();
        self.provider.refunded(RefundStatus::Succeeded);
        let seen = self
            .provider
            .refund_status(&format!("re_{}", refund.id))
            .await
            .unwrap();
        settle_refund(&self.app, &seen, None).await.unwrap();
    }

    async fn free(&self, interval: Interval) -> bool {
        let olga = self
            .world
            .customer(&format!("olga{}", interval.start().as_second()))
            .await;
        self.world.quote(&olga, self.venue.id, interval).await.is_ok()
    }
}
