//! `ReportBatchItemFailures`: which items of a batch a function says have failed. Pure.

use serde_json::Value;

/// What an answer means for its batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed<'a> {
    Nothing,
    Everything,
    /// The identifiers of these, none of them empty.
    These(Vec<&'a str>),
}

/// Reads `batchItemFailures`. As Lambda documents: a null or empty answer or list is a success; an answer of
/// another shape, or an entry without an identifier, fails the whole batch.
pub(super) fn failed(answer: &Value) -> Failed<'_> {
    let list = match answer {
        Value::Null => return Failed::Nothing,
        Value::Object(answer) => answer.get("batchItemFailures").unwrap_or(&Value::Null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return Failed::Everything,
    };
    let entries = match list {
        Value::Null => return Failed::Nothing,
        Value::Array(entries) => entries,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => return Failed::Everything,
    };
    let identifiers: Option<Vec<&str>> = entries
        .iter()
        .map(|entry| {
            entry
                .get("itemIdentifier")?
                .as_str()
                .filter(|identifier| !identifier.is_empty())
        })
        .collect();
    match identifiers {
        None => Failed::Everything,
        Some(identifiers) if identifiers.is_empty() => Failed::Nothing,
        Some(identifiers) => Failed::These(identifiers),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_null_or_empty_answer_or_list_is_a_success() {
        let answers = [
            json!(null),
            json!({}),
            json!({"batchItemFailures": null}),
            json!({"batchItemFailures": []}),
        ];
        for answer in answers {
            assert_eq!(failed(&answer), Failed::Nothing, "{answer}");
        }
    }

    #[test]
    fn the_named_items_have_failed() {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]});
        assert_eq!(failed(&answer), Failed::These(vec!["a", "b"]));
    }

    #[test]
    fn a_malformed_answer_fails_the_whole_batch() {
        let answers = [
            json!("ok"),
            json!([]),
            json!({"batchItemFailures": "a"}),
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"wrongKey": "b"}]}),
        ];
        for answer in answers {
            assert_eq!(failed(&answer), Failed::Everything, "{answer}");
        }
    }
}
