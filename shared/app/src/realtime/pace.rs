//! How fast a connection may send commands.
//!
//! Frames of one connection are handled by any sandbox, so the pace is kept with the connection, at the
//! price of one write for each frame. It is one instant, by the generic cell rate algorithm.

use jiff::{SignedDuration, Timestamp};

use super::subscribe::SUBSCRIPTIONS_MAX;

/// Commands that a connection may send for long.
pub const COMMANDS_PER_SECOND: u32 = 20;
/// Commands that it may send at once after a pause: a client that comes back subscribes to everything
/// again in its first frame.
pub const COMMANDS_BURST: u32 = SUBSCRIPTIONS_MAX + COMMANDS_PER_SECOND;
const COMMAND_MILLISECONDS: i64 = 1_000 / COMMANDS_PER_SECOND as i64;

/// How many of these commands are answered, and until when they fill the rate.
pub fn admit(paced_until: Timestamp, now: Timestamp, commands: u32) -> (u32, Timestamp) {
    let now_ms = now.as_millisecond();
    let begin = paced_until.as_millisecond().max(now_ms);
    let limit = now_ms.saturating_add(i64::from(COMMANDS_BURST) * COMMAND_MILLISECONDS);
    let room = limit.saturating_sub(begin).max(0) / COMMAND_MILLISECONDS;
    let admitted = commands.min(u32::try_from(room).unwrap_or(0));
    let cost = SignedDuration::from_millis(i64::from(admitted) * COMMAND_MILLISECONDS);
    let begin = if paced_until < now { now } else { paced_until };
    (admitted, begin.checked_add(cost).unwrap_or(begin))
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
    fn whoever_stays_below_the_rate_is_never_refused() {
        let mut until = at(0);
        for n in 0..10_000_i64 {
            let (admitted, next) = admit(until, at(n * COMMAND_MILLISECONDS), 1);
            assert_eq!(admitted, 1, "{n}");
            until = next;
        }
    }

    #[test]
    fn a_refused_command_costs_nothing() {
        let (_, until) = admit(at(0), at(0), COMMANDS_BURST);
        assert_eq!(admit(until, at(0), 50), (0, until));
    }
}
