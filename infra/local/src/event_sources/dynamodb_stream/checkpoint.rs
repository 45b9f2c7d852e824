//! How far a function has come in each shard, in a small JSON file that is replaced whole: after a kill it
//! has the old figures or the new ones. A file that cannot be read, or of another stream (the table was made
//! anew), means from the beginning: every record comes at least once.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(super) struct Checkpoint {
    path: PathBuf,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    stream_arn: String,
    /// The last sequence number that is done, by shard.
    shards: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Fails when the file's folder cannot be made.
    pub fn open(path: &Path, stream_arn: &str) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let stored = fs::read(path).ok().and_then(|bytes| match serde_json::from_slice::<State>(&bytes) {
            Ok(state) => Some(state),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "unreadable checkpoint, reading from the start");
                None
            }
        });
        let state = stored
            .filter(|state| state.stream_arn == stream_arn)
            .unwrap_or_else(|| State {
                stream_arn: stream_arn.to_owned(),
                shards: BTreeMap::new(),
            });
        Ok(Self {
            path: path.to_owned(),
            state,
        })
    }

    /// The sequence number to read on from, or none for the beginning.
    pub fn after(&self, shard_id: &str) -> Option<&str> {
        self.state.shards.get(shard_id).map(String::as_str)
    }

    /// Records that all up to this number is done. In memory it is so even when the file cannot be written.
    pub fn advance(&mut self, shard_id: &str, sequence_number: &str) -> io::Result<()> {
        if self.after(shard_id) == Some(sequence_number) {
            return Ok(());
        }
        self.state
            .shards
            .insert(shard_id.to_owned(), sequence_number.to_owned());
        let mut draft = self.path.clone().into_os_string();
        draft.push(".new");
        fs::write(&draft, serde_json::to_vec(&self.state)?)?;
        fs::rename(&draft, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "arn:aws:dynamodb:dynoxide:000000000000:table/bookings/stream/1";
    const SHARD: &str = "shardId-00000001-bookings";

    #[test]
    fn a_checkpoint_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints/bookings.stream.json");
        let mut checkpoint = Checkpoint::open(&path, STREAM).unwrap();
        assert_eq!(checkpoint.after(SHARD), None);
        checkpoint.advance(SHARD, "100000000000000000007").unwrap();
        checkpoint.advance(SHARD, "100000000000000000009").unwrap();
        let again = Checkpoint::open(&path, STREAM).unwrap();
        assert_eq!(again.after(SHARD), Some("100000000000000000009"));
        assert_eq!(again.after("another"), None);
    }

    #[test]
    fn a_checkpoint_of_another_stream_or_in_pieces_means_from_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bookings.json");
        Checkpoint::open(&path, STREAM)
            .unwrap()
            .advance(SHARD, "100000000000000000007")
            .unwrap();
        assert_eq!(Checkpoint::open(&path, "another").unwrap().after(SHARD), None);
        fs::write(&path, "{\"stream_a").unwrap();
        assert_eq!(Checkpoint::open(&path, STREAM).unwrap().after(SHARD), None);
    }

    #[test]
    fn a_write_that_was_cut_short_leaves_the_old_figures() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bookings.json");
        Checkpoint::open(&path, STREAM)
            .unwrap()
            .advance(SHARD, "100000000000000000007")
            .unwrap();
        fs::write(folder.path().join("bookings.json.new"), "{\"str").unwrap();
        let mut again = Checkpoint::open(&path, STREAM).unwrap();
        assert_eq!(again.after(SHARD), Some("100000000000000000007"));
        again.advance(SHARD, "100000000000000000008").unwrap();
        assert_eq!(
            Checkpoint::open(&path, STREAM).unwrap().after(SHARD),
            Some("100000000000000000008")
        );
    }
}
