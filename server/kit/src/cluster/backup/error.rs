//! What can go wrong with backups, each in one sentence for the operator.

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::cluster::error::io_error;
use crate::cluster::{ClusterError, wire};

/// Why a backup was not made, or could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("There is no data base in {} yet.", .0.display())]
    NothingThere(PathBuf),
    #[error(
        "The running PostgreSQL was started by a version of the program that does not archive: stop the program, start it \
         again, and make the backup then."
    )]
    ArchivingOff,
    #[error("The data base uses tablespaces, which these backups do not hold: back it up with pg_basebackup.")]
    Tablespaces,
    #[error("Another backup into {} is under way.", .0.display())]
    Busy(PathBuf),
    #[error("{} holds the backups of another data base: name another folder.", .0.display())]
    OtherSystem(PathBuf),
    #[error(
        "{} is continued by another data base, which was restored from it: name another folder for the backups of this one.",
        .0.display()
    )]
    OtherBranch(PathBuf),
    #[error("{} holds no backup.", .0.display())]
    NoBackup(PathBuf),
    #[error("{} was written by a newer version of the program: use that one.", .0.display())]
    NewerFormat(PathBuf),
    #[error("There is no backup named {name} in {}.", .folder.display())]
    NoSuchBackup { folder: PathBuf, name: String },
    #[error("No backup was finished before {}: the oldest one was finished at {}.", stamp(.asked), stamp(.oldest))]
    TooEarly { asked: DateTime<Utc>, oldest: DateTime<Utc> },
    #[error("The backup {name} was finished at {}, after the moment asked for: choose an older one.", stamp(.ended_at))]
    BackupTooLate { name: String, ended_at: DateTime<Utc> },
    #[error(
        "PostgreSQL runs as the user {user}, who cannot {action} {}: put it where that user can reach it, or change its \
         permissions.",
        .path.display()
    )]
    Unreachable { user: String, action: &'static str, path: PathBuf },
    #[error("The log of the data base does not arrive in {}: {detail}", .folder.display())]
    LogStuck { folder: PathBuf, detail: String },
    #[error("{} is damaged: {detail}", .path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("{} is missing, which the backup {backup} needs.", .path.display())]
    Missing { path: PathBuf, backup: String },
    #[error(
        "The log has a gap: {} is missing, so that nothing after it can be restored. Choose a newer backup with --backup, or \
         a moment before the gap with --to.",
        .0.display()
    )]
    Gap(PathBuf),
    #[error("{} is in use: stop the program first.", .0.display())]
    InUse(PathBuf),
    #[error(
        "{} holds a data base already: name an empty folder with --data-dir, or add --replace, which moves the old data base \
         aside and keeps it.",
        .0.display()
    )]
    Occupied(PathBuf),
    #[error("{} is another one than that of the backup: add --replace to overwrite it.", .0.display())]
    OtherFile(PathBuf),
    #[error("{} is no data folder of the data base that was backed up: its log cannot be used.", .0.display())]
    ForeignLog(PathBuf),
    #[error("The log could not be read back: {0}")]
    Recovery(String),
    #[error("The log ends before the moment asked for and has a gap, so that it is not known what stood there.")]
    EndsEarly,
    #[error("{} already holds another file of this name: two data bases archive into the same folder.", .0.display())]
    Taken(PathBuf),
    #[error("A segment of the log may not be named {0}.")]
    BadName(String),
}

pub(super) type Result<T> = std::result::Result<T, BackupError>;

/// Names what was done to a file when it failed.
pub(super) trait Doing<T> {
    fn doing(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|e| io_error(action, path, e).into())
    }
}

impl From<wire::WireError> for BackupError {
    fn from(error: wire::WireError) -> Self {
        ClusterError::Statement { detail: error.to_string() }.into()
    }
}

/// A moment as it can be given to `--to`.
pub fn stamp(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
