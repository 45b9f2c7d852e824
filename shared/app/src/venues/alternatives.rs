//! Other times near one that was refused.

use domain::Refusal;
use domain::availability::{Request, Search};
use domain::time::Interval;

use crate::{App, Error};

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
    let search = Search::new(request, wanted)?;
    for starts in search.steps() {
        let wish = |starts: &Interval| (request.spaces.to_vec(), search.span(*starts));
        let wishes: Vec<_> = starts.iter().map(wish).collect();
        let calendars = app.store().calendars(&wishes).await.ok()?;
        let looked: Vec<_> = starts.into_iter().zip(calendars).collect();
        let found = search.found(&looked, &is_sold);
        if !found.is_empty() {
            return Some(found);
        }
    }
    Some(Vec::new())
}
