//! Another time for a booking: asking for it, and answering.

use app::App;
use app::bookings::{self, Ask};
use axum::extract::State;
use domain::id::{BookingId, ProposalId};
use domain::text::Reason;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::input::{self, Named};
use web::views::{BookingView, ProposalView, RawMoney};
use web::{Answer, Body, Idempotent, Parse, Participant, PathId, Problems, Reply, needs, ok};

/// Another time for a booking.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewProposal")]
#[serde(deny_unknown_fields)]
pub struct RawProposal {
    start: Timestamp,
    end: Timestamp,
    /// Told to the other side; at most 1000 characters.
    reason: Option<String>,
    /// Of a vendor: what they take off what it costs by their rates, also for the time that the booking has.
    special_offer: Option<RawMoney>,
}

impl Parse for RawProposal {
    type Into = Ask;

    fn parse(self, problems: &mut Problems) -> Option<Ask> {
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let reason = problems.optional("reason", self.reason, |text| Reason::parse(&text));
        let special_offer = match self.special_offer {
            None => Some(None),
            Some(raw) => problems.within("special_offer", |problems| {
                let off = raw.parse(problems)?;
                let fine = if off.amount() > 0 {
                    Ok(off)
                } else {
                    Err("has to be above zero")
                };
                problems.field("amount", fine).map(Some)
            }),
        };
        Some(Ask {
            interval: interval?,
            reason: reason?,
            special_offer: special_offer?,
        })
    }
}

pub async fn preview(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
    PathId(id): PathId<BookingId>,
    Body(ask): Body<RawProposal>,
) -> Answer<Reply<ProposalView>> {
    let (proposal, booking) = bookings::preview_proposal(&app, &me, id, ask).await?;
    Ok(ok(ProposalView {
        proposal_id: None,
        ..ProposalView::new(proposal, booking.charged())
    }))
}

pub async fn propose(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(ask): Body<RawProposal>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::propose(&app, &me, &once, id, ask).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn accept(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
    Idempotent(once): Idempotent,
    PathId((id, proposal)): PathId<(BookingId, ProposalId)>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::accept_proposal(&app, &me, &once, id, proposal).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn decline(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
    Idempotent(once): Idempotent,
    PathId((id, proposal)): PathId<(BookingId, ProposalId)>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::decline_proposal(&app, &me, &once, id, proposal).await?;
    Ok(Reply::of(booking, BookingView::from))
}

pub async fn withdraw(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
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
            special_offer: Some(RawMoney {
                amount: 0,
                currency: "EUR".to_owned(),
                exponent: None,
            }),
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/end", "/reason", "/special_offer/amount"]);
    }
}
