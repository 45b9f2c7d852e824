//! Lambda's event source mapping for a DynamoDB stream, read from the embedded database: batches of one
//! shard in order, each at least once. How far a function has come is kept in a file, so that a kill loses
//! no record and repeats at most the batch in hand.
//!
//! A batch that fails is retried with a growing pause, then cut in two, and so on until the record that
//! cannot be handled stands alone; after its last attempt it goes to the on-failure destination and the
//! stream moves on. Until then everything behind it waits, as on AWS.

mod batch;
mod checkpoint;
mod event;
pub mod records_table;
mod shards;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::get_records::Record;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::failures::{Failed, failed};
use super::{Invoke, Stop, backoff, invoke_within};
use batch::{Outcome, Patience, Step, Work};
use checkpoint::Checkpoint;
use shards::Shards;

/// The most records a batch of ours holds. (Lambda allows 10,000.)
pub const BATCH_SIZE_MAX: usize = 100;
/// The most bytes of records a batch holds; Lambda's own limit of a payload. One record always goes.
pub const BATCH_BYTES_MAX: i64 = 6 * 1024 * 1024;
/// How often a stream is read when nobody says that there was a write.
pub const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The pause after the first failure, doubled with each further one up to the second figure.
pub const RETRY: Duration = Duration::from_millis(100);
pub const RETRY_MAX: Duration = Duration::from_secs(10);

/// Takes the report on a record that was given up, in the form Lambda sends to an on-failure destination:
/// it names the record by shard and sequence number. Asked again, with a pause, until it succeeds.
pub type OnFailure =
    Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// Wakes the readers when something was written. Whoever serves the database says so.
#[derive(Clone)]
pub struct Writes(watch::Sender<()>);

impl Writes {
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Something may have been written.
    pub fn happened(&self) {
        self.0.send_replace(());
    }
}

impl Default for Writes {
    fn default() -> Self {
        Self::new()
    }
}

pub struct StreamSource {
    pub database: Database,
    pub table: String,
    pub region: String,
    pub account_id: String,
    pub function: Arc<dyn Invoke>,
    pub function_name: String,
    /// The file of this function's checkpoint; no other source may use it. Its folder is made.
    pub checkpoint: PathBuf,
    pub writes: Writes,
    pub on_failure: OnFailure,
    pub settings: StreamSettings,
}

#[derive(Debug, Clone)]
pub struct StreamSettings {
    /// Taken into 1 to [`BATCH_SIZE_MAX`].
    pub batch_size: usize,
    pub function_timeout: Duration,
    /// Whether the function's answer names the record it stopped at (`ReportBatchItemFailures`). If not,
    /// any answer is a success.
    pub report_batch_item_failures: bool,
    /// Attempts at a batch of several records before it is cut in two.
    pub attempts_before_bisecting: u32,
    /// Attempts at a record on its own before it is given up; nothing for no end of them.
    pub attempts_of_one_record: Option<u32>,
}

/// The source is to stop; what is left of the batch comes again.
struct Stopped;

impl StreamSource {
    /// Reads until the stop. An invocation in hand is waited for, a retry is not.
    pub async fn run(self, mut stop: Stop) {
        let mut writes = self.writes.0.subscribe();
        let mut shards: Option<(Shards, Checkpoint)> = None;
        let mut failed_reads = 0_u32;
        loop {
            // Marked before reading, so that a write during the read wakes the next one.
            writes.mark_unchanged();
            let pause = match self.read_and_handle(&mut shards, &mut stop).await {
                Ok(Ok(true)) => {
                    failed_reads = 0;
                    continue;
                }
                Ok(Ok(false)) => {
                    failed_reads = 0;
                    POLL_INTERVAL
                }
                Ok(Err(Stopped)) => return,
                Err(error) => {
                    // Usually: the table is not there yet.
                    failed_reads = failed_reads.saturating_add(1);
                    tracing::warn!(table = self.table, error, "cannot read the stream");
                    shards = None;
                    backoff(RETRY, RETRY_MAX, failed_reads)
                }
            };
            tokio::select! {
                biased;
                () = stop.requested() => return,
                Ok(()) = writes.changed(), if failed_reads == 0 => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One batch of each shard. True when there was one, so that there may be more.
    async fn read_and_handle(
        &self,
        shards: &mut Option<(Shards, Checkpoint)>,
        stop: &mut Stop,
    ) -> Result<Result<bool, Stopped>, String> {
        let (shards, checkpoint) = match shards {
            Some(open) => open,
            None => {
                let found = Shards::find(&self.database, &self.table).await?;
                let checkpoint = Checkpoint::open(&self.checkpoint, &found.stream_arn)
                    .map_err(|error| format!("checkpoint {}: {error}", self.checkpoint.display()))?;
                shards.insert((found, checkpoint))
            }
        };
        let mut any = false;
        for shard_id in &shards.ids {
            let limit = self.settings.batch_size.clamp(1, BATCH_SIZE_MAX);
            let after = checkpoint.after(shard_id);
            let mut records = shards.read(&self.database, shard_id, after, limit).await?;
            records.truncate(event::within_payload(&records, BATCH_BYTES_MAX));
            if records.is_empty() {
                continue;
            }
            any = true;
            let batch = Batch {
                source: self,
                stream_arn: &shards.stream_arn,
                shard_id,
                records: &records,
            };
            if let Err(stopped) = batch.handle(checkpoint, stop).await {
                return Ok(Err(stopped));
            }
        }
        Ok(Ok(any))
    }
}

/// Records of one shard, in order.
struct Batch<'a> {
    source: &'a StreamSource,
    stream_arn: &'a str,
    shard_id: &'a str,
    records: &'a [Record],
}

impl Batch<'_> {
    async fn handle(&self, checkpoint: &mut Checkpoint, stop: &mut Stop) -> Result<(), Stopped> {
        let settings = &self.source.settings;
        let patience = Patience {
            before_bisecting: settings.attempts_before_bisecting,
            of_one_record: settings.attempts_of_one_record,
        };
        let mut work = Work::new(self.records.len(), patience);
        while let Some(part) = work.next() {
            let records = self.records.get(part.clone()).unwrap_or_default();
            let outcome = self.invoke(records).await;
            let step = work.record(outcome);
            self.advance(checkpoint, work.done());
            match step {
                Step::Done => {}
                Step::Retry { attempts } => pause(stop, attempts).await?,
                Step::GiveUp { record, attempts } => {
                    self.give_up(record, attempts, stop).await?;
                    work.given_up();
                    self.advance(checkpoint, work.done());
                }
            }
        }
        Ok(())
    }

    async fn invoke(&self, records: &[Record]) -> Outcome {
        let Self {
            source, stream_arn, ..
        } = self;
        let event = event::stream_event(records, &source.region, stream_arn);
        match invoke_within(&source.function, event, source.settings.function_timeout).await {
            Ok(answer) if source.settings.report_batch_item_failures => outcome(records, &answer),
            Ok(_answer) => Outcome::Done,
            Err(error) => {
                let function = &source.function_name;
                tracing::error!(
                    function,
                    table = source.table,
                    error,
                    "a batch of stream records failed"
                );
                Outcome::FailedFrom(0)
            }
        }
    }

    /// A checkpoint that cannot be written costs repetition after a restart, not a record.
    fn advance(&self, checkpoint: &mut Checkpoint, done: usize) {
        let Some(last) = done.checked_sub(1).and_then(|index| self.records.get(index)) else {
            return;
        };
        if let Err(error) = checkpoint.advance(self.shard_id, &last.dynamodb.sequence_number) {
            tracing::error!(table = self.source.table, %error, "cannot write the checkpoint");
        }
    }

    async fn give_up(&self, record: usize, attempts: u32, stop: &mut Stop) -> Result<(), Stopped> {
        let Some(record) = self.records.get(record) else {
            return Ok(());
        };
        let source = self.source;
        let given_up = event::GivenUp {
            function_name: &source.function_name,
            region: &source.region,
            account_id: &source.account_id,
            stream_arn: self.stream_arn,
            shard_id: self.shard_id,
            record,
            attempts,
        };
        let report = event::failure_report(&given_up, Timestamp::now());
        let sequence_number = &record.dynamodb.sequence_number;
        tracing::error!(
            function = source.function_name,
            sequence_number,
            "gave up on a stream record"
        );
        let mut asked = 0_u32;
        while let Err(error) = (source.on_failure)(report.clone()).await {
            asked = asked.saturating_add(1);
            tracing::error!(
                function = source.function_name,
                error,
                "the on-failure destination failed"
            );
            pause(stop, asked).await?;
        }
        Ok(())
    }
}

async fn pause(stop: &mut Stop, attempts: u32) -> Result<(), Stopped> {
    tokio::select! {
        biased;
        () = stop.requested() => Err(Stopped),
        () = tokio::time::sleep(backoff(RETRY, RETRY_MAX, attempts)) => Ok(()),
    }
}

/// Where the function stopped: at the lowest of the sequence numbers it names. A number that is not in the
/// batch fails all of it.
fn outcome(records: &[Record], answer: &Value) -> Outcome {
    match failed(answer) {
        Failed::Nothing => Outcome::Done,
        Failed::Everything => Outcome::FailedFrom(0),
        Failed::These(identifiers) => {
            let place = |number: &&str| {
                records
                    .iter()
                    .position(|it| it.dynamodb.sequence_number == **number)
            };
            let places: Option<Vec<usize>> = identifiers.iter().map(place).collect();
            Outcome::FailedFrom(places.and_then(|places| places.into_iter().min()).unwrap_or(0))
        }
    }
}
