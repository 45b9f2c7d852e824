//! Every function as its `main.rs` builds it: the same use cases with the same ports, over the same
//! SDKs, only that they are in this process and their services on loopback.

use std::sync::Arc;
use std::time::Duration;

use app::ports::{Clock, Payments};
use app::{App, AppBuilder, Config};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use axum::Router;
use cloud::{ApiGatewaySockets, QueueUrls, RandomIds, S3Blobs, SesMailer, SqsQueue, batch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Store;
use stripe_gateway::Stripe;
use websocket_stand_in::{Integration, InvokeError};
use zone_map::ZoneMap;

use crate::event_sources::Invoke;
use crate::keys;
use crate::role::Role;
use crate::stand_ins::{StandIns, credentials, sdk_config};
use crate::system::StartError;

/// A receive waits up to 20 seconds for a message.
const PATIENT: Duration = Duration::from_secs(40);

/// What functions are built of.
pub struct Parts {
    dynamodb: SdkConfig,
    config: Config,
    clock: Arc<dyn Clock>,
    limits: bool,
    queue: Arc<SqsQueue>,
    blobs: Arc<S3Blobs>,
    mailer: Arc<SesMailer>,
    sockets: Arc<ApiGatewaySockets>,
    payments: Arc<dyn Payments>,
    /// For the pollers, whose calls wait longer than a function's may.
    pub sqs: aws_sdk_sqs::Client,
    pub s3: aws_sdk_s3::Client,
}

impl Parts {
    pub async fn new(
        stand_ins: &StandIns,
        api: &str,
        sockets: &str,
        clock: Arc<dyn Clock>,
        limits: bool,
    ) -> Result<Self, StartError> {
        let at = &stand_ins.addresses;
        let dynamodb = sdk_config(at.dynamodb).await;
        let sqs = aws_sdk_sqs::Client::new(&sdk_config(at.sqs).await);
        let patient = TimeoutConfig::builder()
            .operation_attempt_timeout(PATIENT)
            .operation_timeout(PATIENT)
            .build();
        let patient = aws_sdk_sqs::config::Builder::from(&sdk_config(at.sqs).await)
            .timeout_config(patient)
            .build();
        let patient = aws_sdk_sqs::Client::from_conf(patient);
        let s3 = aws_sdk_s3::config::Builder::from(&sdk_config(at.s3).await)
            .force_path_style(true)
            .build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let ses = aws_sdk_ses::Client::new(&sdk_config(at.ses).await);
        let anywhere = sdk_config(at.sqs).await;
        let urls = QueueUrls {
            payments: Some(stand_ins.queue_url("payments")),
            refunds: Some(stand_ins.queue_url("refunds")),
            notifications: Some(stand_ins.queue_url("notifications")),
        };
        let payments = Stripe::new(
            keys::STRIPE_SECRET_KEY.into(),
            vec![keys::STRIPE_WEBHOOK_SECRET.into()],
            Some(&format!("http://{}", at.stripe)),
        )
        .map_err(|e| StartError::new("the Stripe client", e))?;
        Ok(Self {
            dynamodb,
            config: config(api, sockets),
            clock,
            limits,
            queue: Arc::new(SqsQueue::new(sqs.clone(), urls)),
            blobs: Arc::new(S3Blobs::new(
                s3.clone(),
                keys::MEDIA_BUCKET,
                keys::REGION,
                credentials(),
            )),
            mailer: Arc::new(SesMailer::new(ses, keys::MAIL_FROM)),
            sockets: Arc::new(ApiGatewaySockets::new(cloud::sdk::sockets(&anywhere, sockets))),
            payments: Arc::new(payments),
            sqs: patient,
            s3,
        })
    }

    /// A function, with the rights of its role and no others.
    fn builder(&self, function: &str) -> Result<AppBuilder, StartError> {
        let role = Role::of(function).map_err(|e| StartError::new("a function", e))?;
        let limited = aws_sdk_dynamodb::config::Builder::from(&self.dynamodb).interceptor(role);
        self.on(aws_sdk_dynamodb::Client::from_conf(limited.build()))
    }

    fn on(&self, dynamodb: aws_sdk_dynamodb::Client) -> Result<AppBuilder, StartError> {
        let builder = App::builder(
            Store::new(dynamodb, keys::TABLE_PREFIX),
            self.config.clone(),
            self.clock.clone(),
            Arc::new(RandomIds),
        )
        .map_err(|e| StartError::new("the use cases", e))?;
        Ok(match self.limits {
            true => builder,
            false => builder.without_limits(),
        })
    }

    /// Everything that a demo needs.
    pub fn all(&self) -> Result<App, StartError> {
        Ok(self
            .on(aws_sdk_dynamodb::Client::new(&self.dynamodb))?
            .with_queue(self.queue.clone())
            .with_blobs(self.blobs.clone())
            .with_zones(Arc::new(ZoneMap))
            .build())
    }

    /// The HTTP functions by name. Each has an `App` of its own, as each has a process of its own in AWS.
    pub fn http(&self) -> Result<Vec<(&'static str, Router)>, StartError> {
        let app = |function| self.builder(function);
        Ok(vec![
            (
                "auth",
                auth::router(
                    app("auth")?
                        .with_queue(self.queue.clone())
                        .with_sockets(self.sockets.clone())
                        .build(),
                ),
            ),
            (
                "users",
                users::router(app("users")?.with_sockets(self.sockets.clone()).build()),
            ),
            (
                "venues",
                venues::router(app("venues")?.with_blobs(self.blobs.clone()).build()),
            ),
            ("bookings", bookings::router(app("bookings")?.build())),
            (
                "payments",
                payments::router(
                    app("payments")?
                        .with_payments(self.payments.clone())
                        .with_queue(self.queue.clone())
                        .build(),
                ),
            ),
            (
                "vendor",
                vendor::router(
                    app("vendor")?
                        .with_blobs(self.blobs.clone())
                        .with_sockets(self.sockets.clone())
                        .with_zones(Arc::new(ZoneMap))
                        .build(),
                ),
            ),
            (
                "admin",
                admin::router(
                    app("admin")?
                        .with_blobs(self.blobs.clone())
                        .with_sockets(self.sockets.clone())
                        .build(),
                ),
            ),
            ("realtime", realtime::router(app("realtime")?.build())),
            ("platform", platform::router(app("platform")?.build())),
        ])
    }

    pub fn worker_payments(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self
            .builder("worker-payments")?
            .with_payments(self.payments.clone())
            .build();
        Ok(function(app, |app, event| async move {
            Ok(batch::sqs(event, |message| worker_payments::handle(&app, message)).await)
        }))
    }

    pub fn worker_refunds(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self
            .builder("worker-refunds")?
            .with_payments(self.payments.clone())
            .build();
        Ok(function(app, |app, event| async move {
            Ok(batch::sqs(event, |message| worker_refunds::handle(&app, message)).await)
        }))
    }

    pub fn worker_notifications(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self
            .builder("worker-notifications")?
            .with_mailer(self.mailer.clone())
            .build();
        Ok(function(app, |app, event| async move {
            Ok(batch::sqs(event, |message| worker_notifications::handle(&app, message)).await)
        }))
    }

    pub fn stream(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self.builder("stream")?.with_queue(self.queue.clone()).build();
        Ok(function(app, |app, event| async move {
            Ok(batch::stream(event, |record| stream::handle(&app, record)).await)
        }))
    }

    pub fn fanout(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self.builder("fanout")?.with_sockets(self.sockets.clone()).build();
        Ok(function(app, |app, event| async move {
            Ok(batch::stream(event, |record| fanout::handle(&app, record)).await)
        }))
    }

    pub fn schedule(&self) -> Result<Arc<dyn Invoke>, StartError> {
        let app = self
            .builder("schedule")?
            .with_payments(self.payments.clone())
            .with_queue(self.queue.clone())
            .build();
        Ok(function(app, |app, tick| async move {
            schedule::handle(&app, tick).await.map_err(|e| e.to_string())
        }))
    }

    pub fn websocket(&self) -> Result<Arc<dyn Integration>, StartError> {
        let app = self
            .builder("websocket")?
            .with_sockets(self.sockets.clone())
            .build();
        let inner = function(app, |app, event| async move {
            websocket::handle(&app, event).await.map_err(|e| e.to_string())
        });
        Ok(Arc::new(Socket(inner)))
    }
}

fn config(api: &str, sockets: &str) -> Config {
    Config {
        stage: "local".to_owned(),
        public_url: api.to_owned(),
        ws_url: format!("{}/ws", sockets.replacen("http", "ws", 1)),
        jwt_issuer: keys::JWT_ISSUER.to_owned(),
        jwt_signing_key: Some(keys::JWT_SIGNING_KEY_PEM.into()),
        jwt_public_keys: keys::JWT_PUBLIC_KEY_PEM.to_owned(),
        token_key: Some(keys::TOKEN_KEY.into()),
        allowed_origins: keys::allowed_origins(api),
        bootstrap_admin: Some(crate::demo_data::ADMIN_EMAIL.to_owned()),
    }
}

/// A function that is called with the JSON of its event, as Lambda calls it.
struct Function<F> {
    app: App,
    handle: F,
}

fn function<E, A, F, Fut>(app: App, handle: F) -> Arc<dyn Invoke>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + 'static,
    F: Fn(App, E) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<A, String>> + Send + 'static,
{
    type Answer = std::pin::Pin<Box<dyn Future<Output = Result<Value, String>> + Send>>;
    let handle = move |app: App, event: Value| -> Answer {
        let event = serde_json::from_value(event).map_err(|e| format!("the event cannot be read: {e}"));
        let work = event.map(|event| handle(app, event));
        Box::pin(async move { serde_json::to_value(work?.await?).map_err(|e| e.to_string()) })
    };
    Arc::new(Function { app, handle })
}

#[async_trait]
impl<F> Invoke for Function<F>
where
    F: Fn(App, Value) -> std::pin::Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync,
{
    async fn invoke(&self, event: Value) -> Result<Value, String> {
        (self.handle)(self.app.clone(), event).await
    }
}

struct Socket(Arc<dyn Invoke>);

#[async_trait]
impl Integration for Socket {
    async fn invoke(&self, event: Value) -> Result<Value, InvokeError> {
        self.0.invoke(event).await.map_err(InvokeError)
    }
}
