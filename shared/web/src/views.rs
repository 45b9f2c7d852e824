//! Values that many answers show: money, times, and what more than one function shows. Instants are
//! RFC 3339 in UTC; a place's zone is a field beside them.

use domain::money::{Currency, Money};
use domain::time::{Interval, Zone};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod amenity;
mod booking;
mod history;
pub mod input;
pub mod members;
mod policy;
mod price;
mod rates;
mod revision;
mod rules;
mod space;
mod vendor;
mod venue;

pub use amenity::AmenityId;
pub use booking::{BookingView, CancellationView, ProposalView};
pub use history::{History, RawHistory};
pub use policy::{GraceView, PolicyView, TierView};
pub use price::{LineView, PriceView};
pub use rates::{AddOnView, DateRangeView, DiscountKindView, DiscountView, PromoView, RatesView, TaxView};
pub use revision::{RevisedSummaryView, RevisedVenueView, RevisionView};
pub use rules::{BlockView, RulesView};
pub use space::{LayoutView, SpaceView};
pub use vendor::VendorView;
pub use venue::{AddressView, LocationView, PhotoView, PublicLocationView, VenueSummaryView, VenueView};

use crate::problems::Problems;

/// An amount of money in the minor unit of its currency: 1250 EUR with exponent 2 is EUR 12.50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Money")]
pub struct MoneyView {
    /// In minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// How many decimals the major unit has.
    pub exponent: u8,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        let currency = money.currency();
        Self {
            amount: money.amount(),
            currency: currency.code(),
            exponent: currency.exponent(),
        }
    }
}

/// An amount of money as it is sent to us.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "NewMoney")]
#[serde(deny_unknown_fields)]
pub struct RawMoney {
    /// In minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// May be left out; has to be the currency's own.
    pub exponent: Option<u8>,
}

impl RawMoney {
    pub fn parse(self, problems: &mut Problems) -> Option<Money> {
        let currency: Currency = problems.field("currency", self.currency.parse())?;
        if self
            .exponent
            .is_some_and(|exponent| exponent != currency.exponent())
        {
            problems.add(
                "exponent",
                format!("{currency} has {} decimals", currency.exponent()),
            );
            return None;
        }
        Some(Money::new(self.amount, currency))
    }
}

/// From an instant up to, not including, a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Interval")]
pub struct IntervalView {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl From<Interval> for IntervalView {
    fn from(interval: Interval) -> Self {
        Self {
            start: interval.start(),
            end: interval.end(),
        }
    }
}

/// From an instant up to, not including, a later one, also by the venue's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LocalInterval")]
pub struct LocalIntervalView {
    pub start: Timestamp,
    pub end: Timestamp,
    /// `2027-03-01T11:00:00+01:00`: what the venue's clock shows, with its offset from UTC.
    pub start_local: String,
    pub end_local: String,
}

impl LocalIntervalView {
    #[must_use]
    pub fn new(interval: Interval, zone: &Zone) -> Self {
        Self {
            start: interval.start(),
            end: interval.end(),
            start_local: local(interval.start(), zone),
            end_local: local(interval.end(), zone),
        }
    }
}

/// What a clock shows, with its offset from UTC.
pub(crate) fn local(at: Timestamp, zone: &Zone) -> String {
    at.to_zoned(zone.rules().clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn money_is_shown_in_minor_units_with_its_decimals() {
        let money = Money::new(1250, "KWD".parse().unwrap());
        let shown = serde_json::to_value(MoneyView::from(money)).unwrap();
        assert_eq!(shown, json!({"amount": 1250, "currency": "KWD", "exponent": 3}));
    }

    #[test]
    fn money_reads_back_as_it_was_shown() {
        let money = Money::new(-5, "JPY".parse().unwrap());
        let shown = serde_json::to_value(MoneyView::from(money)).unwrap();
        let raw: RawMoney = serde_json::from_value(shown).unwrap();
        let mut problems = Problems::new();
        assert_eq!(raw.parse(&mut problems), Some(money));
        assert!(problems.is_empty());
    }

    #[test]
    fn money_of_another_scale_or_an_unknown_currency_is_refused() {
        let found = |value| {
            let mut problems = Problems::new();
            let parsed = serde_json::from_value::<RawMoney>(value)
                .unwrap()
                .parse(&mut problems);
            assert_eq!(parsed, None);
            problems.into_errors().remove(0).pointer
        };
        assert_eq!(
            found(json!({"amount": 1, "currency": "EUR", "exponent": 3})),
            "/exponent"
        );
        assert_eq!(found(json!({"amount": 1, "currency": "eur"})), "/currency");
        assert!(serde_json::from_value::<RawMoney>(json!({"amount": 1.5, "currency": "EUR"})).is_err());
    }
}
