//! Other times near one that was refused.

use domain::Refusal;
use domain::availability::Request;
use domain::time::{Interval, plus_minutes};

use crate::{App, Error};

/// How far around the wanted start other times are looked for.
const AROUND_MINUTES: i64 = 36 * 60;
/// Enough to have read every day that a booking with its buffers could touch.
const MARGIN_MINUTES: i64 = domain::availability::BUFFER_MINUTES_MAX as i64;

/// The refusal with times that can really be had: free, and sold. When they cannot be read, the refusal still
/// stands by itself.
pub async fn alternatives(
    app: &App,
    request: Request<'_>,
    wanted: Interval,
    refusal: Refusal,
    is_sold: impl Fn(Interval) -> bool,
) -> Error {
    match other_times(app, request, wanted, &refusal, is_sold).await {
        Some(times) => Error::RefusedTime(refusal, times),
        None => refusal.into(),
    }
}

/// Free times that are sold, each checked by the same rules; nothing where another time would not help, or they
/// cannot be read.
pub(super) async fn other_times(
    app: &App,
    request: Request<'_>,
    wanted: Interval,
    refusal: &Refusal,
    is_sold: impl Fn(Interval) -> bool,
) -> Option<Vec<Interval>> {
    if !refusal.has_alternatives() {
        return None;
    }
    // A wish in the past is answered with what is to be had from now on.
    let middle = wanted.start().max(request.now);
    let window = Interval::new(
        plus_minutes(middle, -AROUND_MINUTES),
        plus_minutes(middle, AROUND_MINUTES),
    )
    .ok()?;
    let read = window.widened(MARGIN_MINUTES, MARGIN_MINUTES.saturating_add(wanted.minutes()));
    let calendar = app.store().calendar(request.spaces, read).await.ok()?;
    Some(request.alternatives(&calendar, wanted, window, is_sold))
}
