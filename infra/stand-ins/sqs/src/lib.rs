//! A local Amazon SQS: the AWS JSON 1.0 protocol as `aws-sdk-sqs` and boto3 speak it, over SQLite, so that
//! whatever was acknowledged survives the death of the process, receive counts and visibility deadlines too.
//!
//! Standard queues only. Absent: FIFO queues, signatures and permissions, tags (taken by `CreateQueue` and
//! not kept), encryption, cancelling a move task (a task is over when its start is answered), and the older
//! query protocol.

mod arrivals;
mod clock;
mod error;
mod faults;
mod http;
pub mod limits;
mod message_attributes;
mod operation;
mod operations;
mod queue_attributes;
mod receipt;
mod store;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::arrivals::Arrivals;
use crate::store::Store;

pub use crate::clock::Clock;
pub use crate::faults::{Failure, Fault, Faults, When};
pub use crate::operation::Operation;
pub use crate::store::{FILE_NAME, OpenError};

/// The region in every ARN.
pub const REGION: &str = "eu-central-1";
/// The account in every ARN and queue URL.
pub const ACCOUNT_ID: &str = "000000000000";

/// The service. Clones share queues, clock and faults.
#[derive(Clone)]
pub struct SqsStandIn {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) arrivals: Arrivals,
    pub(crate) faults: Faults,
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) waiting: watch::Sender<usize>,
}

impl SqsStandIn {
    /// Opens the queues in the data folder, which is made if it is missing, or keeps them in memory.
    ///
    /// # Errors
    /// The folder cannot be made, or the file in it is not one that this version wrote.
    pub fn open(data: Option<&Path>, clock: Clock) -> Result<Self, OpenError> {
        let inner = Inner {
            store: Store::open(data)?,
            clock,
            arrivals: Arrivals::default(),
            faults: Faults::default(),
            stopping: watch::Sender::new(false),
            waiting: watch::Sender::new(0),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Ends the wait for every message in flight; its receive counts stay. For a process that starts again and
    /// knows that all consumers died with it, where SQS would let the visibility timeout run out.
    ///
    /// # Errors
    /// The queues cannot be written.
    pub fn release_in_flight(&self) -> Result<(), OpenError> {
        Ok(self.inner.store.release_in_flight(self.inner.clock.now_ms())?)
    }

    /// The endpoint: `POST /` for every operation, and `/_stand_in/faults`.
    pub fn router(&self) -> axum::Router {
        http::router(Arc::clone(&self.inner))
    }

    /// The faults that are armed.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// A counter that changes whenever a queue may have become able to deliver: a message arrived, came back
    /// before its time or was moved here. A message that becomes visible by the clock does not change it.
    pub fn arrivals(&self, queue: &str) -> watch::Receiver<u64> {
        self.inner.arrivals.of(queue)
    }

    /// Completes once this many long polls found nothing and wait, so that a test can act at that moment.
    pub async fn until_long_polls_wait(&self, at_least: usize) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self
            .inner
            .waiting
            .subscribe()
            .wait_for(|count| *count >= at_least)
            .await;
    }

    /// Answers every long poll at once, now and from now on, so that a server can shut down without waiting
    /// for them.
    pub fn stop_waiting(&self) {
        self.inner.stopping.send_replace(true);
    }
}

/// The ARN of the queue of this name.
pub fn arn_of(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue}")
}

/// The name of the queue in an ARN of this region and account.
pub(crate) fn name_in_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:sqs:")?
        .strip_prefix(REGION)?
        .strip_prefix(':')?
        .strip_prefix(ACCOUNT_ID)?
        .strip_prefix(':')
}
