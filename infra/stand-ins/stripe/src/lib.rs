//! A stand-in for Stripe: its HTTP API with state, for development and tests without an account or a network.
//!
//! It speaks what Stripe's client libraries send (form encoding, Bearer or Basic, any `Stripe-Version`) and
//! answers with objects in the shape of the current API version. Money rules are kept as at Stripe: declined
//! cards decline, a refund never exceeds what was captured, an authorisation expires, an idempotency key replays.
//!
//! # What there is
//! - `/v1/customers`, `/v1/payment_methods` (cards), `/v1/payment_intents`, `/v1/charges`, `/v1/refunds`,
//!   `/v1/balance_transactions`, `/v1/events`, `/v1/webhook_endpoints`: see [`api`].
//! - Stripe's test cards by number, token and `pm_card_…`: see [`cards`].
//! - `Idempotency-Key`: see [`http`]. Signed webhooks with retries: see [`webhooks`].
//!
//! # What there is not
//! Connect (the header `Stripe-Account` names an account that does not exist: 403), transfers, payouts, SetupIntents,
//! disputes, other methods of payment than cards, other currencies' conversion, search, products and everything built
//! on them. A parameter or path of theirs is refused, not ignored.
//!
//! # The switch: `/_stand_in/…`
//! JSON, without a key. Times are milliseconds.
//!
//! | route | body | effect |
//! |---|---|---|
//! | `GET health` | | `ok` |
//! | `GET`, `PUT webhooks` | [`WebhookBehaviour`] | what goes wrong with webhooks from now on |
//! | `GET deliveries?state=` | | `{"deliveries": [`[`Delivery`](store::Delivery)`…]}`, oldest first; states `pending`, `delivered`, `lost`, `abandoned` |
//! | `POST deliver` | `{"deliveries": [1, 2], "events": ["evt_…"]}` | sends these now, one after the other, whatever their state |
//! | `POST flush` | `{"order": "created"}`, `reversed` or `shuffled` | sends all that is pending now |
//! | `POST events` | `{"type", "object", "account", "api_version"}` | invents an event and its webhooks |
//! | `GET`, `POST`, `DELETE faults` | [`Rule`](faults::Rule) | faults of the API; `POST` answers `{"id"}` |
//! | `POST faults/{id}/release` | | lets go the calls that a `hold` rule holds |
//! | `PUT clock` | `{"offset_ms": n}` | runs ahead of (or behind) the true time |
//! | `POST payment_intents/{id}/authenticate` | `{"succeeds": true}` | passes or fails the 3-D Secure challenge |
//! | `POST payment_intents/{id}/settle` | `{"succeeds": true}` | ends a payment in `processing` (`pm_stand_in_processing`) |
//! | `POST refunds/{id}/settle` | `{"succeeds": false}` | a refund succeeds, or fails after the fact |
//! | `POST reset` | | forgets everything but the configured endpoints |
//! | `GET 3ds/{id}` | | the challenge's page; its buttons post to `3ds/{id}/complete` and `/fail` |
//!
//! Of two faults that strike one call, the earlier made counts; a `server_error` may go with one of the others.

#![forbid(unsafe_code)]

pub mod api;
pub mod api_error;
pub mod cards;
mod challenge;
pub mod clock;
pub mod command_line;
mod config;
mod currency;
pub mod faults;
mod form;
pub mod http;
mod ids;
pub mod objects;
mod params;
pub mod store;
mod switch;
mod timers;
pub mod webhooks;
mod work;

pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, ConfiguredWebhook, DEFAULT_API_VERSION, DEFAULT_SECRET_KEY};
pub use webhooks::{WebhookBehaviour, WebhookSender};

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use tokio::sync::Notify;

use api_error::ApiError;
use faults::{Faults, Rule};
use http::pipeline;
use objects::webhook_endpoint::WebhookEndpoint;
use params::Metadata;
use store::{Filter, Store, StoreError};
use work::{Origin, Work};

/// Endpoints given at the start have ids of this form, so that a restart finds them again.
const CONFIGURED_ENDPOINT_PREFIX: &str = "we_configured_";

/// A running stand-in. Clones share one state.
#[derive(Clone)]
pub struct StripeStandIn {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    core: Mutex<Core>,
    in_flight: http::InFlight,
    /// Wakes the courier when there may be something to send.
    wake: Notify,
    /// Held by whoever is sending webhooks, so that nothing is sent twice at once without being told to.
    courier: tokio::sync::Mutex<()>,
    clock_offset_ms: AtomicI64,
}

struct Core {
    store: Store,
    behaviour: WebhookBehaviour,
    faults: Faults,
}

impl StripeStandIn {
    /// Opens the data and makes the configured webhook endpoints.
    pub fn open(config: Config) -> Result<Self, StoreError> {
        let store = Store::open(config.data.as_deref())?;
        let core = Core {
            store,
            behaviour: WebhookBehaviour::default(),
            faults: Faults::default(),
        };
        let stand_in = Self {
            shared: Arc::new(Shared {
                config,
                core: Mutex::new(core),
                in_flight: http::InFlight::default(),
                wake: Notify::new(),
                courier: tokio::sync::Mutex::new(()),
                clock_offset_ms: AtomicI64::new(0),
            }),
        };
        stand_in.shared.configure_endpoints()?;
        Ok(stand_in)
    }

    /// The API and the switch. Webhooks are sent by [`run_deliveries`](Self::run_deliveries), which must run
    /// beside it, or stepwise by the switch.
    pub fn router(&self) -> Router {
        Router::new()
            .nest("/_stand_in", switch::router())
            .fallback(answer)
            .with_state(self.clone())
    }

    pub fn set_webhook_behaviour(&self, behaviour: WebhookBehaviour) {
        self.shared.core().behaviour = behaviour;
        self.shared.wake.notify_one();
    }

    /// Adds a fault; gives its number.
    pub fn add_fault(&self, rule: Rule) -> Result<u64, ApiError> {
        self.shared.core().faults.add(rule)
    }

    /// Lets go what a `hold` fault holds; false without such a fault.
    pub fn release_fault(&self, id: u64) -> bool {
        self.shared.core().faults.release(id)
    }

    /// Runs ahead of the clock by this much.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.shared.clock_offset_ms.store(offset_ms, Ordering::SeqCst);
        self.shared.wake.notify_one();
    }

    /// Forgets everything but the configured endpoints.
    pub fn reset(&self) -> Result<(), StoreError> {
        {
            let mut core = self.shared.core();
            core.behaviour = WebhookBehaviour::default();
            core.faults.clear();
            let tx = core.store.begin()?;
            tx.clear()?;
            tx.commit()?;
        }
        self.shared.clock_offset_ms.store(0, Ordering::SeqCst);
        self.shared.configure_endpoints()
    }
}

async fn answer(State(stand_in): State<StripeStandIn>, request: Request) -> Response<Body> {
    pipeline::answer(&stand_in.shared, request).await
}

impl Shared {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        self.config
            .clock
            .now_ms()
            .saturating_add(self.clock_offset_ms.load(Ordering::SeqCst))
    }

    /// Runs work in one transaction: all of it is kept, or none.
    fn transact<T>(
        &self,
        origin: &Origin,
        run: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut guard = self.core();
        let core = &mut *guard;
        let mut behaviour = core.behaviour.clone();
        let tx = core.store.begin()?;
        let mut work = Work {
            tx: &tx,
            now_ms: self.now_ms(),
            config: &self.config,
            behaviour: &mut behaviour,
            origin,
        };
        let outcome = run(&mut work)?;
        tx.commit()?;
        core.behaviour = behaviour;
        self.wake.notify_one();
        Ok(outcome)
    }

    /// The configured endpoints, no more and no fewer; deliveries to those that remain are kept.
    fn configure_endpoints(&self) -> Result<(), StoreError> {
        let now = self.now_ms().div_euclid(1_000);
        let mut core = self.core();
        let tx = core.store.begin()?;
        let stored: Vec<WebhookEndpoint> = tx.all(&Filter::default())?;
        let wanted = |index: usize| format!("{CONFIGURED_ENDPOINT_PREFIX}{index}");
        let ids: Vec<String> = (0..self.config.webhooks.len()).map(wanted).collect();
        for old in &stored {
            if old.id.starts_with(CONFIGURED_ENDPOINT_PREFIX) && !ids.contains(&old.id) {
                tx.delete_deliveries_to(&old.id)?;
                tx.delete::<WebhookEndpoint>(&old.id)?;
            }
        }
        for (id, webhook) in ids.into_iter().zip(&self.config.webhooks) {
            tx.put(&WebhookEndpoint {
                id,
                created: now,
                api_version: None,
                description: Some("configured at the start".into()),
                enabled_events: vec!["*".into()],
                metadata: Metadata::new(),
                secret: webhook.secret.clone(),
                url: webhook.url.clone(),
            })?;
        }
        tx.commit()
    }
}
