//! Channels: publishing on them after the fact, and listening to them over sockets.
//!
//! `stream` calls [`publish`] for what was committed; `fanout` calls [`fan_out`] for what was published;
//! `websocket` hands its frames to [`on_frame`]. The protocol is a subset of Centrifugo's JSON client
//! protocol, described in `events/asyncapi.yaml`.
//!
//! What a client is told it never has to doubt: the events of a channel reach a connection in order and
//! without gaps, or the connection is closed and its client comes back and asks for what it missed.
//!
//! Absent: presence, joins and leaves, publishing by clients, chat.

mod connect;
mod events;
mod fanout;
mod frames;
mod hangup;
mod join;
mod pace;
mod permission;
mod position;
mod post;
mod publication;
mod publish;
mod replies;
mod session;
mod subscribe;

pub use connect::{CONNECTIONS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND, Unopened, may_open};
pub use events::{EVENTS_MAX, Events, SocketToken, events_since, token};
pub use fanout::{POSTS_AT_ONCE, close_listeners, fan_out};
pub use frames::COMMANDS_MAX;
pub use hangup::{disconnect_others, disconnect_user, on_disconnect};
pub use pace::{COMMANDS_BURST, COMMANDS_PER_SECOND};
pub use position::REPLAY_MAX;
pub use publication::PUBLICATION_BYTES_MAX;
pub use publish::publish;
pub use replies::FRAME_BYTES_MAX;
pub use session::on_frame;
pub use subscribe::SUBSCRIPTIONS_MAX;
