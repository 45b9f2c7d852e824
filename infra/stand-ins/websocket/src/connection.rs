//! An open connection as the rest of the gateway sees it: something to post to, to ask about and to order
//! closed. The socket itself is in `socket`.

use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Message;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::event::Peer;
use crate::limits::OUTBOUND_MESSAGES_MAX;

pub(crate) struct Connection {
    pub peer: Peer,
    outbound: mpsc::Sender<Message>,
    orders: watch::Sender<Order>,
    last_active: Mutex<Activity>,
}

/// What the gateway wants of a connection. The latest order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Stay,
    /// `DELETE /@connections/{id}`.
    Close,
    /// The gateway shuts down.
    GoAway,
    /// Drop the socket, tell nobody.
    Kill,
}

#[derive(Clone, Copy)]
struct Activity {
    instant: Instant,
    wall: Timestamp,
}

/// Why a message was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Gone,
    /// The client reads too slowly.
    BufferFull,
}

/// The socket's ends of a connection's channels.
pub(crate) struct Inbox {
    pub outbound: mpsc::Receiver<Message>,
    pub orders: watch::Receiver<Order>,
}

impl Connection {
    pub fn new(peer: Peer) -> (Self, Inbox) {
        let (outbound, outbound_receiver) = mpsc::channel(OUTBOUND_MESSAGES_MAX);
        let (orders, orders_receiver) = watch::channel(Order::Stay);
        let last_active = Mutex::new(Activity {
            instant: Instant::now(),
            wall: Timestamp::now(),
        });
        (
            Self {
                peer,
                outbound,
                orders,
                last_active,
            },
            Inbox {
                outbound: outbound_receiver,
                orders: orders_receiver,
            },
        )
    }

    /// Queues a message for the client. Messages of one connection leave in the order they were taken.
    pub fn post(&self, message: Message) -> Result<(), Refused> {
        self.outbound.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refused::BufferFull,
            mpsc::error::TrySendError::Closed(_) => Refused::Gone,
        })?;
        self.touch();
        Ok(())
    }

    pub fn order(&self, order: Order) {
        self.orders.send_replace(order);
    }

    /// A message went either way.
    pub fn touch(&self) {
        *self.activity() = Activity {
            instant: Instant::now(),
            wall: Timestamp::now(),
        };
    }

    pub fn last_active(&self) -> Instant {
        self.activity().instant
    }

    pub fn last_active_at(&self) -> Timestamp {
        self.activity().wall
    }

    fn activity(&self) -> std::sync::MutexGuard<'_, Activity> {
        self.last_active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
