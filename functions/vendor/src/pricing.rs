//! What a space costs.

use app::venues::Trial;
use app::{App, venues};
use axum::extract::State;
use domain::availability::Hours;
use domain::id::VenueId;
use domain::money::Money;
use domain::pricing::{
    ADD_ON_QUANTITY_MAX, ADD_ONS_MAX, AddOn, Bounds, Chosen, DISCOUNTS_MAX, Discount, DiscountKind, Effect,
    PRICE_AMOUNT_MAX, Per, RATE_RULES_MAX, RateRule, Rates, When,
};
use domain::text::Label;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::input::{self, Named, RawChosen};
use web::views::{DateRangeView, DiscountKindView, MoneyView, PriceView, RatesView, TaxView};
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, QueryParams, RawMoney, Reply,
    Vendor, needs, ok,
};

use crate::availability::{RawHours, read_times};
use crate::of_space::{OfSpace, RawOfSpace};

/// What a space shall cost. All of it; what is left out is not there. All amounts are in one currency, and at most
/// 10000000 minor units.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewRates")]
#[serde(deny_unknown_fields)]
pub struct RawRates {
    price_per_hour: RawMoney,
    /// At most 50.
    #[serde(default)]
    rules: Vec<RawRateRule>,
    /// The time of a booking costs at least this, before discounts.
    minimum_spend: Option<RawMoney>,
    /// Once a booking.
    cleaning_fee: Option<RawMoney>,
    /// At most 50.
    #[serde(default)]
    add_ons: Vec<RawAddOn>,
    /// At most 20.
    #[serde(default)]
    discounts: Vec<RawDiscount>,
    /// No discount or promo code makes an hour cheaper than this.
    floor_per_hour: Option<RawMoney>,
    /// Of the time, the cleaning fee, and add-ons that have none of their own.
    tax: Option<TaxView>,
    /// Kept safe and given back.
    deposit: Option<RawMoney>,
}

/// Changes what an hour costs. One of `set`, `percent_bps` and `add` has to be there.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewRateRule")]
#[serde(deny_unknown_fields)]
pub struct RawRateRule {
    /// 1 to 60 characters; no two rules have the same.
    name: String,
    /// Rules of lower priority come first, and each changes what the ones before it left; 0 by default.
    #[serde(default)]
    priority: u16,
    /// Always by default.
    when: Option<RawWhen>,
    set: Option<RawMoney>,
    /// Basis points more; less when negative. -10000 to 90000.
    percent_bps: Option<i32>,
    /// So much more; less when negative.
    add: Option<RawMoney>,
}

/// When a rule holds: everything that is given has to be so.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewRateRuleWhen")]
#[serde(deny_unknown_fields)]
pub struct RawWhen {
    /// 1 is Monday, 7 is Sunday; none is every day.
    #[serde(default)]
    weekdays: Vec<u8>,
    /// By the venue's clock. They belong to the date they begin on.
    hours: Option<RawHours>,
    dates: Option<DateRangeView>,
    /// The name of a season of the space.
    season: Option<String>,
    /// Minutes from the quote to the start.
    lead_minutes: Option<RawBounds>,
    /// Minutes of the whole booking.
    minutes: Option<RawBounds>,
    guests: Option<RawBounds>,
}

/// Numbers from and to, both included.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBounds")]
#[serde(deny_unknown_fields)]
pub struct RawBounds {
    min: Option<u32>,
    max: Option<u32>,
}

impl From<RawBounds> for Bounds {
    fn from(raw: RawBounds) -> Self {
        Self {
            min: raw.min,
            max: raw.max,
        }
    }
}

/// Something that a customer may take along.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewAddOn")]
#[serde(deny_unknown_fields)]
pub struct RawAddOn {
    /// 1 to 60 characters; no two add-ons have the same.
    name: String,
    price: RawMoney,
    /// `booking`, `hour` or `guest`.
    #[schemars(with = "String")]
    per: Per,
    /// Of it in one booking; 1 by default, at most 10000.
    quantity_max: Option<u32>,
    tax: Option<TaxView>,
}

/// So much less for the time.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewDiscount")]
#[serde(deny_unknown_fields)]
pub struct RawDiscount {
    kind: DiscountKindView,
    /// The shortest booking of `long_duration`, the shortest time ahead of `early_bird`, the longest time ahead of
    /// `last_minute`; `first_booking` has none.
    minutes: Option<u32>,
    /// 1 to 10000 basis points of the undiscounted time.
    bps: u32,
}

impl RawRates {
    fn read(self, problems: &mut Problems) -> Option<Rates> {
        let base = price_per_hour(problems, self.price_per_hour);
        let rules = problems.each("rules", self.rules, RATE_RULES_MAX, |here, raw| raw.read(here));
        let minimum_spend = money(problems, "minimum_spend", self.minimum_spend);
        let cleaning_fee = money(problems, "cleaning_fee", self.cleaning_fee);
        let add_ons = problems.each("add_ons", self.add_ons, ADD_ONS_MAX, |here, raw| raw.read(here));
        let discounts = problems.each("discounts", self.discounts, DISCOUNTS_MAX, |here, raw| {
            raw.read(here)
        });
        let floor_per_hour = money(problems, "floor_per_hour", self.floor_per_hour);
        let deposit = money(problems, "deposit", self.deposit);
        let rates = Rates {
            rules: rules?,
            minimum_spend: minimum_spend?,
            cleaning_fee: cleaning_fee?,
            add_ons: add_ons?,
            discounts: discounts?,
            floor_per_hour: floor_per_hour?,
            tax: self.tax.map(Into::into),
            deposit: deposit?,
            ..Rates::flat(base?)
        };
        let wrong = rates.problems();
        for problem in &wrong {
            problems.add(problem.field, &problem.message);
        }
        wrong.is_empty().then_some(rates)
    }
}

impl Parse for RawRates {
    type Into = Rates;

    fn parse(self, problems: &mut Problems) -> Option<Rates> {
        self.read(problems)
    }
}

impl RawRateRule {
    fn read(self, problems: &mut Problems) -> Option<RateRule> {
        let name = problems.field("name", Label::parse(&self.name));
        let when = match self.when {
            Some(raw) => problems.within("when", |here| raw.read(here)),
            None => Some(When::default()),
        };
        let (set, add) = (money(problems, "set", self.set), money(problems, "add", self.add));
        let effect = match (set?, self.percent_bps, add?) {
            (Some(price), None, None) => Some(Effect::Set(price)),
            (None, Some(bps), None) => Some(Effect::Percent(bps)),
            (None, None, Some(more)) => Some(Effect::Add(more)),
            (None, None, None) | (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                problems.here("needs one of set, percent_bps and add");
                None
            }
        };
        Some(RateRule {
            name: name?,
            priority: self.priority,
            when: when?,
            effect: effect?,
        })
    }
}

impl RawWhen {
    fn read(self, problems: &mut Problems) -> Option<When> {
        let hours = match self.hours {
            Some(raw) => problems.within("hours", |here| raw.read(here)).map(Some),
            None => Some(None),
        };
        let season = problems.optional("season", self.season, |text| Label::parse(&text));
        Some(When {
            weekdays: self.weekdays,
            hours: hours?,
            dates: self.dates.map(Into::into),
            season: season?,
            lead_minutes: self.lead_minutes.map(Into::into),
            minutes: self.minutes.map(Into::into),
            guests: self.guests.map(Into::into),
        })
    }
}

impl RawHours {
    fn read(&self, problems: &mut Problems) -> Option<Hours> {
        read_times(problems, Named("open", &self.open), Named("close", &self.close))
    }
}

impl RawAddOn {
    fn read(self, problems: &mut Problems) -> Option<AddOn> {
        let name = problems.field("name", Label::parse(&self.name));
        let price = problems.within("price", |here| self.price.parse(here));
        let quantity_max = self.quantity_max.unwrap_or(1);
        let quantity_max = input::within(problems, "quantity_max", quantity_max, 1, ADD_ON_QUANTITY_MAX);
        Some(AddOn {
            name: name?,
            price: price?,
            per: self.per,
            quantity_max: quantity_max?,
            tax: self.tax.map(Into::into),
        })
    }
}

impl RawDiscount {
    fn read(self, problems: &mut Problems) -> Option<Discount> {
        let kind = match (self.kind, self.minutes) {
            (DiscountKindView::LongDuration, Some(minutes_min)) => DiscountKind::LongDuration { minutes_min },
            (DiscountKindView::EarlyBird, Some(lead_minutes_min)) => {
                DiscountKind::EarlyBird { lead_minutes_min }
            }
            (DiscountKindView::LastMinute, Some(lead_minutes_max)) => {
                DiscountKind::LastMinute { lead_minutes_max }
            }
            (DiscountKindView::FirstBooking, None) => DiscountKind::FirstBooking,
            (DiscountKindView::FirstBooking, Some(_)) => {
                problems.add("minutes", "does not go with first_booking");
                return None;
            }
            (
                DiscountKindView::LongDuration | DiscountKindView::EarlyBird | DiscountKindView::LastMinute,
                None,
            ) => {
                problems.add("minutes", "is needed for this kind");
                return None;
            }
        };
        Some(Discount { kind, bps: self.bps })
    }
}

/// An amount that may be left out.
pub fn money(problems: &mut Problems, field: &str, raw: Option<RawMoney>) -> Option<Option<Money>> {
    match raw {
        Some(raw) => problems.within(field, |here| raw.parse(here)).map(Some),
        None => Some(None),
    }
}

/// More than nothing, and not absurdly much.
pub fn price_per_hour(problems: &mut Problems, raw: RawMoney) -> Option<Money> {
    problems.within("price_per_hour", |here| {
        let amount = input::within(here, "amount", raw.amount, 1, PRICE_AMOUNT_MAX);
        let money = raw.parse(here);
        amount.and(money)
    })
}

/// What a space costs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Pricing")]
pub struct PricingView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    #[serde(flatten)]
    rates: RatesView,
}

pub async fn show(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeeVenues>,
    PathId(venue_id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
) -> Answer<Reply<PricingView>> {
    let offer = venues::managed(&app, &me.member, venue_id, space).await?;
    let version = offer.rates.as_ref().map_or(0, |rates| rates.version);
    let rates = RatesView::of(offer.rates);
    Ok(ok(PricingView { venue_id, rates }).version(version))
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SetPrices>,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(venue_id): PathId<VenueId>,
    MaybeIfMatch(expected): MaybeIfMatch,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(rates): Body<RawRates>,
) -> Answer<Reply<PricingView>> {
    let once = once.as_ref();
    let rates = venues::set_rates(&app, &me.member, once, venue_id, space, &rates, expected).await?;
    let version = rates.value.version;
    let view = |rates| PricingView {
        venue_id,
        rates: RatesView::of(Some(rates)),
    };
    Ok(Reply::of(rates, view).version(version))
}

/// A booking to try rates on.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PriceTrial")]
#[serde(deny_unknown_fields)]
pub struct RawTrial {
    start: Timestamp,
    end: Timestamp,
    guests: u32,
    /// At most 50.
    #[serde(default)]
    add_ons: Vec<RawChosen>,
    /// Whether it is the customer's first; not by default.
    #[serde(default)]
    first_booking: bool,
    /// Those that hold now when they are left out.
    rates: Option<RawRates>,
}

impl Parse for RawTrial {
    type Into = (Trial, Option<Rates>);

    fn parse(self, problems: &mut Problems) -> Option<Self::Into> {
        let interval = input::interval(problems, Named("start", self.start), Named("end", self.end));
        let guests = input::guests(problems, "guests", self.guests);
        let add_ons: Option<Vec<Chosen>> = input::add_ons(problems, self.add_ons);
        let rates = match self.rates {
            Some(raw) => problems.within("rates", |here| raw.read(here)).map(Some),
            None => Some(None),
        };
        let trial = Trial {
            interval: interval?,
            guests: guests?,
            add_ons: add_ons?,
            first_booking: self.first_booking,
        };
        Some((trial, rates?))
    }
}

/// What a booking would cost, and how that is shared out.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PricePreview")]
pub struct PreviewView {
    price: PriceView,
    /// Of the total, what you would be paid.
    payout: MoneyView,
    /// Of the total, what the platform would keep.
    platform_fee: MoneyView,
}

pub async fn preview(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SetPrices>,
    PathId(venue_id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body((trial, rates)): Body<RawTrial>,
) -> Answer<Reply<PreviewView>> {
    let price = venues::try_rates(&app, &me.member, venue_id, space, rates, &trial).await?;
    Ok(ok(PreviewView {
        payout: price.payout.into(),
        platform_fee: price.platform_fee.into(),
        price: (&price).into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pointers(raw: Value) -> Vec<String> {
        let raw: RawRates = serde_json::from_value(raw).unwrap();
        let mut problems = Problems::new();
        assert_eq!(raw.parse(&mut problems).is_some(), problems.is_empty());
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    fn eur(amount: i64) -> Value {
        json!({"amount": amount, "currency": "EUR"})
    }

    #[test]
    fn a_price_has_limits() {
        let with = |amount: i64, currency: &str| {
            pointers(json!({"price_per_hour": {"amount": amount, "currency": currency}}))
        };
        let none: [&str; 0] = [];
        assert_eq!(with(1, "EUR"), none);
        assert_eq!(with(PRICE_AMOUNT_MAX, "JPY"), none);
        for wrong in [i64::MIN, -1, 0, PRICE_AMOUNT_MAX + 1] {
            assert_eq!(with(wrong, "EUR"), ["/price_per_hour/amount"]);
        }
        assert_eq!(
            with(0, "XXX"),
            ["/price_per_hour/amount", "/price_per_hour/currency"]
        );
    }

    #[test]
    fn everything_wrong_with_rates_is_told_where_it_is() {
        let found = pointers(json!({
            "price_per_hour": eur(5_000),
            "rules": [
                {"name": "None"},
                {"name": "Two", "percent_bps": 1, "add": eur(1)},
                {"name": "", "set": eur(1)},
                {"name": "Hours", "percent_bps": 1, "when": {"hours": {"open": "9", "close": "10:00"}}},
                {"name": "Money", "set": {"amount": 1, "currency": "XXX"}},
            ],
            "cleaning_fee": {"amount": 1, "currency": "eur"},
            "add_ons": [{"name": "Chairs", "price": eur(1), "per": "guest", "quantity_max": 0}],
            "discounts": [
                {"kind": "first_booking", "minutes": 1, "bps": 1},
                {"kind": "early_bird", "bps": 1},
            ],
        }));
        assert_eq!(
            found,
            [
                "/rules/0",
                "/rules/1",
                "/rules/2/name",
                "/rules/3/when/hours/open",
                "/rules/4/set/currency",
                "/cleaning_fee/currency",
                "/add_ons/0/quantity_max",
                "/discounts/0/minutes",
                "/discounts/1/minutes",
            ]
        );
    }

    #[test]
    fn the_rules_of_rates_are_those_of_the_domain() {
        let dollars = json!({"amount": 1, "currency": "USD"});
        let found = pointers(json!({
            "price_per_hour": eur(5_000),
            "deposit": dollars,
            "discounts": [{"kind": "first_booking", "bps": 10_001}],
        }));
        assert_eq!(found, ["/deposit", "/discounts"]);
    }
}
