//! Puts everything together, and takes it apart again.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::task::JoinHandle;
use websocket_stand_in::{GatewayConfig, WebSocketGateway};

use crate::address::{listen, serve};
use crate::data::DataFolder;
use crate::event_sources::dynamodb_stream::{StreamSettings, StreamSource, Writes};
use crate::event_sources::schedule::Schedule;
use crate::event_sources::sqs::{SqsSettings, SqsSource};
use crate::event_sources::{Stop, StopSwitch, stop_switch};
use crate::functions::Parts;
use crate::stand_ins::{StandIns, queue_name};
use crate::{Options, ShiftedClock, demo_data, env_file, gateway, keys};

/// As in the template.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);
const SCHEDULE_TIMEOUT: Duration = Duration::from_secs(50);
const SCHEDULE_INTERVAL: Duration = Duration::from_secs(60);
/// Attempts of `stream` at one record.
const STREAM_ATTEMPTS_MAX: u32 = 10;
/// How long a table's expired items may lie about.
const SWEEP_INTERVAL: Duration = Duration::from_secs(300);

/// Something could not be started.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct StartError {
    what: &'static str,
    why: String,
}

impl StartError {
    pub(crate) fn new(what: &'static str, why: impl Display) -> Self {
        Self {
            what,
            why: why.to_string(),
        }
    }
}

/// The running system.
pub struct System {
    pub api_url: String,
    pub ws_url: String,
    pub env_file: PathBuf,
    pub clock: Arc<ShiftedClock>,
    stand_ins: StandIns,
    parts: Parts,
    sockets: WebSocketGateway,
    schedule: Schedule,
    stop: StopSwitch,
    tasks: Vec<JoinHandle<()>>,
    _data: DataFolder,
}

impl System {
    /// Starts everything. When this returns, it answers.
    ///
    /// # Errors
    /// [`StartError`] names what could not be started, and why.
    pub async fn start(options: &Options) -> Result<Self, StartError> {
        let data = DataFolder::open(&options.data, options.fresh)
            .map_err(|e| StartError::new("the data folder", e))?;
        let (stop, until) = stop_switch();
        let (listener, address) = listen(options.port)
            .await
            .map_err(|e| StartError::new("the API", format!("port {}: {e}", options.port)))?;
        let api_url = format!("http://{address}");
        let webhook = format!("{api_url}/api/v1/payments/webhook");
        let (stand_ins, mut tasks) = StandIns::start(&data, webhook, options.functions, &until).await?;
        let clock = Arc::new(ShiftedClock::default());
        // An API of its own, as in AWS.
        let (socket_listener, socket_address) =
            listen(0).await.map_err(|e| StartError::new("the sockets", e))?;
        let sockets_url = format!("http://{socket_address}");
        let parts = Parts::new(&stand_ins, &api_url, &sockets_url, clock.clone(), options.limits).await?;
        stand_ins.make_queues(&parts.sqs).await?;

        let sockets = WebSocketGateway::new(GatewayConfig::default(), parts.websocket()?);
        let schedule = Schedule {
            rule_name: "schedule".to_owned(),
            region: keys::REGION.to_owned(),
            account_id: keys::ACCOUNT_ID.to_owned(),
            interval: SCHEDULE_INTERVAL,
            function: parts.schedule()?,
            function_timeout: SCHEDULE_TIMEOUT,
        };
        let mut front = Router::new().merge(stand_ins.ses.mailbox_router());
        if options.functions {
            front = front.fallback_service(gateway::router(parts.http()?));
        }
        tasks.push(serve(listener, front, until.clone()));
        tasks.push(serve(socket_listener, sockets.router(), until.clone()));
        if options.functions {
            tasks.extend(sources(options, &stand_ins, &parts, &data, &schedule, &until)?);
        }
        tasks.push(sweep(stand_ins.database.clone(), until));
        if options.demo_data && options.functions {
            demo_data::plant(&parts)
                .await
                .map_err(|e| StartError::new("the demo data", e))?;
        }
        let env_file = data.file("env");
        env_file::write(&env_file, &api_url, &sockets_url, &stand_ins)
            .map_err(|e| StartError::new("the env file", e))?;
        let ws_url = format!("ws://{socket_address}/ws");
        Ok(Self {
            api_url,
            ws_url,
            env_file,
            clock,
            stand_ins,
            parts,
            sockets,
            schedule,
            stop,
            tasks,
            _data: data,
        })
    }

    /// Stops everything: no new work is taken, work in hand is finished.
    pub async fn shutdown(self) {
        self.stand_ins.sqs.stop_waiting();
        self.stand_ins.ses.stop_waiting();
        self.sockets.shutdown().await;
        self.stop.stop();
        for task in self.tasks {
            // A task that panicked has said so already.
            let _ended = task.await;
        }
    }

    /// Moves the clock of everything that decides by time.
    pub fn advance_seconds(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.stand_ins.stripe.set_clock_offset_ms(self.clock.ahead_ms());
    }

    /// Has the schedule fire now, and waits until it has done its work.
    ///
    /// # Errors
    /// What the function failed with.
    pub async fn tick(&self) -> Result<(), String> {
        self.schedule.fire().await
    }

    #[must_use]
    pub const fn stand_ins(&self) -> &StandIns {
        &self.stand_ins
    }

    #[must_use]
    pub const fn sockets(&self) -> &WebSocketGateway {
        &self.sockets
    }

    #[must_use]
    pub const fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.parts.sqs
    }
}

fn sources(
    options: &Options,
    stand_ins: &StandIns,
    parts: &Parts,
    data: &DataFolder,
    schedule: &Schedule,
    until: &Stop,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let mut tasks = Vec::new();
    let workers = [
        ("payments", parts.worker_payments()?),
        ("refunds", parts.worker_refunds()?),
        ("notifications", parts.worker_notifications()?),
    ];
    for (queue, function) in workers {
        let source = SqsSource {
            client: parts.sqs.clone(),
            queue_url: stand_ins.queue_url(queue),
            queue_arn: sqs_stand_in::arn_of(&queue_name(queue)),
            region: keys::REGION.to_owned(),
            function,
            settings: SqsSettings {
                batch_size: 10,
                concurrency: options.batches_at_once,
                function_timeout: FUNCTION_TIMEOUT,
                report_batch_item_failures: true,
            },
        };
        tasks.push(tokio::spawn(source.run(until.clone())));
    }
    let readers = [
        ("bookings", "stream", parts.stream()?, Some(STREAM_ATTEMPTS_MAX)),
        (
            "vendor_info",
            "stream",
            parts.stream()?,
            Some(STREAM_ATTEMPTS_MAX),
        ),
        ("venues", "stream", parts.stream()?, Some(STREAM_ATTEMPTS_MAX)),
        ("messages", "fanout", parts.fanout()?, None),
    ];
    for (table, name, function, attempts_of_one_record) in readers {
        let source = StreamSource {
            database: stand_ins.database.clone(),
            table: format!("{}-{table}", keys::TABLE_PREFIX),
            region: keys::REGION.to_owned(),
            account_id: keys::ACCOUNT_ID.to_owned(),
            function,
            function_name: name.to_owned(),
            checkpoint: data.file(&format!("checkpoints/{name}-{table}.json")),
            writes: Writes::new(),
            on_failure: Arc::new(|record| {
                Box::pin(async move {
                    tracing::error!(%record, "a stream record was given up");
                    Ok(())
                })
            }),
            settings: StreamSettings {
                batch_size: 100,
                function_timeout: FUNCTION_TIMEOUT,
                report_batch_item_failures: true,
                attempts_before_bisecting: 3,
                attempts_of_one_record,
            },
        };
        tasks.push(tokio::spawn(source.run(until.clone())));
    }
    tasks.push(tokio::spawn(schedule.clone().run(until.clone())));
    Ok(tasks)
}

/// dynoxide deletes what has expired only when it is told to.
fn sweep(database: dynoxide::Database, mut until: Stop) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = until.requested() => return,
                () = tokio::time::sleep(SWEEP_INTERVAL) => {}
            }
            let database = database.clone();
            let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
            if let Ok(Err(error)) = swept {
                tracing::warn!(error = %error, "expired items were not deleted");
            }
        }
    })
}
