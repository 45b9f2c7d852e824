//! Webhooks: whether one is Stripe's, and what it is about.
//!
//! The scheme (<https://docs.stripe.com/webhooks#verify-manually>): `Stripe-Signature: t=<seconds>,v1=<hex>`
//! with HMAC-SHA256 over `<t>.<body>`; several `v1` while a secret is being rotated; other schemes are
//! skipped. Absent: the object itself. It is read again from Stripe, since a message may be old.

use app::ports::{BadWebhook, Webhook, WebhookSubject};
use aws_lc_rs::hmac;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// How far a signature may be from now, either way. The default of Stripe's own libraries
/// (`DEFAULT_TOLERANCE`, 5 minutes).
pub const TOLERANCE_SECONDS: i64 = 300;
/// More signatures than this are no rotation but an attempt to make us compute.
pub const SIGNATURES_MAX: usize = 8;

/// The secrets that webhooks may be signed with.
pub struct Signatures {
    keys: Vec<hmac::Key>,
}

impl Signatures {
    pub fn new(secrets: &[SecretString]) -> Self {
        let key =
            |secret: &SecretString| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        Self {
            keys: secrets.iter().map(key).collect(),
        }
    }

    /// Compares in constant time.
    pub fn check(&self, body: &[u8], header: &str, now: Timestamp) -> Result<(), BadWebhook> {
        let header = Header::parse(header)?;
        let signed = [header.at_text.as_bytes(), b".", body].concat();
        let fits = |signature: &Vec<u8>| {
            self.keys
                .iter()
                .any(|key| hmac::verify(key, &signed, signature).is_ok())
        };
        if !header.signatures.iter().any(fits) {
            return Err(BadWebhook::Signature);
        }
        if now.as_second().abs_diff(header.at) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(BadWebhook::Timestamp);
        }
        Ok(())
    }
}

struct Header<'a> {
    /// As it stands there, since that is what was signed.
    at_text: &'a str,
    at: i64,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Header<'a> {
    fn parse(header: &'a str) -> Result<Self, BadWebhook> {
        let mut at_text = None;
        let mut signatures = Vec::new();
        for part in header.split(',') {
            let (name, value) = part.trim().split_once('=').ok_or(BadWebhook::Malformed)?;
            match name {
                "t" if at_text.is_some() => return Err(BadWebhook::Malformed),
                "t" => at_text = Some(value),
                "v1" if signatures.len() == SIGNATURES_MAX => return Err(BadWebhook::Malformed),
                "v1" => signatures.push(hex::decode(value).map_err(|_| BadWebhook::Malformed)?),
                _ => {}
            }
        }
        let at_text = at_text.ok_or(BadWebhook::Malformed)?;
        let digits = at_text.bytes().all(|b| b.is_ascii_digit());
        let at = at_text
            .parse()
            .ok()
            .filter(|_| digits)
            .ok_or(BadWebhook::Malformed)?;
        if signatures.is_empty() {
            return Err(BadWebhook::Malformed);
        }
        Ok(Self {
            at_text,
            at,
            signatures,
        })
    }
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    object: Option<String>,
}

/// What a body that was signed is about.
pub fn read(body: &[u8]) -> Result<Webhook, BadWebhook> {
    let event: Event = serde_json::from_slice(body).map_err(|_| BadWebhook::Body)?;
    if event.id.is_empty() {
        return Err(BadWebhook::Body);
    }
    let object = event.data.map(|data| data.object);
    let subject = match object.map(|o| (o.object, o.id)) {
        Some((Some(kind), Some(id))) if kind == "payment_intent" => WebhookSubject::Intent(id),
        Some((Some(kind), Some(id))) if kind == "refund" => WebhookSubject::Refund(id),
        _ => WebhookSubject::Other(event.kind),
    };
    Ok(Webhook {
        event_id: event.id,
        subject,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","object":"payment_intent"}}}"#;
    const NOW: i64 = 1_700_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hex::encode(hmac::sign(&key, &[format!("{at}.").as_bytes(), body].concat()))
    }

    fn header(secret: &str, at: i64) -> String {
        format!("t={at},v1={}", sign(secret, at, BODY))
    }

    fn check(secrets: &[&str], body: &[u8], header: &str) -> Result<(), BadWebhook> {
        let secrets: Vec<SecretString> = secrets.iter().map(|s| SecretString::from(*s)).collect();
        Signatures::new(&secrets).check(body, header, now())
    }

    #[test]
    fn a_signature_made_elsewhere_fits() {
        // printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
        let header = "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
        assert_eq!(check(&["whsec_test"], br#"{"id":"evt_1"}"#, header), Ok(()));
    }

    #[test]
    fn the_signature_of_another_secret_is_refused() {
        assert_eq!(
            check(&["whsec_1"], BODY, &header("whsec_2", NOW)),
            Err(BadWebhook::Signature)
        );
        assert_eq!(
            check(&[], BODY, &header("whsec_1", NOW)),
            Err(BadWebhook::Signature)
        );
    }

    #[test]
    fn a_changed_body_is_refused() {
        let mut body = BODY.to_vec();
        *body.last_mut().unwrap() = b' ';
        assert_eq!(
            check(&["whsec_1"], &body, &header("whsec_1", NOW)),
            Err(BadWebhook::Signature)
        );
    }

    #[test]
    fn a_changed_timestamp_is_refused() {
        let moved = header("whsec_1", NOW - 600).replace("t=1699999400", "t=1700000000");
        assert_eq!(check(&["whsec_1"], BODY, &moved), Err(BadWebhook::Signature));
    }

    #[test]
    fn a_signature_is_believed_for_five_minutes_and_no_longer() {
        let at = |seconds| check(&["whsec_1"], BODY, &header("whsec_1", NOW - seconds));
        assert_eq!(at(TOLERANCE_SECONDS), Ok(()));
        assert_eq!(at(TOLERANCE_SECONDS + 1), Err(BadWebhook::Timestamp));
    }

    #[test]
    fn a_clock_ahead_of_ours_is_believed_for_five_minutes_and_no_longer() {
        let at = |seconds| check(&["whsec_1"], BODY, &header("whsec_1", NOW + seconds));
        assert_eq!(at(TOLERANCE_SECONDS), Ok(()));
        assert_eq!(at(TOLERANCE_SECONDS + 1), Err(BadWebhook::Timestamp));
        let end_of_time = format!("t={},v1={}", i64::MAX, sign("whsec_1", i64::MAX, BODY));
        assert_eq!(
            check(&["whsec_1"], BODY, &end_of_time),
            Err(BadWebhook::Timestamp)
        );
    }

    #[test]
    fn while_stripe_rotates_a_secret_one_of_two_signatures_is_enough() {
        let (old, new) = (sign("whsec_old", NOW, BODY), sign("whsec_new", NOW, BODY));
        for header in [
            format!("t={NOW},v1={old},v1={new}"),
            format!("t={NOW},v1={new},v1={old},v0=x"),
        ] {
            assert_eq!(check(&["whsec_new"], BODY, &header), Ok(()));
            assert_eq!(check(&["whsec_old"], BODY, &header), Ok(()));
            assert_eq!(check(&["whsec_other"], BODY, &header), Err(BadWebhook::Signature));
        }
    }

    #[test]
    fn while_we_rotate_a_secret_both_are_believed() {
        for secret in ["whsec_old", "whsec_new"] {
            assert_eq!(
                check(&["whsec_new", "whsec_old"], BODY, &header(secret, NOW)),
                Ok(())
            );
        }
    }

    #[test]
    fn a_malformed_header_is_told_from_a_wrong_one() {
        let good = sign("whsec_1", NOW, BODY);
        for bad in [
            String::new(),
            "nonsense".into(),
            format!("v1={good}"),
            format!("t={NOW}"),
            format!("t={NOW},v0={good}"),
            format!("t={NOW},v1=zz"),
            format!("t=,v1={good}"),
            format!("t=+{NOW},v1={good}"),
            format!("t=-1,v1={good}"),
            format!("t=99999999999999999999,v1={good}"),
            format!("t={NOW},t={NOW},v1={good}"),
        ] {
            assert_eq!(
                check(&["whsec_1"], BODY, &bad),
                Err(BadWebhook::Malformed),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn more_signatures_than_any_rotation_needs_are_refused() {
        let header =
            |count| format!("t={NOW}") + &format!(",v1={}", sign("whsec_1", NOW, BODY)).repeat(count);
        assert_eq!(check(&["whsec_1"], BODY, &header(SIGNATURES_MAX)), Ok(()));
        assert_eq!(
            check(&["whsec_1"], BODY, &header(SIGNATURES_MAX + 1)),
            Err(BadWebhook::Malformed)
        );
    }

    #[test]
    fn an_event_names_the_object_it_is_about() {
        let read = |body: &str| read(body.as_bytes()).unwrap();
        let event = read(std::str::from_utf8(BODY).unwrap());
        assert_eq!(event.event_id, "evt_1");
        assert_eq!(event.subject, WebhookSubject::Intent("pi_1".into()));
        let refund =
            r#"{"id":"evt_2","type":"refund.updated","data":{"object":{"id":"re_1","object":"refund"}}}"#;
        assert_eq!(read(refund).subject, WebhookSubject::Refund("re_1".into()));
    }

    #[test]
    fn an_event_about_anything_else_is_genuine_and_of_no_concern() {
        for body in [
            r#"{"id":"evt_3","type":"x.y","data":{"object":{"id":"cus_1","object":"customer"}}}"#,
            r#"{"id":"evt_3","type":"x.y","data":{"object":{"object":"payment_intent"}}}"#,
            r#"{"id":"evt_3","type":"x.y","account":"acct_1"}"#,
        ] {
            assert_eq!(
                read(body.as_bytes()).unwrap().subject,
                WebhookSubject::Other("x.y".into()),
                "{body}"
            );
        }
    }

    #[test]
    fn a_body_that_is_no_event_is_refused() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"id":"evt_1"}"#,
            r#"{"id":"","type":"x.y"}"#,
            r#"{"id":1,"type":"x.y"}"#,
        ] {
            assert_eq!(read(body.as_bytes()), Err(BadWebhook::Body), "{body}");
        }
    }
}
