//! Bringing what was published to everybody who listens.

use domain::channel::Channel;
use futures_util::{FutureExt, StreamExt, stream};
use store::connections::Subscription;
use store::messages::ChannelEvent;

use super::post::{self, Posted};
use super::{hangup, replies};
use crate::{App, Result};

/// Posts under way at a time.
pub const POSTS_AT_ONCE: usize = 64;
/// Looks at a subscription whose subscribe command is still being answered, until that counts as dead:
/// after less than five seconds, while the command mostly takes a few hundredths of one.
const LOOKS_MAX: u32 = 8;

/// Posts one event to everybody who listens to its channel, side by side. The events of a channel are to
/// be given in the order of their offsets, each after the one before is done: no connection gets a later
/// event that did not get this one. One that cannot be reached is closed, and its client comes back and
/// asks for what it missed.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the event has to be given again, before any later one; whoever had
/// it then gets it twice.
pub async fn fan_out(app: &App, event: &ChannelEvent) -> Result<()> {
    let Ok(frame) = replies::push(event) else {
        tracing::error!(channel = %event.channel, event.offset, "an event cannot be told; everybody who listens is closed");
        return close_listeners(app, &event.channel).await;
    };
    let frame = frame.as_str();
    let listeners = app.store().listeners_of(&event.channel).await?;
    let mut deliveries = stream::iter(listeners)
        .map(|listener| deliver(app, event, frame, listener).boxed())
        .buffer_unordered(POSTS_AT_ONCE);
    let mut result = Ok(());
    // All are tried, whatever becomes of one.
    while let Some(delivered) = deliveries.next().await {
        result = result.and(delivered);
    }
    result
}

/// Closes everybody who listens to a channel, because they would miss something: an event of it cannot be
/// read.
///
/// # Errors
/// [`crate::Error::Unavailable`] when it has to be done again.
pub async fn close_listeners(app: &App, channel: &Channel) -> Result<()> {
    for listener in app.store().listeners_of(channel).await? {
        hangup::close(app, &listener.connection).await?;
    }
    Ok(())
}

async fn deliver(app: &App, event: &ChannelEvent, frame: &str, listener: Subscription) -> Result<()> {
    let id = listener.connection.as_str();
    let told = match begun(app, listener.clone()).await? {
        Begun::From(told) => told,
        Begun::Ended => return Ok(()),
        Begun::Never => return hangup::close(app, id).await,
    };
    if event.offset <= told {
        return Ok(());
    }
    match post::post(app.sockets()?, id, frame).await {
        Posted::Delivered => Ok(()),
        Posted::Gone => hangup::forget(app, id).await,
        Posted::Failed => hangup::close(app, id).await,
    }
}

enum Begun {
    /// It was told of everything up to this offset.
    From(u64),
    /// It does not listen any more.
    Ended,
    /// Whoever answered its subscribe command did not come to the end.
    Never,
}

/// Waits for a subscription whose subscribe command is being answered right now. An event that went out
/// meanwhile would be dropped by the client, which does not know yet that it is subscribed.
async fn begun(app: &App, listener: Subscription) -> Result<Begun> {
    let mut now = Some(listener);
    for look in 1..=LOOKS_MAX {
        let Some(listener) = now else {
            return Ok(Begun::Ended);
        };
        if let Some(told) = listener.told {
            return Ok(Begun::From(told));
        }
        post::pause(look).await;
        now = app
            .store()
            .listener(&listener.channel, &listener.connection)
            .await?;
    }
    Ok(match now {
        Some(listener) => listener.told.map_or(Begun::Never, Begun::From),
        None => Begun::Ended,
    })
}
