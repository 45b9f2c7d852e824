//! How fast a connection may send commands.
//!
//! Frames of one connection are handled by any sandbox, so the pace is kept with the connection, at the
//! price of one write for each frame.

use domain::rate::Rate;
use jiff::Timestamp;

use super::subscribe::SUBSCRIPTIONS_MAX;

/// Commands that a connection may send for long.
pub const COMMANDS_PER_SECOND: u32 = 20;
/// Commands that it may send at once after a pause: a client that comes back subscribes to everything
/// again in its first frame.
pub const COMMANDS_BURST: u32 = SUBSCRIPTIONS_MAX + COMMANDS_PER_SECOND;
const COMMANDS: Rate = Rate::per_second(COMMANDS_PER_SECOND as i64, COMMANDS_BURST as i64);

/// How many of these commands are answered, and until when they fill the rate.
pub fn admit(paced_until: Timestamp, now: Timestamp, commands: u32) -> (u32, Timestamp) {
    let (admitted, used_up) = COMMANDS.admit(paced_until.as_millisecond(), now.as_millisecond(), commands);
    (
        admitted,
        Timestamp::from_millisecond(used_up).unwrap_or(paced_until),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    #[test]
    fn a_connection_may_send_a_burst_and_then_twenty_a_second() {
        let (admitted, until) = admit(at(0), at(1_000_000), COMMANDS_BURST + 5);
        assert_eq!(admitted, COMMANDS_BURST);
        assert_eq!(admit(until, at(1_000_000), 1).0, 0);
        let (admitted, until) = admit(until, at(1_001_000), 100);
        assert_eq!(admitted, COMMANDS_PER_SECOND);
        assert_eq!(admit(until, at(1_001_049), 1).0, 0);
        assert_eq!(admit(until, at(1_001_050), 1).0, 1);
    }

    #[test]
    fn a_refused_command_costs_nothing() {
        let (_, until) = admit(at(0), at(0), COMMANDS_BURST);
        assert_eq!(admit(until, at(0), 50), (0, until));
    }
}
