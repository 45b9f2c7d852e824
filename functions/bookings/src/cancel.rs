//! Cancelling a booking.

use app::{App, bookings};
use axum::extract::State;
use domain::id::BookingId;
use domain::text::Reason;
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::BookingView;
use web::{Answer, Body, Idempotent, Parse, PathId, Problems, Reply, SignedIn};

/// Why a booking is cancelled.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewCancellation")]
#[serde(deny_unknown_fields)]
pub struct RawCancellation {
    /// Told to the other side; at most 1000 characters.
    reason: Option<String>,
}

impl Parse for RawCancellation {
    type Into = Option<Reason>;

    fn parse(self, problems: &mut Problems) -> Option<Option<Reason>> {
        problems.optional("reason", self.reason, |text| Reason::parse(&text))
    }
}

pub async fn cancel(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    Idempotent(once): Idempotent,
    PathId(id): PathId<BookingId>,
    Body(reason): Body<RawCancellation>,
) -> Answer<Reply<BookingView>> {
    let booking = bookings::cancel(&app, &me, &once, id, reason).await?;
    Ok(Reply::of(booking, BookingView::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_be_left_out_but_not_be_empty() {
        let mut problems = Problems::new();
        assert_eq!(RawCancellation { reason: None }.parse(&mut problems), Some(None));
        assert!(problems.is_empty());
        assert_eq!(
            RawCancellation {
                reason: Some(" ".into())
            }
            .parse(&mut problems),
            None
        );
        assert_eq!(problems.into_errors().remove(0).pointer, "/reason");
    }
}
