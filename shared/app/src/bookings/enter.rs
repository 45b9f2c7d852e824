//! A booking that was made by telephone or at the door: it takes its time like every other.

use domain::Refusal;
use domain::availability::{Booker, Request};
use domain::booking::{Booking, Entered, Guest, Placing};
use domain::id::{BookingId, SpaceId, VenueId};
use domain::membership::Membership;
use domain::text::Label;
use domain::time::Interval;
use store::Transaction;

use crate::access::Caller;
use crate::once::{self, Once, Outcome};
use crate::venues::{alternatives, managed};
use crate::{App, Error, Result};

#[derive(Debug, Clone)]
pub struct OffPlatform {
    pub venue: VenueId,
    /// The main one when none is named.
    pub space: Option<SpaceId>,
    pub interval: Interval,
    pub guests: u32,
    pub layout: Option<Label>,
    pub guest: Guest,
}

/// Firm at once, and nothing is charged. Hours, blocks and other bookings hold as for customers; lead time and
/// horizon do not.
///
/// # Errors
/// [`Error::NotFound`] for another's venue; the rules' refusal of the time, with others that are free;
/// [`Refusal::NotBookable`], [`Refusal::NoPrice`], [`Refusal::Capacity`], [`Refusal::Layout`].
pub async fn enter(
    app: &App,
    me: &Caller,
    member: &Membership,
    once: &Once,
    ask: &OffPlatform,
) -> Result<Outcome<Booking>> {
    once::write(app, Some(once), |now| async move {
        let offer = managed(app, member, ask.venue, ask.space).await?;
        let (venue, space, rules) = (&offer.venue, &offer.space, &offer.book.rules);
        // The venue was read before the space, which the transaction holds on to.
        if space.vendor != member.vendor {
            return Err(Error::NotFound);
        }
        if !space.live {
            return Err(Refusal::NotBookable.into());
        }
        let rates = offer.rates.ok_or(Refusal::NoPrice)?;
        space.admits(ask.guests, ask.layout.as_ref())?;
        let placing = Placing {
            id: BookingId::from_uuid(app.ids().uuid()),
            customer: me.user,
            spaces: space.locked(),
            setup_minutes: rules.setup_minutes,
            turnaround_minutes: rules.turnaround_minutes,
        };
        let entered = Entered {
            venue: venue.id,
            venue_name: venue.name.clone(),
            vendor: member.vendor,
            space: space.id,
            space_name: space.name.clone(),
            point: venue.location.point,
            address: venue.location.address.clone(),
            zone: venue.location.zone.clone(),
            interval: ask.interval,
            guests: ask.guests,
            layout: ask.layout.clone(),
            guest: ask.guest.clone(),
            policy: venue.policy.clone(),
            terms_version: venue.terms_version,
            currency: rates.price_per_hour.currency(),
        };
        let (booking, event) = Booking::entered(entered, placing, now);
        let request = Request {
            by: Booker::Vendor,
            ..offer.book.request(&booking.spaces, now)
        };
        let span = ask.interval.widened(
            i64::from(rules.setup_minutes),
            i64::from(rules.turnaround_minutes),
        );
        // Without the calendar first, so that a time of any length costs no more than a legal one.
        let mut calendar = domain::calendar::Calendar::default();
        let mut decided = request.decide(&calendar, ask.interval);
        if decided.is_ok() {
            calendar = app.store().calendar(&booking.spaces, span).await?;
            decided = request.decide(&calendar, ask.interval);
        }
        if let Err(refusal) = decided {
            // Nothing is charged, so a time needs no price.
            return Err(alternatives(app, request, ask.interval, refusal, |_| true).await);
        }
        calendar.reserve(&booking.spaces, &booking.entry(), now)?;
        let mut transaction = Transaction::new();
        transaction.put_days(&calendar);
        transaction.put_booking(&booking);
        transaction.put_event(&event);
        transaction.check_space(space);
        transaction.check_rules(space, &offer.book);
        Ok((transaction, booking))
    })
    .await
}
