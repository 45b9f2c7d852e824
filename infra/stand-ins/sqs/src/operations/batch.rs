//! What the batch operations share: the rules for entries, and the answer entry by entry.

use serde::{Deserialize, Serialize};

use crate::error::SqsError;
use crate::limits::{BATCH_ENTRIES_MAX, BATCH_ID_CHARS_MAX};

/// A batch request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<E> {
    pub(super) queue_url: Option<String>,
    #[serde(default = "Vec::new")]
    pub(super) entries: Vec<E>,
}

/// An entry has an id that the answer refers to.
pub(super) trait Entry {
    fn id(&self) -> &str;
}

/// The answer to a batch.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchAnswer<S> {
    successful: Vec<S>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    code: &'static str,
    message: String,
    sender_fault: bool,
}

impl<E: Entry> Batch<E> {
    /// The rules that refuse a batch as a whole.
    pub(super) fn check(&self) -> Result<(), SqsError> {
        if self.entries.is_empty() {
            return Err(SqsError::EmptyBatchRequest);
        }
        if self.entries.len() > BATCH_ENTRIES_MAX {
            return Err(SqsError::TooManyEntriesInBatchRequest(self.entries.len()));
        }
        if !self.entries.iter().all(|entry| is_id(entry.id())) {
            return Err(SqsError::InvalidBatchEntryId);
        }
        let mut seen = std::collections::HashSet::new();
        match self.entries.iter().find(|entry| !seen.insert(entry.id())) {
            Some(repeated) => Err(SqsError::BatchEntryIdsNotDistinct(repeated.id().to_owned())),
            None => Ok(()),
        }
    }
}

impl<S> BatchAnswer<S> {
    pub(super) fn new() -> Self {
        Self {
            successful: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Adds what became of one entry. A failure of the store fails the whole call instead.
    pub(super) fn push(&mut self, id: &str, outcome: Result<S, SqsError>) -> Result<(), SqsError> {
        match outcome {
            Ok(success) => self.successful.push(success),
            Err(error) if error.is_senders_fault() => self.failed.push(Failed {
                id: id.to_owned(),
                code: error.code(),
                message: error.to_string(),
                sender_fault: true,
            }),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn is_id(id: &str) -> bool {
    (1..=BATCH_ID_CHARS_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Id(String);

    impl Entry for Id {
        fn id(&self) -> &str {
            &self.0
        }
    }

    fn check(ids: &[&str]) -> Result<(), SqsError> {
        Batch {
            queue_url: None,
            entries: ids.iter().map(|id| Id((*id).to_owned())).collect(),
        }
        .check()
    }

    #[test]
    fn a_batch_has_one_to_ten_entries_with_distinct_proper_ids() {
        let ids: Vec<String> = (0..=BATCH_ENTRIES_MAX).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert!(check(&ids[..BATCH_ENTRIES_MAX]).is_ok());
        assert!(matches!(
            check(&ids),
            Err(SqsError::TooManyEntriesInBatchRequest(11))
        ));
        assert!(matches!(check(&[]), Err(SqsError::EmptyBatchRequest)));
        assert!(matches!(check(&["a", "b", "a"]), Err(SqsError::BatchEntryIdsNotDistinct(id)) if id == "a"));
        assert!(check(&[&"i".repeat(BATCH_ID_CHARS_MAX)]).is_ok());
        for refused in ["", "a b", "ä", &"i".repeat(BATCH_ID_CHARS_MAX + 1)] {
            assert!(
                matches!(check(&[refused]), Err(SqsError::InvalidBatchEntryId)),
                "{refused}"
            );
        }
    }
}
