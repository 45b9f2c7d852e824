//! What `worker-payments` does with a message of the provider.

use super::{settle_intent, settle_refund};
use crate::message::{MESSAGE_VERSION, PaymentMessage};
use crate::ports::WebhookSubject;
use crate::{App, Error, Result};

/// Reads the object again from the provider and moves what is ours. Handling the same message again
/// changes nothing.
///
/// # Errors
/// Anything that a later delivery may get over.
pub async fn handle(app: &App, message: PaymentMessage) -> Result<()> {
    if message.v != MESSAGE_VERSION {
        return Err(Error::Internal(format!("message version {}", message.v)));
    }
    if app.store().provider_event_seen(&message.event_id).await? {
        return Ok(());
    }
    match &message.subject {
        WebhookSubject::Intent(id) => {
            let intent = app.payments()?.intent(id).await?;
            settle_intent(app, &intent, Some(&message.event_id)).await
        }
        WebhookSubject::Refund(id) => {
            let refund = app.payments()?.refund_status(id).await?;
            settle_refund(app, &refund, Some(&message.event_id)).await
        }
        WebhookSubject::Other(kind) => {
            tracing::debug!(webhook.kind = %kind, "nothing depends on it");
            Ok(())
        }
    }
}
