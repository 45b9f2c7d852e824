//! Metrics in CloudWatch's embedded metric format: one JSON line a metric, which CloudWatch Logs turns
//! into a metric without a call.
//!
//! A line is written to standard output as it is, past `tracing`: CloudWatch reads a metric only from a
//! line whose outermost object has `_aws`, and a log line would put it inside a message. In a Lambda
//! function standard output is the log.
//!
//! Dimensions are `service` and `outcome` and nothing else: each combination of values is a metric that
//! costs money, and ids would make millions.

use std::io::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Value, json};

pub const NAMESPACE: &str = "Tofimotia";
/// The longest name of a metric and value of a dimension that is let through (CloudWatch allows 1,024).
pub const NAME_LENGTH_MAX: usize = 128;

/// Whose metrics they are; nobody's until [`start`].
static SERVICE: OnceLock<String> = OnceLock::new();

/// From now on metrics are written, as those of this function. Without it (in the local system, in
/// tests) they are not.
pub fn start(service: &str) {
    let _already = SERVICE.set(service.to_owned());
}

/// Counts something that happened, by how it ended. Nothing is written for zero.
pub fn count(name: &str, outcome: &str, value: usize) {
    if let (Some(service), Ok(value @ 1..)) = (SERVICE.get(), u64::try_from(value)) {
        Metric {
            name,
            outcome,
            service,
            unit: Unit::Count,
            value,
        }
        .write(Timestamp::now());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Milliseconds,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// One value of one metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric<'a> {
    /// What happened, past tense or noun: `message`, `booking_created`.
    pub name: &'a str,
    /// How it ended: `ok`, `refused`, `failed`.
    pub outcome: &'a str,
    /// The function.
    pub service: &'a str,
    pub unit: Unit,
    pub value: u64,
}

impl Metric<'_> {
    /// The line, without its end.
    #[must_use]
    pub fn line(&self, at: Timestamp) -> String {
        let name: String = self.name.chars().take(NAME_LENGTH_MAX).collect();
        let cut = |text: &str| Value::from(text.chars().take(NAME_LENGTH_MAX).collect::<String>());
        let mut line = json!({
            "_aws": {
                "Timestamp": at.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["service", "outcome"]],
                    "Metrics": [{ "Name": name, "Unit": self.unit.as_str() }],
                }],
            },
            "service": cut(self.service),
            "outcome": cut(self.outcome),
        });
        if let Value::Object(fields) = &mut line {
            fields.insert(name, self.value.into());
        }
        line.to_string()
    }

    /// Writes the line. A metric that cannot be written is lost, and nothing else with it.
    pub fn write(&self, at: Timestamp) {
        let mut line = self.line(at);
        line.push('\n');
        let _lost = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric() -> Metric<'static> {
        Metric {
            name: "message",
            outcome: "failed",
            service: "worker-refunds",
            unit: Unit::Count,
            value: 3,
        }
    }

    fn line(metric: &Metric<'_>) -> Value {
        serde_json::from_str(&metric.line("2027-03-01T09:08:07.5Z".parse().unwrap())).unwrap()
    }

    #[test]
    fn cloudwatch_finds_the_metric_in_its_line() {
        assert_eq!(
            line(&metric()),
            json!({
                "_aws": {
                    "Timestamp": 1_803_892_087_500_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Tofimotia",
                        "Dimensions": [["service", "outcome"]],
                        "Metrics": [{"Name": "message", "Unit": "Count"}],
                    }],
                },
                "service": "worker-refunds",
                "outcome": "failed",
                "message": 3,
            })
        );
    }

    #[test]
    fn a_line_is_one_line() {
        let odd = Metric {
            outcome: "a\nb",
            ..metric()
        };
        assert!(!odd.line(Timestamp::UNIX_EPOCH).contains('\n'));
    }

    #[test]
    fn a_name_too_long_is_cut() {
        let long = "n".repeat(NAME_LENGTH_MAX + 1);
        let line = line(&Metric {
            name: &long,
            unit: Unit::Milliseconds,
            ..metric()
        });
        assert_eq!(line[&long[1..]], 3);
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"],
            "Milliseconds"
        );
    }
}
