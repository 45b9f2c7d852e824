//! The price itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::discount::that_count;
use super::rule::Visit;
use super::{
    AddOn, Claim, DiscountKind, Effect, Fees, Per, Promo, PromoCode, PromoEffect, PromoObstacle, RateRule,
    Rates, TIME_LINES_MAX, TIME_STEPS_MAX, Tax,
};
use crate::Refusal;
use crate::availability::{DURATION_MINUTES_MAX, Rules};
use crate::charge;
use crate::id::{UserId, VendorId};
use crate::money::{BASIS_POINTS_WHOLE, Money, MoneyError};
use crate::spans::Spans;
use crate::text::Label;
use crate::time::Interval;

/// What is to be paid for.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub interval: Interval,
    pub guests: u32,
    pub add_ons: &'a [Chosen],
    /// A code that holds ([`Promo::check`]).
    pub promo: Option<&'a Promo>,
    /// What the vendor takes off for this customer.
    pub special_offer: Option<Money>,
    /// Whether the customer is known never to have had a booking with the vendor.
    pub first_booking: bool,
    /// The space's rules, for its zone and its seasons.
    pub space: &'a Rules,
    pub fees: Fees,
    pub now: Timestamp,
}

impl<'a> Order<'a> {
    /// Of somebody who is not known, with nothing besides the time.
    #[must_use]
    pub const fn plain(interval: Interval, guests: u32, space: &'a Rules, now: Timestamp) -> Self {
        Self {
            interval,
            guests,
            add_ons: &[],
            promo: None,
            special_offer: None,
            first_booking: false,
            space,
            fees: Fees::STANDARD,
            now,
        }
    }
}

/// An add-on by its name, and how many of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub name: Label,
    pub quantity: u32,
}

/// What a price was made for besides the time and the guests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wishes {
    pub add_ons: Vec<Chosen>,
    pub promo_code: Option<PromoCode>,
    /// Whether it is the price of a first booking.
    pub first_booking: bool,
}

/// What a line of a price is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Time in the space at one rate.
    Space {
        /// Elapsed minutes.
        minutes: u32,
        price_per_hour: Money,
        /// Where the first of it begins and the last of it ends.
        interval: Interval,
        /// In how many stretches it comes.
        stretches: u32,
        /// How the rate came about from the base.
        base: Money,
        steps: Vec<Step>,
    },
    /// What the time lacks to the minimum.
    MinimumSpend {
        minimum: Money,
    },
    AddOn {
        name: Label,
        price: Money,
        per: Per,
        quantity: u32,
    },
    CleaningFee,
    Discount {
        reason: DiscountKind,
        bps: u32,
        /// Whether it would have been more but for the floor.
        floored: bool,
    },
    PromoCode {
        code: PromoCode,
        effect: PromoEffect,
        floored: bool,
        /// The code's own limits when the price was made.
        uses_max: Option<u32>,
        uses_per_customer_max: Option<u32>,
    },
    /// What the vendor took off for this customer, as far below the floor as they like.
    SpecialOffer,
    /// What the platform asks of the customer.
    ServiceFee {
        bps: u32,
    },
}

/// What a rule made of the price of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub rule: Label,
    pub effect: Effect,
    pub price_per_hour: Money,
}

/// One line of a price. Discounts are below zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub item: Item,
    /// Without a tax that comes on top.
    pub amount: Money,
    pub tax: Option<LineTax>,
}

/// The tax of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTax {
    pub tax: Tax,
    /// In the line's amount, or on top of it.
    pub amount: Money,
}

/// Lines and what they come to: `total = payout + platform_fee + tax`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub lines: Vec<Line>,
    /// What the customer pays.
    pub total: Money,
    /// Of the total, in or on top of the lines.
    pub tax: Money,
    /// Of the total, what the platform keeps.
    pub platform_fee: Money,
    /// Of the total, what the vendor gets.
    pub payout: Money,
    /// Kept safe besides, and given back.
    pub deposit: Option<Money>,
    pub fees: Fees,
    /// Of the rates that it was computed from.
    pub rates_version: u64,
}

impl Line {
    fn new(item: Item, amount: Money, tax: Option<Tax>) -> Result<Self, MoneyError> {
        let tax = tax.map(|tax| {
            let (numerator, denominator) = tax.share();
            let amount = charge::part(amount, numerator, denominator)?;
            Ok(LineTax { tax, amount })
        });
        Ok(Self {
            item,
            amount,
            tax: tax.transpose()?,
        })
    }

    /// What it adds to the total.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn gross(&self) -> Result<Money, MoneyError> {
        match self.tax {
            Some(LineTax { tax, amount }) if !tax.included => self.amount.plus(amount),
            Some(_) | None => Ok(self.amount),
        }
    }

    const fn is_the_platforms(&self) -> bool {
        matches!(self.item, Item::ServiceFee { .. })
    }
}

impl Price {
    /// Nothing is charged here.
    #[must_use]
    pub const fn nothing(zero: Money) -> Self {
        Self {
            lines: Vec::new(),
            total: zero,
            tax: zero,
            platform_fee: zero,
            payout: zero,
            deposit: None,
            fees: Fees::STANDARD,
            rates_version: 0,
        }
    }

    /// What the platform asked of the customer.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn service_fee(&self) -> Result<Money, MoneyError> {
        let fee = self.lines.iter().filter(|line| line.is_the_platforms());
        sum(self.total, fee.map(Line::gross))
    }

    /// What was asked for besides the time, so that another time can be priced alike.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        let mut wishes = Wishes::default();
        for line in &self.lines {
            match &line.item {
                Item::AddOn { name, quantity, .. } => wishes.add_ons.push(Chosen {
                    name: name.clone(),
                    quantity: *quantity,
                }),
                Item::PromoCode { code, .. } => wishes.promo_code = Some(code.clone()),
                Item::Discount {
                    reason: DiscountKind::FirstBooking,
                    ..
                } => wishes.first_booking = true,
                Item::Discount { .. }
                | Item::Space { .. }
                | Item::MinimumSpend { .. }
                | Item::CleaningFee
                | Item::SpecialOffer
                | Item::ServiceFee { .. } => {}
            }
        }
        wishes
    }

    /// What it takes of which there is only so much, when this customer books with this vendor.
    #[must_use]
    pub fn claims(&self, vendor: VendorId, customer: UserId) -> Vec<Claim> {
        let of_line = |line: &Line| match &line.item {
            Item::PromoCode {
                code,
                uses_max,
                uses_per_customer_max,
                ..
            } => Claim::of_promo(vendor, code, customer, *uses_max, *uses_per_customer_max),
            Item::Discount {
                reason: DiscountKind::FirstBooking,
                ..
            } => vec![Claim::first_booking(vendor, customer)],
            Item::Discount { .. }
            | Item::Space { .. }
            | Item::MinimumSpend { .. }
            | Item::AddOn { .. }
            | Item::CleaningFee
            | Item::SpecialOffer
            | Item::ServiceFee { .. } => Vec::new(),
        };
        self.lines.iter().flat_map(of_line).collect()
    }
}

fn sum(
    like: Money,
    mut amounts: impl Iterator<Item = Result<Money, MoneyError>>,
) -> Result<Money, MoneyError> {
    amounts.try_fold(Money::zero(like.currency()), |sum, amount| sum.plus(amount?))
}

fn taxes(like: Money, lines: &[Line]) -> Result<Money, MoneyError> {
    let taxed = lines.iter().filter_map(|line| line.tax);
    sum(like, taxed.map(|tax| Ok(tax.amount)))
}

impl Rates {
    /// What an order costs.
    ///
    /// # Errors
    /// [`Refusal::AddOn`] for one that is not offered, or not so often; [`Refusal::Promo`] for a code that would
    /// take nothing off; [`Refusal::SpecialOffer`] for more than is left of the time; [`Refusal::MaxDuration`];
    /// [`Refusal::TooManyRates`]; [`Refusal::Amount`], [`Refusal::AmountTooSmall`] for what cannot be charged.
    pub fn price(&self, order: &Order<'_>) -> Result<Price, Refusal> {
        if order.interval.minutes() > i64::from(DURATION_MINUTES_MAX) {
            return Err(Refusal::MaxDuration {
                max_minutes: DURATION_MINUTES_MAX,
            });
        }
        let paid_time = self.time(order)?;
        let time = sum(self.price_per_hour, paid_time.iter().map(|line| Ok(line.amount)))?;
        let mut lines = paid_time.clone();
        lines.extend(self.lacking(time)?);
        lines.extend(self.chosen(order)?);
        if let Some(fee) = self.cleaning_fee {
            lines.push(Line::new(Item::CleaningFee, charge::part(fee, 1, 1)?, self.tax)?);
        }
        let spend = sum(time, lines.iter().map(|line| Ok(line.amount)))?;
        let discounts = self.discounted(order, &paid_time, time, spend)?;
        lines.extend(discounts);
        let asked = sum(time, lines.iter().map(|line| Ok(line.amount)))?;
        if order.fees.customer_bps > 0 {
            let bps = order.fees.customer_bps;
            let fee = charge::part(asked, i64::from(bps), BASIS_POINTS_WHOLE)?;
            lines.push(Line::new(Item::ServiceFee { bps }, fee, None)?);
        }
        self.total(lines, order.fees)
    }

    fn total(&self, lines: Vec<Line>, fees: Fees) -> Result<Price, Refusal> {
        let zero = Money::zero(self.price_per_hour.currency());
        let total = sum(zero, lines.iter().map(Line::gross))?;
        let tax = taxes(zero, &lines)?;
        let asked = lines.iter().filter(|line| !line.is_the_platforms());
        let untaxed = |line: &Line| line.gross()?.minus(line.tax.map_or(zero, |tax| tax.amount));
        let net = sum(zero, asked.map(untaxed))?;
        let commission = charge::part(net, i64::from(fees.vendor_bps), BASIS_POINTS_WHOLE)?;
        let payout = net.minus(commission)?;
        charge::check(total)?;
        Ok(Price {
            platform_fee: total.minus(tax)?.minus(payout)?,
            lines,
            total,
            tax,
            payout,
            deposit: self.deposit.map(|money| charge::part(money, 1, 1)).transpose()?,
            fees,
            rates_version: self.version,
        })
    }

    /// The time, a line for each rate in the order in which they come first.
    fn time(&self, order: &Order<'_>) -> Result<Vec<Line>, Refusal> {
        let visit = order.visit();
        let mut rules: Vec<(&RateRule, Spans)> = self
            .rules
            .iter()
            .map(|rule| (rule, rule.when.part_of(visit, order.space)))
            .filter(|(_, part)| !part.as_slice().is_empty())
            .collect();
        // Stable: of equal ones those that stand first come first.
        rules.sort_by_key(|(rule, _)| rule.priority);
        let mut at_a_rate: BTreeMap<Vec<bool>, Stretches> = BTreeMap::new();
        let mut steps = 0;
        for piece in cut(order.interval, rules.iter().map(|(_, part)| part)) {
            let holding: Vec<bool> = rules.iter().map(|(_, part)| part.covers(piece)).collect();
            if let Some(stretches) = at_a_rate.get_mut(&holding) {
                stretches.add(piece);
                continue;
            }
            steps += holding.iter().filter(|holds| **holds).count();
            at_a_rate.insert(holding, Stretches::new(piece));
            if at_a_rate.len() > TIME_LINES_MAX || steps > TIME_STEPS_MAX {
                return Err(Refusal::TooManyRates);
            }
        }
        let mut at_a_rate: Vec<_> = at_a_rate.into_iter().collect();
        at_a_rate.sort_by_key(|(_, stretches)| stretches.whole.start());
        at_a_rate
            .into_iter()
            .map(|(holding, stretches)| {
                let holding = rules.iter().zip(holding).filter(|(_, holds)| *holds);
                self.time_line(holding.map(|((rule, _), _)| *rule), stretches)
            })
            .collect()
    }

    fn time_line<'r>(
        &self,
        holding: impl Iterator<Item = &'r RateRule>,
        stretches: Stretches,
    ) -> Result<Line, Refusal> {
        let mut price_per_hour = self.price_per_hour;
        let mut steps = Vec::new();
        for rule in holding {
            price_per_hour = rule.effect.apply(price_per_hour)?;
            steps.push(Step {
                rule: rule.name.clone(),
                effect: rule.effect,
                price_per_hour,
            });
        }
        let amount = charge::part(price_per_hour, stretches.minutes, 60)?;
        let item = Item::Space {
            minutes: u32::try_from(stretches.minutes).map_err(|_| Refusal::Amount)?,
            price_per_hour,
            interval: stretches.whole,
            stretches: stretches.count,
            base: self.price_per_hour,
            steps,
        };
        Ok(Line::new(item, amount, self.tax)?)
    }

    fn lacking(&self, time: Money) -> Result<Option<Line>, MoneyError> {
        let Some(minimum) = self.minimum_spend else {
            return Ok(None);
        };
        let lacking = charge::part(minimum.minus(time)?, 1, 1)?;
        (lacking.amount() > 0)
            .then(|| Line::new(Item::MinimumSpend { minimum }, lacking, self.tax))
            .transpose()
    }

    fn chosen(&self, order: &Order<'_>) -> Result<Vec<Line>, Refusal> {
        order
            .add_ons
            .iter()
            .map(|chosen| {
                let AddOn {
                    name,
                    price,
                    per,
                    quantity_max,
                    tax,
                } = self
                    .add_on(&chosen.name)
                    .ok_or_else(|| Refusal::AddOn {
                        name: chosen.name.clone(),
                        quantity_max: 0,
                    })?
                    .clone();
                let same = order.add_ons.iter().filter(|other| other.name == name);
                let quantity = chosen.quantity;
                if quantity > quantity_max || same.count() > 1 {
                    return Err(Refusal::AddOn { name, quantity_max });
                }
                let of_each = price.scaled(i64::from(quantity), 1)?;
                let amount = match per {
                    Per::Booking => charge::part(of_each, 1, 1)?,
                    Per::Hour => charge::part(of_each, order.interval.minutes(), 60)?,
                    Per::Guest => charge::part(of_each, i64::from(order.guests), 1)?,
                };
                let item = Item::AddOn {
                    name,
                    price,
                    per,
                    quantity,
                };
                Ok(Line::new(item, amount, tax.or(self.tax))?)
            })
            .collect()
    }

    /// Discounts and the code: each of the undiscounted time, and together no more than the floor leaves. What the
    /// vendor takes off themselves comes last, and no floor stops it.
    fn discounted(
        &self,
        order: &Order<'_>,
        paid_time: &[Line],
        time: Money,
        spend: Money,
    ) -> Result<Vec<Line>, Refusal> {
        let floor = match self.floor_per_hour {
            Some(floor) => charge::part(floor, order.interval.minutes(), 60)?,
            None => Money::zero(time.currency()),
        };
        let mut off = TakenOff {
            left: time,
            floor,
            tax_left: taxes(time, paid_time)?,
            tax: self.tax,
            lines: Vec::new(),
        };
        for discount in that_count(&self.discounts, order.visit(), order.first_booking) {
            let wanted = charge::part(time, i64::from(discount.bps), BASIS_POINTS_WHOLE)?;
            off.take(wanted, |floored| Item::Discount {
                reason: discount.kind,
                bps: discount.bps,
                floored,
            })?;
        }
        if let Some(promo) = order.promo {
            let wanted = promo.worth(time, spend)?;
            let helps = off.take(wanted, |floored| Item::PromoCode {
                code: promo.code.clone(),
                effect: promo.effect,
                floored,
                uses_max: promo.uses_max,
                uses_per_customer_max: promo.uses_per_customer_max,
            })?;
            if !helps {
                let obstacle = PromoObstacle::NothingLeft;
                return Err(Refusal::Promo { obstacle });
            }
        }
        if let Some(offer) = order.special_offer {
            off.floor = Money::zero(time.currency());
            let wanted = charge::part(offer, 1, 1)?;
            if wanted.minus(off.left)?.amount() > 0 {
                return Err(Refusal::SpecialOffer { most: off.left });
            }
            off.take(wanted, |_| Item::SpecialOffer)?;
        }
        Ok(off.lines)
    }
}

/// Lines that make the time cheaper, and what they leave.
struct TakenOff {
    left: Money,
    /// Nothing goes below it.
    floor: Money,
    /// Lines are rounded one by one, so that a discount of all of it could take off more tax than there is.
    tax_left: Money,
    tax: Option<Tax>,
    lines: Vec<Line>,
}

impl TakenOff {
    /// Whether anything could be taken off. `item` is told whether the floor left less than was wanted.
    fn take(&mut self, wanted: Money, item: impl Fn(bool) -> Item) -> Result<bool, Refusal> {
        let room = self.left.minus(self.floor)?.at_least_zero();
        let off = if wanted.amount() > room.amount() {
            room
        } else {
            wanted
        };
        if off.is_zero() {
            return Ok(false);
        }
        self.left = self.left.minus(off)?;
        let less = Money::zero(off.currency()).minus(off)?;
        let mut line = Line::new(item(off != wanted), less, self.tax)?;
        if let Some(tax) = &mut line.tax {
            self.tax_left = self.tax_left.plus(tax.amount)?;
            if self.tax_left.amount() < 0 {
                tax.amount = tax.amount.minus(self.tax_left)?;
                self.tax_left = Money::zero(off.currency());
            }
        }
        self.lines.push(line);
        Ok(true)
    }
}

impl Order<'_> {
    const fn visit(&self) -> Visit {
        Visit {
            interval: self.interval,
            guests: self.guests,
            now: self.now,
        }
    }
}

impl Promo {
    fn worth(&self, time: Money, spend: Money) -> Result<Money, Refusal> {
        let other = |money: Money| money.currency() != time.currency();
        let refused = |obstacle| Err(Refusal::Promo { obstacle });
        if let Some(minimum) = self.minimum_spend {
            if other(minimum) {
                return refused(PromoObstacle::Currency);
            }
            if spend.amount() < minimum.amount() {
                return refused(PromoObstacle::MinimumSpend);
            }
        }
        match self.effect {
            PromoEffect::Percent(bps) => Ok(charge::part(time, i64::from(bps), BASIS_POINTS_WHOLE)?),
            PromoEffect::Amount(off) if other(off) => refused(PromoObstacle::Currency),
            PromoEffect::Amount(off) => Ok(charge::part(off, 1, 1)?),
        }
    }
}

/// Pieces of a time at one rate.
struct Stretches {
    minutes: i64,
    whole: Interval,
    count: u32,
}

impl Stretches {
    fn new(piece: Interval) -> Self {
        Self {
            minutes: piece.minutes(),
            whole: piece,
            count: 1,
        }
    }

    fn add(&mut self, piece: Interval) {
        self.minutes = self.minutes.saturating_add(piece.minutes());
        if self.whole.end() < piece.start() {
            self.count = self.count.saturating_add(1);
        }
        self.whole = self.whole.through(piece);
    }
}

/// A time in pieces: cut wherever any of the parts begins or ends.
pub(super) fn cut<'a>(whole: Interval, parts: impl Iterator<Item = &'a Spans>) -> Vec<Interval> {
    let mut cuts: Vec<Timestamp> = parts
        .flat_map(|part| part.as_slice())
        .flat_map(|span| [span.start(), span.end()])
        .chain([whole.start(), whole.end()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.iter()
        .zip(cuts.iter().skip(1))
        .filter_map(|(from, to)| Interval::new(*from, *to).ok())
        .collect()
}
