//! Cancelling a booking, and what that would bring.

use app::bookings::Prospect;
use app::{App, bookings};
use axum::extract::State;
use domain::cancellation::Shares;
use domain::id::BookingId;
use domain::role::Actor;
use domain::text::Reason;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{BookingView, MoneyView};
use web::{
    Answer, Body, EvenSuspendedParticipant, Idempotent, Parse, Participant, PathId, Problems, Reply, needs,
    ok,
};

/// Why a booking is cancelled.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewCancellation")]
#[serde(deny_unknown_fields)]
pub struct RawCancellation {
    /// Of the preview: what it showed goes back.
    preview_token: String,
    /// Told to the other side; at most 1000 characters.
    reason: Option<String>,
}

impl Parse for RawCancellation {
    type Into = NewCancellation;

    fn parse(self, problems: &mut Problems) -> Option<NewCancellation> {
        let reason = problems.optional("reason", self.reason, |text| Reason::parse(&text));
        Some(NewCancellation {
            preview_token: self.preview_token,
            reason: reason?,
        })
    }
}

pub struct NewCancellation {
    preview_token: String,
    reason: Option<Reason>,
}

/// What cancelling would bring.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CancellationPreview")]
pub struct PreviewView {
    /// What would go back to the customer.
    refund: MoneyView,
    /// Of what was paid, this would not.
    kept: MoneyView,
    /// Of that, what the vendor would get; only vendors and admins see it.
    payout: Option<MoneyView>,
    /// `grace` (confirmed a short time ago), `tier`, `too_late` or `let_down` (whoever cancels is not the customer).
    because: &'static str,
    /// What it brings now and later; the last one up to the start.
    timeline: Vec<TermsView>,
    /// Send it to cancel on these terms.
    preview_token: String,
    /// Until when the token is honoured, unless the booking changes.
    expires_at: Timestamp,
}

/// What cancelling brings up to an instant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CancellationTerms")]
pub struct TermsView {
    refund: MoneyView,
    /// What the vendor gets; only vendors and admins see it.
    payout: Option<MoneyView>,
    because: &'static str,
    /// The last instant at which it holds; null when it holds up to the start.
    until: Option<Timestamp>,
}

pub async fn preview(
    State(app): State<App>,
    Participant(me): Participant<needs::ChangeBookings>,
    PathId(id): PathId<BookingId>,
) -> Answer<Reply<PreviewView>> {
    let preview = bookings::cancellation_preview(&app, &me, id).await?;
    let payout = |shares: Shares| (preview.by != Actor::Customer).then(|| shares.payout.into());
    let terms = |prospect: &Prospect| TermsView {
        refund: prospect.shares.refund.into(),
        payout: payout(prospect.shares),
        because: prospect.terms.because.as_str(),
        until: prospect.terms.until,
    };
    let Prospect { terms: now, shares } = preview.now;
    Ok(ok(PreviewView {
        refund: shares.refund.into(),
        kept: preview.kept.into(),
        payout: payout(shares),
        because: now.because.as_str(),
        timeline: std::iter::once(&preview.now)
            .chain(&preview.later)
            .map(terms)
            .collect(),
        preview_token: preview.token,
        expires_at: preview.expires_at,
    }))
}

pub async fn cancel(
    State(app): State<App>,
    EvenSuspendedParticipant(me): EvenSuspendedParticipant<needs::ChangeBookings>,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(ask): Body<RawCancellation>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::cancel(&app, &me, &once, id, &ask.preview_token, ask.reason).await?;
    Ok(Reply::of(booking, BookingView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_be_left_out_but_not_be_empty() {
        let read = |reason: Option<&str>| {
            let mut problems = Problems::new();
            let raw = RawCancellation {
                preview_token: "t".into(),
                reason: reason.map(str::to_owned),
            };
            let read = raw.parse(&mut problems).map(|ask| ask.reason);
            let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
            (read, pointers)
        };
        assert_eq!(read(None), (Some(None), vec![]));
        assert_eq!(read(Some(" ")), (None, vec!["/reason".to_owned()]));
    }
}
