//! What `worker-refunds` does: sends money back that somebody decided to send back.

use domain::refund::RefundStatus;

use super::settle_refund;
use crate::message::{MESSAGE_VERSION, RefundMessage};
use crate::ports::NewRefund;
use crate::{App, Error, Result};

/// Once for each refund, however often it is asked: the provider knows it by its id.
///
/// # Errors
/// Anything that a later delivery may get over.
pub async fn send_refund(app: &App, message: RefundMessage) -> Result<()> {
    if message.v != MESSAGE_VERSION {
        return Err(Error::Internal(format!("message version {}", message.v)));
    }
    let refund = app
        .store()
        .refund(message.booking, message.refund)
        .await?
        .ok_or(Error::NotFound)?;
    match refund.status {
        RefundStatus::Requested => {}
        RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Failed => return Ok(()),
    }
    let payment = app
        .store()
        .payment(refund.booking, refund.payment)
        .await?
        .ok_or(Error::NotFound)?;
    let intent = payment
        .intent
        .ok_or_else(|| Error::Internal(format!("{} was captured without an intent", payment.id)))?;
    let ask = NewRefund {
        refund: refund.id,
        booking: refund.booking,
        intent,
        amount: refund.amount,
    };
    let sent = app.payments()?.refund(&ask).await?;
    settle_refund(app, &sent, None).await
}
