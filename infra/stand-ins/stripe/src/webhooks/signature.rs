//! The `Stripe-Signature` header: `t=<seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`.

use aws_lc_rs::hmac;

use super::SignatureMode;

/// How old a stale signature is: one second beyond the tolerance of Stripe's libraries.
pub const STALE_SECONDS: i64 = 301;

/// The header as the mode asks for it; none when it is to be missing.
pub(crate) fn header(mode: SignatureMode, secret: &str, now: i64, body: &str) -> Option<String> {
    let other = format!("{secret}_other");
    match mode {
        SignatureMode::Valid => Some(format!("t={now},v1={}", sign(secret, now, body))),
        SignatureMode::Wrong => Some(format!("t={now},v1={}", sign(&other, now, body))),
        SignatureMode::Stale => {
            let then = now - STALE_SECONDS;
            Some(format!("t={then},v1={}", sign(secret, then, body)))
        }
        SignatureMode::Rotated => Some(format!(
            "t={now},v1={},v1={}",
            sign(&other, now, body),
            sign(secret, now, body)
        )),
        SignatureMode::Missing => None,
    }
}

/// The signature of a body at a time.
pub fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, format!("{timestamp}.{body}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_an_independent_computation() {
        // printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
        assert_eq!(
            sign("whsec_test", 1_700_000_000, r#"{"id":"evt_1"}"#),
            "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
        );
    }

    #[test]
    fn a_rotated_header_has_the_right_signature_second() {
        let header = header(SignatureMode::Rotated, "whsec", 5, "{}").unwrap();
        let signatures: Vec<_> = header.split(',').skip(1).collect();
        assert_eq!(signatures.len(), 2);
        assert_eq!(signatures[1], format!("v1={}", sign("whsec", 5, "{}")));
        assert_ne!(signatures[0], signatures[1]);
    }
}
