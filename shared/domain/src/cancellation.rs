//! What comes back when a booking is cancelled: a policy of tiers, frozen in the booking.

mod preset;
mod wording;

pub use preset::{
    GRACE_HOURS_MAX, NOTES_MAX, PRESETS_MAX, Preset, PresetTerms, Setting, TIER_HOURS_MAX, TIERS_MAX,
    TierProblem,
};
pub use wording::lock_sentence;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::charge;
use crate::money::{BASIS_POINTS_WHOLE, Currency, Money, MoneyError};
use crate::pricing::Price;
use crate::role::Actor;
use crate::text::{PolicyName, PolicyNote};
use crate::time::plus_minutes;

/// Up to this long before the start, this share of the price comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub hours_before: u32,
    /// Basis points of the price without what the platform asked of the customer.
    pub refund_bps: u32,
    /// Whether that comes back in the same share.
    #[serde(default)]
    pub fees_refundable: bool,
}

/// Soon after a booking was confirmed, and long enough before its start, all of it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grace {
    pub hours_after_confirmation: u32,
    pub hours_before_start: u32,
}

/// Tiers, the most generous first; after the last one nothing comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: PolicyName,
    /// Of those of its name.
    #[serde(default = "first_version")]
    pub version: u64,
    pub tiers: Vec<Tier>,
    #[serde(default)]
    pub grace: Option<Grace>,
    /// What is to be said besides where the venue is.
    #[serde(default)]
    pub note: Option<PolicyNote>,
}

const fn first_version() -> u64 {
    1
}

/// Why so much comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It was confirmed a short time ago.
    Grace,
    /// A tier of the policy.
    Tier,
    /// The last tier has passed.
    TooLate,
    /// Whoever cancels is not the customer.
    LetDown,
}

impl Because {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grace => "grace",
            Self::Tier => "tier",
            Self::TooLate => "too_late",
            Self::LetDown => "let_down",
        }
    }
}

/// What holds at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub refund_bps: u32,
    pub fees_refundable: bool,
    pub because: Because,
    /// The last instant at which it holds; none when it holds up to the start.
    pub until: Option<Timestamp>,
}

/// The booking that is cancelled, as far as a policy looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    pub start: Timestamp,
    /// From then on the customer cannot cancel; the start where no such lock was agreed on.
    pub locked_from: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

const WHOLE_BPS: u32 = 10_000;

/// "24 hours from receipt of a Booking Confirmation but no later than 48 hours prior to the Event start time"
/// (peerspace.com/legal/terms/cancellation-policy).
const GRACE: Grace = Grace {
    hours_after_confirmation: 24,
    hours_before_start: 48,
};

/// Hours before the start, and basis points: the four policies that hosts choose from at Peerspace (help article
/// 10119473).
const PRESETS: [(&str, &[(u32, u32)]); 4] = [
    ("very_flexible", &[(24, 10_000)]),
    ("flexible", &[(7 * 24, 10_000), (24, 5_000)]),
    ("standard_30_day", &[(30 * 24, 10_000), (7 * 24, 5_000)]),
    ("standard_90_day", &[(90 * 24, 10_000), (14 * 24, 5_000)]),
];

impl Policy {
    /// The names of the presets, the most generous first.
    #[must_use]
    pub fn presets() -> [&'static str; 4] {
        PRESETS.map(|(name, _)| name)
    }

    /// One of the presets by its name.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (name, tiers) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
        let tier = |&(hours_before, refund_bps): &(u32, u32)| Tier {
            hours_before,
            refund_bps,
            // Whoever gets all of it back gets all of it; otherwise the platform has done its part.
            fees_refundable: refund_bps == WHOLE_BPS,
        };
        Some(Self {
            name: PolicyName::parse(name).ok()?,
            version: first_version(),
            tiers: tiers.iter().map(tier).collect(),
            grace: Some(GRACE),
            note: None,
        })
    }

    /// Until when a tier holds; the instant itself still belongs to it.
    #[must_use]
    pub fn deadline(tier: Tier, start: Timestamp) -> Timestamp {
        plus_minutes(start, -i64::from(tier.hours_before) * 60)
    }

    /// What somebody's cancelling brings at an instant. Whoever lets the customer down pays all of it back.
    #[must_use]
    pub fn terms(&self, visit: Visit, now: Timestamp, by: Actor) -> Terms {
        if by != Actor::Customer {
            return Terms {
                refund_bps: WHOLE_BPS,
                fees_refundable: true,
                because: Because::LetDown,
                until: None,
            };
        }
        let tier = self.tiers.iter().map(|tier| Terms {
            refund_bps: tier.refund_bps,
            fees_refundable: tier.fees_refundable,
            because: Because::Tier,
            until: Some(Self::deadline(*tier, visit.start)),
        });
        let grace = self.grace_until(visit).map(|until| Terms {
            refund_bps: WHOLE_BPS,
            fees_refundable: true,
            because: Because::Grace,
            until: Some(until),
        });
        let holding = tier
            .chain(grace)
            .filter(|terms| terms.until.is_some_and(|until| now <= until));
        // The most generous, and of equals the one that holds longest.
        let best = holding.max_by_key(|terms| (terms.refund_bps, terms.fees_refundable, terms.until));
        let best = best.unwrap_or(Terms {
            refund_bps: 0,
            fees_refundable: false,
            because: Because::TooLate,
            until: None,
        });
        Terms {
            until: best.until.map(|until| until.min(visit.locked_from)),
            ..best
        }
    }

    fn grace_until(&self, visit: Visit) -> Option<Timestamp> {
        let (grace, confirmed_at) = (self.grace?, visit.confirmed_at?);
        let after = plus_minutes(confirmed_at, i64::from(grace.hours_after_confirmation) * 60);
        let before = plus_minutes(visit.start, -i64::from(grace.hours_before_start) * 60);
        Some(after.min(before))
    }

    /// What holds now, and what will hold after that, as long as it can be cancelled.
    #[must_use]
    pub fn timeline(&self, visit: Visit, now: Timestamp, by: Actor) -> Vec<Terms> {
        let next = |terms: &Terms| {
            let after = terms.until?.saturating_add(1.nanosecond()).ok()?;
            (after < visit.locked_from).then(|| self.terms(visit, after, by))
        };
        std::iter::successors(Some(self.terms(visit, now, by)), next).collect()
    }
}

/// How a price that was paid is shared out when the booking is cancelled. The four add up to the price's total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// What comes back to the customer.
    pub refund: Money,
    /// What the vendor gets.
    pub payout: Money,
    /// What the platform keeps.
    pub platform_fee: Money,
    pub tax: Money,
}

impl Shares {
    /// Nothing was paid, so there is nothing to share.
    #[must_use]
    pub const fn none(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            refund: zero,
            payout: zero,
            platform_fee: zero,
            tax: zero,
        }
    }
}

impl Terms {
    /// What becomes of a price that was paid. What is kept of it is shared in proportion, and no unit is lost.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn shares(&self, price: &Price) -> Result<Shares, MoneyError> {
        let service_fee = price.service_fee()?;
        let asked = price.total.minus(service_fee)?;
        let back = |money: Money| charge::part(money, i64::from(self.refund_bps), BASIS_POINTS_WHOLE);
        let fee_back = if self.fees_refundable {
            back(service_fee)?
        } else {
            Money::zero(service_fee.currency())
        };
        let asked_back = back(asked)?;
        let commission = price.platform_fee.minus(service_fee)?;
        let kept = asked.minus(asked_back)?;
        let [payout, commission, tax] = charge::shared_out(kept, [price.payout, commission, price.tax])?;
        Ok(Shares {
            refund: asked_back.plus(fee_back)?,
            payout,
            platform_fee: commission.plus(service_fee.minus(fee_back)?)?,
            tax,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::tests::order;
    use crate::pricing::{Fees, Order, Rates, Tax};
    use crate::time::tests::{at, between};
    use proptest::prelude::*;

    fn visit(confirmed_at: Option<&str>) -> Visit {
        Visit {
            start: at("2027-03-15T12:00Z"),
            locked_from: at("2027-03-15T12:00Z"),
            confirmed_at: confirmed_at.map(at),
        }
    }

    fn eur(amount: i64) -> Money {
        Money::new(amount, "EUR".parse().unwrap())
    }

    /// 99.99 for an hour, and what the platform asks for it.
    fn price(customer_bps: u32) -> Price {
        let order = Order {
            fees: Fees {
                customer_bps,
                vendor_bps: 1_500,
            },
            ..order(between("2027-03-15T12:00Z", "2027-03-15T13:00Z"))
        };
        let tax = Some(Tax {
            bps: 1_900,
            included: true,
        });
        Rates {
            tax,
            ..Rates::flat(eur(9_999))
        }
        .price(&order)
        .unwrap()
    }

    fn back(policy: &Policy, now: &str, by: Actor) -> i64 {
        let terms = policy.terms(visit(None), at(now), by);
        terms.shares(&price(0)).unwrap().refund.amount()
    }

    #[test]
    fn what_is_kept_is_shared_in_proportion() {
        let policy = Policy::preset("flexible").unwrap();
        let shares = |now: &str, customer_bps| {
            let shares = policy
                .terms(visit(None), at(now), Actor::Customer)
                .shares(&price(customer_bps))
                .unwrap();
            let of = [shares.refund, shares.payout, shares.platform_fee, shares.tax];
            of.map(Money::amount)
        };
        // 99.99 has 15.96 of tax in it; the vendor gets 85 % of the rest.
        assert_eq!(shares("2027-03-15T12:00Z", 0), [0, 7_143, 1_260, 1_596]);
        assert_eq!(shares("2027-03-14T12:00Z", 0), [5_000, 3_571, 630, 798]);
        assert_eq!(shares("2027-03-08T12:00Z", 0), [9_999, 0, 0, 0]);
        // A tenth on top of it: back with all of it, and with nothing less.
        assert_eq!(shares("2027-03-15T12:00Z", 1_000), [0, 7_143, 2_260, 1_596]);
        assert_eq!(shares("2027-03-14T12:00Z", 1_000), [5_000, 3_571, 1_630, 798]);
        assert_eq!(shares("2027-03-08T12:00Z", 1_000), [10_999, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn no_unit_of_a_price_is_lost_when_it_is_shared_out(
            amount in 50_i64..1_000_000,
            refund_bps in 0_u32..=10_000,
            fees_refundable: bool,
            customer_bps in 0_u32..3_000,
            currency in prop::sample::select(vec!["EUR", "JPY", "KWD"]),
        ) {
            let terms = Terms { refund_bps, fees_refundable, because: Because::Tier, until: None };
            let order = Order {
                fees: Fees { customer_bps, vendor_bps: 1_500 },
                ..order(between("2027-03-15T12:00Z", "2027-03-15T13:00Z"))
            };
            let rates = Rates {
                tax: Some(Tax { bps: 1_900, included: false }),
                ..Rates::flat(Money::new(amount, currency.parse().unwrap()))
            };
            let Ok(price) = rates.price(&order) else { return Ok(()) };
            let shares = terms.shares(&price).unwrap();
            let parts = [shares.refund, shares.payout, shares.platform_fee, shares.tax];
            let unit = charge::unit(price.total.currency());
            prop_assert!(parts.iter().all(|part| part.amount() >= 0 && part.amount() % unit == 0), "{:?}", shares);
            prop_assert_eq!(parts.iter().map(|part| part.amount()).sum::<i64>(), price.total.amount());
        }
    }

    #[test]
    fn a_tier_holds_up_to_and_with_its_deadline() {
        let policy = Policy::preset("flexible").unwrap();
        assert_eq!(back(&policy, "2027-03-08T12:00Z", Actor::Customer), 9_999);
        assert_eq!(back(&policy, "2027-03-08T12:00:00.001Z", Actor::Customer), 5_000);
        assert_eq!(back(&policy, "2027-03-14T12:00Z", Actor::Customer), 5_000);
        assert_eq!(back(&policy, "2027-03-14T12:00:01Z", Actor::Customer), 0);
    }

    #[test]
    fn a_customer_who_is_let_down_gets_all_of_it_back() {
        let strict = Policy::preset("standard_90_day").unwrap();
        for by in [Actor::Vendor, Actor::Admin, Actor::System] {
            assert_eq!(back(&strict, "2027-03-15T11:00Z", by), 9_999);
        }
    }

    #[test]
    fn presets_go_by_their_names() {
        for name in Policy::presets() {
            let policy = Policy::preset(name).unwrap();
            assert_eq!(policy.name.as_str(), name);
            let falls = |pair: &[Tier]| {
                pair[0].hours_before > pair[1].hours_before && pair[0].refund_bps > pair[1].refund_bps
            };
            assert!(policy.tiers.windows(2).all(falls), "{name}");
        }
        assert_eq!(Policy::preset("lenient"), None);
    }

    #[test]
    fn all_of_it_comes_back_a_day_from_the_confirmation_if_that_is_two_days_before_the_start() {
        let policy = Policy::preset("standard_90_day").unwrap();
        let at_instant =
            |confirmed: &str, now: &str| policy.terms(visit(Some(confirmed)), at(now), Actor::Customer);
        let early = at_instant("2027-03-10T12:00Z", "2027-03-11T12:00Z");
        assert_eq!((early.refund_bps, early.because), (10_000, Because::Grace));
        assert_eq!(early.until, Some(at("2027-03-11T12:00Z")));
        let late = at_instant("2027-03-10T12:00Z", "2027-03-11T12:00:00.001Z");
        assert_eq!(
            (late.refund_bps, late.because, late.until),
            (0, Because::TooLate, None)
        );
        // Confirmed two and a half days before the start: the grace ends two days before it.
        let short = at_instant("2027-03-13T00:00Z", "2027-03-13T12:00Z");
        assert_eq!(short.until, Some(at("2027-03-13T12:00Z")));
        assert_eq!(
            at_instant("2027-03-13T00:00Z", "2027-03-13T12:00:01Z").refund_bps,
            0
        );
    }

    #[test]
    fn a_timeline_tells_what_each_hour_brings() {
        let policy = Policy::preset("standard_30_day").unwrap();
        let steps = |now: &str| -> Vec<(u32, Option<String>)> {
            let terms = policy.timeline(visit(Some("2027-03-01T12:00Z")), at(now), Actor::Customer);
            terms
                .iter()
                .map(|t| (t.refund_bps, t.until.map(|u| u.to_string())))
                .collect()
        };
        let until = |text: &str| Some(text.to_owned());
        assert_eq!(
            steps("2027-03-01T12:00Z"),
            [
                (10_000, until("2027-03-02T12:00:00Z")),
                (5_000, until("2027-03-08T12:00:00Z")),
                (0, None)
            ]
        );
        assert_eq!(steps("2027-03-08T12:00:00.5Z"), [(0, None)]);
        // Nothing is said of a time at which it can no longer be cancelled.
        let locked = |locked_from: &str, now: &str| -> Vec<(u32, Option<Timestamp>)> {
            let visit = Visit {
                locked_from: at(locked_from),
                ..visit(None)
            };
            let terms = policy.timeline(visit, at(now), Actor::Customer);
            terms.iter().map(|t| (t.refund_bps, t.until)).collect()
        };
        let now = "2027-03-01T12:00Z";
        let tier = (5_000, Some(at("2027-03-08T12:00Z")));
        assert_eq!(locked("2027-03-08T12:00Z", now), [tier]);
        assert_eq!(locked("2027-03-08T12:00:01Z", now), [tier, (0, None)]);
        let earlier = at("2027-03-05T12:00Z");
        assert_eq!(locked("2027-03-05T12:00Z", now), [(5_000, Some(earlier))]);
        let let_down = policy.timeline(visit(None), at("2027-03-15T11:00Z"), Actor::Vendor);
        assert_eq!(let_down.len(), 1);
    }
}
