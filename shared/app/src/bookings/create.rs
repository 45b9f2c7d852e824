//! Placing a booking: one strongly consistent read, one decision, one transaction.

use domain::Refusal;
use domain::booking::{Booking, Placing};
use domain::hold::Holds;
use domain::id::{BookingId, VenueId};
use domain::pricing::QuoteId;
use jiff::Timestamp;
use store::Transaction;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::venues::{alternatives, plain_total};
use crate::{App, Error, Result};

/// Holds the time of a quote at its price for ten minutes, or asks the venue for it where that is how it is booked.
///
/// # Errors
/// [`Error::NotFound`] for a quote that does not exist or is somebody else's;
/// [`Refusal::QuoteExpired`]; [`Refusal::QuoteOutdated`] once another business runs the venue;
/// [`Refusal::NotBookable`], [`Refusal::Capacity`], [`Refusal::Layout`] by the space as it is now;
/// [`Refusal::TooManyHolds`]; [`Refusal::Promo`] or [`Refusal::NotTheFirst`] when what the price claims is used up
/// meanwhile; the rules' refusal of the time, with others that are free.
pub async fn create(app: &App, me: &Caller, once: &Once, quote: QuoteId) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        if !me.verified {
            return Err(Refusal::Unverified.into());
        }
        let placement = app
            .store()
            .placement(&quote, me.user)
            .await?
            .ok_or(Error::NotFound)?;
        let (quote, space, book) = (placement.quote, placement.space, placement.book);
        let rules = &book.rules;
        if !quote.is_for(me.user) {
            return Err(Error::NotFound);
        }
        quote.check(now)?;
        quote.check_vendor(&space)?;
        if !space.live {
            return Err(Refusal::NotBookable.into());
        }
        // A quote pins the price and the terms; how many may be in a room is a matter of safety.
        space.admits(quote.guests, quote.layout.as_ref())?;
        let placing = Placing {
            id: BookingId::from_uuid(app.ids().uuid()),
            customer: me.user,
            spaces: space.locked(),
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
        };
        let holds = may_hold(app, placement.holds, space.venue, now).await?;
        let (booking, event) = Booking::placed(&quote, placing, now);
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
        let request = book.request(&booking.spaces, now);
        if let Err(refusal) = request.decide(&calendar, quote.interval) {
            let rates = app.store().rates(space.venue, space.id).await.ok().flatten();
            let is_sold = |time| plain_total(rates.as_ref(), rules, time, quote.guests, now).is_some();
            return Err(alternatives(app, request, quote.interval, refusal, is_sold).await);
        }
        calendar.reserve(&booking.spaces, &entry, now)?;
        let mut transaction = Transaction::new();
        transaction.put_days(&calendar);
        transaction.put_booking(&booking);
        transaction.put_event(&event);
        transaction.put_holds(&holds.with(booking.id, booking.venue)?);
        booking.claims().iter().for_each(|claim| transaction.claim(claim));
        transaction.check_space(&space);
        transaction.check_rules(&space, &book);
        Ok((transaction, booking))
    })
    .await
}

/// What a customer holds, if one more may be added. Who holds too many by the list is counted by the bookings
/// themselves: those that were paid, cancelled or have lapsed hold nothing.
async fn may_hold(app: &App, holds: Holds, venue: VenueId, now: Timestamp) -> Result<Holds> {
    if holds.check(venue).is_ok() {
        return Ok(holds);
    }
    let bookings = app.store().bookings(holds.bookings()).await?;
    let held = |id| {
        bookings
            .iter()
            .any(|booking| booking.id == id && booking.is_kept(now))
    };
    let holds = holds.only(held);
    holds.check(venue)?;
    Ok(holds)
}
