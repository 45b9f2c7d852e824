//! Promo codes.

use app::vendors::PromoTerms;
use app::{App, vendors};
use axum::extract::State;
use domain::id::VenueId;
use domain::money::{BASIS_POINTS_WHOLE, Money};
use domain::pricing::{PRICE_AMOUNT_MAX, PromoCode, PromoEffect};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::views::PromoView;
use web::views::input;
use web::{
    Answer, Body, MaybeIdempotent, MaybeIfMatch, Parse, PathId, Problems, RawMoney, Reply, Vendor, needs, ok,
};

use crate::pricing::money;

/// Uses that a limit may be set to.
const USES_MAX: u32 = 1_000_000;
/// Venues that a code may be limited to.
const VENUES_MAX: usize = 50;

/// A code's terms. One of `percent_bps` and `amount` has to be there. What is left out is no limit.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewPromoCode")]
#[serde(deny_unknown_fields)]
pub struct RawPromo {
    /// 1 to 10000 basis points of the undiscounted time.
    percent_bps: Option<u32>,
    /// At most 10000000 minor units.
    amount: Option<RawMoney>,
    /// Bookings with it, of all customers together: 1 to 1000000.
    uses_max: Option<u32>,
    /// 1 to 1000000.
    uses_per_customer_max: Option<u32>,
    from: Option<Timestamp>,
    /// The first instant at which it no longer holds. A code is ended with it; it cannot be deleted.
    until: Option<Timestamp>,
    /// Of time, add-ons and cleaning, before any discount.
    minimum_spend: Option<RawMoney>,
    /// Only there; at most 50, and none is all of them.
    #[serde(default)]
    venue_ids: Vec<String>,
}

impl Parse for RawPromo {
    type Into = PromoTerms;

    fn parse(self, problems: &mut Problems) -> Option<PromoTerms> {
        let amount = positive(problems, "amount", self.amount);
        let percent = problems.optional("percent_bps", self.percent_bps, |bps| {
            let fine = (1..=BASIS_POINTS_WHOLE).contains(&i64::from(bps));
            if fine {
                Ok(bps)
            } else {
                Err("has to be from 1 to 10000")
            }
        });
        let effect = match (percent?, amount?) {
            (Some(bps), None) => Some(PromoEffect::Percent(bps)),
            (None, Some(amount)) => Some(PromoEffect::Amount(amount)),
            (Some(_), Some(_)) | (None, None) => {
                problems.here("needs one of percent_bps and amount");
                None
            }
        };
        let mut uses = |field: &str, raw: Option<u32>| match raw {
            Some(uses) => input::within(problems, field, uses, 1, USES_MAX).map(Some),
            None => Some(None),
        };
        let uses_max = uses("uses_max", self.uses_max);
        let uses_per_customer_max = uses("uses_per_customer_max", self.uses_per_customer_max);
        if self
            .from
            .zip(self.until)
            .is_some_and(|(from, until)| until <= from)
        {
            problems.add("until", "has to be after from");
        }
        let minimum_spend = positive(problems, "minimum_spend", self.minimum_spend);
        let other = |minimum: Money| match effect {
            Some(PromoEffect::Amount(amount)) => amount.currency() != minimum.currency(),
            Some(PromoEffect::Percent(_)) | None => false,
        };
        if minimum_spend.flatten().is_some_and(other) {
            problems.add("minimum_spend", "must be in the currency of amount");
        }
        let venues = problems.each("venue_ids", self.venue_ids, VENUES_MAX, |here, text| {
            text.parse::<VenueId>().map_err(|e| here.here(e)).ok()
        });
        Some(PromoTerms {
            effect: effect?,
            uses_max: uses_max?,
            uses_per_customer_max: uses_per_customer_max?,
            from: self.from,
            until: self.until,
            minimum_spend: minimum_spend?,
            venues: venues?,
        })
    }
}

fn positive(problems: &mut Problems, field: &str, raw: Option<RawMoney>) -> Option<Option<Money>> {
    let money = money(problems, field, raw)?;
    if money.is_none_or(|money| (1..=PRICE_AMOUNT_MAX).contains(&money.amount())) {
        Some(money)
    } else {
        problems.within(field, |here| here.add("amount", "has to be from 1 to 10000000"));
        None
    }
}

/// A code, and how often it was used.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PromoCodeWithUses")]
pub struct PromoWithUsesView {
    #[serde(flatten)]
    promo: PromoView,
    /// By bookings that were confirmed, and by those that are held.
    uses: u32,
}

/// All codes of a vendor.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PromoCodes")]
pub struct PromosView {
    promo_codes: Vec<PromoWithUsesView>,
}

pub async fn list(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SeePromoCodes>,
) -> Answer<Reply<PromosView>> {
    let promos = vendors::promos(&app, &me.member).await?;
    let view = |found: vendors::PromoWithUses| PromoWithUsesView {
        promo: found.promo.into(),
        uses: found.uses,
    };
    Ok(ok(PromosView {
        promo_codes: promos.into_iter().map(view).collect(),
    }))
}

pub async fn set(
    State(app): State<App>,
    Vendor(me): Vendor<needs::SetPromoCodes>,
    MaybeIdempotent(once): MaybeIdempotent,
    MaybeIfMatch(expected): MaybeIfMatch,
    PathId(code): PathId<PromoCode>,
    Body(terms): Body<RawPromo>,
) -> Answer<Reply<PromoView>> {
    let promo = vendors::set_promo(&app, &me.member, once.as_ref(), &code, &terms, expected).await?;
    let version = promo.value.version;
    Ok(Reply::of(promo, PromoView::from).version(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pointers(raw: Value) -> Vec<String> {
        let raw: RawPromo = serde_json::from_value(raw).unwrap();
        let mut problems = Problems::new();
        let _ = raw.parse(&mut problems);
        problems.into_errors().into_iter().map(|e| e.pointer).collect()
    }

    #[test]
    fn a_code_takes_off_a_share_or_an_amount() {
        let none: [&str; 0] = [];
        let eur = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        assert_eq!(pointers(json!({"percent_bps": 10_000})), none);
        assert_eq!(pointers(json!({"amount": eur(PRICE_AMOUNT_MAX)})), none);
        assert_eq!(pointers(json!({})), [""]);
        assert_eq!(pointers(json!({"percent_bps": 1, "amount": eur(1)})), [""]);
        assert_eq!(pointers(json!({"percent_bps": 10_001})), ["/percent_bps"]);
        assert_eq!(pointers(json!({"amount": eur(0)})), ["/amount/amount"]);
        assert_eq!(
            pointers(json!({"amount": eur(PRICE_AMOUNT_MAX + 1)})),
            ["/amount/amount"]
        );
    }

    #[test]
    fn everything_wrong_with_its_terms_is_told() {
        let found = pointers(json!({
            "percent_bps": 1,
            "uses_max": 0,
            "uses_per_customer_max": USES_MAX + 1,
            "from": "2027-03-01T00:00:00Z",
            "until": "2027-03-01T00:00:00Z",
            "venue_ids": ["x"],
        }));
        assert_eq!(
            found,
            ["/uses_max", "/uses_per_customer_max", "/until", "/venue_ids/0"]
        );
        let dollars = json!({"amount": 1, "currency": "USD"});
        assert_eq!(
            pointers(json!({"amount": {"amount": 1, "currency": "EUR"}, "minimum_spend": dollars})),
            ["/minimum_spend"]
        );
        let many = vec!["vnu_01900000000070008000000000000001"; VENUES_MAX + 1];
        assert_eq!(
            pointers(json!({"percent_bps": 1, "venue_ids": many})),
            ["/venue_ids"]
        );
    }
}
