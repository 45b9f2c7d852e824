//! What a function does before its first request: logging, settings, the SDK, and one call that opens
//! the connection to DynamoDB while Lambda gives the sandbox a whole CPU.
//!
//! A `main.rs` asks for the ports that its function uses; only those are built, linked and missed when
//! their setting is not there. Absent: Stripe, which `stripe-gateway` builds by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use app::ports::{Blobs, Mailer, Queue, Sockets};
use app::{App, AppBuilder};
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use store::Store;

use crate::settings::{MissingSetting, Settings};
use crate::{ApiGatewaySockets, RandomIds, S3Blobs, SesMailer, SqsQueue, SystemClock, emf, log, sdk};

/// What the warm-up may cost. Lambda ends an initialisation after 10 seconds, and one that comes too late
/// is no warm-up.
pub const WARM_UP_MILLISECONDS_MAX: u64 = 2_000;

/// Why a function does not start.
#[derive(thiserror::Error)]
pub enum BootError {
    #[error(transparent)]
    Setting(#[from] MissingSetting),
    #[error("the TLS context cannot be built: {0}")]
    Tls(String),
    #[error(transparent)]
    App(#[from] app::Error),
}

impl fmt::Debug for BootError {
    /// `main` shows an error by this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The beginning of a function.
pub struct Boot {
    settings: Settings,
    sdk: SdkConfig,
    dynamodb: aws_sdk_dynamodb::Client,
}

impl Boot {
    /// Reads the environment as the function of this name (`bookings`, `worker-refunds`).
    ///
    /// # Errors
    /// [`BootError::Setting`] with the name of what is missing.
    pub async fn start(function: &str) -> Result<Self, BootError> {
        log::init(function);
        let settings = Settings::read(&env)?;
        let sdk = sdk::config(&env)
            .await
            .map_err(|e| BootError::Tls(e.to_string()))?;
        let boot = Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            settings,
            sdk,
        };
        if env("AWS_LAMBDA_RUNTIME_API").is_some() {
            emf::start(function);
            boot.warm_up().await;
        }
        Ok(boot)
    }

    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The tables, the clock and the ids.
    ///
    /// # Errors
    /// [`BootError::App`] when a key of the settings cannot be read.
    pub fn app(&self) -> Result<AppBuilder, BootError> {
        let store = Store::new(self.dynamodb.clone(), self.settings.table_prefix.clone());
        let config = self.settings.config.clone();
        Ok(App::builder(
            store,
            config,
            Arc::new(SystemClock),
            Arc::new(RandomIds),
        )?)
    }

    /// # Errors
    /// [`BootError::Setting`] when not one queue is set.
    pub fn queue(&self) -> Result<Arc<dyn Queue>, BootError> {
        let urls = self.settings.queues.clone();
        if urls.is_empty() {
            return Err(MissingSetting::Missing(
                "QUEUE_PAYMENTS_URL, QUEUE_REFUNDS_URL or QUEUE_NOTIFICATIONS_URL",
            )
            .into());
        }
        Ok(Arc::new(SqsQueue::new(aws_sdk_sqs::Client::new(&self.sdk), urls)))
    }

    /// # Errors
    /// [`BootError::Setting`] without `MEDIA_BUCKET`, a region or credentials.
    pub fn blobs(&self) -> Result<Arc<dyn Blobs>, BootError> {
        let bucket = needed(self.settings.media_bucket.as_ref(), "MEDIA_BUCKET")?;
        let region = needed(self.sdk.region(), "AWS_REGION")?.to_string();
        let credentials = self.sdk.credentials_provider();
        let credentials = needed(credentials.as_ref(), "AWS_ACCESS_KEY_ID")?.clone();
        Ok(Arc::new(S3Blobs::new(
            sdk::s3(&self.sdk, &env),
            bucket,
            region,
            credentials,
        )))
    }

    /// # Errors
    /// [`BootError::Setting`] without `WS_ENDPOINT`.
    pub fn sockets(&self) -> Result<Arc<dyn Sockets>, BootError> {
        let endpoint = needed(self.settings.ws_endpoint.as_ref(), "WS_ENDPOINT")?;
        Ok(Arc::new(ApiGatewaySockets::new(sdk::sockets(
            &self.sdk, endpoint,
        ))))
    }

    /// # Errors
    /// [`BootError::Setting`] without `MAIL_FROM`, or without `PUBLIC_URL`, which mails link to.
    pub fn mailer(&self) -> Result<Arc<dyn Mailer>, BootError> {
        let from = needed(self.settings.mail_from.as_ref(), "MAIL_FROM")?;
        needed(
            Some(&self.settings.config.public_url).filter(|url| !url.is_empty()),
            "PUBLIC_URL",
        )?;
        Ok(Arc::new(SesMailer::new(
            aws_sdk_ses::Client::new(&self.sdk),
            from,
        )))
    }

    /// Opens a connection, handshake included, and gets the credentials. The call names no table and needs
    /// no right: that it is refused does not matter, and that it fails will be noticed by the first
    /// request.
    async fn warm_up(&self) {
        let time = Duration::from_millis(WARM_UP_MILLISECONDS_MAX);
        let once = aws_sdk_dynamodb::Config::builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(time).build());
        let _answer = self
            .dynamodb
            .describe_endpoints()
            .customize()
            .config_override(once)
            .send()
            .await;
    }
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn needed<'a, T>(setting: Option<&'a T>, name: &'static str) -> Result<&'a T, MissingSetting> {
    setting.ok_or(MissingSetting::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    fn boot(pairs: &[(&str, &str)]) -> Boot {
        let all = [
            ("STAGE", "dev"),
            ("TABLE_PREFIX", "t"),
            ("JWT_PUBLIC_KEY_PEM", PUBLIC),
        ];
        let find = |name: &str| {
            all.iter()
                .chain(pairs)
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::read(&find).unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build();
        Boot {
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            settings,
            sdk,
        }
    }

    fn missing<T>(port: Result<T, BootError>) -> String {
        port.err().unwrap().to_string()
    }

    #[test]
    fn a_function_is_built_without_the_ports_that_it_does_not_ask_for() {
        assert!(boot(&[]).app().is_ok());
    }

    #[test]
    fn a_port_without_its_setting_is_refused_by_the_settings_name() {
        let bare = boot(&[]);
        assert_eq!(missing(bare.blobs()), "MEDIA_BUCKET is not set");
        assert_eq!(missing(bare.sockets()), "WS_ENDPOINT is not set");
        assert_eq!(missing(bare.mailer()), "MAIL_FROM is not set");
        assert!(missing(bare.queue()).contains("QUEUE_REFUNDS_URL"));
        assert_eq!(
            missing(boot(&[("MAIL_FROM", "a@example.com")]).mailer()),
            "PUBLIC_URL is not set"
        );
        assert_eq!(
            missing(boot(&[("MEDIA_BUCKET", "media")]).blobs()),
            "AWS_REGION is not set"
        );
    }

    #[test]
    fn a_port_with_its_setting_is_built() {
        let full = boot(&[
            ("WS_ENDPOINT", "https://ws.example.com/dev"),
            ("MAIL_FROM", "a@example.com"),
            ("PUBLIC_URL", "https://api.example.com"),
            ("QUEUE_REFUNDS_URL", "https://sqs.example.com/refunds"),
        ]);
        assert!(full.sockets().is_ok());
        assert!(full.mailer().is_ok());
        assert!(full.queue().is_ok());
    }

    #[test]
    fn what_main_shows_of_an_error_is_its_text() {
        let error = BootError::from(MissingSetting::Missing("STAGE"));
        assert_eq!(format!("{error:?}"), "STAGE is not set");
    }

    #[test]
    fn the_warm_up_ends_long_before_lambda_ends_the_initialisation() {
        const INIT_MILLISECONDS_MAX: u64 = 10_000;
        const { assert!(WARM_UP_MILLISECONDS_MAX * 2 < INIT_MILLISECONDS_MAX) };
    }
}
