//! The moment from which a connection is posted what is published.
//!
//! A client drops what comes before it knows that it is subscribed, so nothing may be posted to it before
//! the reply; and nothing may be missing after it. The subscription is written first, without the offset
//! up to which the client was told, and [`super::fan_out`] waits for that. It is added after the reply, in
//! one transaction with a check that nothing was published meanwhile; whatever was is pushed first.

use store::connections::Subscription;
use store::{Fault, Guard, Transaction};

use super::frames::Recover;
use super::position::{self, REPLAY_MAX};
use super::post::{self, Posted};
use super::replies::{self, Recovered};
use crate::{App, Error, Result};
use domain::channel::Channel;
use serde_json::Value;

/// Times that something may be published between the reply and the beginning, before the client is sent
/// away to come back at a quieter moment.
const ROUNDS_MAX: u32 = 8;
/// Events that one round pushes.
const ROUND_EVENTS: i32 = 100;

/// How a subscription begins.
#[derive(Debug)]
pub struct Opening {
    /// What the client is answered.
    pub result: Value,
    /// Pushes that follow the answer because it had no room for them.
    pub behind: Vec<String>,
    /// The offset that the client is at then.
    pub told: u64,
    /// Whether it asked to go on from somewhere and cannot.
    pub lost: bool,
}

/// A subscription that was answered and has not begun.
#[derive(Debug)]
pub struct Join {
    pub subscription: Subscription,
    pub told: u64,
}

/// Reads where a channel is and what the client missed. The subscription is written before.
pub async fn opening(app: &App, channel: &Channel, from: &Recover) -> Result<Opening> {
    let here = position::position(app, channel).await?;
    let (recovered, behind) = if !from.recover {
        (Recovered::Unasked, Vec::new())
    } else if let Some(events) = position::replay(app, channel, &here, from.offset, &from.epoch).await? {
        let publications = replies::fitting(&events)?;
        let behind = events
            .iter()
            .skip(publications.len())
            .map(replies::push)
            .collect::<Result<_>>()?;
        (Recovered::Yes(from.offset, publications), behind)
    } else {
        (Recovered::No, Vec::new())
    };
    Ok(Opening {
        lost: recovered == Recovered::No,
        result: replies::subscribed(&here, recovered),
        behind,
        told: here.offset,
    })
}

/// Begins, after the reply has gone out.
///
/// # Errors
/// When it did not come to that: the connection has to be closed, for its client believes that it listens.
pub async fn begin(app: &App, join: Join) -> Result<()> {
    let channel = join.subscription.channel;
    let mut told = join.told;
    for round in 1..=ROUNDS_MAX {
        let subscription = Subscription {
            told: Some(told),
            ..join.subscription.clone()
        };
        let mut transaction = Transaction::new();
        transaction.begin_listening(&subscription, app.now());
        transaction.check_channel_ends_at(&channel, told);
        match app.store().commit(transaction).await {
            Ok(()) => return Ok(()),
            // It has ended meanwhile, or a later command began it anew.
            Err(Fault::Guard(Guard::ConnectionUnchanged)) => return Ok(()),
            Err(Fault::Guard(Guard::ChannelHeadUnchanged)) => {
                told = catch_up(app, &subscription, told).await?;
            }
            Err(Fault::Conflict) => post::pause(round).await,
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(Error::Unavailable(format!(
        "{channel} is too busy to begin listening to it"
    )))
}

async fn catch_up(app: &App, subscription: &Subscription, told: u64) -> Result<u64> {
    let events = app
        .store()
        .channel_events_after(&subscription.channel, told, ROUND_EVENTS)
        .await?;
    let lines = events.iter().map(replies::push).collect::<Result<Vec<_>>>()?;
    for frame in replies::frames(&lines) {
        match post::post(app.sockets()?, &subscription.connection, &frame).await {
            Posted::Delivered => {}
            Posted::Gone | Posted::Failed => {
                return Err(Error::Unavailable("the connection cannot be reached".to_owned()));
            }
        }
    }
    Ok(events.last().map_or(told, |event| event.offset))
}

const _: () = assert!(ROUND_EVENTS as u64 <= REPLAY_MAX);
