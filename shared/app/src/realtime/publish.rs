//! Telling everybody what happened to a booking, after it is so.

use domain::channel::Channel;
use domain::event::BookingEvent;
use store::{Fault, Guard, Transaction};

use super::position;
use super::publication::{of_availability, of_booking};
use crate::message::{About, Message};
use crate::retry::{self, Attempt};
use crate::{App, Error, Result};

/// Puts an event on its channels and queues, and then marks it, so that nobody does it again. Every step
/// is the same when it is done twice; whatever fails is done again by whoever tries again, or by the
/// sweep.
///
/// # Errors
/// Anything that a later attempt may get over.
pub async fn publish(app: &App, event: &BookingEvent) -> Result<()> {
    on_booking_channel(app, event).await?;
    let id = event.id();
    let data = of_booking(event);
    let concerned = |channel| position::append(app, channel, &id, event.at, |_| data.clone());
    let everybody = async {
        if event.kind.changes_availability() || event.other.is_some() {
            let channel = Channel::VenueAvailability(event.venue);
            position::append(app, channel, &id, event.at, |offset| {
                of_availability(event, offset)
            })
            .await?;
        }
        Ok(())
    };
    let customer = async {
        match event.customer {
            Some(customer) => concerned(Channel::User(customer)).await.map(drop),
            None => Ok(()),
        }
    };
    futures_util::future::try_join3(customer, concerned(Channel::Vendor(event.vendor)), everybody).await?;
    let about = About::Booking {
        event: Box::new(event.clone()),
    };
    app.queue()?.send(&Message::notification(about)).await?;
    for refund in &event.refunds {
        app.queue()?
            .send(&Message::refund(refund.id, event.booking))
            .await?;
    }
    mark(app, event).await
}

/// On the booking's own channel an event's offset is its number. Records of a stream may come in another
/// order than they were written, and one that failed comes later; so whatever precedes this event and is
/// not there yet goes first.
async fn on_booking_channel(app: &App, event: &BookingEvent) -> Result<()> {
    let begin = match event.number {
        0 | 1 => event.number,
        _ => position::booking_offset(app, event.booking)
            .await?
            .saturating_add(1),
    };
    for number in begin..event.number {
        let earlier = app.store().booking_event(event.booking, number).await?;
        let earlier = earlier.ok_or_else(|| {
            Error::Internal(format!(
                "{} has no event {number} before {}",
                event.booking, event.number
            ))
        })?;
        put(app, &earlier).await?;
    }
    if begin <= event.number {
        put(app, event).await?;
    }
    Ok(())
}

async fn put(app: &App, event: &BookingEvent) -> Result<()> {
    let channel = Channel::Booking(event.booking);
    let told = position::told(
        app,
        channel,
        event.number,
        &event.id(),
        event.at,
        of_booking(event),
    );
    let told = &told;
    retry::on_conflict(|| async move {
        let mut transaction = Transaction::new();
        transaction.put_channel_event(told);
        match retry::raced(app.store().commit(transaction).await) {
            // It was told before.
            Err(Fault::Guard(Guard::ChannelEventUnseen)) => Ok(Attempt::Done(())),
            attempt => Ok(attempt?),
        }
    })
    .await
}

async fn mark(app: &App, event: &BookingEvent) -> Result<()> {
    retry::on_conflict(|| async move {
        let mut transaction = Transaction::new();
        transaction.mark_published(event.booking, event.number);
        match retry::raced(app.store().commit(transaction).await) {
            // What is not there is not due either.
            Err(Fault::Guard(Guard::EventPresent)) => Ok(Attempt::Done(())),
            attempt => Ok(attempt?),
        }
    })
    .await
}
