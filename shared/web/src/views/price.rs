//! What a time costs, line by line.

use domain::money::BASIS_POINTS_WHOLE;
use domain::pricing::{Effect, Item, Line, Per, Price, PromoEffect, Step};
use schemars::JsonSchema;
use serde::Serialize;

use super::MoneyView;

/// Lines and their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Price")]
pub struct PriceView {
    pub lines: Vec<LineView>,
    /// What is to be paid: the amounts of all lines, and taxes that are not in them.
    pub total: MoneyView,
    /// Of the total, the taxes of all lines.
    pub tax: MoneyView,
    /// Kept safe besides, and given back; no part of the total.
    pub deposit: Option<MoneyView>,
}

/// One line of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PriceLine")]
pub struct LineView {
    /// `space` is time in the space at one rate, `minimum_spend` what that lacks to the minimum. `discount`,
    /// `promo_code` and `special_offer` (what the vendor took off for this customer) are below zero.
    pub kind: LineKind,
    /// The name of an add-on, the kind of a discount, or a promo code.
    pub name: Option<String>,
    /// Elapsed minutes that a line of time is for.
    pub minutes: Option<u32>,
    pub price_per_hour: Option<MoneyView>,
    /// How many of an add-on.
    pub quantity: Option<u32>,
    /// Rounded to what can be charged.
    pub amount: MoneyView,
    pub tax: Option<LineTaxView>,
    /// How the amount came about, one step a string.
    pub trace: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PriceLineKind")]
pub enum LineKind {
    Space,
    MinimumSpend,
    AddOn,
    CleaningFee,
    Discount,
    PromoCode,
    SpecialOffer,
    ServiceFee,
}

/// The tax of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PriceLineTax")]
pub struct LineTaxView {
    /// Basis points of the price without it.
    pub bps: u32,
    /// Whether it is in the line's amount; otherwise it comes on top.
    pub included: bool,
    pub amount: MoneyView,
}

impl From<&Price> for PriceView {
    fn from(price: &Price) -> Self {
        Self {
            lines: price.lines.iter().map(LineView::from).collect(),
            total: price.total.into(),
            tax: price.tax.into(),
            deposit: price.deposit.map(MoneyView::from),
        }
    }
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        let mut view = Self {
            kind: kind(&line.item),
            name: None,
            minutes: None,
            price_per_hour: None,
            quantity: None,
            amount: line.amount.into(),
            tax: line.tax.map(|tax| LineTaxView {
                bps: tax.tax.bps,
                included: tax.tax.included,
                amount: tax.amount.into(),
            }),
            trace: trace(line),
        };
        match &line.item {
            Item::Space {
                minutes,
                price_per_hour,
                ..
            } => {
                view.minutes = Some(*minutes);
                view.price_per_hour = Some((*price_per_hour).into());
            }
            Item::AddOn { name, quantity, .. } => {
                view.name = Some(name.to_string());
                view.quantity = Some(*quantity);
            }
            Item::Discount { reason, .. } => view.name = Some(reason.as_str().to_owned()),
            Item::PromoCode { code, .. } => view.name = Some(code.to_string()),
            Item::MinimumSpend { .. } | Item::CleaningFee | Item::SpecialOffer | Item::ServiceFee { .. } => {}
        }
        view
    }
}

const fn kind(item: &Item) -> LineKind {
    match item {
        Item::Space { .. } => LineKind::Space,
        Item::MinimumSpend { .. } => LineKind::MinimumSpend,
        Item::AddOn { .. } => LineKind::AddOn,
        Item::CleaningFee => LineKind::CleaningFee,
        Item::Discount { .. } => LineKind::Discount,
        Item::PromoCode { .. } => LineKind::PromoCode,
        Item::SpecialOffer => LineKind::SpecialOffer,
        Item::ServiceFee { .. } => LineKind::ServiceFee,
    }
}

/// How a line came about, for people.
fn trace(line: &Line) -> Vec<String> {
    let mut steps = match &line.item {
        Item::Space {
            minutes,
            price_per_hour,
            interval,
            stretches,
            base,
            steps,
        } => {
            let when = match stretches {
                1 => format!("from {} to {}", interval.start(), interval.end()),
                many => format!(
                    "in {many} stretches from {} to {}",
                    interval.start(),
                    interval.end()
                ),
            };
            std::iter::once(format!("base {base} an hour"))
                .chain(steps.iter().map(step))
                .chain([format!("{minutes} minutes at {price_per_hour} an hour, {when}")])
                .collect()
        }
        Item::MinimumSpend { minimum } => vec![format!("what the time lacks to {minimum}")],
        Item::AddOn {
            price, per, quantity, ..
        } => vec![format!("{quantity} at {price} {}", each(*per))],
        Item::CleaningFee => vec!["once".to_owned()],
        Item::Discount { bps, floored, .. } => off(&percent(i64::from(*bps)), *floored),
        Item::PromoCode { effect, floored, .. } => match effect {
            PromoEffect::Percent(bps) => off(&percent(i64::from(*bps)), *floored),
            PromoEffect::Amount(amount) => off(&amount.to_string(), *floored),
        },
        Item::SpecialOffer => vec!["what the venue takes off for you".to_owned()],
        Item::ServiceFee { bps } => vec![format!("{} of all lines above", percent(i64::from(*bps)))],
    };
    if let Some(tax) = line.tax {
        let how = if tax.tax.included {
            "is in it"
        } else {
            "comes on top"
        };
        steps.push(format!(
            "tax of {} {how}: {}",
            percent(i64::from(tax.tax.bps)),
            tax.amount
        ));
    }
    steps
}

fn step(step: &Step) -> String {
    let effect = match step.effect {
        Effect::Set(price) => format!("set to {price}"),
        Effect::Percent(bps) => format!("{}{}", sign(i64::from(bps)), percent(i64::from(bps))),
        Effect::Add(more) => format!("{}{more}", sign(more.amount())),
    };
    format!("{}: {effect}, makes {} an hour", step.rule, step.price_per_hour)
}

const fn sign(number: i64) -> &'static str {
    if number < 0 { "" } else { "+" }
}

const fn each(per: Per) -> &'static str {
    match per {
        Per::Booking => "each",
        Per::Hour => "each and hour",
        Per::Guest => "each and guest",
    }
}

fn off(what: &str, floored: bool) -> Vec<String> {
    let mut steps = vec![format!("{what} off the undiscounted time")];
    if floored {
        steps.push("cut off at the lowest price of an hour".to_owned());
    }
    steps
}

/// Basis points as people write them: `12.5 %`.
fn percent(bps: i64) -> String {
    let whole = BASIS_POINTS_WHOLE / 100;
    let (sign, bps) = (if bps < 0 { "-" } else { "" }, bps.unsigned_abs());
    let (percent, rest) = (bps / whole.unsigned_abs(), bps % whole.unsigned_abs());
    let decimals = format!("{rest:02}");
    match decimals.trim_end_matches('0') {
        "" => format!("{sign}{percent} %"),
        decimals => format!("{sign}{percent}.{decimals} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Money;
    use domain::pricing::{DiscountKind, LineTax, Tax};
    use domain::text::Label;
    use domain::time::Interval;

    fn eur(amount: i64) -> Money {
        Money::new(amount, "EUR".parse().unwrap())
    }

    fn line(item: Item, tax: Option<LineTax>) -> LineView {
        LineView::from(&Line {
            item,
            amount: eur(12_500),
            tax,
        })
    }

    #[test]
    fn basis_points_are_written_as_percent() {
        assert_eq!(percent(2_500), "25 %");
        assert_eq!(percent(-1_250), "-12.5 %");
        assert_eq!(percent(705), "7.05 %");
    }

    #[test]
    fn a_line_of_time_tells_how_its_rate_came_about() {
        let at = |text: &str| text.parse().unwrap();
        let step = |rule: &str, effect, amount| Step {
            rule: Label::parse(rule).unwrap(),
            effect,
            price_per_hour: eur(amount),
        };
        let item = Item::Space {
            minutes: 120,
            price_per_hour: eur(6_250),
            interval: Interval::new(at("2027-03-01T10:00:00Z"), at("2027-03-01T12:00:00Z")).unwrap(),
            stretches: 1,
            base: eur(5_000),
            steps: vec![
                step("Peak", Effect::Percent(3_000), 6_500),
                step("Neighbours", Effect::Add(eur(-250)), 6_250),
            ],
        };
        let tax = LineTax {
            tax: Tax {
                bps: 1_900,
                included: true,
            },
            amount: eur(1_996),
        };
        assert_eq!(
            line(item, Some(tax)).trace,
            [
                "base EUR 50.00 an hour",
                "Peak: +30 %, makes EUR 65.00 an hour",
                "Neighbours: EUR -2.50, makes EUR 62.50 an hour",
                "120 minutes at EUR 62.50 an hour, from 2027-03-01T10:00:00Z to 2027-03-01T12:00:00Z",
                "tax of 19 % is in it: EUR 19.96",
            ]
        );
    }

    #[test]
    fn a_discount_tells_when_the_floor_cut_it_off() {
        let item = |floored| Item::Discount {
            reason: DiscountKind::LastMinute { lead_minutes_max: 60 },
            bps: 1_000,
            floored,
        };
        assert_eq!(line(item(false), None).trace, ["10 % off the undiscounted time"]);
        assert_eq!(line(item(true), None).trace.len(), 2);
        assert_eq!(line(item(true), None).name.as_deref(), Some("last_minute"));
    }
}
