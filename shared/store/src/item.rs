//! Items as they go over the wire, and the few ways to read them.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::{IndexKey, Key, Table};
use crate::{Fault, Result, Store};

pub type Item = HashMap<String, AttributeValue>;

/// Keys of one BatchGetItem (DynamoDB's own limit).
const BATCH_KEYS_MAX: usize = 100;
/// How often keys that the service left over are asked for again.
const BATCH_ROUNDS_MAX: usize = 5;
/// Batches of one read that are under way side by side.
const BATCHES_AT_ONCE: usize = 8;

/// A value as an item under its key, with its places in the indexes.
pub fn item<T: Serialize>(key: &Key, value: &T, indexes: &[IndexKey]) -> Item {
    // Only maps with keys that are no strings cannot be written, and no stored type has one; a test
    // writes and reads each of them.
    let mut item: Item = serde_dynamo::to_item(value).unwrap_or_default();
    item.insert("pk".to_owned(), AttributeValue::S(key.pk.clone()));
    item.insert("sk".to_owned(), AttributeValue::S(key.sk.clone()));
    for index in indexes {
        item.insert(format!("{}_pk", index.index), AttributeValue::S(index.pk.clone()));
        item.insert(format!("{}_sk", index.index), AttributeValue::S(index.sk.clone()));
    }
    item
}

pub fn key_item(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub fn read<T: DeserializeOwned>(item: Item) -> Result<T> {
    let place = |name: &str| {
        item.get(name)
            .and_then(|v| v.as_s().ok())
            .cloned()
            .unwrap_or_default()
    };
    let (pk, sk) = (place("pk"), place("sk"));
    serde_dynamo::from_item(item).map_err(|e| Fault::Corrupt(format!("{pk}/{sk}: {e}")))
}

fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    Some(Key {
        pk: text("pk")?,
        sk: text("sk")?,
    })
}

/// What a failed call that writes nothing, or one whose outcome is unknown, means.
pub fn fault<E, R>(error: &SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata,
{
    let text = error.code().map_or_else(
        || match error {
            SdkError::TimeoutError(_) => "timed out".to_owned(),
            SdkError::DispatchFailure(_) => "no connection".to_owned(),
            SdkError::ResponseError(_) => "the answer broke off".to_owned(),
            SdkError::ConstructionFailure(_) | SdkError::ServiceError(_) | _ => "the call failed".to_owned(),
        },
        |code| format!("{code}: {}", error.message().unwrap_or_default()),
    );
    match error.code() {
        Some("ThrottlingException" | "ProvisionedThroughputExceededException" | "RequestLimitExceeded") => {
            Fault::Throttled
        }
        Some("ValidationException" | "ResourceNotFoundException" | "AccessDeniedException") => {
            Fault::Corrupt(text)
        }
        _ => Fault::Unavailable(text),
    }
}

/// A page of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The sort key after which the next page begins; nothing when this was the last.
    pub next: Option<String>,
}

/// Which items of a partition, and in which order.
#[derive(Debug, Clone)]
pub(crate) struct Query<'a> {
    pub table: Table,
    pub index: Option<&'static str>,
    pub pk: String,
    /// Both ends included.
    pub range: Option<(String, String)>,
    pub newest_first: bool,
    pub limit: i32,
    /// A sort key of the index as [`Page::next`] gave it.
    pub after: Option<&'a str>,
}

impl Store {
    /// One item as it is now.
    pub(crate) async fn get<T: DeserializeOwned>(&self, table: Table, key: &Key) -> Result<Option<T>> {
        let answer = self
            .client
            .get_item()
            .table_name(self.name(table))
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|e| fault(&e))?;
        answer.item.map(read).transpose()
    }

    /// Items of any tables as they are now, by one request for every hundred. No key may be there twice. What
    /// does not exist is missing from the answer.
    pub(crate) async fn get_many(&self, keys: &[(Table, Key)]) -> Result<HashMap<(Table, Key), Item>> {
        let mut found = HashMap::new();
        for side_by_side in keys.chunks(BATCH_KEYS_MAX * BATCHES_AT_ONCE) {
            let batches = side_by_side
                .chunks(BATCH_KEYS_MAX)
                .map(|batch| self.get_batch(batch));
            found.extend(try_join_all(batches).await?.into_iter().flatten());
        }
        Ok(found)
    }

    async fn get_batch(&self, keys: &[(Table, Key)]) -> Result<HashMap<(Table, Key), Item>> {
        let mut found = HashMap::new();
        let mut wanted: HashMap<String, KeysAndAttributes> = HashMap::new();
        for (table, key) in keys {
            let name = self.name(*table);
            let mut keys = wanted.remove(&name).map(|k| k.keys).unwrap_or_default();
            keys.push(key_item(key));
            let entry = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .map_err(|e| Fault::Corrupt(e.to_string()))?;
            wanted.insert(name, entry);
        }
        for _ in 0..BATCH_ROUNDS_MAX {
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(wanted))
                .send()
                .await
                .map_err(|e| fault(&e))?;
            for (name, items) in answer.responses.unwrap_or_default() {
                let table = keys.iter().map(|(t, _)| *t).find(|t| self.name(*t) == name);
                for item in items {
                    if let (Some(table), Some(key)) = (table, key_of(&item)) {
                        found.insert((table, key), item);
                    }
                }
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
        }
        Err(Fault::Throttled)
    }

    /// All of them, page by page.
    pub(crate) async fn query_all<T: DeserializeOwned>(&self, query: Query<'_>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .query(Query {
                    after: after.as_deref(),
                    ..query.clone()
                })
                .await?;
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// A page of a partition. Strongly consistent on the table itself; an index may lag.
    pub(crate) async fn query<T: DeserializeOwned>(&self, query: Query<'_>) -> Result<Page<T>> {
        let (pk_name, sk_name) = match query.index {
            Some(index) => (format!("{index}_pk"), format!("{index}_sk")),
            None => ("pk".to_owned(), "sk".to_owned()),
        };
        let (low, high) = query.range.unwrap_or_else(|| (" ".to_owned(), "~".to_owned()));
        // The cursor is folded into the range: a page that begins after a sort key needs no other key.
        let (low, high) = match (query.after, query.newest_first) {
            (Some(after), false) => (format!("{after}\u{1}").max(low), high),
            (Some(after), true) => (low, before(after).min(high)),
            (None, _) => (low, high),
        };
        if low > high {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let answer = self
            .client
            .query()
            .table_name(self.name(query.table))
            .set_index_name(query.index.map(str::to_owned))
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :low AND :high")
            .expression_attribute_names("#pk", pk_name)
            .expression_attribute_names("#sk", sk_name.clone())
            .expression_attribute_values(":pk", AttributeValue::S(query.pk))
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high))
            .scan_index_forward(!query.newest_first)
            .consistent_read(query.index.is_none())
            .limit(query.limit)
            .send()
            .await
            .map_err(|e| fault(&e))?;
        let next = answer
            .last_evaluated_key
            .as_ref()
            .and_then(|key| key.get(&sk_name))
            .and_then(|sk| sk.as_s().ok())
            .cloned();
        let items = answer
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}

/// The largest sort key that is smaller than any key from this one on. Sort keys end in an id, so
/// cutting the last character down by one leaves nothing out.
fn before(sk: &str) -> String {
    let mut text = sk.to_owned();
    match text.pop() {
        Some(last) => {
            let smaller = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or(' ');
            text.push(smaller);
            text.push('~');
            text
        }
        None => text,
    }
}
