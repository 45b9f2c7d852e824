//! A message of the provider: checked, put into the queue, and answered at once.

use crate::message::Message;
use crate::{App, Result};

/// # Errors
/// [`crate::Error::Webhook`] for one that is not genuine; [`crate::Error::Unavailable`] when the queue
/// did not take it, so that the provider sends it again.
pub async fn webhook(app: &App, body: &[u8], signature: &str) -> Result<()> {
    let webhook = app.payments()?.webhook(body, signature, app.now())?;
    app.queue()?
        .send(&Message::payment(webhook.event_id, webhook.subject))
        .await?;
    Ok(())
}
