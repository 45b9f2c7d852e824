//! A table's stream in the embedded database. Its calls block on SQLite, so they run beside the async work.

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;

pub(super) struct Shards {
    pub stream_arn: String,
    pub ids: Vec<String>,
}

impl Shards {
    pub async fn find(database: &Database, table: &str) -> Result<Self, String> {
        let table = table.to_owned();
        blocking(database, move |database| {
            let request = ListStreamsRequest {
                table_name: Some(table.clone()),
                ..Default::default()
            };
            let streams = database.list_streams(request)?.streams;
            let Some(stream) = streams.into_iter().next() else {
                return Ok(None);
            };
            let request = DescribeStreamRequest {
                stream_arn: stream.stream_arn.clone(),
                ..Default::default()
            };
            let shards = database.describe_stream(request)?.stream_description.shards;
            let ids = shards.into_iter().map(|shard| shard.shard_id).collect();
            Ok(Some(Self {
                stream_arn: stream.stream_arn,
                ids,
            }))
        })
        .await?
        .ok_or_else(|| "the table has no stream".to_owned())
    }

    /// Records after a sequence number, or from the oldest on.
    pub async fn read(
        &self,
        database: &Database,
        shard_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, String> {
        let kind = if after.is_some() {
            "AFTER_SEQUENCE_NUMBER"
        } else {
            "TRIM_HORIZON"
        };
        let request = GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: shard_id.to_owned(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: after.map(str::to_owned),
        };
        blocking(database, move |database| {
            let Some(shard_iterator) = database.get_shard_iterator(request)?.shard_iterator else {
                return Ok(Vec::new());
            };
            let request = GetRecordsRequest {
                shard_iterator,
                limit: Some(limit),
            };
            Ok(database.get_records(request)?.records)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    database: &Database,
    call: impl FnOnce(&Database) -> dynoxide::Result<T> + Send + 'static,
) -> Result<T, String> {
    let database = database.clone();
    tokio::task::spawn_blocking(move || call(&database).map_err(|error| error.to_string()))
        .await
        .map_err(|error| error.to_string())?
}
