//! What an hour costs.

use app::{App, venues};
use axum::extract::State;
use domain::id::VenueId;
use domain::money::Money;
use domain::pricing::PRICE_PER_HOUR_AMOUNT_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::{MoneyView, input};
use web::{Answer, Body, MaybeIdempotent, Parse, PathId, Problems, QueryParams, RawMoney, Reply, Vendor, ok};

use crate::of_space::{OfSpace, RawOfSpace};

/// What an hour shall cost.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPricing")]
#[serde(deny_unknown_fields)]
pub struct RawPricing {
    price_per_hour: RawMoney,
}

impl Parse for RawPricing {
    type Into = Money;

    fn parse(self, problems: &mut Problems) -> Option<Money> {
        price_per_hour(problems, self.price_per_hour)
    }
}

/// More than nothing, and not absurdly much.
pub fn price_per_hour(problems: &mut Problems, raw: RawMoney) -> Option<Money> {
    problems.within("price_per_hour", |here| {
        let amount = input::within(here, "amount", raw.amount, 1, PRICE_PER_HOUR_AMOUNT_MAX);
        let money = raw.parse(here);
        amount.and(money)
    })
}

/// What an hour costs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Pricing")]
pub struct PricingView {
    #[schemars(with = "String")]
    venue_id: VenueId,
    /// Null until it is set.
    price_per_hour: Option<MoneyView>,
}

pub async fn show(
    State(app): State<App>,
    Vendor(me): Vendor,
    PathId(venue_id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
) -> Answer<Reply<PricingView>> {
    let offer = venues::managed(&app, me.vendor, venue_id, space).await?;
    let price_per_hour = offer.rates.map(|rates| rates.price_per_hour.into());
    Ok(ok(PricingView {
        venue_id,
        price_per_hour,
    }))
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor,
    MaybeIdempotent(once): MaybeIdempotent,
    PathId(venue_id): PathId<VenueId>,
    QueryParams(OfSpace(space)): QueryParams<RawOfSpace>,
    Body(price): Body<RawPricing>,
) -> Answer<Reply<PricingView>> {
    let rates = venues::set_price(&app, me.vendor, once.as_ref(), venue_id, space, price).await?;
    let view = |price: Money| PricingView {
        venue_id,
        price_per_hour: Some(price.into()),
    };
    Ok(Reply::of(rates, |rates| view(rates.price_per_hour)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(amount: i64, currency: &str) -> Vec<String> {
        let mut problems = Problems::new();
        let raw = RawMoney {
            amount,
            currency: currency.into(),
            exponent: None,
        };
        assert_eq!(
            RawPricing { price_per_hour: raw }.parse(&mut problems).is_some(),
            problems.is_empty()
        );
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_price_has_limits() {
        let none: [&str; 0] = [];
        assert_eq!(pointers(1, "EUR"), none);
        assert_eq!(pointers(PRICE_PER_HOUR_AMOUNT_MAX, "JPY"), none);
        for wrong in [i64::MIN, -1, 0, PRICE_PER_HOUR_AMOUNT_MAX + 1] {
            assert_eq!(pointers(wrong, "EUR"), ["/price_per_hour/amount"]);
        }
        assert_eq!(
            pointers(0, "XXX"),
            ["/price_per_hour/amount", "/price_per_hour/currency"]
        );
    }
}
