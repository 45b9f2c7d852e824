//! Faults that Amazon SES has and a healthy stand-in lacks: armed through `/_stand_in/faults` or in process,
//! used up by the next sends, and gone after a restart.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::SesError;

/// The next sends fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Before the mail is accepted, or after it: accepted, and the answer lost.
    pub when: When,
    /// What the caller gets.
    #[serde(default)]
    pub error: Failure,
    /// How often.
    pub times: u32,
}

/// When a failing send fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// No mail was accepted.
    Before,
    /// The mail was accepted.
    After,
}

/// How a failing send fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Status 500, which the SDKs try again.
    #[default]
    InternalFailure,
    /// The sending rate is exceeded, which the SDKs try again.
    Throttling,
    /// SES will not send this message.
    MessageRejected,
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

    /// Uses up one failure.
    pub(crate) fn take(&self) -> Option<(When, SesError)> {
        let mut armed = self.lock();
        let fault = armed.iter_mut().find(|fault| fault.times > 0)?;
        fault.times -= 1;
        let taken = (fault.when, fault.error.to_error());
        armed.retain(|fault| fault.times > 0);
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failure {
    fn to_error(self) -> SesError {
        match self {
            Self::InternalFailure => SesError::InternalFailure,
            Self::Throttling => SesError::Throttling,
            Self::MessageRejected => SesError::Rejected,
        }
    }
}
