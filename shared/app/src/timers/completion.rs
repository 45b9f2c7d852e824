//! A booking whose time has passed.

use domain::booking::{BookingState, Change};
use domain::id::BookingId;
use store::Transaction;

use super::Done;
use crate::retry::{self, Attempt};
use crate::{App, Result};

/// # Errors
/// Anything that a later run may get over.
pub async fn complete(app: &App, id: BookingId) -> Result<Done> {
    retry::on_conflict(|| async move {
        let now = app.now();
        let booking = app.store().booking(id).await?;
        let over = booking.filter(|b| b.state == BookingState::Confirmed && b.interval.end() <= now);
        let Some(booking) = over else {
            return Ok(Attempt::Done(Done::Untouched));
        };
        let (completed, event) = booking.apply(Change::Complete, now)?;
        let mut transaction = Transaction::new();
        transaction.put_booking(&completed);
        transaction.put_event(&event);
        Ok(match retry::raced(app.store().commit(transaction).await)? {
            Attempt::Done(()) => Attempt::Done(Done::Completed),
            Attempt::Conflict => Attempt::Conflict,
        })
    })
    .await
}
