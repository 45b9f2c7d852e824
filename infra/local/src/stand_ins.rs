//! The stand-ins with their listeners, and the settings with which the SDKs reach them.

use std::net::SocketAddr;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sqs::types::QueueAttributeName;
use dynoxide::Database;
use jiff::Timestamp;
use ses_stand_in::SesStandIn;
use sqs_stand_in::SqsStandIn;
use stripe_stand_in::{ConfiguredWebhook, StripeStandIn};
use tokio::task::JoinHandle;

use crate::address::{listen, serve};
use crate::bucket;
use crate::data::DataFolder;
use crate::event_sources::Stop;
use crate::event_sources::dynamodb_stream::records_table;
use crate::keys;
use crate::system::StartError;

/// Queues with their workers; each has a dead-letter queue of the same name and `-dlq`.
pub const QUEUES: [&str; 3] = ["payments", "refunds", "notifications"];
/// As in the template: a message that fails so often goes to the dead-letter queue.
pub const RECEIVES_MAX: u32 = 5;
/// Six times a worker's timeout, as AWS recommends for queues that trigger functions.
pub const VISIBILITY_SECONDS: u32 = 6 * 30;

pub struct StandIns {
    pub database: Database,
    pub sqs: SqsStandIn,
    pub ses: SesStandIn,
    pub stripe: StripeStandIn,
    pub addresses: Addresses,
}

#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub dynamodb: SocketAddr,
    pub s3: SocketAddr,
    pub sqs: SocketAddr,
    pub ses: SocketAddr,
    pub stripe: SocketAddr,
}

impl StandIns {
    /// Starts them; `webhook` is where Stripe sends its messages. They end with the stop.
    /// `consumers_died` says that whoever was working on a message did so in this system's last process.
    pub async fn start(
        data: &DataFolder,
        webhook: String,
        consumers_died: bool,
        stop: &Stop,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StartError> {
        let folder = |name: &str| {
            data.folder(name)
                .map_err(|e| StartError::new("the data folder", e))
        };
        let tables = data.file("dynamodb.sqlite");
        let database = dynamodb_stand_in::open(&tables, keys::TABLE_PREFIX)
            .map_err(|e| StartError::new("the tables", e))?;
        records_table::tend(&tables, Timestamp::now())
            .map_err(|e| StartError::new("the tables' streams", e))?;
        let sqs = SqsStandIn::open(Some(&folder("sqs")?), sqs_stand_in::Clock::system())
            .map_err(|e| StartError::new("the queues", e))?;
        if consumers_died {
            sqs.release_in_flight()
                .map_err(|e| StartError::new("the queues", e))?;
        }
        let ses = SesStandIn::open(Some(&folder("ses")?)).map_err(|e| StartError::new("the mail box", e))?;
        let stripe = StripeStandIn::open(stripe_stand_in::Config {
            data: Some(folder("stripe")?),
            webhooks: vec![ConfiguredWebhook {
                url: webhook,
                secret: keys::STRIPE_WEBHOOK_SECRET.to_owned(),
            }],
            ..stripe_stand_in::Config::default()
        })
        .map_err(|e| StartError::new("the Stripe stand-in", format!("{e:?}")))?;
        let media = bucket::router(&folder("s3")?, keys::MEDIA_BUCKET)
            .map_err(|e| StartError::new("the bucket", e))?;

        let mut tasks = Vec::new();
        let (listener, dynamodb) = bound().await?;
        let (served, mut until) = (database.clone(), stop.clone());
        tasks.push(tokio::spawn(async move {
            let until = async move { until.requested().await };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, served, until).await {
                tracing::error!(error, "DynamoDB ended");
            }
        }));
        let (listener, s3) = bound().await?;
        tasks.push(serve(listener, media, stop.clone()));
        let (listener, sqs_address) = bound().await?;
        tasks.push(serve(listener, sqs.router(), stop.clone()));
        let (listener, ses_address) = bound().await?;
        tasks.push(serve(listener, ses.api_router(), stop.clone()));
        let (listener, stripe_address) = bound().await?;
        tasks.push(serve(listener, stripe.router(), stop.clone()));
        let (courier, mut until) = (stripe.clone(), stop.clone());
        tasks.push(tokio::spawn(async move {
            courier
                .run_deliveries(async move { until.requested().await })
                .await
        }));

        let addresses = Addresses {
            dynamodb,
            s3,
            sqs: sqs_address,
            ses: ses_address,
            stripe: stripe_address,
        };
        Ok((
            Self {
                database,
                sqs,
                ses,
                stripe,
                addresses,
            },
            tasks,
        ))
    }

    /// Makes the queues with their dead-letter queues; those that are there stay as they are.
    pub async fn make_queues(&self, client: &aws_sdk_sqs::Client) -> Result<(), StartError> {
        let failed = |e: String| StartError::new("the queues", e);
        for name in QUEUES {
            let dead = format!("{}-dlq", queue_name(name));
            client
                .create_queue()
                .queue_name(&dead)
                .send()
                .await
                .map_err(|e| failed(format!("{e:?}")))?;
            let redrive = format!(
                r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{RECEIVES_MAX}}}"#,
                sqs_stand_in::arn_of(&dead)
            );
            client
                .create_queue()
                .queue_name(queue_name(name))
                .attributes(
                    QueueAttributeName::VisibilityTimeout,
                    VISIBILITY_SECONDS.to_string(),
                )
                .attributes(QueueAttributeName::RedrivePolicy, redrive)
                .send()
                .await
                .map_err(|e| failed(format!("{e:?}")))?;
        }
        Ok(())
    }

    pub fn queue_url(&self, queue: &str) -> String {
        format!(
            "http://{}/{}/{}",
            self.addresses.sqs,
            keys::ACCOUNT_ID,
            queue_name(queue)
        )
    }
}

/// As it is called in AWS.
pub fn queue_name(queue: &str) -> String {
    format!("{}-{queue}", keys::TABLE_PREFIX)
}

/// How the SDKs reach a stand-in: plain HTTP, with the timeouts and retries of production.
pub async fn sdk_config(endpoint: SocketAddr) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(keys::REGION))
        .credentials_provider(credentials())
        .timeout_config(cloud::sdk::timeouts())
        .retry_config(cloud::sdk::retries())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{endpoint}"))
        .load()
        .await
}

pub fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        keys::ACCESS_KEY,
        keys::SECRET_KEY,
        None,
        None,
        "local",
    ))
}

async fn bound() -> Result<(tokio::net::TcpListener, SocketAddr), StartError> {
    listen(0).await.map_err(|e| StartError::new("a free port", e))
}
