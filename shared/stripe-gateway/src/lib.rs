//! Stripe behind the [`Payments`] port: one `PaymentIntent` a payment, one `Refund` a refund, and the
//! signature of webhooks.
//!
//! Every call that changes something carries a key made of our own ids, is sent once, and has a time
//! limit: repeating it is the caller's, and safe. Nothing here decides; what Stripe says is translated
//! (`translate`) and handed on.
//!
//! Absent: customers, saved cards, payouts, and repeating a call. Also absent, because async-stripe does
//! not show response headers: whether an answer is a replay. A replay says what was true the first time,
//! so a caller that repeats a call reads the intent again before it tells anybody.

mod failure;
mod settings;
mod translate;
mod webhook;

use std::collections::HashMap;
use std::time::Duration;

use app::ports::{BadWebhook, Intent, NewIntent, NewRefund, Payments, PortError, ProviderRefund, Webhook};
use async_trait::async_trait;
use domain::id::{PaymentId, RefundId};
use domain::payment::PaymentStatus;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use stripe::{ClientBuilder, IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_core::payment_intent::{
    CancelPaymentIntent, ConfirmPaymentIntent, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    RetrievePaymentIntent,
};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};

use crate::failure::Failure;
pub use crate::settings::SettingsError;
pub use crate::webhook::{SIGNATURES_MAX, TOLERANCE_SECONDS};

/// How long one call may take, from connecting to the last byte. Stripe authorises a card in 1 to 3
/// seconds, and the functions that call it have 15.
pub const CALL_SECONDS_MAX: u64 = 10;
/// The most refunds of one intent that are looked through; Stripe's greatest page.
pub const REFUNDS_OF_ONE_INTENT_MAX: i64 = 100;

/// The client of one Stripe account.
pub struct Stripe {
    client: stripe::Client,
    signatures: webhook::Signatures,
    /// Where a bank sends the customer back to after 3-D Secure.
    return_url: Option<String>,
}

impl Stripe {
    /// Several webhook secrets are all believed, so that one can be rotated; none believes nothing.
    /// `api_base` is where Stripe is, when it is not at `https://api.stripe.com`.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the key or the address cannot be used.
    pub fn new(
        secret: SecretString,
        webhook_secrets: Vec<SecretString>,
        api_base: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let mut builder = ClientBuilder::new(secret.expose_secret())
            .timeout(Duration::from_secs(CALL_SECONDS_MAX))
            .app_info("tofimotia", Some(env!("CARGO_PKG_VERSION").to_owned()), None);
        if let Some(base) = api_base {
            builder = builder.url(settings::base(base)?);
        }
        let client = builder
            .build()
            .map_err(|_| SettingsError::Invalid(settings::SECRET_KEY))?;
        Ok(Self {
            client,
            signatures: webhook::Signatures::new(&webhook_secrets),
            return_url: None,
        })
    }

    /// From `STRIPE_SECRET_KEY`, `STRIPE_WEBHOOK_SECRET` (several with commas; only where webhooks
    /// arrive), `STRIPE_API_BASE` and `STRIPE_RETURN_URL` (else `PUBLIC_URL`).
    ///
    /// # Errors
    /// [`SettingsError`] with the name of the variable.
    pub fn from_env() -> Result<Self, SettingsError> {
        settings::read(|name| std::env::var(name).ok())
    }

    /// With a page for customers who come back from their bank. Without one, the bank's question can
    /// only be answered by Stripe's own library in the browser, with the client secret.
    #[must_use]
    pub fn with_return_url(mut self, url: impl Into<String>) -> Self {
        self.return_url = Some(url.into());
        self
    }

    /// The refund that was made for one of ours before. Stripe forgets keys after a day, so the key
    /// alone would let a refund that is repeated later go out twice.
    async fn refund_made_before(
        &self,
        intent: &str,
        refund: RefundId,
    ) -> Result<Option<ProviderRefund>, PortError> {
        let list = ListRefund::new()
            .payment_intent(intent)
            .limit(REFUNDS_OF_ONE_INTENT_MAX);
        let page = list
            .send(&self.client)
            .await
            .map_err(|e| failure::of(e).into_port())?;
        let ours = refund.to_string();
        let found = page.data.iter().find(|seen| translate::names_refund(seen, &ours));
        match found {
            Some(seen) => translate::refund(seen).map(Some),
            None if page.has_more => {
                let why = format!("stripe: more than {REFUNDS_OF_ONE_INTENT_MAX} refunds of one intent");
                Err(PortError::Refused(why))
            }
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Payments for Stripe {
    async fn create(&self, payment: &NewIntent) -> Result<Intent, PortError> {
        let currency = translate::currency(payment.amount.currency());
        let request = CreatePaymentIntent::new(translate::amount(payment.amount)?, currency)
            .automatic_payment_methods(without_redirects())
            .description(payment.description.as_str())
            .metadata(HashMap::from([
                (translate::PAYMENT.to_owned(), payment.payment.to_string()),
                (translate::BOOKING.to_owned(), payment.booking.to_string()),
            ]));
        let sent = request
            .customize()
            .request_strategy(once(keys::create(payment.payment))?);
        let seen = sent
            .send(&self.client)
            .await
            .map_err(|e| failure::of(e).into_port())?;
        translate::intent(&seen)
    }

    async fn confirm(
        &self,
        intent: &str,
        payment: PaymentId,
        attempt: u32,
        method: &str,
    ) -> Result<Intent, PortError> {
        let id = translate::provider_id(intent)?;
        let mut request = ConfirmPaymentIntent::new(id).payment_method(method);
        if let Some(url) = &self.return_url {
            request = request.return_url(url.as_str());
        }
        let sent = request
            .customize()
            .request_strategy(once(keys::confirm(payment, attempt))?);
        match sent.send(&self.client).await.map_err(failure::of) {
            Ok(seen) => translate::intent(&seen),
            Err(Failure::Declined {
                intent: Some(seen),
                code,
            }) => translate::intent(&seen).map(|seen| declined(seen, code)),
            Err(Failure::Declined { intent: None, code }) => {
                self.intent(intent).await.map(|seen| declined(seen, code))
            }
            // Paid, waiting for the bank, or cancelled meanwhile: no error, but news.
            Err(Failure::State) => self.intent(intent).await,
            Err(Failure::Port(error)) => Err(error),
        }
    }

    async fn intent(&self, intent: &str) -> Result<Intent, PortError> {
        let request = RetrievePaymentIntent::new(translate::provider_id(intent)?);
        let seen = request
            .send(&self.client)
            .await
            .map_err(|e| failure::of(e).into_port())?;
        translate::intent(&seen)
    }

    async fn cancel(&self, intent: &str) -> Result<Intent, PortError> {
        let request = CancelPaymentIntent::new(translate::provider_id(intent)?);
        // Without a key: a second one finds what the first did, and Stripe would answer an error of its own
        // with the same error for a day.
        let sent = request.customize().request_strategy(RequestStrategy::Once);
        match sent.send(&self.client).await.map_err(failure::of) {
            Ok(seen) => translate::intent(&seen),
            // It was paid, or cancelled, before this came.
            Err(Failure::State) => self.intent(intent).await,
            Err(error) => Err(error.into_port()),
        }
    }

    async fn refund(&self, refund: &NewRefund) -> Result<ProviderRefund, PortError> {
        let intent = translate::provider_id(&refund.intent)?;
        if let Some(seen) = self.refund_made_before(intent, refund.refund).await? {
            return Ok(seen);
        }
        let request = CreateRefund::new()
            .payment_intent(intent)
            .amount(translate::amount(refund.amount)?)
            .metadata(HashMap::from([
                (translate::REFUND.to_owned(), refund.refund.to_string()),
                (translate::BOOKING.to_owned(), refund.booking.to_string()),
            ]));
        let sent = request
            .customize()
            .request_strategy(once(keys::refund(refund.refund))?);
        let seen = sent
            .send(&self.client)
            .await
            .map_err(|e| failure::of(e).into_port())?;
        translate::refund(&seen)
    }

    async fn refund_status(&self, provider_id: &str) -> Result<ProviderRefund, PortError> {
        let request = RetrieveRefund::new(translate::provider_id(provider_id)?);
        let seen = request
            .send(&self.client)
            .await
            .map_err(|e| failure::of(e).into_port())?;
        translate::refund(&seen)
    }

    fn webhook(&self, body: &[u8], signature: &str, now: Timestamp) -> Result<Webhook, BadWebhook> {
        self.signatures.check(body, signature, now)?;
        webhook::read(body)
    }
}

/// What the account accepts, less what sends every customer to another site and so needs a page of ours
/// to come back to. 3-D Secure is not meant: it belongs to cards.
fn without_redirects() -> CreatePaymentIntentAutomaticPaymentMethods {
    let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
    methods.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
    methods
}

/// To be sent once, under a key.
fn once(key: String) -> Result<RequestStrategy, PortError> {
    let key = IdempotencyKey::try_from(key).map_err(|e| PortError::Refused(e.to_string()))?;
    Ok(RequestStrategy::Idempotent(key))
}

/// Stripe refused this card; the intent it sent along may not say so (it does not when the card could
/// not even be tried).
fn declined(mut seen: Intent, code: Option<String>) -> Intent {
    if seen.observed.status == PaymentStatus::RequiresMethod {
        seen.observed.status = PaymentStatus::Declined;
        seen.observed.decline_code = code;
    }
    seen
}

/// The keys under which Stripe remembers what it answered, for at least 24 hours. The same of ours gives
/// the same key, whoever sends it and whenever.
mod keys {
    use domain::id::{PaymentId, RefundId};

    pub fn create(payment: PaymentId) -> String {
        format!("pay:{payment}")
    }

    pub fn confirm(payment: PaymentId, attempt: u32) -> String {
        format!("pay:{payment}:{attempt}")
    }

    pub fn refund(refund: RefundId) -> String {
        format!("refund:{refund}")
    }
}

#[cfg(test)]
mod tests;
