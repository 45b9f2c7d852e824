//! The time of the machine. Lambda keeps it within a millisecond of UTC.

use app::ports::Clock;
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn it_tells_the_time_of_the_machine() {
        let before = Timestamp::try_from(SystemTime::now()).unwrap();
        let now = SystemClock.now();
        let after = Timestamp::try_from(SystemTime::now()).unwrap();
        assert!(before <= now && now <= after);
    }
}
