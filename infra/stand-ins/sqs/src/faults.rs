//! Faults that Amazon SQS has and a healthy stand-in lacks, armed through `/_stand_in/faults` or in process,
//! used up by the next calls that they fit, and gone after a restart.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::SqsError;
use crate::operation::Operation;

/// Something that goes wrong a counted number of times. Without a queue it fits every queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The next calls of an operation fail.
    Fail {
        /// Which operation.
        operation: Operation,
        /// Only on this queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<String>,
        /// Before the effect, or after it: done, and the answer lost.
        when: When,
        /// What the caller gets.
        #[serde(default)]
        error: Failure,
        /// How often.
        times: u32,
    },
    /// A second copy of each of the next delivered messages stays in the queue, as a replica keeps one that
    /// did not hear of the receive.
    Duplicate {
        /// Only from this queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<String>,
        /// How many messages.
        times: u32,
    },
    /// The next receives that bring anything bring the newest messages first.
    NewestFirst {
        /// Only from this queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<String>,
        /// How many receives.
        times: u32,
    },
}

/// When a failing call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing was done.
    Before,
    /// Everything was done.
    After,
}

/// How a failing call fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Status 500, which the SDKs try again.
    #[default]
    InternalFailure,
    /// The service throttles.
    RequestThrottled,
}

/// The faults that are armed now.
#[derive(Default)]
pub struct Faults {
    armed: Mutex<Vec<Fault>>,
}

impl Faults {
    /// Adds a fault behind those already armed.
    pub fn arm(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// What is still armed.
    pub fn armed(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Uses up one failure of this call.
    pub(crate) fn take_failure(&self, operation: Operation, queue: Option<&str>) -> Option<(When, Failure)> {
        let mut armed = self.lock();
        let found = armed.iter_mut().find_map(|fault| match fault {
            Fault::Fail {
                operation: failing,
                queue: only,
                when,
                error,
                times,
            } if *failing == operation && fits(only, queue) => {
                *times = times.saturating_sub(1);
                Some((*when, *error))
            }
            Fault::Fail { .. } | Fault::Duplicate { .. } | Fault::NewestFirst { .. } => None,
        });
        forget_the_spent(&mut armed);
        found
    }

    /// Runs one receive with the duplicates and the order that are armed for its queue, and uses up what it
    /// says it used. `receive` gets how many messages to duplicate and whether to start with the newest, and
    /// answers how many it duplicated and whether it brought anything.
    pub(crate) fn around_receive<T>(
        &self,
        queue: &str,
        receive: impl FnOnce(u32, bool) -> Result<(T, u32, bool), SqsError>,
    ) -> Result<T, SqsError> {
        // Held throughout, so that two receives side by side cannot both use the same duplicate.
        let mut armed = self.lock();
        let mut duplicates = 0_u32;
        let mut is_newest_first = false;
        for fault in armed.iter() {
            match fault {
                Fault::Duplicate { queue: only, times } if fits(only, Some(queue)) => {
                    duplicates = duplicates.saturating_add(*times);
                }
                Fault::NewestFirst { queue: only, .. } if fits(only, Some(queue)) => is_newest_first = true,
                Fault::Fail { .. } | Fault::Duplicate { .. } | Fault::NewestFirst { .. } => {}
            }
        }
        let (received, mut duplicated, brought_anything) = receive(duplicates, is_newest_first)?;
        let mut reversed = u32::from(is_newest_first && brought_anything);
        for fault in armed.iter_mut() {
            match fault {
                Fault::Duplicate { queue: only, times } if fits(only, Some(queue)) => {
                    use_up(times, &mut duplicated);
                }
                Fault::NewestFirst { queue: only, times } if fits(only, Some(queue)) => {
                    use_up(times, &mut reversed);
                }
                Fault::Fail { .. } | Fault::Duplicate { .. } | Fault::NewestFirst { .. } => {}
            }
        }
        forget_the_spent(&mut armed);
        Ok(received)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failure {
    pub(crate) fn to_error(self) -> SqsError {
        match self {
            Self::InternalFailure => SqsError::InternalFailure,
            Self::RequestThrottled => SqsError::RequestThrottled,
        }
    }
}

fn fits(only: &Option<String>, queue: Option<&str>) -> bool {
    only.as_deref().is_none_or(|only| Some(only) == queue)
}

fn use_up(times: &mut u32, used: &mut u32) {
    let now = (*times).min(*used);
    *times -= now;
    *used -= now;
}

fn forget_the_spent(armed: &mut Vec<Fault>) {
    armed.retain(|fault| match fault {
        Fault::Fail { times, .. } | Fault::Duplicate { times, .. } | Fault::NewestFirst { times, .. } => {
            *times > 0
        }
    });
}
