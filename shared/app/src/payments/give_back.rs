//! Deciding that money goes back: written down here, sent by `worker-refunds`.

use domain::event::RefundRef;
use domain::id::{BookingId, RefundId};
use domain::money::Money;
use domain::payment::{Payment, allotted};
use domain::refund::{Refund, RefundReason};
use jiff::Timestamp;
use store::Transaction;

use crate::{App, Result};

/// So much of what was paid for a booking goes back: to the payments that came last first.
///
/// # Errors
/// [`domain::Refusal::RefundTooLarge`] when less is there.
pub(crate) fn give_back(
    app: &App,
    transaction: &mut Transaction,
    booking: BookingId,
    payments: Vec<Payment>,
    amount: Money,
    reason: RefundReason,
    now: Timestamp,
) -> Result<Vec<RefundRef>> {
    let mut refunds = Vec::new();
    for (payment, amount) in allotted(payments, amount)? {
        let id = RefundId::from_uuid(app.ids().uuid());
        transaction.put_refund(&Refund::requested(id, payment.id, booking, amount, reason, now));
        transaction.put_payment(&payment.refunding(amount, now)?);
        refunds.push(RefundRef { id, amount });
    }
    Ok(refunds)
}
