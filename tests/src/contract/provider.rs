//! A card payment provider in memory: `pm_good` is paid at once, `pm_ask` needs the customer's bank, and
//! every other card is declined.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::App;
use app::ports::{
    BadWebhook, Intent, NewIntent, NewRefund, Payments, PortError, ProviderRefund, Webhook, WebhookSubject,
};
use async_trait::async_trait;
use domain::id::PaymentId;
use domain::money::Money;
use domain::payment::{Observed, PaymentStatus};
use jiff::Timestamp;
use testkit::{SeededIds, World};

pub const SIGNATURE: &str = "genuine";

#[derive(Default)]
pub struct Provider(Mutex<BTreeMap<String, Intent>>);

impl Provider {
    /// The same use cases with this provider behind them.
    pub fn behind(world: &World) -> App {
        let (store, config) = (world.app.store().clone(), world.app.config().clone());
        let ids = Arc::new(SeededIds::new(2));
        let builder = App::builder(store, config, world.clock.clone(), ids).unwrap();
        builder
            .with_queue(world.queue.clone())
            .with_sockets(world.sockets.clone())
            .with_blobs(world.blobs.clone())
            .with_payments(Arc::new(Self::default()))
            .build()
    }

    fn change(&self, intent: &str, change: impl FnOnce(&mut Intent)) -> Result<Intent, PortError> {
        let mut intents = self.0.lock().unwrap();
        let intent = intents.get_mut(intent).ok_or(PortError::Gone)?;
        change(intent);
        Ok(intent.clone())
    }
}

#[async_trait]
impl Payments for Provider {
    async fn create(&self, payment: &NewIntent) -> Result<Intent, PortError> {
        let id = format!("pi_{}", payment.payment);
        let new = Intent {
            observed: Observed {
                intent: id.clone(),
                status: PaymentStatus::RequiresMethod,
                captured: Money::zero(payment.amount.currency()),
                decline_code: None,
            },
            amount: payment.amount,
            client_secret: Some(format!("{id}_secret")),
            action_url: None,
            payment: Some(payment.payment),
            booking: Some(payment.booking),
        };
        Ok(self.0.lock().unwrap().entry(id).or_insert(new).clone())
    }

    async fn confirm(&self, intent: &str, _: PaymentId, _: u32, method: &str) -> Result<Intent, PortError> {
        self.change(intent, |intent| match method {
            "pm_good" => {
                intent.observed.status = PaymentStatus::Succeeded;
                intent.observed.captured = intent.amount;
                intent.observed.decline_code = None;
            }
            "pm_ask" => {
                intent.observed.status = PaymentStatus::RequiresAction;
                intent.action_url = Some("https://bank.example/ask".to_owned());
            }
            _ => {
                intent.observed.status = PaymentStatus::Declined;
                intent.observed.decline_code = Some("insufficient_funds".to_owned());
            }
        })
    }

    async fn intent(&self, intent: &str) -> Result<Intent, PortError> {
        self.change(intent, |_| {})
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, PortError> {
        self.change(intent, |intent| intent.observed.status = PaymentStatus::Cancelled)
    }

    async fn refund(&self, _: &NewRefund) -> Result<ProviderRefund, PortError> {
        Err(PortError::Refused("nothing is refunded here".to_owned()))
    }

    async fn refund_status(&self, _: &str) -> Result<ProviderRefund, PortError> {
        Err(PortError::Gone)
    }

    fn webhook(&self, body: &[u8], signature: &str, _: Timestamp) -> Result<Webhook, BadWebhook> {
        match signature {
            "" => Err(BadWebhook::Malformed),
            SIGNATURE => {
                let intent = String::from_utf8(body.to_vec()).map_err(|_| BadWebhook::Body)?;
                Ok(Webhook {
                    event_id: "evt_1".to_owned(),
                    subject: WebhookSubject::Intent(intent),
                })
            }
            _ => Err(BadWebhook::Signature),
        }
    }
}
