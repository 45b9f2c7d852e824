//! What can be charged to a card at all, by the provider's table: a total outside of it is never offered.
//!
//! Source: <https://docs.stripe.com/currencies>, "Minimum and maximum charge amounts" and "Special cases". For
//! currencies without a minimum of their own there, Stripe asks for the worth of 0.50 USD; they have at least
//! twice that here, so that a rate of exchange which moves does not matter.

use std::ops::RangeInclusive;

use crate::Refusal;
use crate::money::{Currency, Money, MoneyError};

/// Stripe's amounts have at most eight digits.
const AMOUNT_MAX: i64 = 99_999_999;

/// The least that can be charged, in minor units.
const LEAST: [(&str, i64); 36] = [
    ("AED", 200),
    ("ARS", 200_000),
    ("AUD", 50),
    ("BGN", 100),
    ("BHD", 500),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CLP", 1_000),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("IDR", 2_000_000),
    ("ILS", 400),
    ("INR", 50),
    ("ISK", 150),
    ("JOD", 1_000),
    ("JPY", 50),
    ("KRW", 1_500),
    ("KWD", 500),
    ("MAD", 1_000),
    ("MXN", 1_000),
    ("NOK", 300),
    ("NZD", 50),
    ("OMR", 500),
    ("PLN", 200),
    ("RON", 200),
    ("SAR", 400),
    ("SEK", 300),
    ("SGD", 50),
    ("TND", 4_000),
    ("USD", 50),
    ("ZAR", 2_000),
];

/// What an amount has to be a multiple of: of three decimals the last is always zero. Of HUF the provider pays out
/// whole forints only, and there have been no coins for less since 1999.
#[must_use]
pub const fn unit(currency: Currency) -> i64 {
    match (currency.exponent(), currency.code().as_bytes()) {
        (3, _) => 10,
        (_, b"HUF") => 100,
        _ => 1,
    }
}

/// `amount × numerator ÷ denominator`, rounded once, half away from zero, to what can be charged.
///
/// # Errors
/// [`MoneyError::Overflow`] when the result does not fit, or the denominator is not positive.
pub fn part(amount: Money, numerator: i64, denominator: i64) -> Result<Money, MoneyError> {
    let unit = unit(amount.currency());
    let denominator = denominator.checked_mul(unit).ok_or(MoneyError::Overflow)?;
    amount.scaled(numerator, denominator)?.scaled(unit, 1)
}

/// Shares an amount out in proportion to others, so that every part can be charged and nothing is lost. Nothing is
/// shared out where there is nothing to go by.
///
/// # Errors
/// [`MoneyError::Overflow`] for proportions below nothing, or of more than 32 bits.
pub fn shared_out<const N: usize>(amount: Money, proportions: [Money; N]) -> Result<[Money; N], MoneyError> {
    let currency = amount.currency();
    let unit = unit(currency);
    let mut parts = [Money::zero(currency); N];
    if proportions.iter().all(|proportion| proportion.is_zero()) {
        return Ok(parts);
    }
    let weights = proportions
        .iter()
        .map(|proportion| u32::try_from(proportion.amount()).map_err(|_| MoneyError::Overflow))
        .collect::<Result<Vec<u32>, _>>()?;
    let units = Money::new(amount.amount() / unit, currency).split(&weights)?;
    for (part, units) in parts.iter_mut().zip(units) {
        *part = units.scaled(unit, 1)?;
    }
    Ok(parts)
}

fn least(currency: Currency) -> Money {
    let amount = LEAST
        .iter()
        .find_map(|(code, amount)| (*code == currency.code()).then_some(*amount));
    Money::new(amount.unwrap_or(AMOUNT_MAX), currency)
}

/// ISK has no decimals, and the provider writes it with two all the same.
fn most(currency: Currency) -> Money {
    let amount = if currency.code() == "ISK" {
        AMOUNT_MAX / 100
    } else {
        AMOUNT_MAX
    };
    Money::new(amount, currency)
}

/// From the least to the most that can be charged, in minor units.
#[must_use]
pub fn limits(currency: Currency) -> RangeInclusive<i64> {
    least(currency).amount()..=most(currency).amount()
}

/// # Errors
/// [`Refusal::AmountTooSmall`], [`Refusal::Amount`].
pub fn check(total: Money) -> Result<(), Refusal> {
    let least = least(total.currency());
    if total.amount() < least.amount() {
        return Err(Refusal::AmountTooSmall { least });
    }
    if total.amount() > most(total.currency()).amount() {
        return Err(Refusal::Amount);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: i64, code: &str) -> Money {
        Money::new(amount, code.parse().unwrap())
    }

    #[test]
    fn every_currency_has_a_least_charge_that_can_be_charged() {
        for currency in Currency::all() {
            let least = least(currency);
            assert!(least.amount() < AMOUNT_MAX, "{currency} is not in the table");
            assert_eq!(least.amount() % unit(currency), 0, "{currency}");
            assert_eq!(check(least), Ok(()));
            let less = Money::new(least.amount() - 1, currency);
            assert_eq!(check(less), Err(Refusal::AmountTooSmall { least }));
        }
    }

    #[test]
    fn no_charge_has_more_than_eight_digits() {
        assert_eq!(check(money(99_999_999, "EUR")), Ok(()));
        assert_eq!(check(money(100_000_000, "EUR")), Err(Refusal::Amount));
        assert_eq!(check(money(999_999, "ISK")), Ok(()));
        assert_eq!(check(money(1_000_000, "ISK")), Err(Refusal::Amount));
    }
}
