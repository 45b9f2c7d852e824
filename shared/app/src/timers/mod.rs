//! What happens by itself when its time has come: lapsed holds and requests, bookings that are over, events
//! that nobody has published, changes of venues that were announced and never decided.
//!
//! [`run`] reads what is due and moves each thing under the guards of its own transaction, so that it
//! may run twice at a time, late, or be killed half way: the next run finds what is left. Nothing waits
//! for it: a lapsed hold keeps nobody out, whether or not this was here.
//!
//! Absent: reminders and payouts.

mod hold;
mod last_word;
mod money;
mod passing;

pub use money::LOOK_MINUTES_MAX;

use domain::booking::BookingState;
use domain::id::{BookingId, VenueId};
use domain::time::plus_seconds;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use store::bookings::Due;
use store::keys::DUE_SHARDS;

use crate::{App, Result, realtime, venues};

/// Things that one read brings.
pub const DUE_PER_PAGE: i32 = 50;
/// Reads of one shard in one run. What is left then waits for the next.
pub const PAGES_MAX: usize = 20;
/// Bookings of one shard that are worked on at a time; the shards are worked on side by side.
pub const AT_ONCE_PER_SHARD: usize = 4;
/// Nothing is begun later than this after the start: the function has 50 seconds, and a hold may wait
/// for a provider three times ten.
pub const BEGIN_SECONDS_MAX: i64 = 15;

/// What a run came to, in things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Holds and requests that ran out.
    pub expired: usize,
    /// Payments that had come and refunds that had arrived, of which nobody had told.
    pub settled: usize,
    /// Payments of bookings that are over, which nobody can pay any more.
    pub abandoned: usize,
    /// Bookings that are over.
    pub completed: usize,
    /// Bookings of which nothing can be reported any more.
    pub closed: usize,
    /// Events that nobody had published.
    pub published: usize,
    /// Venues whose rules hold on as they were, since a change of them was announced and never decided.
    pub withdrawn: usize,
    /// Had moved on by themselves.
    pub untouched: usize,
    /// Due, and left for the next run.
    pub left: usize,
    pub failed: usize,
}

/// What became of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Expired,
    Settled,
    Abandoned,
    Completed,
    Closed,
    Published,
    Withdrawn,
    Untouched,
    Left,
    Failed,
}

/// Works on what is due now, the longest due first. What fails is logged and counted, and stops nothing
/// else.
///
/// # Errors
/// [`crate::Error::Unavailable`] when a shard could not be read; the others were worked on.
pub async fn run(app: &App) -> Result<Summary> {
    let started = app.now();
    let shards = join_all((0..DUE_SHARDS).map(|shard| run_shard(app, shard, started))).await;
    let mut summary = Summary::default();
    for done in shards {
        done?.into_iter().for_each(|done| summary.count(done));
    }
    Ok(summary)
}

/// Page after page, so that things that fail again and again never stand in the way of those after them.
async fn run_shard(app: &App, shard: u8, started: Timestamp) -> Result<Vec<Done>> {
    let begin_until = plus_seconds(started, BEGIN_SECONDS_MAX);
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let page = app
            .store()
            .due_in_shard(shard, started, DUE_PER_PAGE, after.as_deref())
            .await?;
        let (bookings, others): (Vec<Due>, Vec<Due>) = page
            .items
            .into_iter()
            .partition(|due| matches!(due, Due::Booking(_)));
        // First, since they wait for no provider. Many events go to the same channels, where they would only be in
        // each other's way.
        all.extend(at_once(app, others, 1, begin_until).await);
        all.extend(at_once(app, bookings, AT_ONCE_PER_SHARD, begin_until).await);
        match page.next {
            Some(next) if app.now() <= begin_until => after = Some(next),
            Some(_) | None => break,
        }
    }
    Ok(all)
}

async fn at_once(app: &App, due: Vec<Due>, how_many: usize, begin_until: Timestamp) -> Vec<Done> {
    stream::iter(due)
        .map(|due| work_on(app, due, begin_until))
        .buffer_unordered(how_many)
        .collect()
        .await
}

async fn work_on(app: &App, due: Due, begin_until: Timestamp) -> Done {
    if app.now() > begin_until {
        return Done::Left;
    }
    let done = match due {
        Due::Booking(id) => booking(app, id).await,
        Due::Event(id, number) => event(app, id, number).await,
        Due::Announcement(id, until) => announcement(app, id, until).await,
    };
    done.unwrap_or_else(|error| {
        tracing::error!(?due, %error, "this is due and could not be moved");
        Done::Failed
    })
}

/// The index lags: what the booking itself says decides.
async fn booking(app: &App, id: BookingId) -> Result<Done> {
    let Some(booking) = app.store().booking(id).await? else {
        return Ok(Done::Untouched);
    };
    let now = app.now();
    let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    // Money comes first: it may be on its way. A visit that is over waits for none.
    let is_held = matches!(booking.state, BookingState::Held | BookingState::PaymentPending);
    let is_over = booking.interval.end() <= now || booking.has_lapsed(now);
    if is_held || (booking.has_lapsed_proposal(now) && !is_over) {
        hold::lapse(app, &booking).await
    } else if is_due(booking.passes_at()) {
        passing::pass(app, id).await
    } else if is_due(booking.money_due_at()) {
        money::follow(app, &booking).await
    } else {
        Ok(Done::Untouched)
    }
}

async fn event(app: &App, id: BookingId, number: u64) -> Result<Done> {
    let Some(event) = app.store().booking_event(id, number).await? else {
        return Ok(Done::Untouched);
    };
    realtime::publish(app, &event).await?;
    Ok(Done::Published)
}

async fn announcement(app: &App, id: VenueId, until: Timestamp) -> Result<Done> {
    let withdrawn = venues::withdraw_overdue(app, id, until).await?;
    Ok(match withdrawn {
        true => Done::Withdrawn,
        false => Done::Untouched,
    })
}

impl Summary {
    const fn count(&mut self, done: Done) {
        let counter = match done {
            Done::Expired => &mut self.expired,
            Done::Settled => &mut self.settled,
            Done::Abandoned => &mut self.abandoned,
            Done::Completed => &mut self.completed,
            Done::Closed => &mut self.closed,
            Done::Published => &mut self.published,
            Done::Withdrawn => &mut self.withdrawn,
            Done::Untouched => &mut self.untouched,
            Done::Left => &mut self.left,
            Done::Failed => &mut self.failed,
        };
        *counter = counter.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_was_due_is_counted_once() {
        let mut summary = Summary::default();
        for done in [
            Done::Expired,
            Done::Settled,
            Done::Abandoned,
            Done::Completed,
            Done::Closed,
            Done::Published,
            Done::Withdrawn,
            Done::Untouched,
            Done::Left,
            Done::Failed,
            Done::Failed,
        ] {
            summary.count(done);
        }
        let once = Summary {
            expired: 1,
            settled: 1,
            abandoned: 1,
            completed: 1,
            closed: 1,
            published: 1,
            withdrawn: 1,
            untouched: 1,
            left: 1,
            failed: 2,
        };
        assert_eq!(summary, once);
    }
}
