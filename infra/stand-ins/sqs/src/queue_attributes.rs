//! The attributes of a queue: parsed from the strings of the API, bounded, and answered as strings again.
//! Absent: FIFO attributes, and any effect of `Policy`, the KMS attributes, `SqsManagedSseEnabled` and
//! `RedriveAllowPolicy`, which are kept and answered only.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::SqsError;
use crate::limits::{
    DELAY_SECONDS, MAX_RECEIVE_COUNT, MAXIMUM_MESSAGE_SIZE_BYTES, RETENTION_SECONDS,
    RETENTION_SECONDS_DEFAULT, VISIBILITY_SECONDS, VISIBILITY_SECONDS_DEFAULT, WAIT_SECONDS,
};

/// What a caller sets or asks by name.
pub(crate) type NamedStrings = BTreeMap<String, String>;

/// Attributes that are kept and answered without any effect.
const KEPT: [&str; 5] = [
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "RedriveAllowPolicy",
];

/// Attributes that a caller can ask for but not set.
pub(crate) const MEASURED: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// The settings of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueueAttributes {
    pub(crate) delay_seconds: i64,
    pub(crate) maximum_message_size_bytes: i64,
    pub(crate) retention_seconds: i64,
    pub(crate) wait_seconds: i64,
    pub(crate) visibility_seconds: i64,
    pub(crate) redrive: Option<RedrivePolicy>,
    kept: NamedStrings,
}

/// Where a message goes that was received too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RedrivePolicy {
    pub(crate) dead_letter_arn: String,
    pub(crate) receive_count_max: i64,
}

impl Default for QueueAttributes {
    fn default() -> Self {
        Self {
            delay_seconds: *DELAY_SECONDS.start(),
            maximum_message_size_bytes: *MAXIMUM_MESSAGE_SIZE_BYTES.end(),
            retention_seconds: RETENTION_SECONDS_DEFAULT,
            wait_seconds: *WAIT_SECONDS.start(),
            visibility_seconds: VISIBILITY_SECONDS_DEFAULT,
            redrive: None,
            kept: NamedStrings::new(),
        }
    }
}

impl QueueAttributes {
    /// These attributes with the given ones set.
    pub(crate) fn with(mut self, given: &NamedStrings) -> Result<Self, SqsError> {
        for (name, value) in given {
            self.set(name, value)?;
        }
        Ok(self)
    }

    /// The first of the given attributes whose value differs from the one that is set.
    pub(crate) fn first_difference(&self, given: &NamedStrings) -> Result<Option<String>, SqsError> {
        for (name, value) in given {
            let mut changed = self.clone();
            changed.set(name, value)?;
            if changed != *self {
                return Ok(Some(name.clone()));
            }
        }
        Ok(None)
    }

    /// Every attribute as the API writes it.
    pub(crate) fn to_strings(&self) -> NamedStrings {
        let mut strings = self.kept.clone();
        let mut put = |name: &str, value: String| strings.insert(name.to_owned(), value);
        put("DelaySeconds", self.delay_seconds.to_string());
        put("MaximumMessageSize", self.maximum_message_size_bytes.to_string());
        put("MessageRetentionPeriod", self.retention_seconds.to_string());
        put("ReceiveMessageWaitTimeSeconds", self.wait_seconds.to_string());
        put("VisibilityTimeout", self.visibility_seconds.to_string());
        if let Some(redrive) = &self.redrive {
            put("RedrivePolicy", redrive.to_json());
        }
        strings
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SqsError> {
        match name {
            "DelaySeconds" => self.delay_seconds = bounded(name, value, &DELAY_SECONDS)?,
            "MaximumMessageSize" => {
                self.maximum_message_size_bytes = bounded(name, value, &MAXIMUM_MESSAGE_SIZE_BYTES)?;
            }
            "MessageRetentionPeriod" => self.retention_seconds = bounded(name, value, &RETENTION_SECONDS)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait_seconds = bounded(name, value, &WAIT_SECONDS)?,
            "VisibilityTimeout" => self.visibility_seconds = bounded(name, value, &VISIBILITY_SECONDS)?,
            "RedrivePolicy" if value.is_empty() => self.redrive = None,
            "RedrivePolicy" => self.redrive = Some(RedrivePolicy::parse(value)?),
            kept if KEPT.contains(&kept) && value.is_empty() => drop(self.kept.remove(kept)),
            kept if KEPT.contains(&kept) => drop(self.kept.insert(kept.to_owned(), value.to_owned())),
            unknown => return Err(SqsError::InvalidAttributeName(unknown.to_owned())),
        }
        Ok(())
    }
}

/// Whether a caller may ask for an attribute of this name.
pub(crate) fn is_readable(name: &str) -> bool {
    MEASURED.contains(&name)
        || KEPT.contains(&name)
        || name == "All"
        || name == "RedrivePolicy"
        || QueueAttributes::default().to_strings().contains_key(name)
}

impl RedrivePolicy {
    fn parse(text: &str) -> Result<Self, SqsError> {
        let refuse = |reason: &str| SqsError::invalid(text, "RedrivePolicy", reason);
        let policy: Value =
            serde_json::from_str(text).map_err(|_| refuse("Redrive policy is not a valid JSON map."))?;
        let dead_letter_arn = policy
            .get("deadLetterTargetArn")
            .and_then(Value::as_str)
            .ok_or_else(|| {
                refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
            })?;
        let count = policy
            .get("maxReceiveCount")
            .ok_or_else(|| refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount."))?;
        // AWS takes the count as a number and as a string; CloudFormation writes both.
        let receive_count_max = count
            .as_i64()
            .or_else(|| count.as_str()?.parse().ok())
            .filter(|count| MAX_RECEIVE_COUNT.contains(count))
            .ok_or_else(|| refuse("Invalid value for maxReceiveCount: it must be between 1 and 1000."))?;
        Ok(Self {
            dead_letter_arn: dead_letter_arn.to_owned(),
            receive_count_max,
        })
    }

    pub(crate) fn to_json(&self) -> String {
        json!({ "deadLetterTargetArn": self.dead_letter_arn, "maxReceiveCount": self.receive_count_max })
            .to_string()
    }
}

fn bounded(name: &str, value: &str, bounds: &RangeInclusive<i64>) -> Result<i64, SqsError> {
    value
        .parse()
        .ok()
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| SqsError::InvalidAttributeValue(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> NamedStrings {
        NamedStrings::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn every_numeric_attribute_is_refused_just_outside_its_bounds_and_taken_on_them() {
        let bounds = [
            ("DelaySeconds", DELAY_SECONDS),
            ("MaximumMessageSize", MAXIMUM_MESSAGE_SIZE_BYTES),
            ("MessageRetentionPeriod", RETENTION_SECONDS),
            ("ReceiveMessageWaitTimeSeconds", WAIT_SECONDS),
            ("VisibilityTimeout", VISIBILITY_SECONDS),
        ];
        for (name, range) in bounds {
            for taken in [range.start(), range.end()] {
                let set = QueueAttributes::default()
                    .with(&one(name, &taken.to_string()))
                    .unwrap();
                assert_eq!(set.to_strings()[name], taken.to_string());
            }
            for refused in [range.start() - 1, range.end() + 1] {
                let set = QueueAttributes::default().with(&one(name, &refused.to_string()));
                assert!(
                    matches!(set, Err(SqsError::InvalidAttributeValue(_))),
                    "{name} {refused}"
                );
            }
        }
    }

    #[test]
    fn a_redrive_policy_takes_its_count_as_a_number_or_a_string_within_bounds() {
        let parse = |count: &str| {
            RedrivePolicy::parse(&format!(
                "{{\"deadLetterTargetArn\":\"arn:aws:sqs:x:1:dlq\",\"maxReceiveCount\":{count}}}"
            ))
        };
        assert_eq!(parse("5").unwrap(), parse("\"5\"").unwrap());
        assert_eq!(parse("1000").unwrap().receive_count_max, 1000);
        for refused in ["0", "1001", "\"many\"", "1.5"] {
            assert!(parse(refused).is_err(), "{refused}");
        }
        assert!(RedrivePolicy::parse("[]").is_err());
        assert!(RedrivePolicy::parse("not json").is_err());
    }

    #[test]
    fn an_empty_redrive_policy_removes_the_one_that_was_set() {
        let policy = "{\"deadLetterTargetArn\":\"a\",\"maxReceiveCount\":1}";
        let set = QueueAttributes::default()
            .with(&one("RedrivePolicy", policy))
            .unwrap();
        assert!(set.redrive.is_some());
        assert_eq!(
            set.with(&one("RedrivePolicy", "")).unwrap(),
            QueueAttributes::default()
        );
    }

    #[test]
    fn an_unknown_attribute_is_refused_by_name() {
        let refused = QueueAttributes::default().with(&one("FifoQueue", "true"));
        assert!(matches!(refused, Err(SqsError::InvalidAttributeName(name)) if name == "FifoQueue"));
    }
}
