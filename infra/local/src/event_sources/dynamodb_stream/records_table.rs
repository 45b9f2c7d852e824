//! Care for the embedded database's table of stream records, which has no index and is never emptied:
//! each write to a table with a stream, and each read of the stream, goes through all records there ever
//! were. An index on the sequence number makes both a single seek, and records older than DynamoDB keeps
//! them go.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

/// How long a stream keeps a record; DynamoDB's own.
pub const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes the index and drops what is past its [`RETENTION`]. Call it with the database's file after opening
/// the database and before serving it: both hold the file's write lock for a moment.
pub fn tend(database_file: &Path, now: Timestamp) -> rusqlite::Result<()> {
    let file = Connection::open(database_file)?;
    // The expression is the one the database's own queries use, else they would not find the index.
    file.execute_batch(
        "CREATE INDEX IF NOT EXISTS stream_records_by_sequence_number
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
    )?;
    let retention = SignedDuration::try_from(RETENTION).unwrap_or(SignedDuration::MAX);
    let horizon = now.saturating_sub(retention).map_or(0, Timestamp::as_second);
    file.execute("DELETE FROM _stream_records WHERE created_at < ?1", [horizon])?;
    Ok(())
}
