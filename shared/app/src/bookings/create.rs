//! Placing a booking: one strongly consistent read, one decision, one transaction.

use domain::Refusal;
use domain::availability::Request;
use domain::booking::{Booking, Placing};
use domain::id::BookingId;
use domain::pricing::QuoteId;
use store::Transaction;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::venues::alternatives;
use crate::{App, Error, Result};

/// Holds the time of a quote at its price for ten minutes.
///
/// # Errors
/// [`Error::NotFound`] for a quote that does not exist or is somebody else's;
/// [`Refusal::QuoteExpired`]; the rules' refusal of the time, with others that are free.
pub async fn create(app: &App, me: &Caller, once: &Once, quote: QuoteId) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        if !me.verified {
            return Err(Refusal::Unverified.into());
        }
        let placement = app.store().placement(&quote).await?.ok_or(Error::NotFound)?;
        let (quote, space, stored) = (placement.quote, placement.space, placement.rules);
        let rules = &stored.rules;
        if !quote.is_for(me.user) {
            return Err(Error::NotFound);
        }
        quote.check(now)?;
        if !space.live {
            return Err(Refusal::NotBookable.into());
        }
        let placing = Placing {
            id: BookingId::from_uuid(app.ids().uuid()),
            customer: me.user,
            spaces: vec![space.id],
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
        };
        let (booking, event) = Booking::held(&quote, placing, now);
        let entry = booking.entry();
        let mut calendar = placement.calendar;
        if !calendar.covers(&booking.spaces, &entry) {
            // The buffers have grown since the quote was made.
            let span = quote.interval.widened(
                i64::from(rules.setup_minutes),
                i64::from(rules.turnaround_minutes),
            );
            calendar = app.store().calendar(&booking.spaces, span).await?;
        }
        let request = Request {
            rules,
            spaces: &booking.spaces,
            now,
            except: None,
        };
        if let Err(refusal) = request.decide(&calendar, quote.interval) {
            return Err(alternatives(app, rules, &booking.spaces, quote.interval, refusal, now).await);
        }
        calendar.reserve(&booking.spaces, &entry, now)?;
        let mut transaction = Transaction::new();
        transaction.put_days(&calendar);
        transaction.put_booking(&booking);
        transaction.put_event(&event);
        transaction.check_space(&space);
        transaction.check_rules(&space, &stored);
        Ok((transaction, booking))
    })
    .await
}
