//! The data folder: one process at a time, emptied on demand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Says that a folder is one of ours, so that nothing else is ever emptied.
const MARK: &str = "tofimotia-local-data";

pub struct DataFolder {
    path: PathBuf,
    /// Locked as long as this lives.
    _lock: fs::File,
}

impl DataFolder {
    /// # Errors
    /// When the folder cannot be made, is used by another process, or is to be emptied and not ours.
    pub fn open(path: &Path, fresh: bool) -> io::Result<Self> {
        let mark = path.join(MARK);
        if fresh && path.exists() {
            let is_ours = mark.exists() || fs::read_dir(path)?.next().is_none();
            if !is_ours {
                let why = format!("{} has no {MARK} in it; it is not emptied", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
        }
        fs::create_dir_all(path)?;
        let lock = fs::File::create(&mark)?;
        lock.try_lock().map_err(|_| {
            io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("{} is used by another process", path.display()),
            )
        })?;
        if fresh {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if entry.file_name() == MARK {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    fs::remove_dir_all(entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// A folder in it, made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_ours_is_emptied() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letter.txt"), "dear").unwrap();
        assert!(DataFolder::open(folder.path(), true).is_err());
        assert!(folder.path().join("letter.txt").exists());

        let ours = folder.path().join("ours");
        let data = DataFolder::open(&ours, true).unwrap();
        fs::write(data.file("queue.db"), "x").unwrap();
        fs::write(data.folder("media").unwrap().join("a"), "x").unwrap();
        drop(data);
        assert!(DataFolder::open(&ours, false).unwrap().file("queue.db").exists());
        let emptied = DataFolder::open(&ours, true).unwrap();
        assert!(!emptied.file("queue.db").exists() && !emptied.file("media").exists());
    }

    #[test]
    fn a_folder_belongs_to_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::open(folder.path(), false).unwrap();
        assert!(DataFolder::open(folder.path(), false).is_err());
        drop(first);
        assert!(DataFolder::open(folder.path(), false).is_ok());
    }
}
