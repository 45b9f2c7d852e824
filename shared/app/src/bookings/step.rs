//! One step of a booking that moves no money: keeping it longer, answering a request, saying who came.

use domain::booking::{Booking, Change};
use domain::id::BookingId;
use domain::permission::Permission;
use domain::role::Actor;
use domain::text::Reason;
use store::Transaction;

use super::{holdings_follow, side_that_may};
use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::{App, Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The customer needs more time to pay.
    ExtendHold,
    /// The vendor takes a request.
    Accept,
    /// The vendor does not, and says why.
    Decline(Reason),
    /// The customer takes a request back.
    Withdraw(Option<Reason>),
    /// The customer is there, says the vendor.
    CheckIn,
    /// The other side was not there.
    ReportNoShow(Option<Reason>),
}

impl Step {
    fn change(&self, by: Actor) -> Change {
        match self.clone() {
            Self::ExtendHold => Change::HoldExtended,
            Self::Accept => Change::Accepted,
            Self::Decline(reason) => Change::Declined { reason },
            Self::Withdraw(reason) => Change::Withdrawn { reason },
            Self::CheckIn => Change::CheckedIn,
            Self::ReportNoShow(reason) => Change::NoShow { by, reason },
        }
    }
}

/// # Errors
/// [`Error::NotFound`] for a stranger; [`domain::Refusal::InvalidTransition`] with what the caller may do
/// instead; [`domain::Refusal::HoldLapsed`].
pub async fn step(
    app: &App,
    me: &Caller,
    once: &Once,
    id: BookingId,
    step: Step,
) -> Result<Outcome<Booking>> {
    let step = &step;
    once::write(app, Some(once), |now| async move {
        let booking = app.store().booking(id).await?.ok_or(Error::NotFound)?;
        let by = side_that_may(me, &booking, Permission::HandleBookings)?;
        let (next, event) = booking.apply_by(by, step.change(by), now)?;
        let mut transaction = Transaction::new();
        holdings_follow(app, &mut transaction, &booking, &next, now).await?;
        transaction.put_booking(&next);
        transaction.put_event(&event);
        Ok((transaction, next))
    })
    .await
}
