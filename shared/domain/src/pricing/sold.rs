//! Which of many times can be sold, without pricing each of them.
//!
//! All of the time is cut once, wherever a rule begins or ceases to hold, and each piece gets what an hour of it costs
//! at least and at most: not the same where a rule asks how soon or how long a booking is. From these sums follows for
//! nearly every time that its total can be charged, or cannot; the others are priced.

use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::price::cut;
use super::{DiscountKind, Fees, Order, RateRule, Rates, TIME_LINES_MAX, TIME_STEPS_MAX};
use crate::availability::{DURATION_MINUTES_MAX, Rules};
use crate::charge;
use crate::money::BASIS_POINTS_WHOLE;
use crate::spans::Spans;
use crate::time::Interval;

const HOUR_SECONDS: i128 = 3_600;
const WHOLE: i128 = BASIS_POINTS_WHOLE as i128;
/// A line of a price and its tax are each rounded, by half of what can be charged at most; tax and fee make the one half
/// as large again, and the other less than twice as large.
const ROUNDING: i128 = 3;
/// Lines that are not for time: the minimum, the cleaning, three discounts and the fee.
const OTHER_LINES: i128 = 6;

impl Rates {
    /// Those of the times that somebody who is not known would be quoted a price for, with nothing besides: the same as
    /// pricing each of them. The caller has seen to it that they lie in a window of some length.
    #[must_use]
    pub fn sold(
        &self,
        mut times: Vec<Interval>,
        guests: u32,
        space: &Rules,
        now: Timestamp,
    ) -> Vec<Interval> {
        let outlook = Outlook::new(self, &times, guests, space);
        let has_price = |time| self.price(&Order::plain(time, guests, space, now)).is_ok();
        times.retain(|time| {
            let known = outlook.as_ref().and_then(|outlook| outlook.is_sold(*time));
            known.unwrap_or_else(|| has_price(*time))
        });
        times
    }
}

/// What time costs at least and at most, and what can be made of it.
pub(super) struct Outlook {
    pieces: Vec<Piece>,
    /// What can be charged.
    limits: RangeInclusive<i128>,
    /// Of the time, what discounts leave at least, in basis points.
    left: i128,
    /// Of all that is asked, what it is at most with a tax on top and a fee, in basis points.
    raised: i128,
    /// Once a booking.
    cleaning: i128,
    minimum: i128,
    unit: i128,
}

/// A stretch for which the same rules may hold.
struct Piece {
    /// Seconds since 1970.
    start: i64,
    /// An hour of it.
    least: i128,
    most: i128,
    rules: usize,
    /// Sums over all pieces before it; of amounts by the second.
    least_before: i128,
    most_before: i128,
    rules_before: usize,
}

impl Outlook {
    /// Nothing where rates make no sense, amounts are too large to be reckoned with or times are not in whole minutes.
    pub(super) fn new(rates: &Rates, times: &[Interval], guests: u32, space: &Rules) -> Option<Self> {
        if !rates.problems().is_empty() {
            return None;
        }
        let all = times.iter().copied().reduce(Interval::through)?;
        let currency = rates.price_per_hour.currency();
        let amount = |money: Option<crate::money::Money>| money.map_or(0, |money| i128::from(money.amount()));
        let on_top = rates.tax.filter(|tax| !tax.included).map_or(0, |tax| tax.bps);
        let least_and_most = charge::limits(currency);
        Some(Self {
            pieces: pieces(rates, all, guests, space)?,
            limits: i128::from(*least_and_most.start())..=i128::from(*least_and_most.end()),
            left: (WHOLE - i128::from(rates.off_bps_max())).max(0),
            raised: WHOLE + i128::from(on_top) + i128::from(Fees::STANDARD.customer_bps),
            cleaning: amount(rates.cleaning_fee),
            minimum: amount(rates.minimum_spend),
            unit: i128::from(charge::unit(currency)),
        })
    }

    /// Whether a time among those that it was made for is sold; nothing where only the price itself can tell.
    pub(super) fn is_sold(&self, time: Interval) -> Option<bool> {
        let (from, to) = (whole_minute(time.start())?, whole_minute(time.end())?);
        let begin = self
            .pieces
            .partition_point(|piece| piece.start <= from)
            .checked_sub(1)?;
        let end = self
            .pieces
            .partition_point(|piece| piece.start < to)
            .checked_sub(1)?;
        let (first, last) = (self.pieces.get(begin)?, self.pieces.get(end)?);
        // Pieces for which the same rules hold share a line, so there may be fewer.
        let lines = end.checked_sub(begin)? + 1;
        let steps = last.rules_before + last.rules - first.rules_before;
        let too_long = time.minutes() > i64::from(DURATION_MINUTES_MAX);
        if lines > TIME_LINES_MAX || steps > TIME_STEPS_MAX || too_long {
            return None;
        }
        let least = (last.least_until(to) - first.least_until(from)).div_euclid(HOUR_SECONDS);
        let most = (last.most_until(to) - first.most_until(from)).div_euclid(HOUR_SECONDS) + 1;
        let rounding = ROUNDING * self.unit * (i128::try_from(lines).ok()? + OTHER_LINES);
        let least = (least * self.left).div_euclid(WHOLE) + self.cleaning - rounding;
        let most = ((most + self.minimum + self.cleaning) * self.raised).div_euclid(WHOLE) + 1 + rounding;
        if self.limits.contains(&least) && self.limits.contains(&most) {
            Some(true)
        } else if most < *self.limits.start() || least > *self.limits.end() {
            Some(false)
        } else {
            None
        }
    }
}

impl Piece {
    fn least_until(&self, second: i64) -> i128 {
        self.least_before + self.least * i128::from(second - self.start)
    }

    fn most_until(&self, second: i64) -> i128 {
        self.most_before + self.most * i128::from(second - self.start)
    }
}

fn pieces(rates: &Rates, all: Interval, guests: u32, space: &Rules) -> Option<Vec<Piece>> {
    let takes = |rule: &&RateRule| {
        rule.when
            .guests
            .is_none_or(|bounds| bounds.holds(i64::from(guests)))
    };
    let parts = rates.rules.iter().filter(takes);
    let mut parts: Vec<(&RateRule, Spans)> = parts.map(|rule| (rule, rule.when.within(all, space))).collect();
    parts.sort_by_key(|(rule, _)| rule.priority);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut least_before, mut most_before, mut rules_before) = (0, 0, 0);
    for piece in cut(all, parts.iter().map(|(_, part)| part)) {
        let (mut least, mut most) = (rates.price_per_hour, rates.price_per_hour);
        let mut rules = 0;
        for (rule, _) in parts.iter().filter(|(_, part)| part.covers(piece)) {
            // The dearer hour stays the dearer one, whatever the rule does.
            let changed = (rule.effect.apply(least).ok()?, rule.effect.apply(most).ok()?);
            let may_not_hold = rule.when.lead_minutes.is_some() || rule.when.minutes.is_some();
            if !may_not_hold || changed.0.amount() < least.amount() {
                least = changed.0;
            }
            if !may_not_hold || changed.1.amount() > most.amount() {
                most = changed.1;
            }
            rules += 1;
        }
        let next = Piece {
            start: whole_minute(piece.start())?,
            least: least.amount().into(),
            most: most.amount().into(),
            rules,
            least_before,
            most_before,
            rules_before,
        };
        let end = whole_minute(piece.end())?;
        (least_before, most_before) = (next.least_until(end), next.most_until(end));
        rules_before += rules;
        pieces.push(next);
    }
    Some(pieces)
}

/// Seconds since 1970; nothing between two minutes.
fn whole_minute(at: Timestamp) -> Option<i64> {
    let second = at.as_second();
    (at.subsec_nanosecond() == 0 && second % 60 == 0).then_some(second)
}

impl Rates {
    /// What all discounts that may come together take off at most: of each kind one.
    fn off_bps_max(&self) -> u32 {
        let largest = |is_such: fn(DiscountKind) -> bool| {
            let such = self.discounts.iter().filter(|discount| is_such(discount.kind));
            such.map(|discount| discount.bps).max().unwrap_or(0)
        };
        // Nobody who is not known gets one for a first booking.
        largest(|kind| matches!(kind, DiscountKind::LongDuration { .. }))
            + largest(|kind| matches!(kind, DiscountKind::EarlyBird { .. }))
            + largest(|kind| matches!(kind, DiscountKind::LastMinute { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::{Hours, MINUTES_PER_DAY};
    use crate::money::Money;
    use crate::pricing::{Bounds, Discount, Effect, PRICE_AMOUNT_MAX, RATE_RULES_MAX, Tax, When};
    use crate::text::Label;
    use crate::time::tests::{at, between};
    use crate::time::{plus_minutes, plus_seconds};

    fn eur(amount: i64) -> Money {
        Money::new(amount, "EUR".parse().unwrap())
    }

    fn space() -> Rules {
        Rules::closed("Europe/Berlin".parse().unwrap())
    }

    /// So long, from so many minutes after the beginning of a week.
    fn lasting(start: i64, minutes: i64) -> Interval {
        let start = plus_minutes(at("2027-03-01T00:00Z"), start);
        Interval::new(start, plus_minutes(start, minutes)).unwrap()
    }

    fn known(rates: &Rates, time: Interval) -> Option<bool> {
        Outlook::new(rates, &[time], 1, &space())?.is_sold(time)
    }

    fn is_priced(rates: &Rates, time: Interval) -> bool {
        let (space, now) = (space(), at("2027-02-01T00:00Z"));
        let has_price = rates.price(&Order::plain(time, 1, &space, now)).is_ok();
        assert_eq!(rates.sold(vec![time], 1, &space, now) == [time], has_price);
        has_price
    }

    /// Each begins and ends by its own hour, so that there are as many rates as may be.
    fn ever_changing() -> Rates {
        let rule = |n: usize| {
            let from = u32::try_from(n).unwrap() * 10;
            crate::pricing::RateRule {
                name: Label::parse(&format!("Step {n}")).unwrap(),
                priority: 0,
                when: When {
                    hours: Some(Hours {
                        open_minute: from,
                        close_minute: MINUTES_PER_DAY - from,
                    }),
                    ..When::default()
                },
                effect: Effect::Add(eur(100)),
            }
        };
        Rates {
            rules: (0..RATE_RULES_MAX).map(rule).collect(),
            ..Rates::flat(eur(5_000))
        }
    }

    #[test]
    fn what_costs_far_more_or_far_less_than_can_be_charged_is_known() {
        let hour = lasting(600, 60);
        assert_eq!(known(&Rates::flat(eur(5_000)), hour), Some(true));
        assert_eq!(known(&Rates::flat(eur(1)), hour), Some(false));
        let dearest = Rates::flat(eur(PRICE_AMOUNT_MAX));
        assert_eq!(known(&dearest, lasting(0, 600)), None);
        assert_eq!(known(&dearest, lasting(0, 6_000)), Some(false));
        // At the least that can be charged only the price itself tells.
        for (amount, has_price) in [(49, false), (50, true)] {
            let rates = Rates::flat(eur(amount));
            assert_eq!((known(&rates, hour), is_priced(&rates, hour)), (None, has_price));
        }
    }

    /// Up to which price of an hour it is known not to be sold, and from which on it is known to be sold.
    fn known_up_to_and_from(rates: impl Fn(Money) -> Rates, time: Interval) -> (i64, i64) {
        // Among others, as on a page of slots.
        let times = [lasting(0, 60), time];
        let known = |amount: i64| Outlook::new(&rates(eur(amount)), &times, 1, &space())?.is_sold(time);
        let known: Vec<_> = (0..400).map(known).collect();
        let up_to = known.iter().take_while(|known| **known == Some(false)).count();
        let from = known.iter().rposition(|known| *known != Some(true)).unwrap() + 1;
        assert!(known[up_to..from].iter().all(Option::is_none), "{known:?}");
        (i64::try_from(up_to).unwrap() - 1, i64::try_from(from).unwrap())
    }

    /// The least that can be charged is 50. A line is off by 3 at most, and there are six besides those for time.
    #[test]
    fn no_more_is_priced_than_rounding_leaves_in_doubt() {
        let hour = lasting(600, 60);
        // One line: 21 to either side, and two more where sums are rounded up.
        assert_eq!(known_up_to_and_from(Rates::flat, hour), (26, 71));
        assert_eq!(known_up_to_and_from(Rates::flat, lasting(600, 30)), (53, 142));
        let with = |change: fn(&mut Rates)| {
            let rates = move |price| {
                let mut rates = Rates::flat(price);
                change(&mut rates);
                rates
            };
            known_up_to_and_from(rates, hour)
        };
        assert_eq!(with(|rates| rates.cleaning_fee = Some(eur(10))), (16, 61));
        assert_eq!(with(|rates| rates.minimum_spend = Some(eur(10))), (16, 71));
        let fifth = Some(Tax {
            bps: 2_000,
            included: false,
        });
        assert_eq!(
            known_up_to_and_from(
                |price| Rates {
                    tax: fifth,
                    ..Rates::flat(price)
                },
                hour
            ),
            (22, 71)
        );
        let half = || Discount {
            kind: DiscountKind::LongDuration { minutes_min: 1 },
            bps: 5_000,
        };
        let halved = |price| Rates {
            discounts: vec![half()],
            ..Rates::flat(price)
        };
        assert_eq!(known_up_to_and_from(halved, hour), (26, 142));
    }

    fn with_rule(when: When, more: i64) -> impl Fn(Money) -> Rates {
        move |price| Rates {
            rules: vec![RateRule {
                name: Label::parse("Rule").unwrap(),
                priority: 0,
                when: when.clone(),
                effect: Effect::Add(eur(more)),
            }],
            ..Rates::flat(price)
        }
    }

    #[test]
    fn time_that_is_cut_by_a_rule_is_the_sum_of_its_parts() {
        // From eleven on by the clocks of Berlin.
        let late = When {
            hours: Some(Hours {
                open_minute: 660,
                close_minute: MINUTES_PER_DAY,
            }),
            ..When::default()
        };
        // Half of it costs 10 more an hour, and a line more is rounded.
        assert_eq!(
            known_up_to_and_from(with_rule(late, 10), lasting(570, 60)),
            (18, 69)
        );
    }

    #[test]
    fn a_rule_that_may_not_hold_makes_time_dearer_or_cheaper_at_most() {
        let soon = When {
            lead_minutes: Some(Bounds {
                min: None,
                max: Some(60),
            }),
            ..When::default()
        };
        let hour = lasting(600, 60);
        assert_eq!(known_up_to_and_from(with_rule(soon.clone(), 10), hour), (16, 71));
        assert_eq!(known_up_to_and_from(with_rule(soon, -10), hour), (26, 81));
        assert_eq!(
            known_up_to_and_from(with_rule(When::default(), 10), hour),
            (16, 61)
        );
    }

    #[test]
    fn what_has_too_many_rates_or_is_too_long_is_not_taken_for_sold() {
        let rates = ever_changing();
        assert_eq!(known(&rates, lasting(600, 60)), Some(true));
        let day = lasting(0, 1_440);
        assert_eq!((known(&rates, day), is_priced(&rates, day)), (None, false));
        let longest = i64::from(DURATION_MINUTES_MAX);
        let flat = Rates::flat(eur(5_000));
        for (minutes, has_price) in [(longest, true), (longest + 1, false)] {
            let time = lasting(0, minutes);
            assert_eq!(known(&flat, time), has_price.then_some(true));
            assert_eq!(is_priced(&flat, time), has_price);
        }
    }

    #[test]
    fn what_cannot_be_reckoned_with_is_priced() {
        let hour = between("2027-03-01T10:00Z", "2027-03-01T11:00Z");
        let odd = Interval::new(plus_seconds(hour.start(), 1), hour.end()).unwrap();
        let flat = Rates::flat(eur(5_000));
        assert_eq!((known(&flat, odd), is_priced(&flat, odd)), (None, true));
        let senseless = Rates {
            cleaning_fee: Some(eur(-1)),
            ..flat
        };
        assert!(Outlook::new(&senseless, &[hour], 1, &space()).is_none());
        assert!(is_priced(&senseless, hour));
        assert!(Outlook::new(&ever_changing(), &[], 1, &space()).is_none());
    }
}
