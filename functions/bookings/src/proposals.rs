//! Another time for a booking: asking for it, and answering.

use app::{App, bookings};
use axum::extract::State;
use domain::id::{BookingId, ProposalId};
use domain::text::Reason;
use domain::time::Interval;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::input::{self, Named};
use web::views::{BookingView, ProposalView};
use web::{Answer, Body, Idempotent, Parse, PathId, Problems, Reply, SignedIn, ok};

/// Another time for a booking.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewProposal")]
#[serde(deny_unknown_fields)]
pub struct RawProposal {
    start: Timestamp,
    end: Timestamp,
    /// Told to the other side; at most 1000 characters.
    reason: Option<String>,
}

pub struct NewProposal {
    interval: Interval,
    reason: Option<Reason>,
}

impl Parse for RawProposal {
    type Into = NewProposal;

    fn parse(self, problems: &mut Problems) -> Option<NewProposal> {
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let reason = problems.optional("reason", self.reason, |text| Reason::parse(&text));
        Some(NewProposal {
            interval: interval?,
            reason: reason?,
        })
    }
}

pub async fn preview(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathId(id): PathId<BookingId>,
    Body(ask): Body<RawProposal>,
) -> Answer<Reply<ProposalView>> {
    let (proposal, booking) = bookings::preview_proposal(&app, &me, id, ask.interval, ask.reason).await?;
    Ok(ok(ProposalView {
        proposal_id: None,
        ..ProposalView::new(proposal, booking.price.total)
    }))
}

pub async fn propose(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(ask): Body<RawProposal>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::propose(&app, &me, &once, id, ask.interval, ask.reason).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn accept(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Idempotent(once): Idempotent,
    PathId((id, proposal)): PathId<(BookingId, ProposalId)>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::accept_proposal(&app, &me, &once, id, proposal).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn decline(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Idempotent(once): Idempotent,
    PathId((id, proposal)): PathId<(BookingId, ProposalId)>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::decline_proposal(&app, &me, &once, id, proposal).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn withdraw(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Idempotent(once): Idempotent,
    PathId((id, proposal)): PathId<(BookingId, ProposalId)>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::withdraw_proposal(&app, &me, &once, id, proposal).await?;
    Ok(Reply::of(booking, BookingView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_names_a_time_that_has_a_length() {
        let raw = RawProposal {
            start: "2027-03-01T10:00:00Z".parse().unwrap(),
            end: "2027-03-01T10:00:00Z".parse().unwrap(),
            reason: Some(" ".to_owned()),
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/end", "/reason"]);
    }
}
