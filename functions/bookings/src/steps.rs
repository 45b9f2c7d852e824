//! Steps of a booking that move no money.

use app::App;
use app::access::Caller;
use app::bookings::{self, Step};
use app::once::Once;
use axum::extract::State;
use domain::id::BookingId;
use domain::text::Reason;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::BookingView;
use web::{Answer, Body, Idempotent, Parse, Participant, PathId, Problems, Reply, needs};

/// Why something is done.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Explanation")]
#[serde(deny_unknown_fields)]
pub struct RawExplanation {
    /// Told to the other side; at most 1000 characters.
    reason: Option<String>,
}

impl Parse for RawExplanation {
    type Into = Option<Reason>;

    fn parse(self, problems: &mut Problems) -> Option<Option<Reason>> {
        problems.optional("reason", self.reason, |text| Reason::parse(&text))
    }
}

/// Why a request is declined.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewDecline")]
#[serde(deny_unknown_fields)]
pub struct RawDecline {
    /// Told to the customer; 1 to 1000 characters.
    reason: String,
}

impl Parse for RawDecline {
    type Into = Reason;

    fn parse(self, problems: &mut Problems) -> Option<Reason> {
        problems.field("reason", Reason::parse(&self.reason))
    }
}

async fn taken(app: &App, me: &Caller, once: &Once, id: BookingId, step: Step) -> Answer<Reply<BookingView>> {
    let booking = bookings::step(app, me, once, id, step).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn extend_hold(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::ExtendHold).await
}

pub async fn accept(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::Accept).await
}

pub async fn decline(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(reason): Body<RawDecline>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::Decline(reason)).await
}

pub async fn withdraw(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(reason): Body<RawExplanation>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::Withdraw(reason)).await
}

pub async fn check_in(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::CheckIn).await
}

pub async fn report_no_show(
    State(app): State<App>,
    Participant(me): Participant<needs::HandleBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(reason): Body<RawExplanation>,
) -> Answer<Reply<BookingView>> {
    taken(&app, &me, &once, id, Step::ReportNoShow(reason)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_declines_says_why() {
        let mut problems = Problems::new();
        assert!(RawDecline { reason: " ".into() }.parse(&mut problems).is_none());
        assert_eq!(problems.into_errors().remove(0).pointer, "/reason");
        let mut problems = Problems::new();
        assert_eq!(RawExplanation { reason: None }.parse(&mut problems), Some(None));
        assert!(problems.is_empty());
    }
}
