//! What happens by itself, run in the background and before every request, so that no answer is out of date.

use crate::Shared;
use crate::api::payment_intents::authorization;
use crate::api::refunds;
use crate::api_error::ApiError;
use crate::objects::charge::Charge;
use crate::store::{Timer, TimerKind};
use crate::work::{Origin, Work};

/// Runs every timer that is due, each in its own transaction; gives how many.
pub(crate) fn run_due(shared: &Shared) -> Result<usize, ApiError> {
    let mut count = 0;
    loop {
        let ran = shared.transact(&Origin::default(), |work| {
            let Some(timer) = work.tx.due_timer(work.now_ms)? else {
                return Ok(false);
            };
            work.tx.remove_timer(timer.id)?;
            run(work, &timer)?;
            Ok(true)
        })?;
        if !ran {
            return Ok(count);
        }
        count += 1;
    }
}

fn run(work: &mut Work<'_>, timer: &Timer) -> Result<(), ApiError> {
    match timer.kind {
        TimerKind::AuthorizationExpires => authorization::expire(work, &timer.target),
        TimerKind::RefundSettles => refunds::settle_by_card(work, &timer.target),
        TimerKind::BalanceArrives => {
            let mut charge: Charge = work.linked(&timer.target)?;
            let before = work.render(&charge);
            authorization::book(work, &mut charge)?;
            work.put(&charge)?;
            work.emit_update("charge.updated", &charge, &before)
        }
    }
}
