//! A local Amazon SES: `SendEmail` and `SendRawEmail` of the version 1 API as `aws-sdk-ses` and boto3 speak
//! it. Nothing is sent: every accepted mail goes to a mail box that people read at `/local/mail` and scripts
//! at `/local/mail.json`. It is kept in SQLite, so an acknowledged mail survives the death of the process.
//!
//! Absent: signatures and permissions, templates, bulk sending, identities (any sender is verified unless
//! [`SesStandIn::with_verified`] names some), configuration sets, bounces, the version 2 API, SMTP. The mail
//! box has no access control: bind it to loopback.

mod address;
mod api;
mod compose;
mod error;
mod escape;
mod faults;
mod form;
pub mod limits;
mod mail;
mod mailbox;
mod store;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::store::{Filter, Store};

pub use crate::faults::{Failure, Fault, Faults, When};
pub use crate::mail::{Attachment, Mail};
pub use crate::store::{FILE_NAME, OpenError};

/// The service and its mail box. Clones share both.
#[derive(Clone)]
pub struct SesStandIn {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    /// Addresses and domains that may send; empty for anyone.
    verified: Vec<String>,
    /// The id of the newest mail.
    pub(crate) newest: watch::Sender<i64>,
    pub(crate) stopping: watch::Sender<bool>,
}

impl SesStandIn {
    /// Opens the mail box in the data folder, which is made if it is missing, or keeps it in memory.
    ///
    /// # Errors
    /// The folder cannot be made, or the file in it is not one that this version wrote.
    pub fn open(data: Option<&Path>) -> Result<Self, OpenError> {
        Self::with_verified(data, &[])
    }

    /// As [`SesStandIn::open`], but only these addresses and domains may send; a mail from anyone else is
    /// answered with `MessageRejected`, as by an account that verified only them.
    ///
    /// # Errors
    /// As [`SesStandIn::open`].
    pub fn with_verified(data: Option<&Path>, identities: &[&str]) -> Result<Self, OpenError> {
        let inner = Inner {
            store: Store::open(data)?,
            faults: Faults::default(),
            verified: identities
                .iter()
                .map(|identity| identity.to_lowercase())
                .collect(),
            newest: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The endpoint for the SDKs: `POST /`, and `/_stand_in/faults`.
    pub fn api_router(&self) -> axum::Router {
        api::router(Arc::clone(&self.inner))
    }

    /// The mail box for people and scripts, under `/local/mail`.
    pub fn mailbox_router(&self) -> axum::Router {
        mailbox::router(Arc::clone(&self.inner))
    }

    /// The faults that are armed.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The oldest mail to this recipient with a greater id than `after`, as soon as there is one. Does not
    /// end by itself.
    ///
    /// # Errors
    /// The mail box cannot be read.
    pub async fn next_mail_to(&self, recipient: &str, after: Option<i64>) -> Result<Mail, rusqlite::Error> {
        let mut newest = self.inner.newest.subscribe();
        loop {
            // Looked at before the store is, so that what arrives in between wakes the wait.
            newest.borrow_and_update();
            let filter = Filter {
                to: Some(recipient.to_owned()),
                after,
                before: None,
                limit: limits::MAILS_KEPT_MAX,
            };
            if let Some(oldest) = self.inner.store.list(&filter)?.last() {
                return Ok(Mail::read(oldest));
            }
            // The sender lives in `self`, so the channel cannot close while this waits.
            let _ = newest.changed().await;
        }
    }

    /// Answers every waiting request for a mail at once, now and from now on, so that a server can shut down
    /// without waiting for them.
    pub fn stop_waiting(&self) {
        self.inner.stopping.send_replace(true);
    }
}

impl Inner {
    /// Whether this address, or its domain, may send.
    pub(crate) fn is_verified(&self, sender: &str) -> bool {
        let sender = sender.to_lowercase();
        let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.verified.is_empty()
            || self
                .verified
                .iter()
                .any(|identity| *identity == sender || identity == domain)
    }
}
