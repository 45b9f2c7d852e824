//! What the use cases need of the world besides the tables. Each is a small trait behind `Arc<dyn …>`,
//! given to [`crate::App`] by the `main.rs` of a function that uses it.

use std::fmt;

use async_trait::async_trait;
use domain::geo::Point;
use domain::id::{BookingId, PaymentId, RefundId};
use domain::money::Money;
use domain::payment::Observed;
use domain::refund::RefundStatus;
use domain::time::Zone;
use jiff::Timestamp;
use uuid::Uuid;

use crate::message::Message;

/// A port could not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It said no, and would again.
    #[error("{0}")]
    Refused(String),
    /// It could not be reached, failed, or did not answer in time. **The effect may have happened.**
    #[error("{0}")]
    Unavailable(String),
    /// What was addressed does not exist (any more).
    #[error("gone")]
    Gone,
}

/// The time. Everything that decides by time is given one instant, read once.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// New ids and secrets.
pub trait Ids: Send + Sync {
    /// A UUIDv7: sorts by time, and is no secret.
    fn uuid(&self) -> Uuid;

    /// 256 random bits, for tokens.
    fn secret(&self) -> [u8; 32];
}

/// The time zones of the earth's land.
pub trait Zones: Send + Sync {
    /// The zones that hold at a place, then those that hold right beside it, near a border. None out at sea.
    fn at(&self, place: Point) -> Vec<Zone>;
}

/// A card payment provider.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Makes the intent for a payment, or finds the one made for it before: the same payment gives the
    /// same intent, however often this is called.
    async fn create(&self, payment: &NewIntent) -> Result<Intent, PortError>;

    /// Tries a card (the provider's id of a payment method). `attempt` numbers the tries, so that a try
    /// that is repeated because its answer was lost is not a second one.
    async fn confirm(
        &self,
        intent: &str,
        payment: PaymentId,
        attempt: u32,
        method: &str,
    ) -> Result<Intent, PortError>;

    /// What the provider says of it now.
    async fn intent(&self, intent: &str) -> Result<Intent, PortError>;

    /// Makes an intent that nobody has paid impossible to pay. One that was paid stays paid.
    async fn cancel(&self, intent: &str) -> Result<Intent, PortError>;

    /// Sends money back, once for each refund id.
    async fn refund(&self, refund: &NewRefund) -> Result<ProviderRefund, PortError>;

    /// What the provider says of a refund now.
    async fn refund_status(&self, provider_id: &str) -> Result<ProviderRefund, PortError>;

    /// Checks the signature of a webhook and says what it is about.
    fn webhook(&self, body: &[u8], signature: &str, now: Timestamp) -> Result<Webhook, BadWebhook>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntent {
    pub payment: PaymentId,
    pub booking: BookingId,
    pub amount: Money,
    /// What the customer's statement and the provider's dashboard show.
    pub description: String,
}

/// The provider's view of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub observed: Observed,
    pub amount: Money,
    /// Lets the customer's browser finish it. A secret.
    pub client_secret: Option<String>,
    /// Where the customer has to go, when the bank asks (3-D Secure).
    pub action_url: Option<String>,
    /// Ours, as it was given when the intent was made.
    pub payment: Option<PaymentId>,
    pub booking: Option<BookingId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    pub refund: RefundId,
    pub booking: BookingId,
    /// The provider's id of the intent that was paid.
    pub intent: String,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRefund {
    pub provider_id: String,
    pub status: RefundStatus,
    pub amount: Money,
    /// Ours, as they were given when the refund was made.
    pub refund: Option<RefundId>,
    pub booking: Option<BookingId>,
}

/// A genuine message of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The provider's id of the event; the same for every delivery of it.
    pub event_id: String,
    pub subject: WebhookSubject,
}

/// What a webhook is about. Only the id is believed; the object is read again from the provider.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum WebhookSubject {
    Intent(String),
    Refund(String),
    /// A type that nothing here depends on.
    Other(String),
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadWebhook {
    #[error("the signature is missing or malformed")]
    Malformed,
    #[error("the signature does not fit the body")]
    Signature,
    #[error("the signature is too old or from the future")]
    Timestamp,
    #[error("the body is not an event")]
    Body,
}

/// Message queues, one for each worker.
#[async_trait]
pub trait Queue: Send + Sync {
    async fn send(&self, message: &Message) -> Result<(), PortError>;
}

/// Files.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// A form with which a browser uploads one file straight to the bucket. The bucket itself enforces
    /// key, type, size and expiry.
    async fn upload_form(&self, upload: &Upload) -> Result<UploadForm, PortError>;

    /// What was uploaded, or [`PortError::Gone`].
    async fn stat(&self, key: &str) -> Result<Stat, PortError>;

    /// The first bytes of an object, to look at what it really is.
    async fn head(&self, key: &str, bytes: u32) -> Result<Vec<u8>, PortError>;

    /// Puts a copy of an object under another key.
    async fn copy(&self, from: &str, to: &str) -> Result<(), PortError>;

    /// A URL under which anybody can read the object for a while.
    async fn read_url(&self, key: &str) -> Result<String, PortError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub key: String,
    pub content_type: String,
    pub bytes_max: u64,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    pub url: String,
    /// Fields to send before the file, in order; the file's own field is `file` and comes last.
    pub fields: Vec<(String, String)>,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    pub bytes: u64,
    pub content_type: String,
}

/// Open WebSocket connections.
#[async_trait]
pub trait Sockets: Send + Sync {
    /// # Errors
    /// [`PortError::Gone`] when the connection is closed.
    async fn post(&self, connection: &str, frame: &[u8]) -> Result<(), PortError>;

    /// Closes it; one that is closed already is fine.
    async fn close(&self, connection: &str) -> Result<(), PortError>;
}

/// Outgoing mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), PortError>;
}

#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Identifies the message to mail programs and to us; the same for a mail that is sent again.
    pub message_id: String,
}

impl fmt::Debug for Mail {
    /// Neither address nor text: a mail can carry both personal data and secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}
