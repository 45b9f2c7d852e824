//! The form of a browser's upload: a POST policy and its signature (AWS Signature Version 4).
//!
//! The SDK presigns PUT and GET only, and a presigned PUT cannot bound the size. Pure: credentials and
//! time come in. Source: "Browser-Based Uploads Using POST", S3 API Reference.

use app::ports::Upload;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "s3";

/// Who signs, and for where.
pub struct Signer<'a> {
    pub access_key: &'a str,
    pub secret_key: &'a str,
    /// Of temporary credentials, which is what a function has.
    pub session_token: Option<&'a str>,
    pub region: &'a str,
    pub bucket: &'a str,
}

impl Signer<'_> {
    /// The fields of the form, in the order in which they have to be sent.
    pub fn fields(&self, upload: &Upload) -> Vec<(String, String)> {
        let signed = self.signed_fields(upload.now);
        let policy = STANDARD.encode(self.policy(upload, &signed).to_string());
        let signature = self.sign(&policy, upload.now);
        let mut fields = vec![
            ("key", upload.key.clone()),
            ("Content-Type", upload.content_type.clone()),
        ];
        fields.extend(signed);
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// What the bucket enforces: exactly this key and type, a size, and a time.
    fn policy(&self, upload: &Upload, signed: &[(&str, String)]) -> serde_json::Value {
        let mut conditions = vec![
            json!({ "bucket": self.bucket }),
            json!(["eq", "$key", upload.key]),
            json!(["eq", "$Content-Type", upload.content_type]),
            json!(["content-length-range", 1, upload.bytes_max]),
        ];
        conditions.extend(signed.iter().map(|(name, value)| json!({ *name: value })));
        json!({ "expiration": utc(upload.expires_at, "%Y-%m-%dT%H:%M:%S.000Z"), "conditions": conditions })
    }

    fn signed_fields(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let day = utc(now, "%Y%m%d");
        let credential = format!("{}/{day}/{}/{SERVICE}/aws4_request", self.access_key, self.region);
        let mut fields = vec![
            ("x-amz-algorithm", ALGORITHM.to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", utc(now, "%Y%m%dT%H%M%SZ")),
        ];
        fields.extend(
            self.session_token
                .map(|token| ("x-amz-security-token", token.to_owned())),
        );
        fields
    }

    /// The string to sign is the policy itself.
    fn sign(&self, policy: &str, now: Timestamp) -> String {
        let key = generate_signing_key(self.secret_key, now.into(), self.region, SERVICE);
        calculate_signature(key, policy.as_bytes())
    }
}

fn utc(at: Timestamp, format: &str) -> String {
    at.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const SIGNER: Signer<'_> = Signer {
        access_key: "AKIAIOSFODNN7EXAMPLE",
        secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        session_token: None,
        region: "us-east-1",
        bucket: "sigv4examplebucket",
    };

    /// The policy of the example in the S3 API Reference, "Example: Browser-Based Upload using HTTP POST".
    const EXAMPLE_POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    fn upload() -> Upload {
        Upload {
            key: "incoming/ven_1/med_1".into(),
            content_type: "image/jpeg".into(),
            bytes_max: 10_485_760,
            now: "2027-03-01T09:08:07.5Z".parse().unwrap(),
            expires_at: "2027-03-01T09:13:07.5Z".parse().unwrap(),
        }
    }

    fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
        &fields.iter().find(|(n, _)| n == name).unwrap().1
    }

    fn policy(fields: &[(String, String)]) -> Value {
        serde_json::from_slice(&STANDARD.decode(field(fields, "policy")).unwrap()).unwrap()
    }

    #[test]
    fn the_signature_of_the_documented_example_comes_out() {
        let signature = SIGNER.sign(EXAMPLE_POLICY, "2015-12-29T00:00:00Z".parse().unwrap());
        assert_eq!(
            signature,
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    #[test]
    fn the_bucket_is_told_key_type_size_and_time() {
        let policy = policy(&SIGNER.fields(&upload()));
        assert_eq!(policy["expiration"], "2027-03-01T09:13:07.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for condition in [
            json!({"bucket": "sigv4examplebucket"}),
            json!(["eq", "$key", "incoming/ven_1/med_1"]),
            json!(["eq", "$Content-Type", "image/jpeg"]),
            json!(["content-length-range", 1, 10_485_760]),
            json!({"x-amz-algorithm": "AWS4-HMAC-SHA256"}),
            json!({"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20270301/us-east-1/s3/aws4_request"}),
            json!({"x-amz-date": "20270301T090807Z"}),
        ] {
            assert!(conditions.contains(&condition), "{condition}");
        }
    }

    #[test]
    fn every_field_of_the_form_is_named_by_the_policy() {
        let signer = Signer {
            session_token: Some("token"),
            ..SIGNER
        };
        let fields = signer.fields(&upload());
        let policy = policy(&fields).to_string();
        for (name, value) in fields
            .iter()
            .filter(|(n, _)| n != "policy" && n != "x-amz-signature")
        {
            assert!(
                policy.contains(&format!("{name}\"")),
                "{name} is not in the policy"
            );
            assert!(
                policy.contains(&serde_json::to_string(value).unwrap()),
                "{value} is not in the policy"
            );
        }
        assert_eq!(fields.first().unwrap().0, "key");
        assert_eq!(field(&fields, "x-amz-security-token"), "token");
        assert_eq!(
            field(&fields, "x-amz-signature"),
            signer.sign(field(&fields, "policy"), upload().now)
        );
    }

    #[test]
    fn lasting_credentials_have_no_token_to_send() {
        assert!(
            SIGNER
                .fields(&upload())
                .iter()
                .all(|(name, _)| name != "x-amz-security-token")
        );
    }

    #[test]
    fn another_file_needs_another_signature() {
        let other = Upload {
            key: "incoming/ven_1/med_2".into(),
            ..upload()
        };
        let signature = |upload: &Upload| field(&SIGNER.fields(upload), "x-amz-signature").to_owned();
        assert_ne!(signature(&upload()), signature(&other));
        assert_eq!(signature(&upload()), signature(&upload()));
    }
}
