//! The use cases of TOFIMOTIA, one verb a file: each reads, decides with the rules of `domain`, and
//! writes one transaction. Whatever may follow is an event.
//!
//! Nothing here knows of HTTP, Lambda or a provider's SDK; the world comes in through [`ports`].

pub mod access;
pub mod auth;
pub mod bookings;
pub mod config;
pub mod error;
pub mod limits;
pub mod members;
pub mod message;
pub mod notifications;
pub mod once;
pub mod payments;
pub mod policies;
pub mod ports;
pub mod realtime;
pub mod retry;
pub mod timers;
pub mod tokens;
pub mod users;
pub mod vendors;
pub mod venues;

use std::sync::Arc;

use jiff::Timestamp;
use store::Store;

pub use config::Config;
pub use error::{CONFLICTS_MAX, Conflict, Error, FieldError, Result};
use ports::{Blobs, Clock, Ids, Mailer, Payments, Queue, Sockets, Zones};

/// What every use case is given. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    config: Config,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    payments: Option<Arc<dyn Payments>>,
    queue: Option<Arc<dyn Queue>>,
    blobs: Option<Arc<dyn Blobs>>,
    sockets: Option<Arc<dyn Sockets>>,
    mailer: Option<Arc<dyn Mailer>>,
    zones: Option<Arc<dyn Zones>>,
    keys: tokens::Keys,
    sessions: access::Cache,
    verified: tokens::Verified,
    buckets: Option<limits::Buckets>,
}

/// Puts an [`App`] together. A function adds the ports that it uses, and links and may reach no others.
pub struct AppBuilder {
    inner: Inner,
}

impl App {
    /// # Errors
    /// [`Error::Internal`] when a key of the configuration cannot be read.
    pub fn builder(
        store: Store,
        config: Config,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<AppBuilder> {
        let keys = tokens::Keys::new(&config)?;
        let inner = Inner {
            store,
            config,
            clock,
            ids,
            payments: None,
            queue: None,
            blobs: None,
            sockets: None,
            mailer: None,
            zones: None,
            keys,
            sessions: access::Cache::default(),
            verified: tokens::Verified::default(),
            buckets: Some(limits::Buckets::default()),
        };
        Ok(AppBuilder { inner })
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// In whole milliseconds: what is written, compared and shown has no finer parts anywhere.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = self.0.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    #[must_use]
    pub fn ids(&self) -> &dyn Ids {
        self.0.ids.as_ref()
    }

    #[must_use]
    pub fn keys(&self) -> &tokens::Keys {
        &self.0.keys
    }

    pub(crate) fn verified_tokens(&self) -> &tokens::Verified {
        &self.0.verified
    }

    pub(crate) fn session_cache(&self) -> &access::Cache {
        &self.0.sessions
    }

    /// # Errors
    /// [`Error::Internal`] in a function that was not given the port; so with the others.
    pub fn payments(&self) -> Result<&dyn Payments> {
        given(self.0.payments.as_ref(), "payments")
    }

    pub fn queue(&self) -> Result<&dyn Queue> {
        given(self.0.queue.as_ref(), "queue")
    }

    pub fn blobs(&self) -> Result<&dyn Blobs> {
        given(self.0.blobs.as_ref(), "blobs")
    }

    pub fn sockets(&self) -> Result<&dyn Sockets> {
        given(self.0.sockets.as_ref(), "sockets")
    }

    pub fn mailer(&self) -> Result<&dyn Mailer> {
        given(self.0.mailer.as_ref(), "mailer")
    }

    pub fn zones(&self) -> Result<&dyn Zones> {
        given(self.0.zones.as_ref(), "zones")
    }
}

fn given<'a, T: ?Sized>(port: Option<&'a Arc<T>>, name: &str) -> Result<&'a T> {
    port.map(AsRef::as_ref)
        .ok_or_else(|| Error::Internal(format!("this function was not given the port {name}")))
}

impl AppBuilder {
    #[must_use]
    pub fn with_payments(mut self, payments: Arc<dyn Payments>) -> Self {
        self.inner.payments = Some(payments);
        self
    }

    #[must_use]
    pub fn with_queue(mut self, queue: Arc<dyn Queue>) -> Self {
        self.inner.queue = Some(queue);
        self
    }

    #[must_use]
    pub fn with_blobs(mut self, blobs: Arc<dyn Blobs>) -> Self {
        self.inner.blobs = Some(blobs);
        self
    }

    #[must_use]
    pub fn with_sockets(mut self, sockets: Arc<dyn Sockets>) -> Self {
        self.inner.sockets = Some(sockets);
        self
    }

    #[must_use]
    pub fn with_mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.inner.mailer = Some(mailer);
        self
    }

    #[must_use]
    pub fn with_zones(mut self, zones: Arc<dyn Zones>) -> Self {
        self.inner.zones = Some(zones);
        self
    }

    /// One caller may ask as often as they like: for load tests, where one asks for many.
    #[must_use]
    pub fn without_limits(mut self) -> Self {
        self.inner.buckets = None;
        self
    }

    #[must_use]
    pub fn build(self) -> App {
        App(Arc::new(self.inner))
    }
}
