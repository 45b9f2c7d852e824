//! Channels: publishing on them after the fact, and listening to them over sockets.
