//! What a booking costs, line by line.
//!
//! A price is made in a declared order: the time in the space, cut where the rate changes by the venue's clock;
//! what is missing to the minimum spend; add-ons; the cleaning fee; discounts and a promo code, each of the
//! undiscounted time and together never below the floor; the platform's fee; and the tax of each line. Every line
//! is rounded once, half away from zero, to what can be charged, and the total is their sum.
//!
//! Amounts have the decimals of ISO 4217. Where the provider charges nothing smaller, lines are multiples of more
//! than one minor unit ([`crate::charge::unit`]).

mod claim;
mod discount;
mod fees;
mod price;
mod problems;
mod promo;
mod quote;
mod rates;
mod rule;
mod sold;

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod tests;

pub use claim::{Claim, Counted};
pub use discount::{Discount, DiscountKind};
pub use fees::Fees;
pub use price::{Chosen, Item, Line, LineTax, Order, Price, Step, Wishes};
pub use promo::{Promo, PromoCode, PromoCodeError, PromoEffect, PromoObstacle};
pub use quote::{QUOTE_MINUTES, Quote, QuoteId};
pub use rates::{AddOn, Per, Rates, Tax};
pub use rule::{Bounds, DateRange, Effect, RateRule, When};

/// The dearest hour, and the dearest of any single thing: 100,000 in a currency of two decimals. Keeps every sum
/// far inside 64 bits.
pub const PRICE_AMOUNT_MAX: i64 = 10_000_000;
/// Rate rules of a space.
pub const RATE_RULES_MAX: usize = 50;
pub const ADD_ONS_MAX: usize = 50;
/// Of one add-on in one booking.
pub const ADD_ON_QUANTITY_MAX: u32 = 10_000;
pub const DISCOUNTS_MAX: usize = 20;
/// A rule makes an hour at most ten times as dear.
pub const RATE_RULE_BPS_MAX: i32 = 90_000;
/// Lines for time in one price. Times of the same rate share a line, so that only a space whose rate never repeats
/// needs as many.
pub const TIME_LINES_MAX: usize = 100;
/// Rules that made the rates of all these lines, one after the other: what a price may tell of them, so that it can be
/// stored.
pub const TIME_STEPS_MAX: usize = 1_000;
/// No sales tax is higher (the highest VAT is 27 %, in Hungary).
pub const TAX_BPS_MAX: u32 = 5_000;
/// Promo codes of a vendor, the ended ones included.
pub const PROMOS_MAX: usize = 100;
