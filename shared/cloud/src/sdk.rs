//! The AWS SDK as every function uses it: how long a call may take, how often it is tried, and whom it
//! trusts.
//!
//! Loading the operating system's store of roots cost 19 million instructions at the start of a function,
//! the five roots of Amazon Trust Services 1.2 million, and AWS's endpoints need no others. Where an
//! endpoint is set by the environment (a stand-in), the system's store is used.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, HttpClientError};

use crate::settings::Lookup;

/// To connect, handshake included. Within a region it takes milliseconds.
pub const CONNECT_MILLISECONDS_MAX: u64 = 1_000;
/// One attempt. DynamoDB's own latency goal is below 10 ms; 3 seconds is only ever a lost answer.
pub const ATTEMPT_MILLISECONDS_MAX: u64 = 3_000;
/// All attempts of one call and the waits between them.
pub const CALL_MILLISECONDS_MAX: u64 = 10_000;
/// The first included; one layer retries, and it is this one.
pub const ATTEMPTS_MAX: u32 = 3;
/// The longest wait between two attempts (full jitter).
pub const BACKOFF_MILLISECONDS_MAX: u64 = 500;

/// Amazon Trust Services: all five roots, as its repository recommends to whoever has a trust store of
/// their own (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("roots/amazon-root-ca-1.pem"),
    include_bytes!("roots/amazon-root-ca-2.pem"),
    include_bytes!("roots/amazon-root-ca-3.pem"),
    include_bytes!("roots/amazon-root-ca-4.pem"),
    include_bytes!("roots/starfield-services-root-g2.pem"),
];

/// The configuration of all clients: region, credentials and endpoints from the environment.
///
/// # Errors
/// When the TLS context cannot be built.
pub async fn config(lookup: &Lookup<'_>) -> Result<SdkConfig, HttpClientError> {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .retry_config(retries());
    let loader = if has_endpoint(lookup) {
        loader
    } else {
        loader.http_client(amazon_only()?)
    };
    Ok(loader.load().await)
}

/// How long a call may take.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(CONNECT_MILLISECONDS_MAX))
        .operation_attempt_timeout(Duration::from_millis(ATTEMPT_MILLISECONDS_MAX))
        .operation_timeout(Duration::from_millis(CALL_MILLISECONDS_MAX))
        .build()
}

/// How often a call is tried. The SDK also keeps a budget of retries, so that they do not pile up while
/// everything fails.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS_MAX)
        .with_max_backoff(Duration::from_millis(BACKOFF_MILLISECONDS_MAX))
}

/// A client of S3. A stand-in is addressed by path, since it has no names for buckets.
#[must_use]
pub fn s3(config: &SdkConfig, lookup: &Lookup<'_>) -> aws_sdk_s3::Client {
    let by_path = is_set(lookup, "AWS_ENDPOINT_URL") || is_set(lookup, "AWS_ENDPOINT_URL_S3");
    let config = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(by_path)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// A client of the sockets' management API, which has an address of its own in each deployment.
#[must_use]
pub fn sockets(config: &SdkConfig, endpoint: &str) -> aws_sdk_apigatewaymanagement::Client {
    let config = aws_sdk_apigatewaymanagement::config::Builder::from(config)
        .endpoint_url(endpoint)
        .build();
    aws_sdk_apigatewaymanagement::Client::from_conf(config)
}

fn amazon_only() -> Result<aws_sdk_sqs::config::SharedHttpClient, HttpClientError> {
    let roots = AMAZON_ROOTS
        .into_iter()
        .fold(TrustStore::empty(), TrustStore::with_pem_certificate);
    let context = TlsContext::builder().with_trust_store(roots).build()?;
    let provider = Provider::Rustls(CryptoMode::AwsLc);
    Ok(Builder::new()
        .tls_provider(provider)
        .tls_context(context)
        .build_https())
}

/// Whether anything is elsewhere than AWS has it.
fn has_endpoint(lookup: &Lookup<'_>) -> bool {
    ["", "_DYNAMODB", "_S3", "_SQS", "_SES"]
        .iter()
        .any(|of| is_set(lookup, &format!("AWS_ENDPOINT_URL{of}")))
        || lookup("WS_ENDPOINT").is_some_and(|url| url.starts_with("http://"))
}

fn is_set(lookup: &Lookup<'_>, name: &str) -> bool {
    lookup(name).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest;
    use aws_sdk_sqs::error::SdkError;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    /// SHA-256 of the certificates, as Mozilla's root programme publishes them.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_embedded_roots_are_those_of_amazon_trust_services() {
        for (pem, fingerprint) in AMAZON_ROOTS.into_iter().zip(FINGERPRINTS) {
            let text = std::str::from_utf8(pem).unwrap();
            let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
            let der = STANDARD.decode(base64).unwrap();
            assert_eq!(hex::encode(digest::digest(&digest::SHA256, &der)), fingerprint);
        }
    }

    #[test]
    fn all_attempts_fit_into_the_time_of_a_call() {
        let waits = u64::from(ATTEMPTS_MAX - 1) * BACKOFF_MILLISECONDS_MAX;
        assert!(u64::from(ATTEMPTS_MAX) * ATTEMPT_MILLISECONDS_MAX + waits <= CALL_MILLISECONDS_MAX);
        assert_eq!(retries().max_attempts(), 3);
        assert_eq!(timeouts().operation_timeout(), Some(Duration::from_secs(10)));
        assert_eq!(
            timeouts().operation_attempt_timeout(),
            Some(Duration::from_secs(3))
        );
        assert_eq!(timeouts().connect_timeout(), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_stand_in_is_trusted_by_the_systems_store_and_aws_by_amazons_roots() {
        assert!(!has_endpoint(&|_| None));
        assert!(!has_endpoint(
            &|name| (name == "WS_ENDPOINT").then(|| "https://x.amazonaws.com".to_owned())
        ));
        assert!(!has_endpoint(
            &|name| (name == "AWS_ENDPOINT_URL").then(String::new)
        ));
        for set in [
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_ENDPOINT_URL_S3",
            "WS_ENDPOINT",
        ] {
            assert!(
                has_endpoint(&|name| (name == set).then(|| "http://127.0.0.1:1".to_owned())),
                "{set}"
            );
        }
    }

    #[tokio::test]
    async fn a_client_starts_with_the_embedded_roots() {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region("eu-central-1")
            .test_credentials()
            .retry_config(RetryConfig::disabled())
            .http_client(amazon_only().unwrap())
            .endpoint_url("https://127.0.0.1:1")
            .load()
            .await;
        // The roots are read when the first connection is made; nobody listens there.
        let error = aws_sdk_sqs::Client::new(&config)
            .list_queues()
            .send()
            .await
            .unwrap_err();
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    }
}
