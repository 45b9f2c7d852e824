//! What is wrong with rates that make no sense.

use std::collections::BTreeSet;

use super::{
    ADD_ON_QUANTITY_MAX, ADD_ONS_MAX, Bounds, DISCOUNTS_MAX, Effect, PRICE_AMOUNT_MAX, RATE_RULE_BPS_MAX,
    RATE_RULES_MAX, RateRule, Rates, TAX_BPS_MAX,
};
use crate::availability::{Findings, RuleProblem, is_weekday};
use crate::money::{BASIS_POINTS_WHOLE, Money};

impl Rates {
    /// Everything that is wrong with them; nothing when they can be used.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut findings = Findings::default();
        self.check_amounts(&mut findings);
        self.check_rules(&mut findings);
        self.check_add_ons(&mut findings);
        self.check_discounts(&mut findings);
        findings.into_problems()
    }

    fn check_amounts(&self, findings: &mut Findings) {
        let mut amount = |field, money: Option<Money>| {
            findings.require(
                money.is_none_or(|m| self.is_ours(m)),
                field,
                "must be in the currency of price_per_hour",
            );
            findings.require(
                money.is_none_or(|m| (0..=PRICE_AMOUNT_MAX).contains(&m.amount())),
                field,
                "must be 0 to 10000000 minor units",
            );
        };
        amount("price_per_hour", Some(self.price_per_hour));
        amount("minimum_spend", self.minimum_spend);
        amount("cleaning_fee", self.cleaning_fee);
        amount("floor_per_hour", self.floor_per_hour);
        amount("deposit", self.deposit);
        findings.require(
            self.tax.is_none_or(|tax| tax.bps <= TAX_BPS_MAX),
            "tax",
            "must be at most 5000 basis points",
        );
    }

    fn check_rules(&self, findings: &mut Findings) {
        let field = "rules";
        findings.require(self.rules.len() <= RATE_RULES_MAX, field, "at most 50 rules");
        let names: BTreeSet<_> = self.rules.iter().map(|rule| &rule.name).collect();
        findings.require(
            names.len() == self.rules.len(),
            field,
            "rules need different names",
        );
        let effect = |rule: &RateRule| match rule.effect {
            Effect::Set(money) => self.is_ours(money) && (0..=PRICE_AMOUNT_MAX).contains(&money.amount()),
            Effect::Add(money) => {
                let limits = -PRICE_AMOUNT_MAX..=PRICE_AMOUNT_MAX;
                self.is_ours(money) && limits.contains(&money.amount())
            }
            Effect::Percent(bps) => (-10_000..=RATE_RULE_BPS_MAX).contains(&bps),
        };
        findings.require(
            self.rules.iter().all(effect),
            field,
            "a rule sets a price or adds to it, at most 10000000 minor units of the currency of price_per_hour, or changes it by -10000 to 90000 basis points",
        );
        findings.require(
            self.rules.iter().all(|rule| rule.when.makes_sense()),
            field,
            "a rule's weekdays are 1 (Monday) to 7, each once, its hours begin before minute 1440 and end up to 24 hours later, and nothing ends before it begins",
        );
    }

    fn check_add_ons(&self, findings: &mut Findings) {
        let field = "add_ons";
        let add_ons = || self.add_ons.iter();
        findings.require(add_ons().len() <= ADD_ONS_MAX, field, "at most 50 add-ons");
        let names: BTreeSet<_> = add_ons().map(|add_on| &add_on.name).collect();
        findings.require(
            names.len() == add_ons().len(),
            field,
            "add-ons need different names",
        );
        findings.require(
            add_ons().all(|a| self.is_ours(a.price) && (0..=PRICE_AMOUNT_MAX).contains(&a.price.amount())),
            field,
            "an add-on costs 0 to 10000000 minor units of the currency of price_per_hour",
        );
        findings.require(
            add_ons().all(|a| (1..=ADD_ON_QUANTITY_MAX).contains(&a.quantity_max)),
            field,
            "an add-on's quantity_max must be 1 to 10000",
        );
        findings.require(
            add_ons().all(|a| a.tax.is_none_or(|tax| tax.bps <= TAX_BPS_MAX)),
            field,
            "an add-on's tax must be at most 5000 basis points",
        );
    }

    fn check_discounts(&self, findings: &mut Findings) {
        let field = "discounts";
        findings.require(
            self.discounts.len() <= DISCOUNTS_MAX,
            field,
            "at most 20 discounts",
        );
        let share = |bps: u32| (1..=BASIS_POINTS_WHOLE).contains(&i64::from(bps));
        findings.require(
            self.discounts.iter().all(|discount| share(discount.bps)),
            field,
            "a discount must be 1 to 10000 basis points",
        );
    }

    fn is_ours(&self, money: Money) -> bool {
        money.currency() == self.price_per_hour.currency()
    }
}

impl super::When {
    fn makes_sense(&self) -> bool {
        let bounds = |bounds: Option<Bounds>| {
            let ends = bounds.and_then(|bounds| bounds.min.zip(bounds.max));
            ends.is_none_or(|(min, max)| min <= max)
        };
        let weekdays: BTreeSet<u8> = self.weekdays.iter().copied().collect();
        self.weekdays.iter().all(is_weekday)
            && weekdays.len() == self.weekdays.len()
            && self.hours.is_none_or(crate::availability::Hours::make_sense)
            && self.dates.is_none_or(|dates| dates.from <= dates.to)
            && bounds(self.lead_minutes)
            && bounds(self.minutes)
            && bounds(self.guests)
    }
}
