//! What a stand-in is started with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::webhooks::{HttpSender, WebhookSender};

/// The secret key unless another is given: any test key would do.
pub const DEFAULT_SECRET_KEY: &str = "sk_test_stand_in";
/// The version that events carry unless another is given.
pub const DEFAULT_API_VERSION: &str = "2026-09-30.endive";

/// A webhook endpoint that exists from the start.
#[derive(Debug, Clone)]
pub struct ConfiguredWebhook {
    pub url: String,
    /// `whsec_…`: the key of the signature.
    pub secret: String,
}

#[derive(Clone)]
pub struct Config {
    /// The folder of the data file; none keeps everything in memory.
    pub data: Option<PathBuf>,
    pub secret_key: String,
    pub api_version: String,
    pub webhooks: Vec<ConfiguredWebhook>,
    /// Waits before the second, third, … attempt at a webhook; the last one repeats.
    pub retry_delays: Vec<Duration>,
    /// After this long without a 2xx a webhook is given up.
    pub retry_for: Duration,
    /// How long after an asynchronous capture its balance transaction arrives.
    pub balance_delay: Duration,
    /// How long a refund of a test card that settles later takes.
    pub refund_delay: Duration,
    pub clock: Arc<dyn Clock>,
    pub sender: Arc<dyn WebhookSender>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: None,
            secret_key: DEFAULT_SECRET_KEY.into(),
            api_version: DEFAULT_API_VERSION.into(),
            webhooks: Vec::new(),
            retry_delays: [200, 1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000]
                .map(Duration::from_millis)
                .to_vec(),
            retry_for: Duration::from_secs(3 * 24 * 60 * 60),
            balance_delay: Duration::from_millis(500),
            refund_delay: Duration::from_secs(2),
            clock: Arc::new(SystemClock),
            sender: Arc::new(HttpSender::default()),
        }
    }
}

/// Whole milliseconds of a wait.
pub(crate) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
