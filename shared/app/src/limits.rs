//! How often one caller may ask, by what they ask for.
//!
//! Most classes are counted by each sandbox for itself, which costs nothing and keeps one caller from using up what is
//! there for all; whatever may run beside it counts anew, so the class is a limit for a client and no bound on an
//! attacker with many. What an attacker gains something by is counted in the table, exactly. Beside both, API Gateway
//! limits all callers together.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;

use domain::rate::{Rate, Standing};

use crate::{App, Result};

/// Callers that one sandbox counts for.
const COUNTED_MAX: usize = 10_000;

/// Requests that are limited together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    pub name: &'static str,
    pub rate: Rate,
    pub per: Per,
    pub counted: Counted,
}

/// Whose requests count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Whoever has signed in, wherever they are; everybody else by their network.
    Caller,
    /// Whoever is there, signed in or not.
    Network,
}

/// Where it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// By each sandbox for itself.
    Here,
    /// In the table, by one write for each request.
    InTheTable,
}

/// Whatever has no class of its own.
pub const GENERAL: Class = Class {
    name: "general",
    rate: Rate::per_second(20, 200),
    per: Per::Caller,
    counted: Counted::Here,
};

/// What reads many things for one answer.
pub const SEARCH: Class = Class {
    name: "search",
    rate: Rate::per_second(5, 50),
    per: Per::Caller,
    counted: Counted::Here,
};

/// What takes a venue's time. How much of it one customer may hold is counted exactly, with the booking.
pub const HOLD: Class = Class {
    name: "hold",
    rate: Rate::per_second(1, 20),
    per: Per::Caller,
    counted: Counted::Here,
};

/// What Stripe tells us, all of it from a few addresses. What is not signed by it costs no more than the check.
pub const WEBHOOK: Class = Class {
    name: "webhook",
    rate: Rate::per_second(100, 1_000),
    per: Per::Network,
    counted: Counted::Here,
};

/// Whatever a password or a code can be tried at. Everybody in an office shares a network.
pub const SIGN_IN: Class = Class {
    name: "sign_in",
    rate: Rate::per_second(1, 60),
    per: Per::Network,
    counted: Counted::InTheTable,
};

/// What makes an account or sends a mail to an address that anybody may type.
pub const MAIL: Class = Class {
    name: "mail",
    rate: Rate {
        interval_ms: 30_000,
        burst: 20,
    },
    per: Per::Network,
    counted: Counted::InTheTable,
};

impl App {
    /// Where somebody stands who asks for something of a class.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] for a class that is counted in the table.
    pub async fn admit(&self, class: &Class, who: &str) -> Result<Standing> {
        let now = self.now();
        let Some(buckets) = &self.0.buckets else {
            let now = now.as_millisecond();
            return Ok(class.rate.standing(true, now, now));
        };
        match class.counted {
            Counted::InTheTable => Ok(self.store().take(class.name, who, class.rate, now).await?),
            Counted::Here => Ok(buckets.take(class, who, now.as_millisecond())),
        }
    }
}

/// What this sandbox counted lately: up to when each rate is used up, milliseconds since 1970.
#[derive(Default)]
pub struct Buckets(Mutex<BTreeMap<(&'static str, String), i64>>);

impl Buckets {
    fn take(&self, class: &Class, who: &str, now: i64) -> Standing {
        let Ok(mut buckets) = self.0.lock() else {
            return class.rate.standing(true, now, now);
        };
        let key = (class.name, who.to_owned());
        if buckets.len() >= COUNTED_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, used_up| now < *used_up);
            // As many different callers within some seconds: whoever is among them is not limited.
            if buckets.len() >= COUNTED_MAX {
                buckets.clear();
            }
        }
        let used_up = buckets.entry(key).or_insert(now);
        let (admitted, next) = class.rate.admit(*used_up, now, 1);
        *used_up = next;
        class.rate.standing(admitted == 1, next, now)
    }
}

/// What counts as one address: of IPv6 the 64 bits that name a network, since whoever has one has all of
/// its addresses (RFC 6177).
#[must_use]
pub fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_counts_each_caller_and_class_by_itself() {
        let buckets = Buckets::default();
        let burst = SEARCH.rate.burst;
        for n in (0..burst).rev() {
            let standing = buckets.take(&SEARCH, "ada", 1_000);
            assert_eq!((standing.admitted, standing.left), (true, n));
        }
        let refused = buckets.take(&SEARCH, "ada", 1_000);
        assert_eq!(
            (refused.admitted, refused.wait_ms),
            (false, SEARCH.rate.interval_ms)
        );
        assert!(buckets.take(&SEARCH, "bob", 1_000).admitted);
        assert!(buckets.take(&GENERAL, "ada", 1_000).admitted);
        assert!(buckets.take(&SEARCH, "ada", 1_000 + refused.wait_ms).admitted);
    }

    #[test]
    fn a_sandbox_remembers_so_many_callers_and_first_forgets_those_who_have_their_burst_again() {
        let buckets = Buckets::default();
        let later = 1_000 + GENERAL.rate.interval_ms;
        for n in 0..COUNTED_MAX - 1 {
            buckets.take(&GENERAL, &n.to_string(), 1_000);
        }
        for _ in 0..GENERAL.rate.burst {
            buckets.take(&GENERAL, "busy", 1_000);
        }
        assert!(!buckets.take(&GENERAL, "busy", 1_000).admitted);
        assert!(buckets.take(&GENERAL, "new", later).admitted);
        assert_eq!(buckets.0.lock().unwrap().len(), 2);
        // Time enough for one more, not for a burst.
        assert_eq!(buckets.take(&GENERAL, "busy", later).left, 0);
        for n in 0..3 * COUNTED_MAX {
            buckets.take(&GENERAL, &n.to_string(), later);
            assert!(buckets.0.lock().unwrap().len() <= COUNTED_MAX);
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2:ffff::1"), "2001:db8:1:2::");
        assert_eq!(network("not an address"), "not an address");
    }
}
