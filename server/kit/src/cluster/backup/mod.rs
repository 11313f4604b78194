//! Backups of a private Postgres, and the way back to any moment since.
//!
//! A backup folder holds
//!
//! - `repository.json`: whose backups these are;
//! - `base/NAME/`: whole copies of the cluster (`pgdata.tar.zst`), each with its `manifest.json`, small files that stood beside
//!   the cluster, and lists of the files in the shared folders that it needs;
//! - `wal/`: the log, from the oldest kept copy on, brought here by Postgres itself through `wal-archive` (see `archiving`);
//! - shared folders, copied once for all backups.
//!
//! A copy is made while the server works, by the low-level interface of PostgreSQL's manual ("Making a Base Backup Using the
//! Low Level API"): what changes meanwhile is mended from the log. It is written under a name that ends in `.partial` and
//! gets its own when all of it, and the log it needs, is on disk: what was cut off is never taken for a backup.

mod base;
mod beside;
mod check;
mod error;
mod manifest;
mod recovery;
mod repository;
mod restore;
mod timeline;
mod wal;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

pub use beside::{Beside, copy_beside, lay_beside};
pub use check::{Checked, check};
pub use error::{BackupError, stamp};
pub use manifest::{Entry, Manifest};
pub use restore::restore;
pub use wal::{archive_segment, fetch_segment};

use super::Cluster;
use repository::Repository;

/// The copy of the cluster in the folder of a backup.
const CLUSTER: &str = "pgdata.tar.zst";

/// What to back up into where.
#[derive(Debug, Clone)]
pub struct Backup {
    pub folder: PathBuf,
    /// How many backups stay, this one included.
    pub keep: usize,
    pub beside: Beside,
    /// The program that answers to `wal-archive`, which Postgres' user must be able to run.
    pub program: PathBuf,
}

/// What came of it.
#[derive(Debug)]
pub struct BackedUp {
    pub manifest: Manifest,
    /// Files that were new in the shared folders.
    pub fresh: usize,
    /// Backups that were removed since enough newer ones are there.
    pub removed: Vec<String>,
    /// Where the log went before, if that was another folder.
    pub log_went_to: Option<PathBuf>,
}

/// What to restore from where.
#[derive(Debug, Clone)]
pub struct Restore {
    pub folder: PathBuf,
    /// The last moment of which something is kept; without it everything is.
    pub to: Option<DateTime<Utc>>,
    /// The backup to begin with; without it the newest that was finished before that moment.
    pub backup: Option<String>,
    /// Move aside what stands in the data folder.
    pub replace: bool,
    /// A data folder that survived, whose log holds what was not archived yet.
    pub log_of: Option<PathBuf>,
    pub beside: Beside,
    /// The program that answers to `wal-fetch`, which Postgres' user must be able to run.
    pub program: PathBuf,
}

/// What came of it.
#[derive(Debug)]
pub struct Restored {
    pub backup: String,
    /// When the last transaction was committed that is there; none when nothing was after the backup.
    pub reached: Option<DateTime<Utc>>,
    /// The log ended before the moment asked for.
    pub log_ended: bool,
    /// There is a newer timeline, to which the log does not lead from this backup.
    pub leaves_newer: bool,
    /// What was moved aside.
    pub aside: Vec<PathBuf>,
    /// Files of the shared folders that are missing or damaged in the folder of backups, and so not there now.
    pub lost: Vec<PathBuf>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of the data base's files.
    Cluster { done: u64, total: u64 },
    /// The log that the copy needs is still on its way.
    WaitForLog,
    /// Files beside the data base.
    Beside,
    /// Postgres replays the log.
    Replay,
    /// Files of the log are checked.
    Log { done: u64, total: u64 },
}

/// All whole backups of a folder, the oldest first.
pub fn list(folder: &Path) -> Result<Vec<Manifest>, BackupError> {
    Ok(Repository::open(folder)?.backups()?.0)
}

impl Cluster {
    /// The folder into which the log goes; none until a backup was made.
    pub fn log_goes_to(&self) -> Result<Option<PathBuf>, BackupError> {
        Ok(self.layout.archiving()?.map(|archiving| archiving.folder))
    }

    /// Brings no more of the log away, for instance because the folder is gone for good: until then Postgres would keep it
    /// all.
    pub fn stop_archiving(&self) -> Result<(), BackupError> {
        Ok(self.layout.archive_into(None)?)
    }
}
