//! Money: whole minor units of one currency, checked. No floats anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ten thousand basis points are the whole.
pub const BASIS_POINTS_WHOLE: i64 = 10_000;

/// An ISO 4217 currency that prices may be in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

/// ISO 4217 (2024-06 list of SIX), the currencies Stripe settles, with their decimals.
const CURRENCIES: [(&str, u8); 36] = [
    ("AED", 2),
    ("ARS", 2),
    ("AUD", 2),
    ("BGN", 2),
    ("BHD", 3),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("HUF", 2),
    ("IDR", 2),
    ("ILS", 2),
    ("INR", 2),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("MAD", 2),
    ("MXN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("OMR", 3),
    ("PLN", 2),
    ("RON", 2),
    ("SAR", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("TND", 3),
    ("USD", 2),
    ("ZAR", 2),
];

impl Currency {
    /// The three letters of ISO 4217.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals the major unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }

    /// Every currency there is, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        CURRENCIES
            .into_iter()
            .map(|(code, exponent)| Self { code, exponent })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// What arithmetic on money may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the currency is not one that prices may be in")]
    UnknownCurrency,
    #[error("amounts of different currencies cannot be combined")]
    CurrencyMismatch,
    #[error("the amount is too large")]
    Overflow,
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::all()
            .find(|c| c.code == code)
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (cents, yen, fils).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    #[must_use]
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// Minor units.
    #[must_use]
    pub const fn amount(self) -> i64 {
        self.amount
    }

    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// In major units, with all decimals of the currency and without its name: `12.50`. For files; never parsed back.
    #[must_use]
    pub fn decimal(self) -> String {
        let decimals = usize::from(self.currency.exponent);
        let sign = if self.amount < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.amount.unsigned_abs(), width = decimals + 1);
        let (major, minor) = digits.split_at(digits.len() - decimals);
        match decimals {
            0 => format!("{sign}{major}"),
            _ => format!("{sign}{major}.{minor}"),
        }
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// It, or nothing when it is less.
    #[must_use]
    pub const fn at_least_zero(self) -> Self {
        if self.amount < 0 {
            Self::zero(self.currency)
        } else {
            self
        }
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let amount = op(self.amount, other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// `self × numerator ÷ denominator`, rounded half away from zero once.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the result does not fit, or the denominator is not positive.
    pub fn scaled(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        if denominator <= 0 {
            return Err(MoneyError::Overflow);
        }
        let product = i128::from(self.amount) * i128::from(numerator);
        let denominator = i128::from(denominator);
        let half = denominator / 2 * product.signum();
        // An odd denominator has no exact half, so truncating it cannot move a value over the border.
        let amount = i64::try_from((product + half) / denominator).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// A share of it in basis points, rounded half away from zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share(self, basis_points: i64) -> Result<Self, MoneyError> {
        self.scaled(basis_points, BASIS_POINTS_WHOLE)
    }

    /// Splits it in proportion to the weights so that nothing is lost: each part is rounded down and
    /// what is left goes, a unit each, to the largest remainders (the earlier part first among equals).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the weights are all zero.
    pub fn split(self, weights: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::Overflow);
        }
        let exact = weights.iter().map(|w| i128::from(self.amount) * i128::from(*w));
        let mut parts: Vec<(usize, i128, i128)> = exact
            .enumerate()
            .map(|(i, e)| (i, e.div_euclid(total), e.rem_euclid(total)))
            .collect();
        let mut left = i128::from(self.amount) - parts.iter().map(|(_, part, _)| part).sum::<i128>();
        parts.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
        for (_, part, _) in &mut parts {
            if left > 0 {
                *part += 1;
                left -= 1;
            }
        }
        parts.sort_by_key(|(i, _, _)| *i);
        parts
            .into_iter()
            .map(|(_, part, _)| {
                let amount = i64::try_from(part).map_err(|_| MoneyError::Overflow)?;
                Ok(Self { amount, ..self })
            })
            .collect()
    }
}

impl fmt::Display for Money {
    /// `EUR 12.50`, for people; never parsed back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.decimal())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, "EUR".parse().unwrap())
    }

    #[test]
    fn an_amount_is_shown_with_the_decimals_of_its_currency() {
        let shown = |amount, code: &str| Money::new(amount, code.parse().unwrap()).to_string();
        assert_eq!(shown(1250, "EUR"), "EUR 12.50");
        assert_eq!(shown(5, "EUR"), "EUR 0.05");
        assert_eq!(shown(-5, "EUR"), "EUR -0.05");
        assert_eq!(shown(500, "JPY"), "JPY 500");
        assert_eq!(shown(1234, "KWD"), "KWD 1.234");
    }

    #[test]
    fn different_currencies_do_not_add_up() {
        assert_eq!(
            eur(1).plus(Money::new(1, "USD".parse().unwrap())),
            Err(MoneyError::CurrencyMismatch)
        );
        assert_eq!(eur(i64::MAX).plus(eur(1)), Err(MoneyError::Overflow));
    }

    #[test]
    fn half_a_minor_unit_is_rounded_away_from_zero() {
        assert_eq!(eur(1).scaled(1, 2), Ok(eur(1)));
        assert_eq!(eur(-1).scaled(1, 2), Ok(eur(-1)));
        assert_eq!(eur(1).scaled(1, 3), Ok(eur(0)));
        assert_eq!(eur(2).scaled(1, 3), Ok(eur(1)));
        assert_eq!(eur(1001).share(5_000), Ok(eur(501)));
    }

    proptest! {
        #[test]
        fn a_split_loses_nothing(amount in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0_u32..1000, 1..12)) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = eur(amount).split(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(|p| p.amount()).sum::<i64>(), amount);
        }

        #[test]
        fn scaling_is_off_by_at_most_half_a_unit(amount in -1_000_000_i64..1_000_000, n in 0_i64..10_000, d in 1_i64..10_000) {
            let scaled = eur(amount).scaled(n, d).unwrap().amount();
            prop_assert!((i128::from(scaled) * i128::from(d) - i128::from(amount) * i128::from(n)).abs() * 2 <= i128::from(d));
        }
    }
}
