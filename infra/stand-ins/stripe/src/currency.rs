//! Currencies: which exist, how many decimals Stripe's amounts have, the least and the greatest charge.
//!
//! Source: Stripe's documentation of supported currencies. Absent: conversion, and the least amount of a
//! currency that Stripe derives from the settlement currency (those take [`MINIMUM_OTHERS`]).

use crate::api_error::ApiError;

/// Amounts have at most eight digits.
pub const AMOUNT_MAX: i64 = 99_999_999;
/// The least charge of a currency without one of its own in Stripe's table.
pub const MINIMUM_OTHERS: i64 = 50;

const SUPPORTED: &str = "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd \
    bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq \
    gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl \
    mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron \
    rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd \
    vuv wst xaf xcd xof xpf yer zar zmw";
const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const THREE_DECIMAL: &str = "bhd jod kwd omr tnd";
/// Without decimals in life, with two in Stripe's amounts, which must then be zero.
const TWO_ZERO_DECIMALS: &str = "isk ugx";
const MINIMUMS: &[(&str, i64)] = &[
    ("usd", 50),
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1_500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1_000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1_000),
];

/// A supported currency, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency(String);

impl Currency {
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let code = text.to_ascii_lowercase();
        if SUPPORTED.split_ascii_whitespace().any(|known| known == code) {
            return Ok(Self(code));
        }
        let known = SUPPORTED.split_ascii_whitespace().collect::<Vec<_>>().join(", ");
        let message =
            format!("Invalid currency: {code}. Stripe currently supports these currencies: {known}");
        Err(ApiError::invalid(message).param("currency"))
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    /// Decimals of an amount: 1000 is 10.00 with two.
    pub fn decimals(&self) -> u32 {
        let among = |list: &str| list.split_ascii_whitespace().any(|code| code == self.0);
        if among(ZERO_DECIMAL) {
            0
        } else if among(THREE_DECIMAL) {
            3
        } else {
            2
        }
    }

    /// Refuses an amount that cannot be charged.
    pub fn check_amount(&self, amount: i64) -> Result<(), ApiError> {
        if amount < 1 {
            return Err(
                ApiError::invalid("This value must be greater than or equal to 1.")
                    .code("parameter_invalid_integer")
                    .param("amount"),
            );
        }
        if amount > AMOUNT_MAX {
            let message = format!("Amount must be no more than {}", self.format(AMOUNT_MAX));
            return Err(ApiError::invalid(message)
                .code("amount_too_large")
                .param("amount"));
        }
        let minimum = MINIMUMS
            .iter()
            .find_map(|(code, least)| (*code == self.0).then_some(*least))
            .unwrap_or(MINIMUM_OTHERS);
        if amount < minimum {
            let message = format!("Amount must be at least {} {}", self.format(minimum), self.0);
            return Err(ApiError::invalid(message)
                .code("amount_too_small")
                .param("amount"));
        }
        let step = self.step();
        if amount % step != 0 {
            let message = format!("Amounts in {} must be a multiple of {step}.", self.0);
            return Err(ApiError::invalid(message)
                .code("invalid_charge_amount")
                .param("amount"));
        }
        Ok(())
    }

    /// An amount as Stripe writes it in messages: `$10.00`, `¥500`.
    pub fn format(&self, amount: i64) -> String {
        let sign = match self.0.as_str() {
            "usd" | "aud" | "cad" | "nzd" | "sgd" | "hkd" => "$",
            "eur" => "€",
            "gbp" => "£",
            "jpy" | "cny" => "¥",
            _ => "",
        };
        let unit = 10_i64.pow(self.decimals());
        let whole = group_thousands(amount / unit);
        if unit == 1 {
            return format!("{sign}{whole}");
        }
        let width = usize::try_from(self.decimals()).unwrap_or(2);
        format!("{sign}{whole}.{:0width$}", amount % unit)
    }

    fn step(&self) -> i64 {
        if TWO_ZERO_DECIMALS
            .split_ascii_whitespace()
            .any(|code| code == self.0)
        {
            100
        } else if self.decimals() == 3 {
            10
        } else {
            1
        }
    }
}

fn group_thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn code_of(result: Result<(), ApiError>) -> String {
        result.unwrap_err().error["code"].as_str().unwrap().to_owned()
    }

    #[test]
    fn amounts_below_the_minimum_or_of_nine_digits_are_refused() {
        assert_eq!(code_of(currency("usd").check_amount(49)), "amount_too_small");
        assert!(currency("usd").check_amount(50).is_ok());
        assert_eq!(code_of(currency("huf").check_amount(17_499)), "amount_too_small");
        assert_eq!(
            code_of(currency("pen").check_amount(MINIMUM_OTHERS - 1)),
            "amount_too_small"
        );
        assert!(currency("eur").check_amount(AMOUNT_MAX).is_ok());
        assert_eq!(
            code_of(currency("eur").check_amount(AMOUNT_MAX + 1)),
            "amount_too_large"
        );
        assert_eq!(
            code_of(currency("eur").check_amount(0)),
            "parameter_invalid_integer"
        );
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(currency("JPY").format(1_500), "¥1,500");
        assert_eq!(currency("usd").format(123_456_789), "$1,234,567.89");
        assert_eq!(currency("kwd").format(5_230), "5.230");
        assert_eq!(
            code_of(currency("kwd").check_amount(5_124)),
            "invalid_charge_amount"
        );
        assert_eq!(
            code_of(currency("ugx").check_amount(550)),
            "invalid_charge_amount"
        );
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        assert_eq!(Currency::parse("xyz").unwrap_err().error["param"], "currency");
    }
}
