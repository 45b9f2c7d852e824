//! A card payment provider in memory. It remembers what it was asked by the payment's id, as Stripe does
//! by its idempotency key, and refuses the same id with other content.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use app::App;
use app::ports::{BadWebhook, Intent, NewIntent, NewRefund, Payments, PortError, ProviderRefund, Webhook};
use async_trait::async_trait;
use domain::id::{BookingId, PaymentId, RefundId};
use domain::money::Money;
use domain::payment::{Observed, PaymentStatus};
use domain::refund::RefundStatus;
use jiff::Timestamp;
use testkit::{SeededIds, TestClock, World};

#[derive(Default)]
pub struct TestProvider {
    made: Mutex<BTreeMap<PaymentId, (NewIntent, PaymentStatus)>>,
    away: AtomicBool,
    /// The next cancellation comes a moment after the customer has paid.
    overtaken: AtomicBool,
    /// A bank is at work on what was begun, and lets nobody cancel it.
    busy: AtomicBool,
    /// It takes no new payment, whoever asks.
    refuses: AtomicBool,
    refunds: Mutex<BTreeMap<RefundId, (NewRefund, RefundStatus)>>,
    /// How long every call takes, by a clock that it moves.
    slow: Mutex<Option<(Arc<TestClock>, i64)>>,
}

impl TestProvider {
    /// The same use cases with this provider behind them.
    pub fn behind(self: &Arc<Self>, world: &World) -> App {
        let (store, config) = (world.app.store().clone(), world.app.config().clone());
        let ids = Arc::new(SeededIds::new(2));
        let builder = App::builder(store, config, world.clock.clone(), ids).unwrap();
        builder
            .with_queue(world.queue.clone())
            .with_payments(self.clone())
            .build()
    }

    pub fn goes_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    pub fn comes_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    pub fn is_overtaken(&self) {
        self.overtaken.store(true, Ordering::SeqCst);
    }

    pub fn is_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::SeqCst);
    }

    pub fn refuses_new_payments(&self) {
        self.refuses.store(true, Ordering::SeqCst);
    }

    /// What became of every refund that it has.
    pub fn refunded(&self, now: RefundStatus) -> usize {
        let mut refunds = self.refunds.lock().unwrap();
        refunds.values_mut().for_each(|(_, status)| *status = now);
        refunds.len()
    }

    pub fn takes(&self, clock: Arc<TestClock>, seconds: i64) {
        *self.slow.lock().unwrap() = Some((clock, seconds));
    }

    /// The customer pays in the browser whatever still can be paid.
    pub fn is_paid(&self, booking: BookingId) {
        for (asked, status) in self.made.lock().unwrap().values_mut() {
            if asked.booking == booking && *status != PaymentStatus::Cancelled {
                *status = PaymentStatus::Succeeded;
            }
        }
    }

    /// What the provider has for a booking.
    pub fn status(&self, booking: BookingId) -> Option<PaymentStatus> {
        let made = self.made.lock().unwrap();
        made.values()
            .find(|(asked, _)| asked.booking == booking)
            .map(|(_, status)| *status)
    }

    fn answers(&self) -> Result<(), PortError> {
        if let Some((clock, seconds)) = &*self.slow.lock().unwrap() {
            clock.advance_seconds(*seconds);
        }
        if self.away.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable("away".to_owned()));
        }
        Ok(())
    }

    fn seen(asked: &NewIntent, status: PaymentStatus) -> Intent {
        let captured = match status {
            PaymentStatus::Succeeded => asked.amount,
            PaymentStatus::Created
            | PaymentStatus::RequiresMethod
            | PaymentStatus::RequiresAction
            | PaymentStatus::Processing
            | PaymentStatus::Declined
            | PaymentStatus::Cancelled => Money::zero(asked.amount.currency()),
        };
        Intent {
            observed: Observed {
                intent: format!("pi_{}", asked.payment),
                status,
                captured,
                decline_code: None,
            },
            amount: asked.amount,
            client_secret: None,
            action_url: None,
            payment: Some(asked.payment),
            booking: Some(asked.booking),
        }
    }

    fn find(&self, intent: &str) -> Result<Intent, PortError> {
        let id = intent
            .strip_prefix("pi_")
            .and_then(|id| id.parse().ok())
            .ok_or(PortError::Gone)?;
        let made = self.made.lock().unwrap();
        let (asked, status) = made.get(&id).ok_or(PortError::Gone)?;
        Ok(Self::seen(asked, *status))
    }
}

fn seen_refund(asked: &NewRefund, status: RefundStatus) -> ProviderRefund {
    ProviderRefund {
        provider_id: format!("re_{}", asked.refund),
        status,
        amount: asked.amount,
        booking: Some(asked.booking),
        refund: Some(asked.refund),
    }
}

#[async_trait]
impl Payments for TestProvider {
    async fn create(&self, payment: &NewIntent) -> Result<Intent, PortError> {
        self.answers()?;
        if self.refuses.load(Ordering::SeqCst) {
            return Err(PortError::Refused("amount_too_small".to_owned()));
        }
        let mut made = self.made.lock().unwrap();
        let first = (payment.clone(), PaymentStatus::RequiresMethod);
        let (asked, status) = made.entry(payment.payment).or_insert(first);
        if asked != payment {
            return Err(PortError::Refused("the same key for something else".to_owned()));
        }
        Ok(Self::seen(asked, *status))
    }

    async fn confirm(&self, intent: &str, _: PaymentId, _: u32, _: &str) -> Result<Intent, PortError> {
        self.answers()?;
        self.find(intent)
    }

    async fn intent(&self, intent: &str) -> Result<Intent, PortError> {
        self.answers()?;
        self.find(intent)
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, PortError> {
        self.answers()?;
        let payment = self.find(intent)?.payment.unwrap();
        if let Some((_, status)) = self.made.lock().unwrap().get_mut(&payment)
            && !self.busy.load(Ordering::SeqCst)
        {
            if self.overtaken.swap(false, Ordering::SeqCst) {
                *status = PaymentStatus::Succeeded;
            }
            if *status != PaymentStatus::Succeeded {
                *status = PaymentStatus::Cancelled;
            }
        }
        self.find(intent)
    }

    async fn refund(&self, refund: &NewRefund) -> Result<ProviderRefund, PortError> {
        self.answers()?;
        let first = (refund.clone(), RefundStatus::Pending);
        let mut refunds = self.refunds.lock().unwrap();
        let (asked, status) = refunds.entry(refund.refund).or_insert(first);
        Ok(seen_refund(asked, *status))
    }

    async fn refund_status(&self, refund: &str) -> Result<ProviderRefund, PortError> {
        self.answers()?;
        let id = refund.strip_prefix("re_").and_then(|id| id.parse().ok());
        let refunds = self.refunds.lock().unwrap();
        let (asked, status) = id.and_then(|id| refunds.get(&id)).ok_or(PortError::Gone)?;
        Ok(seen_refund(asked, *status))
    }

    fn webhook(&self, _: &[u8], _: &str, _: Timestamp) -> Result<Webhook, BadWebhook> {
        Err(BadWebhook::Signature)
    }
}
