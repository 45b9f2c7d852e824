//! Money that is still on its way though nothing of its booking waits for it: a payment that was begun and may yet
//! come, a refund that has not arrived. Webhooks tell of both; this is for those that were lost.

use domain::booking::{Booking, Change};
use domain::refund::RefundStatus;
use domain::time::{minutes_between, plus_minutes};
use jiff::Timestamp;
use store::Transaction;

use super::Done;
use super::last_word::{Heard, LastWords, last_words};
use crate::message::Message;
use crate::payments::settle_refund;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// The longest wait until the next look.
pub const LOOK_MINUTES_MAX: i64 = 12 * 60;

/// # Errors
/// Also when the provider does not answer.
pub(super) async fn follow(app: &App, booking: &Booking) -> Result<Done> {
    let heard = match last_words(app, booking).await? {
        Heard::Paid => return Ok(Done::Settled),
        Heard::Unpaid(heard) => heard,
    };
    chase(app, booking).await?;
    close(app, booking, &heard).await
}

/// Sends refunds that were never sent, and asks the provider for those that it has.
async fn chase(app: &App, booking: &Booking) -> Result<()> {
    for refund in app.store().refunds_of(booking.id).await? {
        match (refund.status, &refund.provider_id) {
            (RefundStatus::Pending, Some(id)) => {
                let seen = app.payments()?.refund_status(id).await?;
                settle_refund(app, &seen, None).await?;
            }
            (RefundStatus::Requested | RefundStatus::Pending, _) => {
                app.queue()?.send(&Message::refund(refund.id, booking.id)).await?;
            }
            (RefundStatus::Succeeded | RefundStatus::Failed, _) => {}
        }
    }
    Ok(())
}

/// Writes down what was heard. What is still on its way is looked at again later.
async fn close(app: &App, booking: &Booking, heard: &LastWords) -> Result<Done> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let current = app.store().booking(booking.id).await?;
        let Some(current) = current.filter(|b| b.version == booking.version) else {
            // A refund that had arrived, or somebody else.
            return Ok(Attempt::Done(Done::Settled));
        };
        let mut transaction = Transaction::new();
        let payments = heard.take_over(app, &mut transaction, &current, now).await?;
        let refunds = app.store().refunds_of(current.id).await?;
        let done = if payments || refunds.iter().any(|refund| !refund.status.is_final()) {
            transaction.postpone_booking(&current, next_look(&current, now));
            Done::Untouched
        } else {
            let (closed, event) = current.apply(Change::PaymentAbandoned, now)?;
            transaction.put_booking(&closed);
            transaction.put_event(&event);
            Done::Abandoned
        };
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(done),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}

/// The older it is, the longer until the next look.
fn next_look(booking: &Booking, now: Timestamp) -> Timestamp {
    let age = minutes_between(booking.updated_at, now);
    let look = plus_minutes(now, age.clamp(1, LOOK_MINUTES_MAX));
    // Whatever else becomes of it does not wait for its money.
    booking.passes_at().map_or(look, |passes| passes.min(look))
}
