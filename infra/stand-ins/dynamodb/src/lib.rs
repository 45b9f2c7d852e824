//! DynamoDB on this machine: dynoxide (SQLite) with the tables of the store, and a connector that lets
//! the real SDK reach it without a socket.
//!
//! dynoxide never answers `TransactionConflict`, never throttles and never loses a reply; [`Faults`]
//! does all that in the connector.

mod connector;
mod faults;

use std::path::Path;

use dynoxide::Database;
use serde_json::{Value, json};
use store::keys::{TABLES, TableSpec};

pub use connector::{InProcess, client};
pub use faults::{Fault, Faults};

/// The tables cannot be opened or made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(String);

fn failed(error: impl std::fmt::Display) -> OpenError {
    OpenError(error.to_string())
}

/// A database on disk, with every table of the store; those that are there already are kept.
///
/// # Errors
/// [`OpenError`] when the file cannot be opened or is no database.
pub fn open(file: &Path, prefix: &str) -> Result<Database, OpenError> {
    let file = file.to_str().ok_or_else(|| failed("the path is no text"))?;
    with_tables(Database::new(file).map_err(failed)?, prefix)
}

/// An empty database in memory, with every table of the store.
///
/// # Errors
/// [`OpenError`], which would be a fault of the store's table list.
pub fn memory(prefix: &str) -> Result<Database, OpenError> {
    with_tables(Database::memory().map_err(failed)?, prefix)
}

fn with_tables(database: Database, prefix: &str) -> Result<Database, OpenError> {
    for spec in &TABLES {
        let name = spec.table.full_name(prefix);
        if database.get_table_metadata(&name).map_err(failed)?.is_some() {
            continue;
        }
        let request = serde_json::from_value(create_request(spec, &name)).map_err(failed)?;
        database.create_table(request).map_err(failed)?;
        if spec.expires {
            let ttl = json!({ "TableName": name, "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true } });
            database
                .update_time_to_live(serde_json::from_value(ttl).map_err(failed)?)
                .map_err(failed)?;
        }
    }
    Ok(database)
}

fn create_request(spec: &TableSpec, name: &str) -> Value {
    let keys = |pk: &str, sk: &str| json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }]);
    let mut attributes = vec!["pk".to_owned(), "sk".to_owned()];
    attributes.extend(
        spec.indexes
            .iter()
            .flat_map(|i| [format!("{i}_pk"), format!("{i}_sk")]),
    );
    let attributes: Vec<Value> = attributes
        .into_iter()
        .map(|a| json!({ "AttributeName": a, "AttributeType": "S" }))
        .collect();
    let mut request = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
    });
    if let Some(request) = request.as_object_mut() {
        if !spec.indexes.is_empty() {
            let indexes: Vec<Value> = spec
                .indexes
                .iter()
                .map(|index| {
                    json!({
                        "IndexName": index,
                        "KeySchema": keys(&format!("{index}_pk"), &format!("{index}_sk")),
                        "Projection": { "ProjectionType": "ALL" },
                    })
                })
                .collect();
            request.insert("GlobalSecondaryIndexes".to_owned(), Value::Array(indexes));
        }
        if spec.stream {
            let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
            request.insert("StreamSpecification".to_owned(), stream);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_store_is_there_with_its_stream() {
        let database = memory("tofimotia-test").unwrap();
        assert_eq!(database.table_count().unwrap(), TABLES.len());
        let streams: Value = serde_json::to_value(
            database
                .list_streams(serde_json::from_value(json!({})).unwrap())
                .unwrap(),
        )
        .unwrap();
        assert_eq!(
            streams["Streams"].as_array().unwrap().len(),
            TABLES.iter().filter(|t| t.stream).count()
        );
    }
}
