//! What a vendor asks for a space.

use domain::pricing::{
    AddOn, Bounds, DateRange, Discount, DiscountKind, Effect, Per, Promo, PromoEffect, RateRule, Rates, Tax,
    When,
};
use domain::text::Label;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::MoneyView;
use super::rules::HoursView;

/// What a space costs. All amounts are in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Rates")]
pub struct RatesView {
    /// Null until it is set.
    pub price_per_hour: Option<MoneyView>,
    pub rules: Vec<RateRuleView>,
    /// The time of a booking costs at least this, before discounts.
    pub minimum_spend: Option<MoneyView>,
    /// Once a booking.
    pub cleaning_fee: Option<MoneyView>,
    pub add_ons: Vec<AddOnView>,
    pub discounts: Vec<DiscountView>,
    /// No discount or promo code makes an hour cheaper than this.
    pub floor_per_hour: Option<MoneyView>,
    /// Of the time, the cleaning fee, and add-ons that have none of their own.
    pub tax: Option<TaxView>,
    /// Kept safe and given back.
    pub deposit: Option<MoneyView>,
    /// Moves with every change; quotes name it.
    pub version: u64,
}

/// Changes what an hour costs. One of `set`, `percent_bps` and `add` is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RateRule")]
pub struct RateRuleView {
    #[schemars(with = "String")]
    pub name: Label,
    /// Rules of lower priority come first, and each changes what the ones before it left.
    pub priority: u16,
    pub when: WhenView,
    pub set: Option<MoneyView>,
    /// Basis points more; less when negative.
    pub percent_bps: Option<i32>,
    /// So much more; less when negative.
    pub add: Option<MoneyView>,
}

/// When a rule holds: everything that is given has to be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RateRuleWhen")]
pub struct WhenView {
    /// 1 is Monday, 7 is Sunday; none is every day.
    pub weekdays: Vec<u8>,
    /// By the venue's clock.
    pub hours: Option<HoursView>,
    pub dates: Option<DateRangeView>,
    /// The name of a season of the space.
    pub season: Option<String>,
    /// Minutes from the quote to the start.
    pub lead_minutes: Option<BoundsView>,
    /// Minutes of the whole booking.
    pub minutes: Option<BoundsView>,
    pub guests: Option<BoundsView>,
}

/// Dates, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DateRange")]
#[serde(deny_unknown_fields)]
pub struct DateRangeView {
    pub from: Date,
    /// The last date of it.
    pub to: Date,
}

/// Numbers from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Bounds")]
pub struct BoundsView {
    pub min: Option<u32>,
    pub max: Option<u32>,
}

/// Something that a customer may take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AddOn")]
pub struct AddOnView {
    #[schemars(with = "String")]
    pub name: Label,
    pub price: MoneyView,
    /// `booking`, `hour` or `guest`.
    #[schemars(with = "String")]
    pub per: Per,
    /// Of it in one booking.
    pub quantity_max: u32,
    pub tax: Option<TaxView>,
}

/// So much less for the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Discount")]
pub struct DiscountView {
    pub kind: DiscountKindView,
    /// The shortest booking of `long_duration`, the shortest time ahead of `early_bird`, the longest time ahead of
    /// `last_minute`.
    pub minutes: Option<u32>,
    /// Basis points of the undiscounted time.
    pub bps: u32,
}

/// They are taken off in this order, a promo code after them. Of each kind the one that takes off most counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DiscountKind")]
pub enum DiscountKindView {
    LongDuration,
    EarlyBird,
    LastMinute,
    FirstBooking,
}

/// A sales tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Tax")]
#[serde(deny_unknown_fields)]
pub struct TaxView {
    /// Basis points of the price without it; at most 5000.
    pub bps: u32,
    /// Whether prices are with it already; otherwise it comes on top.
    pub included: bool,
}

/// A code that makes bookings cheaper. One of `percent_bps` and `amount` is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PromoCode")]
pub struct PromoView {
    pub code: String,
    /// Basis points of the undiscounted time.
    pub percent_bps: Option<u32>,
    pub amount: Option<MoneyView>,
    pub uses_max: Option<u32>,
    pub uses_per_customer_max: Option<u32>,
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// Of time, add-ons and cleaning, before any discount.
    pub minimum_spend: Option<MoneyView>,
    /// Only there; none is all of them.
    pub venue_ids: Vec<String>,
    /// Moves with every change; `If-Match: "v7"` names the seventh.
    pub version: u64,
}

impl RatesView {
    /// A space without a price has nothing else either.
    #[must_use]
    pub fn of(rates: Option<Rates>) -> Self {
        let Some(rates) = rates else {
            return Self {
                price_per_hour: None,
                rules: Vec::new(),
                minimum_spend: None,
                cleaning_fee: None,
                add_ons: Vec::new(),
                discounts: Vec::new(),
                floor_per_hour: None,
                tax: None,
                deposit: None,
                version: 0,
            };
        };
        let money = |money: Option<_>| money.map(MoneyView::from);
        Self {
            price_per_hour: Some(rates.price_per_hour.into()),
            rules: rates.rules.into_iter().map(RateRuleView::from).collect(),
            minimum_spend: money(rates.minimum_spend),
            cleaning_fee: money(rates.cleaning_fee),
            add_ons: rates.add_ons.into_iter().map(AddOnView::from).collect(),
            discounts: rates.discounts.into_iter().map(DiscountView::from).collect(),
            floor_per_hour: money(rates.floor_per_hour),
            tax: rates.tax.map(TaxView::from),
            deposit: money(rates.deposit),
            version: rates.version,
        }
    }
}

impl From<RateRule> for RateRuleView {
    fn from(rule: RateRule) -> Self {
        let (set, percent_bps, add) = match rule.effect {
            Effect::Set(price) => (Some(price), None, None),
            Effect::Percent(bps) => (None, Some(bps), None),
            Effect::Add(more) => (None, None, Some(more)),
        };
        Self {
            name: rule.name,
            priority: rule.priority,
            when: rule.when.into(),
            set: set.map(MoneyView::from),
            percent_bps,
            add: add.map(MoneyView::from),
        }
    }
}

impl From<When> for WhenView {
    fn from(when: When) -> Self {
        Self {
            weekdays: when.weekdays,
            hours: when.hours.map(HoursView::from),
            dates: when.dates.map(|dates| DateRangeView {
                from: dates.from,
                to: dates.to,
            }),
            season: when.season.map(|name| name.to_string()),
            lead_minutes: when.lead_minutes.map(BoundsView::from),
            minutes: when.minutes.map(BoundsView::from),
            guests: when.guests.map(BoundsView::from),
        }
    }
}

impl From<Bounds> for BoundsView {
    fn from(bounds: Bounds) -> Self {
        Self {
            min: bounds.min,
            max: bounds.max,
        }
    }
}

impl From<DateRangeView> for DateRange {
    fn from(dates: DateRangeView) -> Self {
        Self {
            from: dates.from,
            to: dates.to,
        }
    }
}

impl From<AddOn> for AddOnView {
    fn from(add_on: AddOn) -> Self {
        Self {
            name: add_on.name,
            price: add_on.price.into(),
            per: add_on.per,
            quantity_max: add_on.quantity_max,
            tax: add_on.tax.map(TaxView::from),
        }
    }
}

impl From<Discount> for DiscountView {
    fn from(discount: Discount) -> Self {
        let (kind, minutes) = match discount.kind {
            DiscountKind::LongDuration { minutes_min } => (DiscountKindView::LongDuration, Some(minutes_min)),
            DiscountKind::EarlyBird { lead_minutes_min } => {
                (DiscountKindView::EarlyBird, Some(lead_minutes_min))
            }
            DiscountKind::LastMinute { lead_minutes_max } => {
                (DiscountKindView::LastMinute, Some(lead_minutes_max))
            }
            DiscountKind::FirstBooking => (DiscountKindView::FirstBooking, None),
        };
        Self {
            kind,
            minutes,
            bps: discount.bps,
        }
    }
}

impl From<Tax> for TaxView {
    fn from(tax: Tax) -> Self {
        Self {
            bps: tax.bps,
            included: tax.included,
        }
    }
}

impl From<TaxView> for Tax {
    fn from(tax: TaxView) -> Self {
        Self {
            bps: tax.bps,
            included: tax.included,
        }
    }
}

impl From<Promo> for PromoView {
    fn from(promo: Promo) -> Self {
        let (percent_bps, amount) = match promo.effect {
            PromoEffect::Percent(bps) => (Some(bps), None),
            PromoEffect::Amount(amount) => (None, Some(amount)),
        };
        Self {
            code: promo.code.to_string(),
            percent_bps,
            amount: amount.map(MoneyView::from),
            uses_max: promo.uses_max,
            uses_per_customer_max: promo.uses_per_customer_max,
            from: promo.from,
            until: promo.until,
            minimum_spend: promo.minimum_spend.map(MoneyView::from),
            venue_ids: promo.venues.iter().map(ToString::to_string).collect(),
            version: promo.version,
        }
    }
}
