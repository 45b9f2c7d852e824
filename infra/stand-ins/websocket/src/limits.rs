//! Every limit of the gateway. The first group is Amazon API Gateway's own ("Quotas for configuring and
//! running a WebSocket API"), none of which can be raised; the second is this stand-in's.

use std::time::Duration;

/// Bytes of one message, whatever its number of frames; also of one `@connections` POST.
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024;
/// Bytes of one frame's payload. A larger one closes the connection with 1009.
pub const FRAME_BYTES_MAX: usize = 32 * 1024;
/// A connection without a message in either direction is closed after this long. Pings do not count.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// A connection is closed after this long, whatever happens on it.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);
/// How long an invocation may take. The function itself is not stopped by it, as on AWS.
pub const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// Frames of one connection in the integration at a time. The next frame is read when one is done.
pub const CONCURRENT_FRAMES_MAX: usize = 16;
/// Messages waiting for a slow client. The next POST answers 429 `LimitExceededException`.
pub const OUTBOUND_MESSAGES_MAX: usize = 128;
/// Bytes of an `@connections` POST that are read at all, so that one over the limit gets its 413.
pub const POST_BYTES_READ_MAX: usize = 10 * 1024 * 1024;
/// How long a client may take to answer a close frame before its socket is dropped.
pub const CLOSE_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a socket is kept after a close frame for a violation, which cannot be answered: what the
/// client sent is unread, and dropping it at once could reset the connection under the close frame.
pub const VIOLATION_LINGER: Duration = Duration::from_secs(1);
/// How long a shutdown waits for sockets to close and for functions to finish.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
